//! Each row: a line of code and whether it must be found below the rim.

use super::check;
use crate::tree::Tree;

#[test]
fn clocks_and_dice_are_found_below_the_rim() {
    let table = [
        ("let now = SystemTime::now();", true),
        ("let start = std::time::Instant::now();", true),
        ("jiff::Timestamp::now()", true),
        ("std::thread::sleep(d)", true),
        ("let id = Uuid::new_v4();", true),
        ("fn overdue(&self, now: Instant) -> bool {", false),
        ("use model::time::Instant;", false),
        ("// SystemTime is read above", false),
    ];
    for (line, expected) in table {
        let below = check(&Tree::made_up(&[("crates/detect/src/live.rs", line)]));
        assert_eq!(!below.is_empty(), expected, "{line}");
        let rim = check(&Tree::made_up(&[("crates/entente/src/runtime.rs", line)]));
        assert!(rim.is_empty(), "{line}");
    }
}
