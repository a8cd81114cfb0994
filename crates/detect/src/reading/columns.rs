//! Logs with columns: the headers of Zeek (`#separator`, `#fields`) and of W3C (`#Fields:`), and the
//! lines under them. It opens no file; a piece that begins mid-file is handed its header.

use super::flat::Pairs;
use model::limits::{TSV_COLUMNS_MAX, TSV_HEADER_BYTES_MAX};
use std::ops::Range;

/// What a header says.
#[derive(Debug)]
pub(super) struct Columns {
    /// The header's lines as they stood, for who goes on in another piece.
    header: String,
    names: String,
    columns: Vec<Column>,
    separator: u8,
    set_separator: u8,
    empty: String,
    unset: String,
    w3c: bool,
}

#[derive(Debug)]
struct Column {
    name: Range<usize>,
    /// A set or vector of values.
    many: bool,
}

impl Default for Columns {
    fn default() -> Self {
        Self {
            header: String::new(),
            names: String::new(),
            columns: Vec::new(),
            separator: b'\t',
            set_separator: b',',
            empty: "(empty)".to_owned(),
            unset: "-".to_owned(),
            w3c: false,
        }
    }
}

impl Columns {
    /// Whether the columns are known.
    pub(super) const fn known(&self) -> bool {
        !self.columns.is_empty()
    }

    /// The header, as far as it has been read.
    pub(super) fn header(&self) -> Option<&str> {
        (!self.header.is_empty()).then_some(self.header.as_str())
    }

    /// Takes a line that begins with `#`; one that is no header is a comment.
    pub(super) fn take(&mut self, line: &str) {
        if let Some(text) = line.strip_prefix("#separator ") {
            // A new header, of a new log or after a rotation: what was known holds no longer.
            *self = Self { separator: byte(text.trim()).unwrap_or(b'\t'), ..Self::default() };
            return self.keep(line);
        }
        if let Some(text) = line.strip_prefix("#Fields:") {
            *self = Self { separator: b' ', w3c: true, ..Self::default() };
            self.name(text.split_ascii_whitespace());
            return self.keep(line);
        }
        let separator = char::from(self.separator);
        let Some((key, rest)) = line.split_once(separator) else { return };
        match key {
            "#set_separator" => self.set_separator = byte(rest).unwrap_or(b','),
            "#empty_field" => rest.clone_into(&mut self.empty),
            "#unset_field" => rest.clone_into(&mut self.unset),
            "#fields" => self.name(rest.split(separator)),
            "#types" => {
                for (column, kind) in self.columns.iter_mut().zip(rest.split(separator)) {
                    column.many = kind.starts_with("set[") || kind.starts_with("vector[");
                }
            }
            "#path" => {}
            _ => return,
        }
        self.keep(line);
    }

    fn keep(&mut self, line: &str) {
        // LIMIT: a header is kept as long as its log is read.
        if self.header.len().saturating_add(line.len()) < TSV_HEADER_BYTES_MAX {
            self.header.push_str(line);
            self.header.push('\n');
        }
    }

    fn name<'n>(&mut self, names: impl Iterator<Item = &'n str>) {
        self.names.clear();
        self.columns.clear();
        for name in names.take(TSV_COLUMNS_MAX) {
            let start = self.names.len();
            self.names.push_str(name);
            self.columns.push(Column { name: start..self.names.len(), many: false });
        }
    }

    /// The line's values under their names; those that are unset or empty are left out. `false` when
    /// the line has other columns than the header.
    pub(super) fn read(&self, line: &str, pairs: &mut Pairs) -> bool {
        if self.w3c {
            return self.read_w3c(line, pairs);
        }
        let mut columns = self.columns.iter();
        for value in line.split(char::from(self.separator)) {
            let Some(Column { name, many }) = columns.next() else { return false };
            let name = self.names.get(name.clone()).unwrap_or_default();
            if !*many {
                self.push(name, value, pairs);
                continue;
            }
            value.split(char::from(self.set_separator)).for_each(|one| self.push(name, one, pairs));
        }
        // A line that was cut is told: its last value may be half a one.
        columns.len() == 0
    }

    fn push(&self, name: &str, value: &str, pairs: &mut Pairs) {
        if value == self.unset || value == self.empty {
            return;
        }
        if value.contains("\\x") {
            pairs.push_with(name, |text| unescape(value, text));
        } else {
            pairs.push(name, value);
        }
    }

    /// Values between spaces; one in double quotes may hold spaces, and doubled quotes.
    fn read_w3c(&self, line: &str, pairs: &mut Pairs) -> bool {
        let mut rest = line;
        for Column { name, .. } in &self.columns {
            let name = self.names.get(name.clone()).unwrap_or_default();
            rest = rest.trim_ascii_start();
            if let Some(quoted) = rest.strip_prefix('"') {
                let (value, after) = quoted.split_once('"').unwrap_or((quoted, ""));
                pairs.push(name, value);
                rest = after;
                continue;
            }
            let (value, after) = rest.split_once(' ').unwrap_or((rest, ""));
            if value != self.unset {
                pairs.push(name, value);
            }
            rest = after;
        }
        rest.trim_ascii().is_empty()
    }
}

/// A byte as a header spells it: itself, or `\x09`.
fn byte(text: &str) -> Option<u8> {
    match text.strip_prefix("\\x") {
        Some(digits) => u8::from_str_radix(digits.get(..2)?, 16).ok(),
        None => text.bytes().next().filter(u8::is_ascii),
    }
}

/// Undoes Zeek's `\x` escapes; bytes that are no text become U+FFFD.
fn unescape(value: &str, out: &mut String) {
    let mut parts = value.split("\\x");
    out.push_str(parts.next().unwrap_or_default());
    let mut bytes: [u8; 4] = [0; 4];
    let mut held = 0;
    for part in parts {
        let read = part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let (Some(read), Some(rest)) = (read, part.get(2..)) else {
            out.push_str("\\x");
            out.push_str(part);
            held = 0;
            continue;
        };
        if let Some(place) = bytes.get_mut(held) {
            *place = read;
        }
        held += 1;
        // Letters of other alphabets are escaped byte by byte.
        let whole = bytes.get(..held).and_then(|bytes| std::str::from_utf8(bytes).ok());
        if let Some(text) = whole {
            out.push_str(text);
            held = 0;
        } else if held >= bytes.len() || !rest.is_empty() {
            out.push('\u{fffd}');
            held = 0;
        }
        out.push_str(rest);
    }
}

#[cfg(test)]
mod tests;
