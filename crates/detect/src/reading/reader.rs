//! Takes line after line of one delivery or file and gives each as an event, in the form that it is
//! told or that the line shows. It matches nothing and reads no clock.

use super::auto::{Carried, Guess, carried, guess};
use super::columns::Columns;
use super::event::Event;
use super::flat::Pairs;
use super::{cef, key_value, leef, syslog};
use crate::event::LineError;
use model::limits::EVENT_BYTES_MAX;

/// The form that lines are said to have.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Form {
    /// Each line shows its own.
    #[default]
    Auto,
    /// JSON of any kind: EVE, Zeek, Windows events, ECS, OCSF, or unknown.
    Json,
    /// Columns under a header: Zeek's, or W3C's.
    ZeekTsv,
    /// Common Event Format.
    Cef,
    /// Log Event Extended Format.
    Leef,
    /// RFC 5424 or 3164.
    Syslog,
    /// `key=value`.
    KeyValue,
    /// Words.
    Text,
}

impl Form {
    /// The form of a name; several names are JSON, whose fields are known by their own names.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "auto" => Self::Auto,
            "json" | "ndjson" | "eve" | "zeek" | "sysmon" | "windows" | "ecs" | "ocsf"
            | "netflow" | "dns" => Self::Json,
            "zeek-tsv" | "w3c" => Self::ZeekTsv,
            "cef" => Self::Cef,
            "leef" => Self::Leef,
            "syslog" => Self::Syslog,
            "key-value" | "kv" => Self::KeyValue,
            "text" => Self::Text,
            _ => return None,
        })
    }
}

/// What a line was, for counters.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// JSON.
    Json,
    /// Columns under a header.
    Columns,
    /// CEF.
    Cef,
    /// LEEF.
    Leef,
    /// Syslog, whatever it carries.
    Syslog,
    /// `key=value`.
    KeyValue,
    /// Words.
    Text,
}

impl Kind {
    /// All of them, in the order of [`Reader::counts`].
    pub const ALL: [Self; 7] = [
        Self::Json,
        Self::Columns,
        Self::Cef,
        Self::Leef,
        Self::Syslog,
        Self::KeyValue,
        Self::Text,
    ];

    /// Its name in metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Columns => "zeek-tsv",
            Self::Cef => "cef",
            Self::Leef => "leef",
            Self::Syslog => "syslog",
            Self::KeyValue => "key-value",
            Self::Text => "text",
        }
    }
}

/// Reads the lines of one delivery or file.
#[derive(Debug, Default)]
pub struct Reader {
    form: Form,
    columns: Columns,
    pairs: Pairs,
    /// A line that is no UTF-8, with what is none replaced.
    mended: String,
    counts: [u64; Kind::ALL.len()],
}

impl Reader {
    /// For lines of this form.
    #[must_use]
    pub fn new(form: Form) -> Self {
        Self { form, ..Self::default() }
    }

    /// For lines that begin behind their header, which is handed in.
    #[must_use]
    pub fn resume(form: Form, header: &str) -> Self {
        let mut reader = Self::new(form);
        header.lines().for_each(|line| reader.columns.take(line));
        reader
    }

    /// The header in force, to be handed to [`Self::resume`].
    #[must_use]
    pub fn header(&self) -> Option<&str> {
        self.columns.header()
    }

    /// How many events of each kind were read, in the order of [`Kind::ALL`].
    #[must_use]
    pub const fn counts(&self) -> [u64; Kind::ALL.len()] {
        self.counts
    }

    /// The line as an event; `None` for a blank line, a header or a comment. Nothing is allocated
    /// once the reader's memory has grown. Bytes that are no UTF-8 spoil a JSON line (its reader says
    /// so), in other forms only the value in which they stand.
    ///
    /// # Errors
    /// When the line is too long or not of the form that it must have.
    pub fn event<'e>(&'e mut self, line: &'e [u8]) -> Result<Option<Event<'e>>, LineError> {
        if line.len() > EVENT_BYTES_MAX {
            return Err(LineError::TooLong { bytes: line.len() });
        }
        let raw = line.trim_ascii();
        let raw = raw.strip_prefix(b"\xef\xbb\xbf").unwrap_or(raw);
        if raw.is_empty() {
            return Ok(None);
        }
        let plain = Event { raw, flat: None, json: Some(raw), free: None };
        // By far the most: they go straight to their scanner.
        if self.form == Form::Json || self.form == Form::Auto && raw.first() == Some(&b'{') {
            count(&mut self.counts, Kind::Json);
            return Ok(Some(plain));
        }
        let Self { form, columns, pairs, mended, counts } = self;
        let text = match std::str::from_utf8(raw) {
            Ok(text) => text,
            Err(_) => mend(raw, mended),
        };
        pairs.clear();
        let guessed = match form {
            Form::Auto => guess(text),
            Form::Json => Guess::Json,
            Form::ZeekTsv => Guess::Header,
            Form::Cef => Guess::Cef,
            Form::Leef => Guess::Leef,
            Form::Syslog => Guess::Syslog,
            Form::KeyValue => Guess::KeyValue,
            Form::Text => Guess::Text,
        };
        let columned = matches!(form, Form::Auto | Form::ZeekTsv);
        if columned && text.starts_with('#') {
            columns.take(text);
            return Ok(None);
        }
        if guessed == Guess::Json {
            count(counts, Kind::Json);
            return Ok(Some(plain));
        }
        if columned && columns.known() {
            count(counts, Kind::Columns);
            if !columns.read(text, pairs) {
                return Err(form_error("columns", "as many values as its header names"));
            }
            return whole(raw, pairs, Carried::Pairs);
        }
        let (kind, carried) = match form {
            Form::Text => (Kind::Text, Carried::Free(text)),
            Form::Auto
            | Form::Json
            | Form::ZeekTsv
            | Form::Cef
            | Form::Leef
            | Form::Syslog
            | Form::KeyValue => one_line(guessed, text, pairs)?,
        };
        count(counts, kind);
        whole(raw, pairs, carried)
    }
}

/// Reads a line whose form one line shows.
fn one_line<'t>(
    guessed: Guess,
    text: &'t str,
    pairs: &mut Pairs,
) -> Result<(Kind, Carried<'t>), LineError> {
    Ok(match guessed {
        Guess::Cef | Guess::Leef => {
            let (kind, begins) = if guessed == Guess::Cef {
                (Kind::Cef, cef::BEGINS)
            } else {
                (Kind::Leef, leef::BEGINS)
            };
            // Many come with the header of syslog before them.
            let place = text.find(begins).ok_or_else(|| form_error(kind.name(), begins))?;
            let (before, rest) = text.split_at_checked(place).unwrap_or(("", text));
            if !before.trim_ascii().is_empty() {
                syslog::read(before, pairs);
            }
            let read =
                if kind == Kind::Cef { cef::read(rest, pairs) } else { leef::read(rest, pairs) };
            if !read {
                return Err(form_error(kind.name(), "a whole header between pipes"));
            }
            (kind, Carried::Pairs)
        }
        Guess::Syslog => (Kind::Syslog, syslog::read(text, pairs)),
        Guess::KeyValue => match key_value::read(text, pairs) {
            0 => return Err(form_error("key-value", "a pair such as src=192.0.2.1")),
            _ => (Kind::KeyValue, Carried::Pairs),
        },
        Guess::Header => return Err(form_error("columns", "a header before the first line")),
        Guess::Json | Guess::Text => match carried(text, pairs) {
            // JSON behind a few words is not looked for where nothing promises it.
            Carried::Pairs => (Kind::KeyValue, Carried::Pairs),
            Carried::Json(text) | Carried::Free(text) => (Kind::Text, Carried::Free(text)),
        },
    })
}

fn whole<'e>(
    raw: &'e [u8],
    pairs: &'e Pairs,
    carried: Carried<'e>,
) -> Result<Option<Event<'e>>, LineError> {
    if pairs.full() {
        return Err(LineError::TooManyFields);
    }
    let flat = (pairs.len() > 0).then(|| pairs.flat());
    let (json, free) = match carried {
        Carried::Json(text) => (Some(text.as_bytes()), None),
        Carried::Free(text) => (None, Some(text)),
        Carried::Pairs => (None, None),
    };
    Ok(Some(Event { raw, flat, json, free }))
}

fn count(counts: &mut [u64; Kind::ALL.len()], kind: Kind) {
    for (count, known) in counts.iter_mut().zip(Kind::ALL) {
        *count += u64::from(known == kind);
    }
}

const fn form_error(form: &'static str, wanted: &'static str) -> LineError {
    LineError::Form { form, wanted }
}

/// Replaces what is no UTF-8: a letter of an old code page spoils its own word and no other.
fn mend<'m>(raw: &[u8], mended: &'m mut String) -> &'m str {
    mended.clear();
    for chunk in raw.utf8_chunks() {
        mended.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            mended.push('\u{fffd}');
        }
    }
    mended
}
