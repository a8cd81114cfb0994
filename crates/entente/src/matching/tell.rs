//! A match as a line for who asked. It sends nothing.

use super::look::{Found, Matches};
use super::sums::seq;
use serde::Serialize;
use serde_json::value::RawValue;

/// A match on the wire.
#[derive(Serialize)]
struct Twin<'a> {
    indicator: &'a str,
    record: &'a str,
    circle: &'a str,
    signer: &'a str,
    field: &'a str,
    value: &'a str,
    event: Event<'a>,
    line: u64,
    tlp: &'static str,
    before_valid_from: bool,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Event<'a> {
    Json(&'a RawValue),
    Text(std::borrow::Cow<'a, str>),
}

impl Matches {
    /// Writes one match as a line; false when there are no more.
    pub(crate) fn write(&self, index: usize, out: &mut Vec<u8>) -> bool {
        let Some(Found { line, bytes, found }) = self.found.get(index) else { return false };
        let Some(told) = self.told.get(&seq(found)) else { return true };
        let text = self.bytes.get(bytes.clone()).unwrap_or_default().trim_ascii();
        let event = match serde_json::from_slice(text) {
            Ok(json) => Event::Json(json),
            Err(_) => Event::Text(String::from_utf8_lossy(text)),
        };
        let early = told.valid_from.zip(found.at).is_some_and(|(from, at)| at < from);
        let twin = Twin {
            indicator: &told.indicator,
            record: &told.record,
            circle: &told.circle,
            signer: &told.signer,
            field: &found.field,
            value: &found.value,
            event,
            line: *line,
            tlp: told.tlp,
            before_valid_from: early,
        };
        if serde_json::to_writer(&mut *out, &twin).is_ok() {
            out.push(b'\n');
        }
        true
    }
}
