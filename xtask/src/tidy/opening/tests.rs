//! Files without an opening sentence are found, whatever they open with instead.

use super::check;
use crate::tree::Tree;

#[test]
fn a_file_must_open_with_a_sentence() {
    let tree = Tree::made_up(&[
        ("a.rs", "//! Says what it is for.\nfn f() {}\n"),
        ("b.rs", "// A comment is no opening.\n"),
        ("c.rs", "//!\n//! The sentence comes first.\n"),
        ("d.rs", ""),
        ("e.md", "no Rust at all"),
    ]);
    let paths: Vec<String> = check(&tree).into_iter().map(|finding| finding.path).collect();
    assert_eq!(paths, ["b.rs", "c.rs", "d.rs"]);
}
