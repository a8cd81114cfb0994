//! A made-up fault in a made-up tree: the report is good, stale, or of a fault without a place.

use super::super::plant::Bin;
use super::*;

const CODE: &str = "//! .\n\nimpl Node {\n    /// .\n    pub(crate) fn may(&self) -> bool {\n        \
                    self.red\n    }\n\n    fn other() {\n    }\n}\n";
const FAULT: Mutant = Mutant {
    name: "all may",
    file: "crates/node/src/may.rs",
    from: "self.red\n",
    to: "true\n",
    bin: Bin { package: "node", target: &["--lib"] },
    test: "may::tests::only_red_may",
};

fn tree(code: &str, report: &str) -> Tree {
    let test = "//! .\n\n#[test]\nfn only_red_may() {\n    assert!(red().may());\n}\n";
    Tree::made_up(&[
        ("crates/node/src/may.rs", code),
        ("crates/node/src/may/tests.rs", test),
        (PATH, report),
    ])
}

fn report(outcome: &str) -> String {
    format!("| all may | | {outcome} | |\n\n{DIGEST}{}\n", digest(&tree(CODE, ""), &[FAULT]))
}

fn found(code: &str, report: &str) -> Vec<String> {
    check_of(&tree(code, report), &[FAULT]).into_iter().map(|finding| finding.what).collect()
}

#[test]
fn a_report_is_good_until_the_function_or_the_test_changes() {
    assert!(found(CODE, &report("caught")).is_empty());
    let elsewhere = CODE.replace("fn other() {", "fn other(&self) {");
    assert!(found(&elsewhere, &report("caught")).is_empty());
    let here = CODE.replace("may(&self)", "may(&mut self)");
    assert_eq!(found(&here, &report("caught")), ["the report is of older code"]);
}

#[test]
fn a_fault_without_a_place_and_one_that_nobody_finds_are_told() {
    let gone = CODE.replace("self.red", "self.blue");
    let told = found(&gone, &report("caught"));
    assert_eq!(told.len(), 2);
    assert_eq!(told[0], "\"all may\" has no place in crates/node/src/may.rs any more");
    assert_eq!(found(CODE, &report("MISSED")), ["a fault that nobody finds"]);
    assert_eq!(check_of(&Tree::default(), &[])[0].what, "there is no report");
}
