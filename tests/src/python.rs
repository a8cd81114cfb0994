//! Programs in Python that play the other side, in the tests' own virtual environment. They are
//! run and their words repeated; what they check is written in them.

use crate::data::{root, say};
use std::path::Path;
use std::process::{Command, Output};

/// Runs `tests/it/NAME` with these arguments; its words are repeated.
///
/// # Panics
/// When the virtual environment is missing.
pub fn run(script: &str, arguments: &[&str]) -> Output {
    let python = root().join("tests/.venv/bin/python");
    assert!(python.exists(), "{} is missing: make setup", python.display());
    let script = root().join("tests/it").join(script);
    let mut command = Command::new(python);
    // No proxy of this machine stands between two programs on it.
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        command.env_remove(name);
    }
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    let output = command.arg(&script).args(arguments).output().expect("Python runs");
    for text in [&output.stdout, &output.stderr] {
        // What a script writes for another program is no news for people.
        let lines = String::from_utf8_lossy(text);
        lines.lines().filter(|line| !line.starts_with('{')).for_each(say);
    }
    output
}

/// Runs a script that must succeed; gives what it printed.
///
/// # Panics
/// When it fails.
#[must_use]
pub fn succeeds(script: &str, arguments: &[&str]) -> String {
    let output = run(script, arguments);
    assert!(output.status.success(), "{script} failed");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A path as an argument.
///
/// # Panics
/// When it is not text.
#[must_use]
pub fn text(path: &Path) -> &str {
    path.to_str().expect("paths of tests are text")
}
