//! Instants as values: microseconds since 1970 in UTC. Nothing here can learn the time.

use std::fmt;
use std::str::FromStr;

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Instant(i64);

/// A text that is no RFC 3339 timestamp.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not an RFC 3339 timestamp, such as 2026-11-22T08:00:00Z")]
pub struct ParseInstantError;

impl Instant {
    /// From microseconds since 1970.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The instant so many microseconds later.
    #[must_use]
    pub const fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// The instant so many seconds later.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_micros(seconds.saturating_mul(1_000_000))
    }

    /// Prints with exactly six digits of a second, as TAXII wants.
    ///
    /// SPEC: TAXII 2.1 §3.1 `timestamp`: `YYYY-MM-DDTHH:MM:SS.ssssssZ`.
    #[must_use]
    pub fn to_taxii(self) -> String {
        self.with_digits(6)
    }

    /// Prints with milliseconds, as most STIX objects do.
    #[must_use]
    pub fn to_stix(self) -> String {
        self.with_digits(3)
    }

    /// Reads a date of HTTP, such as `Sun, 06 Nov 1994 08:49:37 GMT`.
    ///
    /// SPEC: RFC 9110 §5.6.7, its preferred form; the two obsolete ones are not read.
    #[must_use]
    pub fn from_http_date(text: &str) -> Option<Self> {
        let at = jiff::fmt::rfc2822::parse(text.trim()).ok()?;
        Some(Self(at.timestamp().as_microsecond()))
    }

    fn with_digits(self, digits: usize) -> String {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(at) => format!("{at:.digits$}"),
            // Outside years -9999..9999 there is no text; such an instant sorts, and prints so.
            Err(_) => "9999-12-31T23:59:59.999999Z".to_owned(),
        }
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_taxii())
    }
}

impl FromStr for Instant {
    type Err = ParseInstantError;

    /// Reads RFC 3339 with any number of digits of a second; below a microsecond it truncates.
    fn from_str(text: &str) -> Result<Self, ParseInstantError> {
        let shaped = text.len() >= 20 && text.as_bytes().get(10).is_some_and(|b| *b == b'T');
        let at: jiff::Timestamp = text.parse().map_err(|_| ParseInstantError)?;
        shaped.then_some(Self(at.as_microsecond())).ok_or(ParseInstantError)
    }
}
