//! One event against all indicators. It reports what matched and where, and does not judge
//! validity, known-good lists or who may hear of it.
//!
//! A cheap look at the bytes decides which readings of a text are tried at all; these gates may
//! only be looser than the shapes in [`crate::observable`], never stricter (`judge` checks it).

use crate::event::{Buffers, Field, LineError, Path, Role, Scalar};
use crate::index::{Found, Handle, Index};
use crate::memo::Memo;
use crate::observable::{
    address, colon_hash_into, domain_into, email_into, guess, hash_kind, hashes_of_list,
    is_hash_list, url_into,
};
use crate::past::Gathered;
use crate::reading::{Event, fields, time};
use crate::table::Class;
use model::limits::{MATCHES_PER_EVENT_MAX, OBSERVABLE_BYTES_MAX};
use model::time::Instant;
use std::net::IpAddr;

/// An indicator that an event matched; the value and the event stay at home.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Match {
    /// Which indicator.
    pub handle: Handle,
    /// The keys that lead to the field, joined by dots.
    pub field: String,
    /// What the field is for; this much a sighting may say.
    pub role: Role,
    /// The event's value as it stands there, unescaped.
    pub value: String,
    /// When the event happened, if it says so in a usual field.
    pub at: Option<Instant>,
    /// The indicator names a parent domain of the value.
    pub parent: bool,
}

/// Host and path of a request, which logs keep in two fields of one object.
pub(crate) const SPLIT_URLS: [[&str; 2]; 2] = [["host", "uri"], ["hostname", "url"]];

/// Memory that is used again for every line; one for each thread.
#[derive(Debug)]
pub struct Scratch {
    buffers: Buffers,
    work: Work,
}

#[derive(Debug)]
struct Work {
    shapes: [u8; 256],
    text: String,
    joined: String,
    found: Vec<Found>,
    halves: [[Half; 2]; 2],
    memo: Memo,
}

/// One half of a split URL, and the object that it is a member of.
#[derive(Debug, Default)]
struct Half {
    object: Option<usize>,
    text: String,
}

impl Default for Scratch {
    fn default() -> Self {
        let work = Work {
            shapes: std::array::from_fn(|byte| u8::try_from(byte).map_or(OTHER, shape)),
            text: String::new(),
            joined: String::new(),
            found: Vec::new(),
            halves: Default::default(),
            memo: Memo::default(),
        };
        Self { buffers: Buffers::default(), work }
    }
}

/// What a byte can be part of.
const DIGIT: u8 = 1;
const HEX: u8 = 2;
const NAME: u8 = 4;
const DOT: u8 = 8;
const COLON: u8 = 16;
const MARK: u8 = 32;
const OTHER: u8 = 64;
const SPACE: u8 = 128;

const fn shape(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => DIGIT,
        b'a'..=b'f' | b'A'..=b'F' => HEX,
        // Letters of other alphabets too: names may be written in them.
        b'g'..=b'z' | b'G'..=b'Z' | b'-' | b'_' | 0x80.. => NAME,
        b'.' => DOT,
        b':' => COLON,
        b'/' | b'@' | b'=' | b'%' | b'*' | b'?' | b'#' => MARK,
        0..=b' ' => SPACE,
        _ => OTHER,
    }
}

/// Adds to `out` every indicator that the event matches, each once for a field, and to `gathered`
/// every reading. Nothing is allocated for an event that matches nothing where nothing is gathered,
/// as soon as `scratch` has grown.
///
/// # Errors
/// When a part of the event is no JSON within bounds, or has too many matches; those found before stay in
/// `out`, for the caller to keep or to truncate.
pub fn match_event(
    index: &Index,
    event: &Event<'_>,
    scratch: &mut Scratch,
    mut gathered: Option<&mut Gathered>,
    out: &mut Vec<Match>,
) -> Result<(), LineError> {
    let start = out.len();
    let Scratch { buffers, work } = scratch;
    work.halves.iter_mut().flatten().for_each(|half| half.object = None);
    let mut matching =
        Matching { index, work, gathered: gathered.as_deref_mut(), out, start, flood: false };
    let scanned = fields(event, buffers, &mut |field| {
        if let Scalar::Text(text) = field.value {
            matching.text(field, text);
        }
    });
    let flood = matching.flood;
    if out.len() > start || gathered.is_some() {
        let at = time(event, buffers);
        if let Some(gathered) = gathered {
            gathered.end(at);
        }
        out.iter_mut().skip(start).for_each(|found| found.at = at);
    }
    if flood { Err(LineError::TooManyMatches) } else { scanned }
}

struct Matching<'m> {
    index: &'m Index,
    work: &'m mut Work,
    gathered: Option<&'m mut Gathered>,
    out: &'m mut Vec<Match>,
    start: usize,
    flood: bool,
}

impl Matching<'_> {
    fn text(&mut self, field: &Field<'_>, whole: &str) {
        let version = self.index.version();
        let known = field.member.is_some_and(|member| self.work.memo.knows(version, member));
        if known && self.gathered.is_none() {
            return;
        }
        let text = trimmed(whole);
        if text.is_empty() || text.len() > OBSERVABLE_BYTES_MAX {
            return;
        }
        self.gather(text, field.path);
        if known {
            return;
        }
        self.read(text, field.path);
        if !self.work.found.is_empty() {
            self.report(&field.path.dotted(), Role::at(field.path), whole);
        } else if let Some(member) = field.member.filter(|_| !is_half(field.path)) {
            self.work.memo.learn(version, member);
        }
        if field.object.is_some() {
            self.split_url(field, text);
        }
    }

    /// Hands every reading on to what is kept for looking back.
    fn gather(&mut self, text: &str, path: Path<'_>) {
        let Some(gathered) = self.gathered.as_deref_mut() else { return };
        let role = Role::at(path);
        for reading in guess(text) {
            let fingerprint = self.index.fingerprint(reading.kind, &reading.text);
            gathered.saw(reading.kind, &reading.text, role, fingerprint);
        }
    }

    /// Tries every reading that the bytes allow; the order is that of `observable::guess`.
    fn read(&mut self, text: &str, path: Path<'_>) {
        let Work { shapes, text: out, found, .. } = &mut *self.work;
        let (mut all, mut dots, mut colons) = (0, 0_usize, 0_usize);
        for byte in text.bytes() {
            let shape = shapes.get(usize::from(byte)).copied().unwrap_or(OTHER);
            all |= shape;
            dots += usize::from(shape == DOT);
            colons += usize::from(shape == COLON);
        }
        let only = |allowed: u8| all & !allowed == 0;
        let has = |shape: u8| all & shape != 0;
        if only(DIGIT | HEX) && hash_kind(text).is_some() {
            return hash(self.index, text, out, found);
        }
        // Before addresses: eight groups at most make one, and sixteen at least a hash.
        if has(COLON) && only(DIGIT | HEX | COLON) && colon_hash_into(text, out) {
            return self.index.exact(Class::Hash, out.as_bytes(), found);
        }
        if (only(DIGIT | DOT) && dots == 3 || has(COLON) && !has(SPACE | OTHER))
            && let Some(address) = address(text)
        {
            return self.address(address);
        }
        if only(DIGIT | HEX | NAME | DOT) {
            return self.name(text, dots > 0 || !text.is_ascii(), path);
        }
        if has(MARK) && is_hash_list(text) {
            let hashes = hashes_of_list(text).filter(|hash| hash_kind(hash).is_some());
            return hashes.for_each(|text| hash(self.index, text, out, found));
        }
        if has(MARK)
            && text.contains('@')
            && let Some(domain) = email_into(text, out)
        {
            self.index.exact(Class::Email, out.as_bytes(), found);
            if let Some(domain) = out.get(domain..) {
                self.index.domain(domain, found);
            }
            return;
        }
        // Without a path it is a host and its port, or an address in brackets; times are neither.
        let located = has(MARK) || colons == 1 || text.starts_with('[');
        if located && !has(SPACE) && self.url(text) {
            return;
        }
        if has(MARK) && text.starts_with("*.") {
            self.name(text, true, path);
        }
    }

    fn address(&mut self, address: IpAddr) {
        match address {
            IpAddr::V4(v4) => self.index.v4(v4, 32, &mut self.work.found),
            IpAddr::V6(v6) => self.index.v6(v6, 128, &mut self.work.found),
        }
    }

    /// A name without a dot is a word, except where the field can hold nothing but names.
    fn name(&mut self, text: &str, dotted: bool, path: Path<'_>) {
        let named = || Role::of(&path.last()).is_name();
        let Work { text: out, found, .. } = &mut *self.work;
        out.clear();
        if (dotted || named()) && domain_into(text, out) && (out.contains('.') || named()) {
            self.index.domain(out, found);
        }
    }

    fn url(&mut self, text: &str) -> bool {
        let Work { text: out, found, .. } = &mut *self.work;
        let Some(host) = url_into(text, out).filter(|host| host.shaped) else { return false };
        self.index.exact(Class::Url, out.as_bytes(), found);
        match (host.address, out.get(..host.bytes)) {
            (Some(address), _) => self.address(address),
            (None, Some(name)) => self.index.domain(name, found),
            (None, None) => {}
        }
        true
    }

    /// Joins the halves of a request's URL once both have been seen in one object; the match is
    /// shown at the path, whichever came first.
    fn split_url(&mut self, field: &Field<'_>, text: &str) {
        let key = field.path.last();
        for (names, place) in SPLIT_URLS.iter().zip(0_usize..) {
            let Some(halves) = self.work.halves.get_mut(place) else { continue };
            let named = names.iter().zip(halves.iter_mut()).find(|(name, _)| **name == key);
            let Some((_, half)) = named else { continue };
            half.object = field.object;
            half.text.clear();
            half.text.push_str(text);
            let ([host, path], [_, path_name]) = (&*halves, names);
            if host.object != path.object || !path.text.starts_with('/') {
                continue;
            }
            let joined = &mut self.work.joined;
            joined.clear();
            joined.push_str(&host.text);
            joined.push_str(&path.text);
            if url_into(joined, &mut self.work.text).is_some() {
                let url = self.work.text.as_bytes();
                self.index.exact(Class::Url, url, &mut self.work.found);
            }
            if !self.work.found.is_empty() {
                let value = self.work.joined.clone();
                self.report(&field.path.sibling(path_name), Role::Url, &value);
            }
        }
    }

    /// Moves what was found for one field to the matches, each indicator once.
    fn report(&mut self, field: &str, role: Role, value: &str) {
        for Found { handle, parent } in self.work.found.drain(..) {
            let mut known = self.out.iter_mut().skip(self.start);
            if let Some(known) = known.find(|m| m.handle == handle && m.field == field) {
                if known.parent && !parent {
                    value.clone_into(&mut known.value);
                    known.parent = false;
                }
                continue;
            }
            if self.out.len() - self.start >= MATCHES_PER_EVENT_MAX {
                self.flood = true;
                continue;
            }
            let (field, value) = (field.to_owned(), value.to_owned());
            self.out.push(Match { handle, field, role, value, at: None, parent });
        }
    }
}

/// Without the space around it; most texts have none.
#[inline]
fn trimmed(text: &str) -> &str {
    let plain = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
    let bytes = text.as_bytes();
    if plain(bytes.first()) && plain(bytes.last()) { text } else { text.trim() }
}

/// Whether it is one half of a split URL, which means more together with the other.
fn is_half(path: Path<'_>) -> bool {
    let key = path.last();
    SPLIT_URLS.iter().flatten().any(|half| *half == key)
}

fn hash(index: &Index, text: &str, out: &mut String, found: &mut Vec<Found>) {
    out.clear();
    out.push_str(text);
    out.make_ascii_lowercase();
    index.exact(Class::Hash, out.as_bytes(), found);
}

#[cfg(test)]
mod tests;
