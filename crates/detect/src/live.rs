//! One event against all indicators. It reports what matched and where, and does not judge
//! validity, known-good lists or who may hear of it.
//!
//! A cheap look at the bytes decides which readings of a text are tried at all; these gates may
//! only be looser than the shapes in [`crate::observable`], never stricter (`judge` checks it).

use crate::class::{Class, HashBytes, Wanted};
use crate::event::{Buffers, Clock, Field, LineError, Role, Scalar};
use crate::index::{Found, Handle, Index, Looked};
use crate::memo::{Known, Memo};
use crate::named;
use crate::observable::{
    address, colon_hash_into, domain_into, dotted, email_into, hash_kind, hash_of_length,
    hashes_of_list, is_hash_list, url_into,
};
use crate::past::Gathered;
use crate::reading::{Event, read, time, time_of};
use crate::scan::{Proved, Reading, Templates};

use model::facts::ValueKind;
use model::limits::{MATCHES_PER_EVENT_MAX, OBSERVABLE_BYTES_MAX};
use model::time::Instant;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::ops::Range;

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

/// Halves are kept for so many depths, for an object between the halves of another may have its own.
const SPLIT_DEPTHS: usize = 4;

/// Memory that is used again for every line; one for each thread.
#[derive(Debug)]
pub struct Scratch {
    buffers: Buffers,
    templates: Templates,
    work: Work,
}

#[derive(Debug)]
struct Work {
    shapes: [u64; 256],
    text: String,
    joined: String,
    looked: Looked,
    halves: [[[Half; 2]; 2]; SPLIT_DEPTHS],
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
            shapes: std::array::from_fn(|byte| u8::try_from(byte).map_or(0, counted)),
            text: String::new(),
            joined: String::new(),
            looked: Looked::default(),
            halves: Default::default(),
            memo: Memo::default(),
        };
        Self { buffers: Buffers::default(), templates: Templates::default(), work }
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

/// One byte of a shape, in a word that counts the bytes of each shape: the lanes are as wide as
/// [`COUNTED_AT_ONCE`] needs.
const fn counted(byte: u8) -> u64 {
    1 << (8 * shape(byte).trailing_zeros())
}

/// So many bytes fit in the lanes of a count.
const COUNTED_AT_ONCE: usize = 255;

/// Which shapes the bytes of a text have, and how many of them are dots and colons.
#[derive(Clone, Copy, Debug, Default)]
struct Shapes {
    all: u8,
    dots: usize,
    colons: usize,
}

impl Shapes {
    #[inline]
    fn of(text: &str, shapes: &[u64; 256]) -> Self {
        let mut found = Self::default();
        for part in text.as_bytes().chunks(COUNTED_AT_ONCE) {
            let counts = part.iter().fold(0_u64, |counts, byte| {
                counts + shapes.get(usize::from(*byte)).copied().unwrap_or_default()
            });
            let lanes = counts.to_le_bytes();
            for (lane, bit) in lanes.iter().zip(0..) {
                found.all |= u8::from(*lane > 0) << bit;
            }
            let [_, _, _, dots, colons, ..] = lanes;
            found.dots += usize::from(dots);
            found.colons += usize::from(colons);
        }
        found
    }
}

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
/// as soon as `scratch` has grown and knows such lines.
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
    let Scratch { buffers, templates, work } = scratch;
    templates.hold_for((index.version(), gathered.as_ref().map_or(0, |g| g.number())));
    work.looked.noted.clear();
    work.looked.noting = true;
    let mut clock = gathered.is_some().then(Clock::default);
    let mut pass = |work: &mut Work,
                    templates: Option<&mut Templates>,
                    gathered: Option<&mut Gathered>,
                    out: &mut Vec<Match>| {
        work.halves.iter_mut().flatten().flatten().for_each(|half| half.object = None);
        let classes = index.classes();
        let mut matching = Matching {
            index,
            classes,
            work,
            gathered,
            clock: clock.as_mut(),
            known: None,
            out,
            start,
            flood: false,
        };
        let scanned = read(event, buffers, templates, &mut matching);
        if matching.flood { Err(LineError::TooManyMatches) } else { scanned }
    };
    let mut scanned = pass(work, Some(templates), gathered.as_deref_mut(), out);
    if index.may_hold_any(&work.looked.noted) {
        work.looked.noting = false;
        scanned = pass(work, None, None, out);
    } else if scanned.is_ok() {
        templates.learn();
    }
    if out.len() > start || gathered.is_some() {
        let at = match gathered {
            Some(_) if scanned.is_ok() && event.flat.is_none() => {
                time_of(event, &clock.unwrap_or_default())
            }
            Some(_) | None => time(event, buffers),
        };
        if let Some(gathered) = gathered {
            gathered.end(at);
        }
        out.iter_mut().skip(start).for_each(|found| found.at = at);
    }
    scanned
}

struct Matching<'m> {
    index: &'m Index,
    /// The bits of the classes that the index has values of.
    classes: u32,
    work: &'m mut Work,
    gathered: Option<&'m mut Gathered>,
    /// When the event happened, where that is kept.
    clock: Option<&'m mut Clock>,
    /// What the field under way proved, as long as that can be remembered.
    known: Option<Known>,
    out: &'m mut Vec<Match>,
    start: usize,
    flood: bool,
}

/// The classes of which only the names of fields tell.
const NAMED: u32 = Class::FileName.bit()
    | Class::FilePath.bit()
    | Class::RegistryKey.bit()
    | Class::Mutex.bit()
    | Class::UserAgent.bit()
    | Class::Serial.bit()
    | Class::Asn.bit()
    | Class::Account.bit()
    | Class::Mac.bit()
    | Class::Ja4.bit();

impl Reading for Matching<'_> {
    fn field(&mut self, field: &Field<'_>) -> Option<Proved> {
        let timely = self.clock.as_mut().is_some_and(|clock| clock.see(field));
        let proved = match field.value {
            Scalar::Text(text) => self.text(field, text),
            Scalar::Number(text) => self.number(field, text),
            // Truth is no value that is looked for.
            Scalar::Bool(_) => Some(Proved::NOTHING),
        };
        proved.filter(|_| !timely)
    }

    fn again(&mut self, proved: &Proved) {
        let Some(gathered) = self.gathered.as_deref_mut() else { return };
        proved.rows().iter().for_each(|row| gathered.saw_again(*row, proved.role));
    }
}

impl Matching<'_> {
    /// Looks a text up; what it proved, where that is all that it can mean.
    fn text(&mut self, field: &Field<'_>, whole: &str) -> Option<Proved> {
        let version = self.index.version();
        let gathering = self.gathered.as_ref().map_or(0, |gathered| gathered.number());
        let noting = self.work.looked.noting;
        // What was learned in the first pass is doubted in the second.
        let member = field.member.filter(|_| noting && field.meaning.repeats());
        if let Some(member) = member {
            let known = self.work.memo.known(version, gathering, member);
            field.meaning.asked(known.is_some());
            if let Some(known) = known {
                let proved = Proved::of(&known, || field.role());
                self.again(&proved);
                return Some(proved);
            }
        }
        let text = trimmed(whole);
        if text.is_empty() || text.len() > OBSERVABLE_BYTES_MAX {
            return field.meaning.stands_alone(field.path).then_some(Proved::NOTHING);
        }
        self.known = Some(Known::nothing(version, gathering));
        self.read(text, field);
        self.named(text, field);
        let mut proved = None;
        if !self.work.looked.found.is_empty() {
            self.report(&field.path.dotted(), field.role(), whole);
            // It was learned before what it proves was known.
            field.member.into_iter().for_each(|member| self.work.memo.forget(member));
        } else if let Some(known) = self.known
            && field.meaning.stands_alone(field.path)
        {
            member.into_iter().for_each(|member| self.work.memo.learn(known, member));
            proved = Some(Proved::of(&known, || field.role()));
        }
        if field.object.is_some() {
            self.split_url(field, text);
        }
        proved
    }

    /// A number is nothing that is looked for but the number of a network.
    fn number(&mut self, field: &Field<'_>, text: &str) -> Option<Proved> {
        let wanted = self.classes & Class::Asn.bit() != 0 || self.gathered.is_some();
        if wanted && field.meaning.kind(field.path) == Some(ValueKind::Asn) {
            self.named(text, field);
            if !self.work.looked.found.is_empty() {
                self.report(&field.path.dotted(), field.role(), text);
            }
            return None;
        }
        Some(Proved::NOTHING)
    }

    /// Tries what only the name of the field tells, where any such thing is looked for or kept.
    fn named(&mut self, text: &str, field: &Field<'_>) {
        let by_name = self.classes & NAMED != 0 || self.gathered.is_some();
        let Self { index, classes, work, gathered, known, .. } = self;
        let mut each = |kind: ValueKind, text: &str, looked: &mut Looked| {
            if let Some(Wanted::Text(class, text)) = Wanted::of(kind, text)
                && *classes & class.bit() != 0
            {
                index.exact(class, text.as_bytes(), looked);
            }
            if let Some(gathered) = gathered {
                let row = gathered.saw(kind, text, field.role(), index.fingerprint(kind, text));
                *known = known.zip(row).and_then(|(known, row)| known.and(row));
            }
        };
        let Work { text: out, looked, .. } = &mut **work;
        if text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("CVE-")) {
            let cve = &mut |kind, text: &str| each(kind, text, looked);
            named::readings(ValueKind::Cve, text, out, cve);
        }
        if !by_name {
            return;
        }
        if let Some(kind) = field.meaning.kind(field.path) {
            named::readings(kind, text, out, &mut |kind, text| each(kind, text, looked));
        }
    }

    /// Keeps a reading, which stands at the beginning of the working text, for looking back.
    fn saw(&mut self, kind: ValueKind, bytes: Range<usize>, role: impl FnOnce() -> Role) {
        let Some(gathered) = self.gathered.as_deref_mut() else { return };
        let text = self.work.text.get(bytes).unwrap_or_default();
        let row = gathered.saw(kind, text, role(), self.index.fingerprint(kind, text));
        self.known = self.known.zip(row).and_then(|(known, row)| known.and(row));
    }

    /// Tries every reading that the bytes allow; the order is that of `observable::guess`.
    fn read(&mut self, text: &str, field: &Field<'_>) {
        // The usual case at once; whatever else it could be read as is the same address.
        if let Some(address) = dotted(text) {
            return self.address(address.into(), field);
        }
        let Shapes { all, dots, colons } = Shapes::of(text, &self.work.shapes);
        let only = |allowed: u8| all & !allowed == 0;
        let has = |shape: u8| all & shape != 0;
        if only(DIGIT | HEX)
            && let Some(kind) = hash_of_length(text.len())
        {
            return self.hash(kind, text, field);
        }
        // Before addresses: eight groups at most make one, and sixteen at least a hash.
        if has(COLON) && only(DIGIT | HEX | COLON) && colon_hash_into(text, &mut self.work.text) {
            let digits = std::mem::take(&mut self.work.text);
            if let Some(kind) = hash_kind(&digits) {
                self.hash(kind, &digits, field);
            }
            self.work.text = digits;
            return;
        }
        if (only(DIGIT | DOT) && dots == 3 || has(COLON) && !has(SPACE | OTHER))
            && let Some(address) = address(text)
        {
            return self.address(address, field);
        }
        if only(DIGIT | HEX | NAME | DOT) {
            return self.name(text, dots > 0 || !text.is_ascii(), field);
        }
        if has(MARK) && is_hash_list(text) {
            for hash in hashes_of_list(text) {
                if let Some(kind) = hash_kind(hash) {
                    self.hash(kind, hash, field);
                }
            }
            return;
        }
        if has(MARK) && text.contains('@') && self.email(text, field) {
            return;
        }
        // Without a path it is a host and its port, or an address in brackets; times are neither.
        let located = has(MARK) || colons == 1 || text.starts_with('[');
        if located && !has(SPACE) && self.url(text, field) {
            return;
        }
        if has(MARK) && text.starts_with("*.") {
            self.name(text, true, field);
        }
    }

    fn hash(&mut self, kind: ValueKind, text: &str, field: &Field<'_>) {
        let Work { text: out, looked, .. } = &mut *self.work;
        match HashBytes::of(text) {
            Some(hash) => self.index.exact(Class::Hash, hash.as_slice(), looked),
            None => {
                out.clear();
                out.push_str(text);
                out.make_ascii_lowercase();
                self.index.exact(Class::OtherHash, out.as_bytes(), looked);
            }
        }
        if self.gathered.is_some() {
            let out = &mut self.work.text;
            out.clear();
            out.push_str(text);
            out.make_ascii_lowercase();
            self.saw(kind, 0..text.len(), || field.role());
        }
    }

    fn address(&mut self, address: IpAddr, field: &Field<'_>) {
        let looked = &mut self.work.looked;
        let kind = match address {
            IpAddr::V4(v4) => {
                self.index.v4(v4, 32, looked);
                ValueKind::Ipv4
            }
            IpAddr::V6(v6) => {
                self.index.v6(v6, 128, looked);
                ValueKind::Ipv6
            }
        };
        if self.gathered.is_some() {
            let out = &mut self.work.text;
            out.clear();
            match address {
                IpAddr::V4(address) => push_dotted(address, out),
                // Writing to a text never fails.
                IpAddr::V6(address) => drop(write!(out, "{address}")),
            }
            let length = out.len();
            self.saw(kind, 0..length, || field.role());
        }
    }

    /// A name without a dot is a word, except where the field can hold nothing but names.
    fn name(&mut self, text: &str, dotted: bool, field: &Field<'_>) {
        let named = || Role::of(&field.path.last()).is_name();
        let Work { text: out, looked, .. } = &mut *self.work;
        out.clear();
        if (dotted || named()) && domain_into(text, out) && (out.contains('.') || named()) {
            self.index.domain(out, looked);
            let length = out.len();
            self.saw(ValueKind::Domain, 0..length, || field.role());
        }
    }

    fn email(&mut self, text: &str, field: &Field<'_>) -> bool {
        let Work { text: out, looked, .. } = &mut *self.work;
        let Some(domain) = email_into(text, out) else { return false };
        self.index.exact(Class::Email, out.as_bytes(), looked);
        if let Some(domain) = out.get(domain..) {
            self.index.domain(domain, looked);
        }
        let length = out.len();
        self.saw(ValueKind::Email, 0..length, || field.role());
        self.saw(ValueKind::Domain, domain..length, || field.role());
        true
    }

    fn url(&mut self, text: &str, field: &Field<'_>) -> bool {
        let Work { text: out, looked, .. } = &mut *self.work;
        let Some(host) = url_into(text, out).filter(|host| host.shaped) else { return false };
        self.index.url(out, looked);
        let length = out.len();
        self.saw(ValueKind::Url, 0..length, || field.role());
        match (host.address, self.work.text.get(..host.bytes)) {
            (Some(address), _) => self.address(address, field),
            (None, Some(name)) => {
                self.index.domain(name, &mut self.work.looked);
                self.saw(ValueKind::Domain, 0..host.bytes, || field.role());
            }
            (None, None) => {}
        }
        true
    }

    /// Joins the halves of a request's URL once both have been seen in one object; the match is
    /// shown at the path, whichever came first.
    fn split_url(&mut self, field: &Field<'_>, text: &str) {
        let Some((pair, place)) = field.meaning.half(field.path) else { return };
        let depth = field.path.depth() % SPLIT_DEPTHS;
        let halves = self.work.halves.get_mut(depth).and_then(|halves| halves.get_mut(pair));
        let (Some(halves), Some([_, path_name])) = (halves, SPLIT_URLS.get(pair)) else { return };
        let Some(half) = halves.get_mut(place) else { return };
        half.object = field.object;
        half.text.clear();
        half.text.push_str(text);
        let [host, path] = &*halves;
        if host.object != path.object || !path.text.starts_with('/') {
            return;
        }
        let joined = &mut self.work.joined;
        joined.clear();
        joined.push_str(&host.text);
        joined.push_str(&path.text);
        if url_into(joined, &mut self.work.text).is_some() {
            self.index.url(&self.work.text, &mut self.work.looked);
            let length = self.work.text.len();
            self.saw(ValueKind::Url, 0..length, || Role::Url);
        }
        if !self.work.looked.found.is_empty() {
            let value = self.work.joined.clone();
            self.report(&field.path.sibling(path_name), Role::Url, &value);
        }
    }

    /// Moves what was found for one field to the matches, each indicator once.
    fn report(&mut self, field: &str, role: Role, value: &str) {
        for Found { handle, parent } in self.work.looked.found.drain(..) {
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

/// Appends an address as four numbers; the usual way of writing costs several times as much.
fn push_dotted(address: Ipv4Addr, out: &mut String) {
    for (place, octet) in address.octets().into_iter().enumerate() {
        if place > 0 {
            out.push('.');
        }
        let digits = [octet / 100, octet / 10 % 10, octet % 10].map(|digit| b'0' + digit);
        let skipped = usize::from(octet < 100) + usize::from(octet < 10);
        out.extend(digits.iter().skip(skipped).map(|digit| char::from(*digit)));
    }
}

/// Without the space around it; most texts have none.
#[inline]
fn trimmed(text: &str) -> &str {
    let plain = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
    let bytes = text.as_bytes();
    if plain(bytes.first()) && plain(bytes.last()) { text } else { text.trim() }
}

#[cfg(test)]
mod tests;
