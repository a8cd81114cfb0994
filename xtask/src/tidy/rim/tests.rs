//! Each row: a line of code and whether it must be found below the rim.

use super::check;
use crate::tree::Tree;

fn found(path: &str, text: &str) -> bool {
    !check(&Tree::made_up(&[(path, text)])).is_empty()
}

#[test]
fn sockets_tasks_and_the_environment_are_found_below_the_rim() {
    let table = [
        ("use tokio::sync::mpsc;", true),
        ("let home = std::env::var(\"HOME\");", true),
        ("use std::{env, fs};", true),
        ("let s = TcpStream::connect(a)?;", true),
        ("use std::net::IpAddr;", false),
        ("let root = env!(\"CARGO_MANIFEST_DIR\");", false),
        ("// tokio stays above", false),
        ("let word = \"tokio\";", false),
    ];
    for (line, expected) in table {
        assert_eq!(found("crates/node/src/link.rs", line), expected, "{line}");
        assert!(!found("crates/entente/src/runtime.rs", line), "{line}");
        assert!(!found("sim/src/network.rs", line), "{line}");
    }
}
