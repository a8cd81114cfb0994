//! What commands print: documents or lines on standard output, remarks on standard error. It
//! knows no command.

use super::failure::{Ended, Failure, Outcome};
use serde::Serialize;
use std::io::Write as _;

/// Prints a value as one line of JSON.
pub(crate) fn json<T: Serialize>(value: &T) -> Result<(), Failure> {
    let text = serde_json::to_string(value)
        .map_err(|error| Failure::new(super::failure::Exit::Later, error.to_string()))?;
    line(&text)
}

/// Prints what the node answered: as it is, or in words.
pub(crate) fn told<T: Serialize>(as_json: bool, answer: &T, words: &str) -> Ended {
    if as_json {
        json(answer)?;
    } else {
        line(words)?;
    }
    Ok(Outcome::Done)
}

/// Prints one line.
pub(crate) fn line(text: &str) -> Result<(), Failure> {
    bytes(format!("{text}\n").as_bytes())
}

/// Prints bytes as they are.
pub(crate) fn bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(|error| Failure::output(&error))
}

/// Says something beside the output; nobody listening is no failure.
pub(crate) fn remark(text: &str) {
    let mut err = std::io::stderr().lock();
    err.write_all(format!("{text}\n").as_bytes()).ok();
}

/// So many records, for people.
pub(crate) fn records(count: u64) -> String {
    counted(count, "record", "records")
}

/// So many of something, with the words that agree with it.
pub(crate) fn counted(count: impl TryInto<u64>, one: &str, many: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    format!("{count} {}", if count == 1 { one } else { many })
}

/// A stranger's text for a terminal: control characters are shown as such, never obeyed.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for char in text.chars() {
        if char.is_control() {
            plain.extend(char.escape_debug());
        } else {
            plain.push(char);
        }
    }
    plain
}
