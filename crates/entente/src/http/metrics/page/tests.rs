//! The page in the form that Prometheus reads.

use super::Page;
use crate::meters::Histogram;
use std::time::Duration;

#[test]
fn families_numbers_and_histograms_have_their_form() {
    let mut page = Page::default();
    page.gauge("log_head", "Entries.", 17);
    page.family(("objects_total", "counter"), "Objects.");
    page.number("objects_total", &[("fate", &"accepted"), ("status", &200)], 3);
    let histogram = Histogram::default();
    histogram.took(Duration::from_millis(2));
    page.histogram("commit_seconds", Some(("resource", "api")), &histogram);
    let text = page.text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[..3],
        [
            "# HELP entente_log_head Entries.",
            "# TYPE entente_log_head gauge",
            "entente_log_head 17"
        ]
    );
    assert_eq!(lines[5], r#"entente_objects_total{fate="accepted",status="200"} 3"#);
    assert_eq!(lines[6], r#"entente_commit_seconds_bucket{resource="api",le="0.001"} 0"#);
    assert_eq!(lines[7], r#"entente_commit_seconds_bucket{resource="api",le="0.0025"} 1"#);
    let end = &lines[lines.len() - 3..];
    assert_eq!(end[0], r#"entente_commit_seconds_bucket{resource="api",le="+Inf"} 1"#);
    assert_eq!(end[1], r#"entente_commit_seconds_sum{resource="api"} 0.002"#);
    assert_eq!(end[2], r#"entente_commit_seconds_count{resource="api"} 1"#);
}
