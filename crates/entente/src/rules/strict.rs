//! A TOML file read strictly: an unknown key is told with the nearest known name, a value of another
//! type with its line and what is expected. It knows no key by itself.

use super::bounds::TABLES;
use crate::nearest::nearest;
use formats::problem::{Problem, shown};
use std::collections::BTreeSet;
use std::str::FromStr;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Problems that one answer tells; whoever mends these meets the rest.
const TOLD: usize = 5;

/// The codes under which a family of files is refused.
#[derive(Clone, Copy, Debug)]
pub(super) struct Codes {
    pub(super) unknown: &'static str,
    pub(super) wrong: &'static str,
    pub(super) missing: &'static str,
}

/// One key with its value.
#[derive(Clone, Debug)]
pub(super) struct Entry<'a> {
    /// The key with its tables: `give.ceiling`.
    pub(super) name: String,
    /// The key alone.
    pub(super) key: String,
    line: usize,
    value: &'a Spanned<DeValue<'a>>,
}

/// A file on its way through a reader, with what was wrong so far.
#[derive(Debug)]
pub(super) struct Strict<'t> {
    text: &'t str,
    codes: Codes,
    problems: Vec<Problem>,
}

/// The tables of a file, and where its problems are gathered.
pub(super) fn parse<'t>(
    text: &'t str,
    codes: Codes,
) -> Result<(Spanned<DeTable<'t>>, Strict<'t>), Problem> {
    let strict = Strict { text, codes, problems: Vec::new() };
    match DeTable::parse(text) {
        Ok(table) => Ok((table, strict)),
        Err(error) => {
            let line = error.span().map_or(1, |span| strict.line_of(span.start));
            let told = error.message().lines().collect::<Vec<_>>().join(", ");
            let hint = "a line is KEY = VALUE, with texts in quotes; nothing was changed";
            Err(Problem::error(codes.wrong, format!("line {line} is not TOML: {told}")).hint(hint))
        }
    }
}

impl Strict<'_> {
    fn line_of(&self, at: usize) -> usize {
        let before = self.text.as_bytes().get(..at).unwrap_or_default();
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    }

    /// The entries of a table in the order of the file, whatever their keys are.
    pub(super) fn any<'a>(&self, table: &'a DeTable<'a>, above: &str) -> Vec<Entry<'a>> {
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        let entries = entries.into_iter().map(|(key, value)| {
            let line = self.line_of(key.span().start);
            let key = key.get_ref().to_string();
            let name = if above.is_empty() { key.clone() } else { format!("{above}.{key}") };
            Entry { name, key, line, value }
        });
        entries.collect()
    }

    /// The entries of a table whose keys are known; of the others it is told what was meant.
    pub(super) fn known<'a>(
        &mut self,
        table: &'a DeTable<'a>,
        above: &str,
        known: &[&str],
    ) -> Vec<Entry<'a>> {
        let (right, odd): (Vec<_>, Vec<_>) =
            self.any(table, above).into_iter().partition(|entry| known.contains(&&*entry.key));
        for entry in odd {
            let prefix = entry.name.strip_suffix(&entry.key).unwrap_or_default();
            let near = nearest(&entry.key, known.iter().copied());
            let meant = near.map_or_else(
                || within_tables(&entry.key, known),
                |near| vec![format!("`{prefix}{near}`")],
            );
            let hint = match meant.is_empty() {
                true => format!("known here are: {}", known.join(", ")),
                false => format!("did you mean {}?", meant.join(" or ")),
            };
            let told = format!("unknown key `{}` at line {}", shown(&entry.name), entry.line);
            self.told(Problem::error(self.codes.unknown, told).hint(hint));
        }
        right
    }

    /// A value that is not what is expected. It is not repeated.
    pub(super) fn wrong(&mut self, entry: &Entry<'_>, expected: &str) {
        let told = format!("`{}` at line {} must be {expected}", shown(&entry.name), entry.line);
        self.told(Problem::error(self.codes.wrong, told));
    }

    /// A value that names something that is not there.
    pub(super) fn missing(&mut self, entry: &Entry<'_>, what: &str, hint: &str) {
        let told = format!("`{}` at line {}: {what}", shown(&entry.name), entry.line);
        self.told(Problem::error(self.codes.missing, told).hint(hint));
    }

    fn told(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// A table.
    pub(super) fn table<'a>(&mut self, entry: &Entry<'a>) -> Option<&'a DeTable<'a>> {
        let table = entry.value.get_ref().as_table();
        if table.is_none() {
            self.wrong(entry, &format!("a table: [{}]", shown(&entry.name)));
        }
        table
    }

    /// A text that can be read as what is expected.
    pub(super) fn text<T: FromStr>(&mut self, entry: &Entry<'_>, expected: &str) -> Option<T> {
        let read = entry.value.get_ref().as_str().and_then(|text| text.parse().ok());
        if read.is_none() {
            self.wrong(entry, expected);
        }
        read
    }

    /// A whole number from 0.
    pub(super) fn number(&mut self, entry: &Entry<'_>) -> Option<u64> {
        let number = entry.value.get_ref().as_integer();
        let decimal = number.filter(|number| number.radix() == 10);
        let read = decimal.and_then(|number| number.as_str().parse().ok());
        if read.is_none() {
            self.wrong(entry, "a whole number from 0");
        }
        read
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, entry: &Entry<'_>) -> Option<bool> {
        let read = entry.value.get_ref().as_bool();
        if read.is_none() {
            self.wrong(entry, "true or false");
        }
        read
    }

    /// A list of at most `most` texts, each as it is and as what it is read as.
    pub(super) fn list<T: Ord>(
        &mut self,
        entry: &Entry<'_>,
        (expected, most): (&str, usize),
        mut read: impl FnMut(&mut Self, &str) -> Option<T>,
    ) -> Option<BTreeSet<T>> {
        let texts = entry.value.get_ref().as_array().and_then(|array| {
            let texts = array.iter().map(|value| value.get_ref().as_str());
            texts.collect::<Option<Vec<_>>>()
        });
        let Some(texts) = texts.filter(|texts| texts.len() <= most) else {
            self.wrong(entry, &format!("a list of at most {most}: {expected}"));
            return None;
        };
        let before = self.problems.len();
        let mut values = BTreeSet::new();
        for text in texts {
            match read(self, text) {
                Some(value) => {
                    values.insert(value);
                }
                None if self.problems.len() == before => self.wrong(entry, expected),
                None => {}
            }
        }
        Some(values)
    }

    /// Refuses the file when anything was wrong in it.
    pub(super) fn end(self) -> Result<(), Problem> {
        let mut problems = self.problems.into_iter();
        let Some(mut first) = problems.next() else { return Ok(()) };
        let rest: Vec<Problem> = problems.collect();
        for other in rest.iter().take(TOLD - 1) {
            first.message.push_str("; ");
            first.message.push_str(&other.message);
        }
        if rest.len() >= TOLD {
            first.message.push_str("; and more");
        }
        if first.hint.is_empty() {
            // What helps against another of them would mislead here.
            first.hint = "mend the file and try again; nothing was changed".to_owned();
        }
        Err(first)
    }
}

/// The keys of the tables that are known here which somebody may have meant who left the table out.
fn within_tables(key: &str, known: &[&str]) -> Vec<String> {
    let tables = TABLES.iter().filter(|(table, _)| known.contains(table));
    let near = tables.filter_map(|(table, keys)| {
        nearest(key, keys.iter().copied()).map(|near| format!("`{table}.{near}`"))
    });
    near.collect()
}

/// A text as TOML writes it. JSON's escapes are TOML's, too.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A list of texts as TOML writes it.
pub(super) fn quoted_list(texts: impl IntoIterator<Item = String>) -> String {
    let texts: Vec<String> = texts.into_iter().map(|text| quoted(&text)).collect();
    format!("[{}]", texts.join(", "))
}
