//! Each row plants one word; the marks are put together here so that the check does not find them.

use super::check;
use crate::tree::Tree;

fn found(path: &str, text: &str) -> Vec<String> {
    let tree = Tree::made_up(&[(path, text)]);
    check(&tree).into_iter().map(|finding| format!("{}:{}", finding.line, finding.what)).collect()
}

#[test]
fn marks_of_unfinished_work_are_found_in_code_and_comments() {
    for mark in [concat!("FIX", "ME"), concat!("TO", "DO"), concat!("X", "XX")] {
        let text = format!("fn f() {{}}\n// {mark}: later\n");
        assert_eq!(found("a.rs", &text), [format!("2:`{mark}` in code")]);
        assert!(found("a.md", &text).is_empty(), "a document may speak of {mark}");
    }
    let text = format!("fn f() {{ {}(1); }}", concat!("db", "g!"));
    assert_eq!(found("a.rs", &text).len(), 1);
}

#[test]
fn longer_words_that_hold_a_mark_are_not_found() {
    assert!(found("a.sh", &format!("mktemp /tmp/{}", "X".repeat(6))).is_empty());
    assert!(found("a.rs", &format!("let {}S = 1;", concat!("TO", "DO"))).is_empty());
}

#[test]
fn names_that_refuse_nothing_are_found() {
    for path in ["src/utils.rs", "src/common/mod.rs", "src/http_helpers.rs", "ui/manager.ts"] {
        assert_eq!(found(path, "").len(), 1, "{path}");
    }
    assert!(found("src/commonality.rs", "").is_empty());
    assert_eq!(found("src/a.rs", "pub(crate) mod helpers;"), ["1:a module is named `helpers`"]);
    assert!(found("src/a.rs", "use crate::mod_utils;").is_empty());
}
