//! One event against all indicators. It reports what matched and where, and does not judge
//! validity, known-good lists or who may hear of it.
//!
//! A cheap look at the bytes decides which readings of a text are tried at all; these gates may
//! only be looser than the shapes in [`crate::observable`] and `url`, never stricter (`judge`
//! checks it).

use crate::class::{Class, HashBytes, Wanted};
use crate::event::{Buffers, Clock, Field, LineError, Path, Role, Scalar};
use crate::index::{Found, Handle, Index, Looked, WHOLE_V4};
use crate::keeping::Keeping;
use crate::meaning::Meaning;
use crate::memo::{Known, Memo, State};
use crate::named;
use crate::observable::{
    address, domain_into, dotted, email_into, hash_kind, hash_of_length, hashes_of_list,
    is_hash_list,
};
use crate::past::Gathered;
use crate::reading::{Event, read, time, time_of};
use crate::scan::{Proved, Reading, Templates};
use crate::shapes::{COLON, Counts, DIGIT, DOT, HEX, MARK, NAME, OTHER, SPACE, Shapes};
use crate::short::holds;
use crate::url::{request_into, url_into};
use memchr::memchr;
use model::facts::ValueKind;
use model::limits::{MATCHES_PER_EVENT_MAX, OBSERVABLE_BYTES_MAX};
use model::time::Instant;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};

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
    counts: Counts,
    text: String,
    joined: String,
    looked: Looked,
    halves: [[[Half; 2]; 2]; SPLIT_DEPTHS],
    memo: Memo,
    /// When the event happened, where that is kept.
    clock: Clock,
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
            counts: Counts::default(),
            text: String::new(),
            joined: String::new(),
            looked: Looked::default(),
            halves: Default::default(),
            memo: Memo::default(),
            clock: Clock::default(),
        };
        Self { buffers: Buffers::default(), templates: Templates::default(), work }
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
    let state = (index.version(), gathered.as_ref().map_or(0, |gathered| gathered.number()));
    templates.hold_for(state);
    work.looked.noted.clear();
    work.looked.noting = true;
    work.clock.begin();
    let mut pass = |work: &mut Work,
                    templates: Option<&mut Templates>,
                    gathered: Option<&mut Gathered>,
                    out: &mut Vec<Match>| {
        work.halves.iter_mut().flatten().flatten().for_each(|half| half.object = None);
        let classes = index.classes();
        let mut matching = Matching {
            index,
            classes,
            state,
            work,
            keeping: Keeping::new(gathered),
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
            Some(_) if scanned.is_ok() && event.flat.is_none() => time_of(event, &work.clock),
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
    /// In which the memo's knowledge holds.
    state: State,
    work: &'m mut Work,
    keeping: Keeping<'m>,
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
    fn field(&mut self, field: &Field<'_>) {
        if self.keeping.keeps() {
            self.work.clock.see(field);
        }
        match field.value {
            Scalar::Text(text) => self.text(field, text),
            Scalar::Number(text) => self.number(field, text),
            // Truth is no value that is looked for.
            Scalar::Bool(_) => self.keeping.known = Some(Known::NOTHING),
        }
    }

    fn is_idle(&self, path: Path<'_>, meaning: &Meaning) -> bool {
        let timely = self.keeping.keeps() && Clock::asks(path, meaning);
        !timely && !self.is_network(path, meaning)
    }

    fn proved(&self, field: &Field<'_>) -> Option<Proved> {
        let timely = self.keeping.keeps() && Clock::asks(field.path, field.meaning);
        let alone =
            !matches!(field.value, Scalar::Text(_)) || field.meaning.stands_alone(field.path);
        let known = self.keeping.known.filter(|_| alone && !timely)?;
        Some(Proved::of(known, || field.role()))
    }

    fn again(&mut self, proved: &Proved) {
        self.keeping.again(proved);
    }
}

impl Matching<'_> {
    fn text(&mut self, field: &Field<'_>, whole: &str) {
        let text = trimmed(whole);
        // What was learned in the first pass is doubted in the second.
        let noting = self.work.looked.noting;
        let member = field.member.filter(|_| noting && field.meaning.repeats());
        if !member.is_some_and(|member| self.is_known(field, member)) {
            self.keeping.known = Some(Known::NOTHING);
            if (1..=OBSERVABLE_BYTES_MAX).contains(&text.len()) {
                self.read(text, field);
                let kind = self.named_kind(field);
                if kind.is_some() || named::may_be_cve(text) {
                    self.named(text, kind, field);
                }
            }
            self.conclude(field, whole, member);
        }
        self.split_url(field, text);
    }

    /// Whether the memo knows what this member proved.
    fn is_known(&mut self, field: &Field<'_>, member: &[u8]) -> bool {
        self.keeping.known = self.work.memo.known(self.state, member);
        field.meaning.asked(self.keeping.known.is_some());
        let Some(known) = self.keeping.known else { return false };
        self.again(&Proved::of(known, || field.role()));
        true
    }

    /// Reports what the reading of a text found, or remembers what it proved.
    fn conclude(&mut self, field: &Field<'_>, whole: &str, member: Option<&[u8]>) {
        if !self.work.looked.found.is_empty() {
            self.keeping.known = None;
            self.report(&field.path.dotted(), field.role(), whole);
            // It was learned before what it proves was known.
            field.member.into_iter().for_each(|member| self.work.memo.forget(member));
        } else if let (Some(known), Some(member)) = (self.keeping.known, member)
            && field.meaning.speaks(field.path)
        {
            self.work.memo.learn(self.state, known, member);
        }
    }

    /// A number is nothing that is looked for but the number of a network.
    fn number(&mut self, field: &Field<'_>, text: &str) {
        self.keeping.known = Some(Known::NOTHING);
        if self.is_network(field.path, field.meaning) {
            self.keeping.known = None;
            self.named(text, Some(ValueKind::Asn), field);
            if !self.work.looked.found.is_empty() {
                self.report(&field.path.dotted(), field.role(), text);
            }
        }
    }

    /// Whether these keys lead to the number of a network, where those are looked for or kept.
    fn is_network(&self, path: Path<'_>, meaning: &Meaning) -> bool {
        self.seeks(Class::Asn) && meaning.kind(path) == Some(ValueKind::Asn)
    }

    /// Whether values of this class are looked for, or kept.
    #[inline]
    const fn seeks(&self, class: Class) -> bool {
        self.classes & class.bit() != 0 || self.keeping.keeps()
    }

    /// What only the name of the field tells, where any such thing is looked for or kept.
    #[inline]
    fn named_kind(&self, field: &Field<'_>) -> Option<ValueKind> {
        let by_name = self.classes & NAMED != 0 || self.keeping.keeps();
        if by_name { field.meaning.kind(field.path) } else { None }
    }

    /// Tries the kind that only the name of the field tells, and the name of a weakness.
    fn named(&mut self, text: &str, kind: Option<ValueKind>, field: &Field<'_>) {
        let Self { index, classes, work, keeping, .. } = self;
        let mut each = |kind: ValueKind, text: &str, looked: &mut Looked| {
            if let Some(Wanted::Text(class, text)) = Wanted::of(kind, text)
                && *classes & class.bit() != 0
            {
                index.exact(class, text.as_bytes(), looked);
            }
            if keeping.keeps() {
                keeping.saw(kind, text, field, index.fingerprint(kind, text));
            }
        };
        let Work { text: out, looked, .. } = &mut **work;
        if named::may_be_cve(text) {
            let cve = &mut |kind, text: &str| each(kind, text, looked);
            named::readings(ValueKind::Cve, text, out, cve);
        }
        if let Some(kind) = kind {
            named::readings(kind, text, out, &mut |kind, text| each(kind, text, looked));
        }
    }

    /// Tries every reading that the bytes allow; the order is that of `observable::guess`.
    fn read(&mut self, text: &str, field: &Field<'_>) {
        // The usual case at once; whatever else it could be read as is the same address.
        if let Some(address) = dotted(text) {
            return self.dotted(address, text, field);
        }
        // So is a hash, by its ends and its length.
        if hash_of_length(text.len()).is_some()
            && hex_at_ends(text)
            && let Some(hash) = HashBytes::of(text)
        {
            return self.hash_bytes(&hash, text, field);
        }
        let Shapes { all, dots, colons } = Shapes::of(text, &self.work.counts);
        let only = |allowed: u64| all & !allowed == 0;
        let has = |shape: u64| all & shape != 0;
        if only(DIGIT | HEX) && hash_of_length(text.len()).is_some() {
            return self.other_hash(text, field);
        }
        // Before addresses: eight groups at most make one, and sixteen at least a hash.
        if has(COLON)
            && only(DIGIT | HEX | COLON)
            && let Some(hash) = HashBytes::of_parted(text)
        {
            return self.hash_bytes(&hash, "", field);
        }
        if (only(DIGIT | DOT) && dots == 3 || has(COLON) && !has(SPACE | OTHER))
            && may_be_v6(text, dots, colons)
            && let Some(address) = address(text)
        {
            return self.address(address, field);
        }
        if only(DIGIT | HEX | NAME | DOT) {
            return self.name(text, dots > 0 || !text.is_ascii(), field);
        }
        if has(MARK) && is_hash_list(text) {
            for hash in hashes_of_list(text) {
                if hash_kind(hash).is_some() {
                    self.hash(hash, field);
                }
            }
            return;
        }
        if has(MARK) && memchr(b'@', text.as_bytes()).is_some() && self.email(text, field) {
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

    /// A hash by its digits.
    fn hash(&mut self, digits: &str, field: &Field<'_>) {
        match HashBytes::of(digits) {
            Some(hash) => self.hash_bytes(&hash, digits, field),
            None => self.other_hash(digits, field),
        }
    }

    /// A hash of a function that has no length of its own.
    fn other_hash(&mut self, digits: &str, field: &Field<'_>) {
        let Work { text: out, looked, .. } = &mut *self.work;
        out.clear();
        out.push_str(digits);
        out.make_ascii_lowercase();
        let mark = self.index.exact(Class::OtherHash, out.as_bytes(), looked);
        self.keeping.saw(ValueKind::OtherHash, out, field, mark);
    }

    /// A hash, and its digits as they are spelled; empty where they do not stand in a row.
    fn hash_bytes(&mut self, hash: &HashBytes, digits: &str, field: &Field<'_>) {
        let Work { text: out, looked, .. } = &mut *self.work;
        let mark = self.index.exact(Class::Hash, hash.as_slice(), looked);
        if self.keeping.keeps() {
            let capital = digits.bytes().fold(false, |any, b| any | b.is_ascii_uppercase());
            let plain = if digits.is_empty() || capital {
                out.clear();
                hash.write(out);
                out
            } else {
                digits
            };
            self.keeping.saw(hash.kind(), plain, field, mark);
        }
    }

    /// An address in its usual form, which is its normal one.
    fn dotted(&mut self, address: Ipv4Addr, text: &str, field: &Field<'_>) {
        let mark = self.index.v4(address, WHOLE_V4, &mut self.work.looked);
        if self.keeping.keeps() {
            let mark = mark.unwrap_or_else(|| self.index.mark_v4(address));
            self.keeping.saw(ValueKind::Ipv4, text, field, mark);
        }
    }

    fn address(&mut self, address: IpAddr, field: &Field<'_>) {
        let Work { text: out, looked, .. } = &mut *self.work;
        match address {
            IpAddr::V4(address) => {
                self.index.v4(address, WHOLE_V4, looked);
            }
            IpAddr::V6(address) => self.index.v6(address, 128, looked),
        }
        if self.keeping.keeps() {
            out.clear();
            // Writing to a text never fails.
            let _written = write!(out, "{address}");
            let (kind, mark) = match address {
                IpAddr::V4(address) => (ValueKind::Ipv4, self.index.mark_v4(address)),
                IpAddr::V6(_) => (ValueKind::Ipv6, self.index.fingerprint(ValueKind::Ipv6, out)),
            };
            self.keeping.saw(kind, out, field, mark);
        }
    }

    /// A name without a dot is a word, except where the field can hold nothing but names.
    fn name(&mut self, text: &str, dotted: bool, field: &Field<'_>) {
        let named = || Role::of(&field.path.last()).is_name();
        let Work { text: out, looked, .. } = &mut *self.work;
        out.clear();
        if (dotted || named()) && domain_into(text, out) && (holds(out, b'.') || named()) {
            let mark = self.index.domain(out, looked);
            self.keeping.saw(ValueKind::Domain, out, field, mark);
        }
    }

    fn email(&mut self, text: &str, field: &Field<'_>) -> bool {
        let Work { text: out, looked, .. } = &mut *self.work;
        let Some(domain) = email_into(text, out) else { return false };
        let mark = self.index.exact(Class::Email, out.as_bytes(), looked);
        self.keeping.saw(ValueKind::Email, out, field, mark);
        let domain = out.get(domain..).unwrap_or_default();
        let mark = self.index.domain(domain, looked);
        self.keeping.saw(ValueKind::Domain, domain, field, mark);
        true
    }

    fn url(&mut self, text: &str, field: &Field<'_>) -> bool {
        let sought = self.seeks(Class::Url);
        let Work { text: out, looked, .. } = &mut *self.work;
        let Some(host) = url_into(text, out).filter(|host| host.shaped) else { return false };
        if sought {
            let mark = self.index.url(out, looked);
            self.keeping.saw(ValueKind::Url, out, field, mark);
        }
        match host.address {
            Some(address) => self.address(address, field),
            None => {
                let name = out.get(..host.bytes).unwrap_or_default();
                let mark = self.index.domain(name, looked);
                self.keeping.saw(ValueKind::Domain, name, field, mark);
            }
        }
        true
    }

    /// Joins the halves of a request's URL once both have been seen in one object; the match is
    /// shown at the path, whichever came first.
    fn split_url(&mut self, field: &Field<'_>, text: &str) {
        let bounded = (1..=OBSERVABLE_BYTES_MAX).contains(&text.len());
        if field.object.is_none() || !bounded || !self.seeks(Class::Url) {
            return;
        }
        let Some((pair, place)) = field.meaning.half(field.path) else { return };
        let depth = field.path.depth() % SPLIT_DEPTHS;
        let Work { text: out, joined, looked, halves, .. } = &mut *self.work;
        let halves = halves.get_mut(depth).and_then(|halves| halves.get_mut(pair));
        let (Some(halves), Some([_, path_name])) = (halves, SPLIT_URLS.get(pair)) else { return };
        let Some(half) = halves.get_mut(place) else { return };
        half.object = field.object;
        half.text.clear();
        half.text.push_str(text);
        let [host, path] = &*halves;
        if host.object != path.object || !path.text.starts_with('/') {
            return;
        }
        if request_into(&host.text, &path.text, joined, out) {
            let mark = self.index.url(out, looked);
            self.keeping.saw_as(ValueKind::Url, out, Role::Url, mark);
        }
        if !looked.found.is_empty() {
            let value = [host.text.as_str(), &path.text].concat();
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

/// Whether there may be an address of version 6 in a text without spaces: eight groups, or fewer
/// around `::`, the last two of which may be dotted.
fn may_be_v6(text: &str, dots: usize, colons: usize) -> bool {
    colons == 7 || dots > 0 || text.as_bytes().windows(2).any(|two| two == b"::")
}

/// Whether a text begins and ends with a hexadecimal digit.
#[inline]
fn hex_at_ends(text: &str) -> bool {
    let hex = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_hexdigit);
    hex(text.as_bytes().first()) && hex(text.as_bytes().last())
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
