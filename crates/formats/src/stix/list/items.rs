//! Lines into items: comments and headers skipped, columns found. A line that can't be read is a
//! problem of that line, and the next one is read.

use super::row::fields;
use super::value::{Found, Wanted, guess, refang, typed, wanted};
use crate::problem::{Problem, shown};
use crate::stix::write::{NewIndicator, indicator, indicator_id};
use model::facts::ValueKind;
use model::limits::LIST_LINE_BYTES_MAX;
use model::time::Instant;
use std::borrow::Cow;

/// One value of a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Item {
    /// What it is.
    pub kind: ValueKind,
    /// The value, refanged.
    pub value: String,
    /// What the list calls it: a malware family, a comment.
    pub name: Option<String>,
    /// What the list said beside it that a pattern of one value can't hold: a port.
    pub note: Option<String>,
    /// From 1.
    pub line: u64,
}

impl Item {
    /// The STIX id of this item's indicator: the same wherever and whenever it is listed.
    #[must_use]
    pub fn indicator_id(&self) -> String {
        indicator_id(self.kind, &self.value)
    }

    /// This item as a STIX indicator, created and valid from then.
    #[must_use]
    pub fn indicator(&self, created: Instant, labels: &[&str]) -> Option<String> {
        indicator(&NewIndicator {
            kind: self.kind,
            value: &self.value,
            name: self.name.as_deref(),
            description: self.note.as_deref(),
            created,
            indicator_types: &["malicious-activity"],
            labels,
        })
    }
}

/// Reads a list: `value`, `value,name`, `type,value[,name]`, or columns named by a header.
#[must_use]
pub fn items(text: &[u8]) -> Items<'_> {
    let rest = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    Items { rest: Some(rest), line: 0, columns: Columns::default(), fresh: true }
}

/// The items of a list, one line at a time.
#[derive(Debug)]
pub struct Items<'a> {
    rest: Option<&'a [u8]>,
    line: u64,
    columns: Columns,
    /// No row was read yet, so the next may be a header.
    fresh: bool,
}

impl Iterator for Items<'_> {
    type Item = Result<Item, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let line = self.next_line()?;
            let item = match self.read(line) {
                Ok(None) => continue,
                Ok(Some(item)) => Ok(item),
                Err(problem) => Err(problem.at(format!("line {}", self.line))),
            };
            return Some(item);
        }
    }
}

impl<'a> Items<'a> {
    fn next_line(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest.take()?;
        self.line = self.line.saturating_add(1);
        let end = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
        let (line, after) = rest.split_at_checked(end)?;
        self.rest = after.strip_prefix(b"\n");
        Some(line)
    }

    fn read(&mut self, line: &[u8]) -> Result<Option<Item>, Problem> {
        let line = line.trim_ascii();
        if line.len() > LIST_LINE_BYTES_MAX {
            let message = format!("the line has more than {LIST_LINE_BYTES_MAX} bytes");
            return Err(Problem::error("E-LIST-002", message));
        }
        let line = std::str::from_utf8(line).map_err(|_| {
            Problem::error("E-LIST-003", "the line is not UTF-8").hint("save the file as UTF-8")
        })?;
        if line.is_empty() {
            return Ok(None);
        }
        if let Some(comment) = comment(line) {
            // Some lists name their columns in the last comment before the first row.
            if self.fresh
                && let Some(columns) = header(comment)
            {
                self.columns = columns;
            }
            return Ok(None);
        }
        if std::mem::take(&mut self.fresh)
            && let Some(columns) = header(line)
        {
            self.columns = columns;
            return Ok(None);
        }
        let (found, name) = self.columns.read(line).ok_or_else(|| {
            Problem::error("E-LIST-001", format!("no value that we know in `{}`", shown(line)))
                .hint("write `type,value,name` or one domain, address, URL, hash or mail a line")
        })?;
        let Found { kind, value, note } = found;
        let name = name.filter(|name| !name.is_empty());
        Ok(Some(Item { kind, value, name, note, line: self.line }))
    }
}

fn comment(line: &str) -> Option<&str> {
    ["#", ";", "//"].iter().find_map(|mark| line.strip_prefix(mark))
}

/// Which column is what; without a header every line speaks for itself.
#[derive(Debug)]
struct Columns {
    separator: char,
    kind: Option<usize>,
    value: Option<usize>,
    name: Option<usize>,
    /// The header names the type of the value's column.
    wanted: Option<Wanted>,
}

impl Default for Columns {
    fn default() -> Self {
        Self { separator: ',', kind: None, value: None, name: None, wanted: None }
    }
}

/// Reads a header: at least one column must be of values, and no field may be a value itself.
fn header(line: &str) -> Option<Columns> {
    let separator = ['\t', ';', ','].into_iter().find(|mark| line.contains(*mark));
    let mut columns = Columns { separator: separator.unwrap_or(','), ..Columns::default() };
    let mut by_type = None;
    for (index, field) in fields(line, columns.separator).iter().enumerate() {
        if guess(field).is_some() {
            return None;
        }
        match field.to_ascii_lowercase().replace([' ', '-'], "_").as_str() {
            "value" | "indicator" | "ioc" | "ioc_value" | "observable" => {
                columns.value = columns.value.or(Some(index));
            }
            "type" | "kind" | "ioc_type" | "indicator_type" => {
                columns.kind = columns.kind.or(Some(index));
            }
            "name" | "family" | "malware" | "malware_printable" | "threat" | "title"
            | "description" | "comment" => columns.name = columns.name.or(Some(index)),
            word => by_type = by_type.or(wanted(word).map(|wanted| (index, wanted))),
        }
    }
    if columns.value.is_none() {
        let (index, wanted) = by_type?;
        columns.value = Some(index);
        columns.wanted = Some(wanted);
    }
    Some(columns)
}

impl Columns {
    fn read(&self, line: &str) -> Option<(Found, Option<String>)> {
        let Some(value) = self.value else { return read_bare(line) };
        let fields = fields(line, self.separator);
        let field = |index: Option<usize>| index.and_then(|index| fields.get(index));
        let wanted = field(self.kind).and_then(|word| wanted(word)).or(self.wanted);
        let value = fields.get(value)?;
        let found = typed(wanted.unwrap_or(Wanted::Guess), value)?;
        Some((found, field(self.name).map(|name| name.as_ref().to_owned())))
    }
}

/// A line of a list without a header.
fn read_bare(line: &str) -> Option<(Found, Option<String>)> {
    let line = hosts_entry(line).unwrap_or(line);
    let separator = if line.contains('\t') { '\t' } else { ',' };
    let fields = fields(line, separator);
    let field = |index: usize| fields.get(index).map(Cow::as_ref);
    let owned = |index: usize| field(index).map(str::to_owned);
    let first = field(0)?;
    if let (Some(wanted), Some(value)) = (wanted(first), field(1)) {
        return Some((typed(wanted, value)?, owned(2)));
    }
    // A bare URL may hold commas of its own.
    if refang(first).contains("://") && separator == ',' && !line.contains(['"', ' ']) {
        return Some((guess(line)?, None));
    }
    Some((guess(first)?, owned(1)))
}

/// The name of a line in the form of a hosts file, as many block lists have it.
fn hosts_entry(line: &str) -> Option<&str> {
    let (address, names) = line.split_once([' ', '\t'])?;
    let sink = matches!(address, "0.0.0.0" | "127.0.0.1" | "::" | "::1");
    sink.then(|| names.split_whitespace().next()).flatten()
}

#[cfg(test)]
mod tests;
