//! Each row: a file, a line in it, and whether the line must be found.

use super::check;
use crate::tree::Tree;

#[test]
fn paths_hosts_and_words_are_found_and_look_alikes_are_not() {
    let table = [
        ("a.md", "see /work/shared/notes", true),
        ("a.sh", "cd /root/project", true),
        ("Makefile", "DATA = /home/anna/data", true),
        ("a.rs", "route(\"/taxii2/root/\")", false),
        ("a.rs", "format!(\"{base}/root/collections/\")", false),
        ("a.rs", "nest(\"/root/collections/\")", false),
        ("a.md", "https://example.org/work/paper", false),
        ("a.py", "pip install --index-url https://pypi.org/simple x", true),
        ("Cargo.lock", "source = \"registry+https://github.com/rust-lang/crates.io-index\"", false),
        ("Cargo.toml", "# from crates.io", true),
        ("ui/package-lock.json", "  \"resolved\": \"https://registry.npmjs.org/x\"", false),
        ("ui/package.json", "  \"registry\": \"https://registry.npmjs.org/\"", true),
        ("README.md", "written by AI", true),
        ("README.md", "the AIS message", false),
        ("key.txt", "q8AI+AI/xx==", false),
    ];
    for (path, line, expected) in table {
        let found = !check(&Tree::made_up(&[(path, line)])).is_empty();
        assert_eq!(found, expected, "{path}: {line}");
    }
}
