//! A map that names a module, one that does not, and one that names it in another crate's section.

use super::*;

fn found(section: &str) -> Vec<String> {
    let map =
        format!("# A\n\n### `crates/node`: floor 2\n\n{section}\n\n### `crates/store`\n\n`word`\n");
    let files = [
        (MAP, map.as_str()),
        ("crates/node/src/lib.rs", ""),
        ("crates/node/src/word.rs", ""),
        ("crates/node/src/link/mod.rs", ""),
        ("crates/node/tests/it/other.rs", ""),
    ];
    check(&Tree::made_up(&files)).into_iter().map(|finding| finding.what).collect()
}

#[test]
fn each_module_is_named_in_its_crates_own_section() {
    assert!(found("`link/` (the protocol), `word`").is_empty());
    assert_eq!(found("`link/`, the word"), ["the map does not name `word` of `crates/node`"]);
    assert_eq!(found("").len(), 2);
}
