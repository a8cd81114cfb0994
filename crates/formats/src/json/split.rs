//! Splits a document into the exact byte slices of its objects. It doesn't look inside an object:
//! what is wrong there is found, and told, object by object.

use crate::problem::{Problem, shown};
use model::limits::{BODY_BYTES_MAX, DOCUMENT_BYTES_MAX, DOCUMENT_OBJECTS_MAX, PROBLEMS_MAX};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// How a document holds its objects.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Form {
    /// A STIX bundle.
    Bundle,
    /// A TAXII envelope, the empty one (`{}`) included.
    Envelope,
    /// One object.
    Object,
    /// A JSON array of objects.
    Array,
    /// NDJSON: one object, bundle or envelope a line.
    Lines,
}

/// One object of a document.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Piece<'a> {
    /// The object as it stands in the document, from `{` to `}`.
    pub bytes: &'a [u8],
    /// Where it stands: `/objects/3`, `line 7`, `line 7/objects/3`; empty for a single object.
    pub path: String,
}

/// A document that was split.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Document<'a> {
    /// How the document holds its objects.
    pub form: Form,
    /// The objects in their order, at most `DOCUMENT_OBJECTS_MAX`.
    pub pieces: Vec<Piece<'a>>,
    /// Parts that are no objects, at most `PROBLEMS_MAX`.
    pub problems: Vec<Problem>,
    /// How many more problems there were.
    pub more_problems: u64,
}

/// Why nothing can be taken from a document.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SplitError {
    /// It has no content.
    #[error("the document is empty")]
    Empty,
    /// It is larger than `DOCUMENT_BYTES_MAX`.
    #[error("the document has {0} bytes, more than {DOCUMENT_BYTES_MAX}")]
    TooLarge(usize),
    /// It holds more than so many objects.
    #[error("the document holds more than {0} objects")]
    TooMany(usize),
    /// It is JSON, but neither objects nor something that holds objects.
    #[error("{0}")]
    NoObjects(&'static str),
    /// It is not JSON.
    #[error("not JSON at line {line}, column {column}: {what}")]
    Syntax {
        /// From 1.
        line: usize,
        /// From 1, in bytes.
        column: usize,
        /// The parser's words.
        what: String,
    },
}

impl SplitError {
    /// The same as a problem of the whole document.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let (code, hint) = match self {
            Self::Empty => ("E-JSON-010", "give a STIX bundle, an envelope, objects, or NDJSON"),
            Self::TooLarge(_) | Self::TooMany(_) => {
                ("E-JSON-011", "split it into several documents")
            }
            Self::NoObjects(_) => ("E-JSON-012", "give a STIX bundle or an array of objects"),
            Self::Syntax { .. } => ("E-JSON-001", "the place is where reading had to stop"),
        };
        Problem::error(code, self.to_string()).hint(hint)
    }
}

impl From<serde_json::Error> for SplitError {
    fn from(error: serde_json::Error) -> Self {
        let words = error.to_string();
        let what = words.split(" at line ").next().unwrap_or_default();
        Self::Syntax { line: error.line(), column: error.column(), what: shown(what) }
    }
}

/// Splits a document. Memory stays proportional to the number of objects.
///
/// # Errors
/// When the document as a whole cannot be read; parts that are no objects become `problems`.
pub fn split(bytes: &[u8]) -> Result<Document<'_>, SplitError> {
    split_at_most(bytes, DOCUMENT_OBJECTS_MAX)
}

/// Splits a document of at most so many objects, and stops at the first beyond.
///
/// # Errors
/// As [`split`].
pub fn split_at_most(bytes: &[u8], most: usize) -> Result<Document<'_>, SplitError> {
    if bytes.len() > DOCUMENT_BYTES_MAX {
        return Err(SplitError::TooLarge(bytes.len()));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut gathered = Gathered::at_most(most);
    let form = match bytes.trim_ascii_start().first() {
        None => return Err(SplitError::Empty),
        Some(b'[') => {
            let mut json = serde_json::Deserializer::from_slice(bytes);
            let read = Elements { into: &mut gathered, path: "" }.deserialize(&mut json);
            gathered.result(read.and_then(|()| json.end()))?;
            Form::Array
        }
        Some(_) => match whole(bytes, "", &mut gathered) {
            Ok(form) => form,
            Err(SplitError::Syntax { .. }) if is_lines(bytes) => {
                lines(bytes, &mut gathered)?;
                Form::Lines
            }
            Err(error) => return Err(error),
        },
    };
    let Gathered { pieces, problems, more_problems, .. } = gathered;
    Ok(Document { form, pieces, problems, more_problems })
}

/// The members of an object that tell what it is; doubled ones are refused by the derived reader.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<&'a RawValue>,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    objects: Option<&'a RawValue>,
}

/// Takes one object, or the objects of one bundle or envelope.
fn whole<'a>(bytes: &'a [u8], path: &str, into: &mut Gathered<'a>) -> Result<Form, SplitError> {
    let object = bytes.trim_ascii();
    if object.first() != Some(&b'{') {
        // A scalar is JSON too: tell the two mistakes apart.
        serde_json::from_slice::<&RawValue>(bytes)?;
        return Err(SplitError::NoObjects("the document is neither an object nor an array"));
    }
    let head: Head<'a> = serde_json::from_slice(bytes)?;
    let form = match head.kind.and_then(|kind| serde_json::from_str::<String>(kind.get()).ok()) {
        Some(kind) if kind == "bundle" => Form::Bundle,
        None if head.id.is_none() => Form::Envelope,
        _ => Form::Object,
    };
    match (form, head.objects) {
        (Form::Bundle | Form::Envelope, Some(objects)) => {
            if !objects.get().starts_with('[') {
                return Err(SplitError::NoObjects("`objects` is not an array"));
            }
            let mut json = serde_json::Deserializer::from_str(objects.get());
            let path = format!("{path}/objects");
            let read = Elements { into, path: &path }.deserialize(&mut json);
            into.result(read)?;
        }
        (Form::Bundle | Form::Envelope, None) => {}
        (Form::Object | Form::Array | Form::Lines, _) => {
            into.object(object, path.to_owned());
            into.result(Ok(()))?;
        }
    }
    Ok(form)
}

/// Whether a document that is no single JSON value is NDJSON: of two or more lines that are not
/// blank, the first or second is a whole object. (A broken pretty-printed document never is.)
fn is_lines(bytes: &[u8]) -> bool {
    let lines = bytes.split(|b| *b == b'\n').map(<[u8]>::trim_ascii).filter(|l| !l.is_empty());
    let is_object = |line: &[u8]| {
        line.first() == Some(&b'{') && serde_json::from_slice::<&RawValue>(line).is_ok()
    };
    let first_two: Vec<&[u8]> = lines.take(2).collect();
    first_two.len() == 2 && first_two.into_iter().any(is_object)
}

fn lines<'a>(bytes: &'a [u8], into: &mut Gathered<'a>) -> Result<(), SplitError> {
    *into = Gathered::at_most(into.most);
    for (number, line) in bytes.split(|b| *b == b'\n').enumerate() {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        let path = format!("line {}", number.saturating_add(1));
        match whole(line, &path, into) {
            Ok(_) => {}
            Err(SplitError::TooMany(most)) => return Err(SplitError::TooMany(most)),
            Err(SplitError::Syntax { column, what, .. }) => {
                let message = format!("not JSON at column {column}: {what}");
                into.problem(Problem::error("E-JSON-001", message).at(path));
            }
            Err(error) => into.problem(error.problem().at(path)),
        }
    }
    Ok(())
}

/// What was found so far.
struct Gathered<'a> {
    most: usize,
    pieces: Vec<Piece<'a>>,
    problems: Vec<Problem>,
    more_problems: u64,
    too_many: bool,
}

impl<'a> Gathered<'a> {
    const fn at_most(most: usize) -> Self {
        Self { most, pieces: Vec::new(), problems: Vec::new(), more_problems: 0, too_many: false }
    }

    fn object(&mut self, bytes: &'a [u8], path: String) {
        if bytes.first() != Some(&b'{') {
            let start: String = String::from_utf8_lossy(bytes).chars().take(20).collect();
            let message = format!("not a JSON object but `{}`", shown(&start));
            return self.problem(Problem::error("E-JSON-005", message).at(path));
        }
        if bytes.len() > BODY_BYTES_MAX {
            let message =
                format!("the object has {} bytes, more than {BODY_BYTES_MAX}", bytes.len());
            return self.problem(Problem::error("E-JSON-006", message).at(path));
        }
        if self.pieces.len() >= self.most {
            self.too_many = true;
            return;
        }
        self.pieces.push(Piece { bytes, path });
    }

    fn problem(&mut self, problem: Problem) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        } else {
            self.more_problems = self.more_problems.saturating_add(1);
        }
    }

    fn result(&self, read: Result<(), serde_json::Error>) -> Result<(), SplitError> {
        if self.too_many { Err(SplitError::TooMany(self.most)) } else { Ok(read?) }
    }
}

/// Reads an array and gathers its elements as slices.
struct Elements<'g, 'a, 'p> {
    into: &'g mut Gathered<'a>,
    path: &'p str,
}

impl<'a> DeserializeSeed<'a> for Elements<'_, 'a, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'a> Visitor<'a> for Elements<'_, 'a, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut elements: A) -> Result<(), A::Error> {
        let mut index = 0_usize;
        while let Some(element) = elements.next_element::<&'a RawValue>()? {
            self.into.object(element.get().as_bytes(), format!("{}/{index}", self.path));
            if self.into.too_many {
                return Err(serde::de::Error::custom("too many objects"));
            }
            index = index.saturating_add(1);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
