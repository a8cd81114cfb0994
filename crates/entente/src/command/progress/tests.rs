//! Who sees a bar, and that its words can be read by what draws it.

use super::{Progress, Unit, shown, template};
use crate::command::here::Here;
use indicatif::ProgressStyle;
use std::path::PathBuf;

#[test]
fn a_bar_is_for_people_at_a_terminal() {
    let here = |json| Here { data: PathBuf::new(), config: None, json, url: None, pin: None };
    assert!(shown(&here(false), true));
    assert!(!shown(&here(true), true), "--json is for scripts");
    assert!(!shown(&here(false), false) && !shown(&here(true), false), "a pipe is no terminal");
}

#[test]
fn every_template_can_be_drawn() {
    for unit in [Unit::Bytes, Unit::Items("records")] {
        for total in [true, false] {
            let text = template(unit, total);
            assert!(ProgressStyle::with_template(&text).is_ok(), "{text}");
            assert_eq!(text.contains("{eta}"), total, "an end is only known with a total");
        }
    }
}

#[test]
fn a_hidden_bar_counts_and_draws_nothing() {
    let progress = Progress::hidden();
    progress.expect(10);
    progress.advance(3);
    progress.reach(5);
    assert_eq!(progress.bar.position(), 5);
    assert!(progress.bar.is_hidden());
}
