//! Figures, ratios and the table of BENCHMARKS.md. No node runs here.

use super::{Figure, Form, Table, number, ratio};
use crate::bench::work;

fn figure(work: &str, value: f64, unit: &'static str) -> Figure {
    Figure { work: work.to_owned(), value, unit, ..Figure::default() }
}

#[test]
fn figures_have_as_many_digits_as_they_deserve() {
    let told: Vec<String> = [1_234_567.8, 1_000.0, 999.0, 0.126, 12.5].map(number).into();
    assert_eq!(told, ["1,234,568", "1,000", "999", "0.13", "12.50"]);
}

#[test]
fn the_ratio_says_how_many_times_ours_is_better() {
    let (ours, theirs) = (figure("a", 820.0, "objects/CPU-s"), figure("a", 82.0, "objects/CPU-s"));
    assert_eq!(ratio(&ours, &theirs), "10 x");
    assert_eq!(ratio(&figure("a", 5.0, "ms"), &figure("a", 50.0, "ms")), "10 x");
    assert_eq!(ratio(&figure("a", 50.0, "ms"), &figure("a", 5.0, "ms")), "0.10 x");
    assert_eq!(ratio(&figure("a", 0.0, "ms"), &figure("a", 0.0, "ms")), "");
}

#[test]
fn the_table_shows_bars_misses_and_peers_beside_each_other() {
    let mut table = Table::new(Form::Markdown);
    table.peer("Other 1.0", Figure { note: "few".into(), ..figure(work::DISK, 2_400.0, "B") });
    table.add(figure(work::DISK, 1_200.0, "B"));
    table.add(figure(work::MEMORY_EMPTY, 4.0, "MB"));
    let markdown = table.markdown();
    let rows: Vec<&str> = markdown.lines().skip(5).collect();
    assert_eq!(
        rows,
        [
            "| disk per object of 1.2 KB | **1,200** B | below 1,100 MISSED | 2,400 (2 x; few) | \
             0.00 |  |",
            "| anonymous memory, empty | **4** MB | below 40 | | 0.00 |  |",
        ]
    );
}
