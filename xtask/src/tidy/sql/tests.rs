//! SQL in literals is found outside `store`; SQL in comments and code words is not.

use super::check;
use crate::tree::Tree;

fn found(path: &str, text: &str) -> usize {
    check(&Tree::made_up(&[(path, text)])).len()
}

#[test]
fn a_statement_in_a_literal_is_found_outside_store_only() {
    let text = "let a = tx.run(\"\n  SELECT id FROM log\");\nrun(r#\"INSERT INTO log\"#);";
    assert_eq!(found("crates/node/src/read.rs", text), 2);
    assert_eq!(found("sim/src/world.rs", text), 2);
    assert_eq!(found("crates/store/src/log.rs", text), 0);
}

#[test]
fn comments_and_words_of_people_are_not_found() {
    let text = "// SELECT is for store\nlet a = \"select a circle\"; let SELECT = 1;";
    assert_eq!(found("crates/node/src/read.rs", text), 0);
}
