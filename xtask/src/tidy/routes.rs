//! Routes of which nobody tries what they give away: they may only become fewer.
//!
//! Whether every route is listed, a test of `entente` checks; what the checks do is in
//! `tests/it/leak`.

use crate::finding::Finding;
use crate::tree::Tree;

#[cfg(test)]
mod tests;

const LIST: &str = "tests/routes.txt";
/// Lower it whenever a line gets its check; it never rises.
const UNCHECKED_MAX: usize = 7;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(list) = tree.find(LIST) else {
        let mend = "every route stands there with the check that tries what it gives away";
        return vec![Finding::new(LIST, 1, "there is no list of routes".to_owned(), mend)];
    };
    let unchecked = list.lines().filter(|(_, line)| line.ends_with(" unchecked"));
    let lines: Vec<usize> = unchecked.map(|(line, _)| line).collect();
    let finding = |what: String, mend: &str| {
        vec![Finding::new(LIST, lines.last().copied().unwrap_or(1), what, mend)]
    };
    let count = lines.len();
    match count.cmp(&UNCHECKED_MAX) {
        std::cmp::Ordering::Equal => Vec::new(),
        std::cmp::Ordering::Greater => finding(
            format!("{count} routes without a check, and at most {UNCHECKED_MAX} are left"),
            "give the new route a check in tests/it/leak/checks.rs",
        ),
        std::cmp::Ordering::Less => finding(
            format!("{count} routes without a check, fewer than the {UNCHECKED_MAX} allowed"),
            "lower UNCHECKED_MAX in xtask/src/tidy/routes.rs, so that it stays so",
        ),
    }
}
