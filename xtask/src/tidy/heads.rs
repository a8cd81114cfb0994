//! A folder of modules is headed by its `mod.rs`; a lone file may have its tests in a folder.
//!
//! So `x.rs` stands beside `x/` only when `x/` holds nothing but `tests.rs`. Clippy's lint of the
//! same purpose refuses that as well, which is why the rule lives here.

use crate::{finding::Finding, tree::Tree};

#[cfg(test)]
mod tests;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        let Some((folder, name)) = file.path.rsplit_once('/') else { continue };
        let head = format!("{folder}.rs");
        if name != "tests.rs" && tree.find(&head).is_some() {
            let what = format!("`{head}` heads the folder `{folder}/` from outside");
            let mend =
                format!("move `{head}` to `{folder}/mod.rs`, which holds docs and `mod` lines");
            findings.push(Finding::new(&file.path, 1, what, &mend));
        }
    }
    findings
}
