//! Which neighbours of a file are allowed.

use super::check;
use crate::tree::Tree;

#[test]
fn a_file_beside_a_folder_of_modules_is_found_but_its_tests_are_not() {
    let tree = Tree::made_up(&[
        ("src/label.rs", ""),
        ("src/label/tests.rs", ""),
        ("src/stix.rs", ""),
        ("src/stix/read.rs", ""),
        ("src/view/mod.rs", ""),
        ("src/view/text.rs", ""),
    ]);
    let findings = check(&tree);
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].path, "src/stix/read.rs");
}
