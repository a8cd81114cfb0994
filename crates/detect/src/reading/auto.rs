//! What a line is, by how it begins; and what a syslog message carries. It reads no value.

use super::flat::Pairs;
use super::{cef, key_value, leef, syslog};

/// What stands behind a header.
#[derive(Clone, Copy, Debug)]
pub(super) enum Carried<'t> {
    /// A JSON document.
    Json(&'t str),
    /// It was pairs, and stands among them.
    Pairs,
    /// Words.
    Free(&'t str),
}

/// A form that one line alone shows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Guess {
    Json,
    Header,
    Cef,
    Leef,
    Syslog,
    KeyValue,
    Text,
}

/// By its first bytes. A line that begins like JSON is JSON, also when it is broken: half an object
/// read as words would be believed.
pub(super) fn guess(line: &str) -> Guess {
    let mut bytes = line.bytes();
    match bytes.next() {
        Some(b'{') => Guess::Json,
        Some(b'[') if bytes.find(|b| *b != b' ').is_some_and(|b| b"{[\"]".contains(&b)) => {
            Guess::Json
        }
        Some(b'#') => Guess::Header,
        _ if line.starts_with(cef::BEGINS) => Guess::Cef,
        _ if line.starts_with(leef::BEGINS) => Guess::Leef,
        _ if syslog::begins(line) => Guess::Syslog,
        _ if key_value::begins(line) => Guess::KeyValue,
        _ => Guess::Text,
    }
}

/// Pairs that a text needs to be taken for `key=value`, when it does not begin with one.
const PAIRS_LEAST: usize = 3;

/// What a message is: pairs are read at once.
pub(super) fn carried<'t>(text: &'t str, pairs: &mut Pairs) -> Carried<'t> {
    let text = text.trim_ascii();
    let bare = text.strip_prefix("@cee:").map_or(text, str::trim_ascii_start);
    if bare.starts_with('{') {
        return Carried::Json(bare);
    }
    let before = pairs.len();
    let read = match text {
        _ if text.starts_with(cef::BEGINS) => cef::read(text, pairs),
        _ if text.starts_with(leef::BEGINS) => leef::read(text, pairs),
        _ => {
            let least = if key_value::begins(text) { 1 } else { PAIRS_LEAST };
            key_value::read(text, pairs) >= least
        }
    };
    if read {
        return Carried::Pairs;
    }
    pairs.truncate(before);
    Carried::Free(text)
}
