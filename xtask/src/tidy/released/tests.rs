//! Each row: a line of code, and what must be found in it outside the maker's file.

use super::check;
use crate::tree::Tree;

fn found(path: &str, text: &str) -> Option<String> {
    check(&Tree::made_up(&[(path, text)])).into_iter().next().map(|finding| finding.what)
}

#[test]
fn making_it_is_found_and_handing_it_on_is_not() {
    let construction = Some("a construction of `Released`");
    let maker = Some("a function that makes `Released`");
    let table = [
        ("let r = Released { reader, bytes };", construction),
        ("Ok(release::Released::<'a> { bytes })", construction),
        ("let r = Released(bytes);", construction),
        ("fn forge(bytes: &[u8]) -> Released {", maker),
        ("fn forge(bytes: &[u8]) -> crate::release::Released<'_>", maker),
        ("impl Released {", Some("an inherent `impl Released`")),
        ("impl<'a> Released<'a> {", Some("an inherent `impl Released`")),
        ("impl fmt::Display for Released {", None),
        ("fn page(rows: &[Row]) -> Result<Vec<Released>, ReadError> {", None),
        ("fn write(released: &Released, out: &mut Vec<u8>) {", None),
        ("use crate::release::{Released, Withheld};", None),
        ("let r = ReleasedCount { n };", None),
        ("// Released { is explained here", None),
        ("let text = \"Released {\";", None),
    ];
    for (line, expected) in table {
        assert_eq!(found("crates/node/src/read.rs", line).as_deref(), expected, "{line}");
    }
}

#[test]
fn the_maker_and_its_tests_are_free() {
    let line = "let r = Released { reader, bytes };";
    assert_eq!(found("crates/node/src/release.rs", line), None);
    assert_eq!(found("crates/node/src/release/tests.rs", line), None);
    assert!(found("crates/node/src/release_more.rs", line).is_some());
}
