//! The fields of a line of telemetry, borrowed from it, and the names that usual fields go by. It
//! needs no mapping and keeps nothing; `scan` reads the line.

use crate::meaning::Meaning;
use crate::named;
use crate::reading::names;
use crate::scan::plain;
pub use crate::scan::{Buffers, fields};
use crate::short::holds;
use model::limits::{EVENT_BYTES_MAX, EVENT_DEPTH_MAX, FLAT_PAIRS_MAX, MATCHES_PER_EVENT_MAX};
use model::time::Instant;
use std::borrow::Cow;
use std::ops::Range;

/// Why a line could not be read; it is counted as a bad line.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum LineError {
    /// Longer than `EVENT_BYTES_MAX`.
    #[error("E-EVENT-001: the line has {bytes} bytes, more than {EVENT_BYTES_MAX}")]
    TooLong {
        /// Bytes of the line.
        bytes: usize,
    },
    /// Not UTF-8.
    #[error("E-EVENT-002: byte {at} is not UTF-8")]
    NotUtf8 {
        /// Offset in the line.
        at: usize,
    },
    /// Not JSON.
    #[error("E-EVENT-003: not JSON at byte {at}: expected {wanted}")]
    Syntax {
        /// Offset in the line.
        at: usize,
        /// What JSON wants there.
        wanted: &'static str,
    },
    /// Nested deeper than `EVENT_DEPTH_MAX`.
    #[error("E-EVENT-004: nested deeper than {EVENT_DEPTH_MAX} at byte {at}")]
    TooDeep {
        /// Offset in the line.
        at: usize,
    },
    /// More than `MATCHES_PER_EVENT_MAX` matches; the first ones are reported.
    #[error("E-EVENT-005: more than {MATCHES_PER_EVENT_MAX} matches in one line")]
    TooManyMatches,
    /// Not of the form that it must have.
    #[error("E-EVENT-006: not {form}: expected {wanted}")]
    Form {
        /// The form.
        form: &'static str,
        /// What it wants.
        wanted: &'static str,
    },
    /// More than `FLAT_PAIRS_MAX` values in a line without depth; nothing of it was matched.
    #[error("E-EVENT-007: more than {FLAT_PAIRS_MAX} values in one line")]
    TooManyFields,
}

impl LineError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "E-EVENT-001",
            Self::NotUtf8 { .. } => "E-EVENT-002",
            Self::Syntax { .. } => "E-EVENT-003",
            Self::TooDeep { .. } => "E-EVENT-004",
            Self::TooManyMatches => "E-EVENT-005",
            Self::Form { .. } => "E-EVENT-006",
            Self::TooManyFields => "E-EVENT-007",
        }
    }
}

/// What a field is for, by the name that Zeek, Suricata and others give it. It decides nothing but
/// what a sighting may say of the field: names of unknown fields stay at home.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Role {
    /// The name asked for in DNS.
    Query,
    /// The name in a TLS handshake.
    ServerName,
    /// The host of an HTTP request.
    Host,
    /// A URL or the path of one.
    Url,
    /// Where a connection comes from.
    Source,
    /// Where a connection goes to.
    Destination,
    /// What DNS answered.
    Answer,
    /// A hash of a file or certificate.
    Hash,
    /// A name in a certificate.
    Certificate,
    /// How a client or server of TLS or SSH behaves: JA3, JA4, HASSH.
    Fingerprint,
    /// Who sent an e-mail, or gets it.
    Mail,
    /// Anything else.
    Other,
    /// What a program says it is.
    UserAgent,
    /// A file or a program.
    File,
    /// A key of the registry.
    Registry,
    /// Who somebody is on a machine.
    Account,
}

impl Role {
    /// All of them; a role's place is kept, so new ones stand at the end.
    pub const ALL: [Self; 16] = [
        Self::Query,
        Self::ServerName,
        Self::Host,
        Self::Url,
        Self::Source,
        Self::Destination,
        Self::Answer,
        Self::Hash,
        Self::Certificate,
        Self::Fingerprint,
        Self::Mail,
        Self::Other,
        Self::UserAgent,
        Self::File,
        Self::Registry,
        Self::Account,
    ];

    /// Its bit in a set of roles: the place in [`Role::ALL`].
    pub(crate) const fn bit(self) -> u16 {
        1 << (self as u16)
    }

    /// By the last key of a path, in the spellings of Zeek, Suricata, Sysmon and ECS.
    #[must_use]
    pub fn of(key: &str) -> Self {
        match key {
            "query" | "rrname" | "QueryName" => Self::Query,
            "server_name" | "sni" => Self::ServerName,
            "host" | "hostname" | "http_host" => Self::Host,
            "uri" | "url" | "http_refer" | "referrer" | "redirect" => Self::Url,
            "id.orig_h" | "orig_h" | "src_ip" | "SourceIp" | "xff" | "client_ip"
            | "assigned_ip" => Self::Source,
            "id.resp_h" | "resp_h" | "dest_ip" | "DestinationIp" => Self::Destination,
            "answers" | "rdata" | "QueryResults" | "resolved_ip" => Self::Answer,
            "md5" | "sha1" | "sha256" | "sha512" | "fingerprint" | "Hashes" | "body_md5"
            | "subject_md5" => Self::Hash,
            "subject" | "issuer" | "issuerdn" | "subjectaltname" | "san.dns" => Self::Certificate,
            "ja3" | "ja3s" | "ja4" | "ja4s" | "hassh" | "hasshServer" => Self::Fingerprint,
            "mail_from" | "rcpt_to" | "mailfrom" | "rcptto" => Self::Mail,
            _ => Self::Other,
        }
    }

    /// By the last two keys of a path; a key with dots stands for several (`source.ip`).
    #[must_use]
    pub fn at(path: Path<'_>) -> Self {
        let mut keys = path.keys().rev();
        let last = keys.next().unwrap_or_default();
        let known = Self::of(&last);
        // What DNS answers has names of its own: they were not asked for.
        if !matches!(known, Self::Query | Self::Other) {
            return known;
        }
        let above = keys.next().unwrap_or_default();
        let (own, key) = named::parted(&last);
        let (_, above) = named::parted(own.unwrap_or(&above));
        match (above, key) {
            ("answers" | "authorities" | "additionals", "rrname") | ("grouped", _) => Self::Answer,
            ("ja3" | "ja3s" | "hassh", _) => Self::Fingerprint,
            ("email" | "smtp", "from" | "to" | "cc" | "reply_to" | "address") => Self::Mail,
            ("source" | "client" | "src_endpoint", "ip") => Self::Source,
            ("destination" | "server" | "dst_endpoint", "ip") => Self::Destination,
            ("question", "name") | ("query", "hostname") => Self::Query,
            ("url", "full" | "original" | "url_string") => Self::Url,
            ("url" | "http", "domain") => Self::Host,
            ("hashes" | "hash", _) => Self::Hash,
            ("answers", "data") => Self::Answer,
            _ => {
                let role = Self::of(key);
                if role != Self::Other {
                    return role;
                }
                // Read for matches alone: the many names of others would cost every field.
                let known = names::role(key).or_else(|| names::role(&last));
                let named = || named::at(path).and_then(named::role);
                known.filter(|known| *known != role).or_else(named).unwrap_or(role)
            }
        }
    }

    /// The word that a sighting may share.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Query => "dns-query",
            Self::ServerName => "tls-server-name",
            Self::Host => "http-host",
            Self::Url => "url",
            Self::Source => "source",
            Self::Destination => "destination",
            Self::Answer => "dns-answer",
            Self::Hash => "hash",
            Self::Certificate => "tls-certificate",
            Self::Fingerprint => "tls-fingerprint",
            Self::Mail => "email",
            Self::Other => "field",
            Self::UserAgent => "user-agent",
            Self::File => "file",
            Self::Registry => "registry",
            Self::Account => "account",
        }
    }

    /// The role of this name; what an older version wrote may be none.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Fields that hold a name, so that even one without a dot is a domain.
    pub(crate) const fn is_name(self) -> bool {
        matches!(self, Self::Query | Self::ServerName | Self::Host)
    }
}

/// Where a field stands: the keys that lead to it, as they are spelled in the line.
#[derive(Clone, Copy, Debug)]
pub struct Path<'f> {
    line: &'f str,
    keys: &'f [Range<usize>],
}

impl<'f> Path<'f> {
    /// The keys at these places of a line.
    pub(crate) const fn new(line: &'f str, keys: &'f [Range<usize>]) -> Self {
        Self { line, keys }
    }

    /// The path of a field without depth: its name, somewhere in a text of names.
    pub(crate) const fn flat(names: &'f str, name: &'f Range<usize>) -> Self {
        Self { line: names, keys: std::slice::from_ref(name) }
    }

    /// The last key as it is spelled, with its escapes.
    #[inline]
    pub(crate) fn last_spelled(self) -> &'f str {
        let last = self.keys.last().and_then(|range| self.line.get(range.clone()));
        last.unwrap_or_default()
    }

    /// The keys from the outermost, unescaped; places in arrays have none.
    pub fn keys(self) -> impl DoubleEndedIterator<Item = Cow<'f, str>> {
        self.keys.iter().map(move |range| plain(self.line.get(range.clone()).unwrap_or_default()))
    }

    /// The last key.
    #[must_use]
    pub fn last(self) -> Cow<'f, str> {
        self.keys().next_back().unwrap_or_default()
    }

    /// The key above the last.
    #[must_use]
    pub(crate) fn above(self) -> Option<Cow<'f, str>> {
        self.keys().rev().nth(1)
    }

    /// The keys joined by dots.
    #[must_use]
    pub fn dotted(self) -> String {
        self.keys().collect::<Vec<_>>().join(".")
    }

    /// The keys joined by dots, in a buffer that serves many of them; a key alone that is spelled
    /// as it is read needs none.
    pub(crate) fn dotted_in<'b>(self, buffer: &'b mut String) -> &'b str
    where
        'f: 'b,
    {
        let spelled = self.last_spelled();
        if self.depth() == 1 && !spelled.contains('\\') {
            return spelled;
        }
        buffer.clear();
        for key in self.keys() {
            if !buffer.is_empty() {
                buffer.push('.');
            }
            buffer.push_str(&key);
        }
        buffer
    }

    /// The dotted path of another member of the same object.
    pub(crate) fn sibling(self, key: &str) -> String {
        let above = self.depth().saturating_sub(1);
        self.keys().take(above).chain([Cow::Borrowed(key)]).collect::<Vec<_>>().join(".")
    }

    /// How many keys lead here.
    #[must_use]
    pub const fn depth(self) -> usize {
        self.keys.len()
    }
}

/// A scalar of the line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scalar<'f> {
    /// A string, unescaped.
    Text(&'f str),
    /// A number as it is spelled.
    Number(&'f str),
    /// `true` or `false`.
    Bool(&'f str),
}

/// One field of an event.
#[derive(Clone, Copy, Debug)]
pub struct Field<'f> {
    /// Where it stands.
    pub path: Path<'f>,
    /// The offset of the object that it is a direct member of; none in arrays.
    pub object: Option<usize>,
    /// What it holds.
    pub value: Scalar<'f>,
    /// Key and value as they are spelled in the line, where they stand side by side and are worth
    /// remembering.
    pub member: Option<&'f [u8]>,
    /// What its keys say of it.
    pub(crate) meaning: &'f Meaning,
}

impl Field<'_> {
    /// What it is for.
    pub(crate) fn role(&self) -> Role {
        self.meaning.role(self.path)
    }
}

/// When the event happened, from the usual fields of its outermost object: seconds (or milli-,
/// micro-, nanoseconds) since 1970, or RFC 3339.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    best: Option<(usize, Instant)>,
    hour: Hour,
}

impl Clock {
    /// Begins an event.
    pub(crate) fn begin(&mut self) {
        self.best = None;
    }

    /// Whether a field of a JSON document behind these keys may say when.
    pub(crate) fn asks(path: Path<'_>, meaning: &Meaning) -> bool {
        Self::rank(path, meaning).is_some()
    }

    /// How much such a field is trusted; `None` for one that does not say when.
    #[inline]
    fn rank(path: Path<'_>, meaning: &Meaning) -> Option<usize> {
        if path.depth() == 1 { meaning.clock(path) } else { None }
    }

    /// Takes note of a field of a JSON document; few of them say when.
    #[inline]
    pub(crate) fn see(&mut self, field: &Field<'_>) {
        if let Some(rank) = Self::rank(field.path, field.meaning) {
            self.read(rank, field.value);
        }
    }

    fn read(&mut self, rank: usize, value: Scalar<'_>) {
        let (Scalar::Text(text) | Scalar::Number(text) | Scalar::Bool(text)) = value;
        if self.best.is_none_or(|(other, _)| rank < other) {
            self.best = self.hour.instant(text).map(|at| (rank, at)).or(self.best);
        }
    }

    /// What it says.
    pub(crate) fn time(&self) -> Option<Instant> {
        self.best.map(|(_, at)| at)
    }
}

/// How much a field of this name is trusted to say when; the lowest is the best.
pub(crate) fn rank(key: &str) -> Option<usize> {
    Some(match key {
        "ts" => 0,
        "timestamp" => 1,
        "@timestamp" => 2,
        "time" => 3,
        "_time" => 4,
        "eventTime" => 5,
        "EventTime" => 6,
        _ => return None,
    })
}

/// The same of a line that was not read with a clock.
#[must_use]
pub fn time(line: &[u8], buffers: &mut Buffers) -> Option<Instant> {
    let mut clock = Clock::default();
    let scanned = fields(line, buffers, &mut |field| {
        clock.see(field);
    });
    scanned.ok().and(clock.time())
}

/// The hour of the time that was read last, as it was spelled: most events have the same.
#[derive(Debug, Default)]
struct Hour {
    /// Up to the minutes.
    head: [u8; Self::HEAD],
    /// What follows the seconds.
    zone: [u8; Self::ZONE],
    zone_bytes: usize,
    begins: Instant,
}

impl Hour {
    /// Bytes of `2026-11-22T10:`, and at most of `+00:00`.
    const HEAD: usize = 14;
    const ZONE: usize = 6;

    fn instant(&mut self, text: &str) -> Option<Instant> {
        let spelled = spelled(text);
        if let Some((head, micros, zone)) = spelled
            && self.head == *head
            && self.zone.get(..self.zone_bytes) == Some(zone)
        {
            return Some(self.begins.plus_micros(micros));
        }
        if !text.starts_with(|c: char| c.is_ascii_digit()) || text.len() < 20 || !holds(text, b'T')
        {
            return since_1970(text);
        }
        let Some((head, micros, zone)) = spelled else { return text.parse().ok() };
        let at: Instant = text.parse().ok()?;
        self.begins = at.plus_micros(-micros);
        self.head = *head;
        self.zone_bytes = zone.len();
        self.zone.iter_mut().zip(zone).for_each(|(own, byte)| *own = *byte);
        Some(at)
    }
}

/// A time up to its hour, the microseconds since then, and its zone; `None` where it is spelled in
/// any other way than nearly all are, has parts of a microsecond, or is about the last of all times.
fn spelled(text: &str) -> Option<(&[u8; Hour::HEAD], i64, &[u8])> {
    let (head, rest) = text.as_bytes().split_first_chunk()?;
    let (minutes, rest) = sixty(rest)?;
    let (seconds, part) = sixty(rest.strip_prefix(b":")?)?;
    let digits = part.strip_prefix(b".").unwrap_or_default();
    let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let zone = part.get(if count > 0 { count + 1 } else { 0 }..)?;
    let known = matches!(zone.first(), Some(b'Z' | b'+' | b'-')) && zone.len() <= Hour::ZONE;
    // Within an hour of that year all time ends.
    if !known || count > 6 || head.starts_with(b"9999") {
        return None;
    }
    let micros = (minutes * 60 + seconds) * 1_000_000 + millionths(digits.get(..count)?);
    Some((head, micros, zone))
}

/// The first six of the digits behind a point.
fn millionths(digits: &[u8]) -> i64 {
    let number = |digits: &[u8]| {
        digits.iter().fold(0, |sum, digit| sum * 10 + i64::from(digit.wrapping_sub(b'0')))
    };
    match digits.first_chunk::<6>() {
        Some(six) => number(six),
        None => (digits.len()..6).fold(number(digits), |sum, _| sum * 10),
    }
}

/// Two digits below sixty, and what follows them.
fn sixty(text: &[u8]) -> Option<(i64, &[u8])> {
    let ([tens @ b'0'..=b'5', ones @ b'0'..=b'9'], rest) = text.split_first_chunk()? else {
        return None;
    };
    Some((i64::from(tens - b'0') * 10 + i64::from(ones - b'0'), rest))
}

/// A number as a time: seconds with their parts, or a finer unit where that is too large for seconds.
pub(crate) fn since_1970(text: &str) -> Option<Instant> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    if !part.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let part = millionths(part.as_bytes());
    // Seconds until the year 5138; later than that they are a finer unit.
    let seconds = || whole.checked_mul(1_000_000)?.checked_add(part);
    let micros = match whole.checked_ilog10().unwrap_or(0) {
        0..11 => seconds()?,
        11..14 => whole.checked_mul(1_000)?,
        14..17 => whole,
        _ => whole / 1_000,
    };
    Some(Instant::from_micros(micros))
}

#[cfg(test)]
mod tests;
