//! Each row: a line of the rim's code and the question that must be found in it.

use super::check;
use crate::tree::Tree;

#[test]
fn questions_about_records_are_found_in_the_rim_only() {
    let table = [
        ("let row = reading.row_and_body(seq)?;", Some("row_and_body")),
        ("for light in store.reading().scan(a, b, c)? {", Some("scan")),
        ("let head = store.reading().head()?;", None),
        ("let key = reading.setting(name)?;", None),
        ("let page = page(&reading, &lens, ask)?;", None),
        ("self.bodyreading.row(1)", None),
        ("// reading.row(seq) is for node", None),
    ];
    for (line, expected) in table {
        let found = check(&Tree::made_up(&[("crates/entente/src/http/api.rs", line)]));
        let expected = expected.map(|name| format!("the rim asks the store itself: `{name}`"));
        assert_eq!(found.into_iter().next().map(|finding| finding.what), expected, "{line}");
        let below = check(&Tree::made_up(&[("crates/node/src/read/page.rs", line)]));
        assert!(below.is_empty(), "{line}");
    }
}
