//! A made-up dependency tree just inside and just outside the budget.

use super::{CRATES_MAX, check};

fn printed(crates: usize) -> String {
    (0..crates).map(|n| format!("crate-{n} v1.0.0\n")).collect()
}

#[test]
fn one_crate_too_many_is_found() {
    assert!(check(&printed(CRATES_MAX)).is_none());
    let finding = check(&printed(CRATES_MAX + 1)).unwrap();
    assert_eq!(finding.what, "281 crates in the shipped binary, the budget is 280");
}

#[test]
fn repetitions_and_remarks_do_not_count_twice() {
    let again = "crate-0 v1.0.0 (*)\ncrate-1 v1.0.0 (proc-macro)\n\n";
    assert!(check(&format!("{}{again}", printed(CRATES_MAX))).is_none());
}
