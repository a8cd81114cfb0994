//! One line too many is found; the last allowed line is not.

use super::check;
use crate::tree::Tree;

#[test]
fn a_file_of_801_lines_is_found_and_one_of_800_is_not() {
    let tree = Tree::made_up(&[
        ("crates/node/src/long.rs", &"//! x\n".repeat(801)),
        ("crates/node/src/full.rs", &"//! x\n".repeat(800)),
        ("docs/long.md", &"words\n".repeat(2_000)),
    ]);
    let findings = check(&tree);
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].path, "crates/node/src/long.rs");
    assert_eq!(findings[0].what, "801 lines, at most 800 are allowed");
}
