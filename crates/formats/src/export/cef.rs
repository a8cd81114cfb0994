//! A finding as one line of CEF, for systems that take nothing else. It has no place for the event.
//!
//! SPEC: ArcSight Common Event Format 0 (`CEF:0|vendor|product|version|id|name|severity|extension`).

use super::findings::Finding;
use std::fmt::Write as _;

/// Of 10; what is sure of an indicator is not told by a match.
const SEVERITY: u8 = 5;

impl Finding<'_> {
    /// The finding as one line of CEF, without its end.
    #[must_use]
    pub fn cef(&self) -> String {
        let mut line = format!(
            "CEF:0|Entente|Entente|{}|indicator-match|{}|{SEVERITY}|",
            env!("CARGO_PKG_VERSION"),
            header(&self.title())
        );
        let millis = self.at.micros().div_euclid(1_000);
        write!(line, "externalId={} rt={millis}", extension(self.id)).ok();
        let texts = [
            ("cs1", "indicator", self.indicator),
            ("cs2", "circle", self.circle),
            ("cs3", "signer", self.signer),
            ("cs4", "tlp", self.tlp),
            ("cs5", "field", self.field),
            ("cs6", "value", self.value),
            ("flexString1", "source", self.source),
        ];
        for (key, label, text) in texts.into_iter().filter(|(.., text)| !text.is_empty()) {
            // Writing to a text cannot fail.
            write!(line, " {key}Label={label} {key}={}", extension(text)).ok();
        }
        line
    }
}

/// SPEC: a bar and a backslash are escaped in the header, and it has no ends of lines.
fn header(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '\\' | '|' => out.extend(['\\', char]),
            char if char.is_control() => out.push(' '),
            char => out.push(char),
        }
    }
    out
}

/// SPEC: an equals sign and a backslash are escaped in the extension; ends of lines are written out.
fn extension(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '\\' | '=' => out.extend(['\\', char]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            char if char.is_control() => out.push(' '),
            char => out.push(char),
        }
    }
    out
}

#[cfg(test)]
mod tests;
