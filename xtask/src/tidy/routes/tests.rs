//! A list with as many routes without a check as are left, with one more, and with one fewer.

use super::*;

fn found(unchecked: usize) -> Vec<String> {
    let lines = "POST /a unchecked\n".repeat(unchecked);
    let tree = Tree::made_up(&[(LIST, &format!("# .\nGET / alike\n{lines}"))]);
    check(&tree).into_iter().map(|finding| finding.what).collect()
}

#[test]
fn what_is_unchecked_may_only_become_fewer() {
    assert!(found(UNCHECKED_MAX).is_empty());
    assert_eq!(found(UNCHECKED_MAX + 1).len(), 1);
    assert!(found(UNCHECKED_MAX - 1)[0].contains("fewer than"));
    assert_eq!(check(&Tree::default())[0].what, "there is no list of routes");
}
