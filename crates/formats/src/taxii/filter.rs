//! The query string of TAXII requests as a filter. What it can't read it refuses by name; what it
//! doesn't know it ignores. It applies nothing: that is the reader's work.

use crate::problem::shown;
use crate::stix::{SpecVersion, timestamp};
use model::id::ThingId;
use model::kind::Kind;
use model::limits::{MATCH_VALUES_MAX, NEXT_BYTES_MAX, QUERY_BYTES_MAX};
use model::time::Instant;

/// Which versions of each object are asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Versions {
    /// Every version.
    All,
    /// Any of these; by default only the last.
    Some {
        /// The oldest version of each object.
        first: bool,
        /// The newest version of each object.
        last: bool,
        /// Versions of exactly these instants.
        values: Vec<Instant>,
    },
}

impl Default for Versions {
    fn default() -> Self {
        Self::Some { first: false, last: true, values: Vec::new() }
    }
}

/// What a request asks for; an empty list means that the field was absent.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Filter {
    /// Only what was added strictly after.
    pub added_after: Option<Instant>,
    /// At most so many (at least 1); a server's own cap may be lower.
    pub limit: Option<u64>,
    /// The token of the next page, unread.
    pub next: Option<String>,
    /// Any of these objects.
    pub ids: Vec<ThingId>,
    /// Any of these types.
    pub types: Vec<String>,
    /// Which versions.
    pub versions: Versions,
    /// Any of these versions of STIX; absent means the latest of each object.
    pub spec_versions: Vec<SpecVersion>,
    /// Versions of STIX were named and none of them is one that can be held here.
    pub nothing: bool,
}

/// A malformed query: the parameter and what is wrong with it.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{parameter}: {reason}")]
pub struct FilterError {
    /// The parameter as it should be spelt.
    pub parameter: String,
    /// What is wrong with it.
    pub reason: String,
}

fn wrong(parameter: &str, reason: impl Into<String>) -> FilterError {
    FilterError { parameter: shown(parameter), reason: reason.into() }
}

impl Filter {
    /// Reads a query string, without its question mark.
    ///
    /// SPEC: TAXII 2.1 §3.4, §3.5
    ///
    /// # Errors
    /// When a parameter that TAXII defines is malformed or stands twice.
    pub fn parse(query: &str) -> Result<Self, FilterError> {
        if query.len() > QUERY_BYTES_MAX {
            return Err(wrong("query", format!("longer than {QUERY_BYTES_MAX} bytes")));
        }
        let mut filter = Self::default();
        let mut seen = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let Some(name) = decode(name) else { continue };
            let Some(known) = KNOWN.iter().find(|known| **known == name) else { continue };
            if seen.contains(known) {
                return Err(wrong(known, "given more than once"));
            }
            seen.push(*known);
            let value = decode(value).ok_or_else(|| wrong(known, "not percent-encoded UTF-8"))?;
            filter.set(known, &value)?;
        }
        Ok(filter)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), FilterError> {
        match name {
            "added_after" => {
                let at = timestamp(value).filter(|_| value.ends_with('Z'));
                let at = at.ok_or_else(|| wrong(name, "not a timestamp in UTC"))?;
                self.added_after = Some(at);
            }
            "limit" => self.limit = Some(read_limit(value)?),
            "next" => {
                if value.is_empty() || value.len() > NEXT_BYTES_MAX {
                    return Err(wrong(name, "not a token of this server"));
                }
                self.next = Some(value.to_owned());
            }
            "match[id]" => {
                let read = |id: &str| ThingId::parse_stix(id).ok();
                self.ids = list(name, value, "not a STIX identifier", read)?;
            }
            "match[type]" => {
                let read = |kind: &str| Kind::stix(kind).ok().map(|kind| kind.name().to_owned());
                self.types = list(name, value, "not a STIX type", read)?;
            }
            "match[version]" => self.versions = read_versions(name, value)?,
            _ => {
                let named = list(name, value, "not a version of STIX", spelt_version)?;
                let held = [SpecVersion::V2_0, SpecVersion::V2_1].into_iter();
                let held = held.filter(|held| named.iter().any(|n| n == held.as_str()));
                self.spec_versions = held.collect();
                self.nothing = self.spec_versions.is_empty();
            }
        }
        Ok(())
    }
}

const KNOWN: &[&str] = &[
    "added_after",
    "limit",
    "next",
    "match[id]",
    "match[type]",
    "match[version]",
    "match[spec_version]",
];

/// Any positive whole number; what exceeds 64 bits is more than any server's cap.
fn read_limit(value: &str) -> Result<u64, FilterError> {
    let digits = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
    if !digits || value.bytes().all(|b| b == b'0') {
        return Err(wrong("limit", "not a whole number above 0"));
    }
    Ok(value.parse().unwrap_or(u64::MAX))
}

/// SPEC: TAXII 2.1 §3.4.1: `all` stands alone, and nothing stands twice.
fn read_versions(name: &str, value: &str) -> Result<Versions, FilterError> {
    if value == "all" {
        return Ok(Versions::All);
    }
    let words = list(name, value, "empty", |word| Some(word.to_owned()))?;
    let (mut first, mut last, mut values) = (false, false, Vec::new());
    for word in words {
        let doubled = match word.as_str() {
            "all" => return Err(wrong(name, "`all` stands beside another value")),
            "first" => std::mem::replace(&mut first, true),
            "last" => std::mem::replace(&mut last, true),
            text => {
                let at = timestamp(text).ok_or_else(|| {
                    wrong(name, format!("`{}` is not first, last, all or a timestamp", shown(text)))
                })?;
                let doubled = values.contains(&at);
                values.push(at);
                doubled
            }
        };
        if doubled {
            return Err(wrong(name, format!("`{}` stands twice", shown(&word))));
        }
    }
    Ok(Versions::Some { first, last, values })
}

/// A version of STIX as it is spelt (`2.1`), also one that nobody has heard of.
fn spelt_version(text: &str) -> Option<String> {
    let (major, minor) = text.split_once('.')?;
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    (digits(major) && digits(minor)).then(|| text.to_owned())
}

/// Values between commas, at least one, at most `MATCH_VALUES_MAX`.
fn list<T>(
    name: &str,
    value: &str,
    reason: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, FilterError> {
    if value.split(',').count() > MATCH_VALUES_MAX {
        return Err(wrong(name, format!("more than {MATCH_VALUES_MAX} values")));
    }
    let refuse = |word: &str| wrong(name, format!("`{}`: {reason}", shown(word)));
    let known = |word| if str::is_empty(word) { None } else { read(word) };
    value.split(',').map(|word| known(word).ok_or_else(|| refuse(word))).collect()
}

/// Resolves percent-encoding; `None` when it is broken or no UTF-8.
fn decode(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut parts = text.split('%');
    bytes.extend(parts.next()?.as_bytes());
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        let hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
        bytes.push(u8::from_str_radix(digits, 16).ok().filter(|_| hex)?);
        bytes.extend(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests;
