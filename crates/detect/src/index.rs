//! All indicators that one value can prove, live at once. It knows values and opaque handles, not
//! whose they are, whether they are still valid or who may hear of a match.
//!
//! All layers are looked up with one fingerprint. Removing masks.

use crate::class::{Class, Wanted, v6_bytes};
use crate::fingerprint::Key;
use crate::layers::Layers;
use crate::observable::{Observable, mask_v4, mask_v6};
use crate::short::parted;
use crate::table::Table;
use model::facts::ValueKind;
use std::collections::HashSet;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The length of a prefix that is one address.
pub(crate) const WHOLE_V4: u8 = 32;

pub use crate::layers::{Merge, Merged};

/// The caller's number of an indicator; a later version has a higher one. Never used again.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Handle(pub u64);

/// An indicator that a value proves.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Found {
    /// Which indicator.
    pub handle: Handle,
    /// The indicator names a parent domain of the value.
    pub parent: bool,
}

/// What is being looked up, either way: first only the fingerprints are noted, so that all of one
/// event are asked for together and none waits for the memory of another; the few events that may
/// prove something are looked up for good.
#[derive(Debug, Default)]
pub(crate) struct Looked {
    /// Only note what would be asked for.
    pub(crate) noting: bool,
    /// What was noted.
    pub(crate) noted: Vec<u64>,
    /// What was found.
    pub(crate) found: Vec<Found>,
}

/// What is looked for.
#[derive(Debug)]
pub struct Index {
    key: Key,
    layers: Layers,
    /// Below these, strangers have names.
    zones: Arc<HashSet<Box<str>>>,
    /// What is looked for, as a number that no other state of any index has had.
    version: u64,
}

/// The next version; they are never used again.
static VERSIONS: AtomicU64 = AtomicU64::new(1);

fn next_version() -> u64 {
    VERSIONS.fetch_add(1, Ordering::Relaxed)
}

/// A base that is being filled, before anything is looked up in it.
#[derive(Debug)]
pub struct Base(Table);

impl Base {
    /// The base as it stays; takes about 0.1 s for each million values.
    #[must_use]
    pub fn sealed(self) -> Self {
        Self(self.0.sealed())
    }

    /// Adds a value in normal form; `false` for the same reasons as [`Index::insert`].
    pub fn insert(&mut self, kind: ValueKind, text: &str, handle: Handle) -> bool {
        Wanted::of(kind, text).is_some_and(|wanted| {
            let (class, bytes) = wanted.parts();
            self.0.insert(class, bytes, handle)
        })
    }

    /// Pairs of value and indicator.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it holds nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Index {
    /// An empty index under the node's own random key.
    #[must_use]
    pub fn new(key: [u8; 16]) -> Self {
        let key = Key::new(key);
        Self { key, layers: Layers::new(key), zones: Arc::default(), version: next_version() }
    }

    /// Adds a value in normal form; it matches from the next event on. `false` when values of this
    /// kind are not matched live, the handle was removed before, or 4 GiB of values are full.
    pub fn insert(&mut self, value: &Observable, handle: Handle) -> bool {
        self.insert_text(value.kind, &value.text, handle)
    }

    /// The same, of a value in its parts.
    pub fn insert_text(&mut self, kind: ValueKind, text: &str, handle: Handle) -> bool {
        self.version = next_version();
        let wanted = Wanted::of(kind, text);
        wanted.is_some_and(|wanted| self.layers.insert(wanted.parts(), handle))
    }

    /// An empty base with room for `capacity` values, to be filled aside and begun with.
    #[must_use]
    pub fn base(&self, capacity: usize) -> Base {
        Base(Table::with_capacity(self.key, capacity))
    }

    /// Begins with a base that was filled aside; what was inserted or removed meanwhile stays so.
    /// `false` when there is a base already.
    pub fn begin(&mut self, base: Base) -> bool {
        self.version = next_version();
        self.layers.begin(base.0)
    }

    /// Names below which strangers have names, beside the public suffixes: an indicator that is one
    /// of them, or above one, matches nothing below it.
    pub fn set_zones(&mut self, zones: Arc<HashSet<Box<str>>>) {
        self.zones = zones;
        self.version = next_version();
    }

    /// Removes every value of an indicator at once and for good.
    pub fn remove(&mut self, handle: Handle) {
        self.layers.remove(handle);
    }

    /// Takes back what was inserted and never came to be: these handles may be given out again, to
    /// other indicators. Walks over everything, so it is for failures only.
    pub fn take_back(&mut self, handles: &HashSet<Handle>) {
        self.version = next_version();
        self.layers.take_back(handles);
    }

    /// Changes whenever a value can match that could not before; what was not found in one version
    /// is in none of it.
    pub(crate) const fn version(&self) -> u64 {
        self.version
    }

    /// The bits of the classes that it has values of.
    pub(crate) fn classes(&self) -> u32 {
        self.layers.classes()
    }

    /// Pairs of value and indicator, those masked since the last merge included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.layers.len()
    }

    /// Whether nothing is looked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Pairs in the delta and indicators masked: what a merge would clean up.
    #[must_use]
    pub fn unmerged(&self) -> usize {
        self.layers.unmerged()
    }

    /// Whether a merge is worth its work.
    #[must_use]
    pub fn ripe(&self) -> bool {
        self.layers.ripe()
    }

    /// The fingerprint of a value in normal form, under the node's own key.
    pub(crate) fn fingerprint(&self, kind: ValueKind, text: &str) -> u64 {
        self.key.fingerprint(kind.code(), text.as_bytes())
    }

    /// The fingerprint of an address, which [`Index::v4`] gives where it was looked for.
    pub(crate) fn mark_v4(&self, address: Ipv4Addr) -> u64 {
        self.key.fingerprint(Class::V4.code(), &v4_bytes(address, WHOLE_V4))
    }

    /// Bytes of memory held, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.layers.bytes()
    }

    /// Bytes of the values themselves, of those that [`Index::bytes`] counts.
    #[must_use]
    pub fn value_bytes(&self) -> usize {
        self.layers.value_bytes()
    }

    /// Closes the delta and hands out the work of merging it, to be run on another thread; nothing
    /// where that is too little. Called again, it hands out the same work.
    pub fn freeze(&mut self) -> Option<Merge> {
        self.layers.freeze()
    }

    /// Swaps the merged layer in. `false` when it was made of layers that are replaced already.
    pub fn adopt(&mut self, merged: Merged) -> bool {
        self.layers.adopt(merged)
    }

    /// The indicators that this value proves, without repetition; for one value at a time.
    #[must_use]
    pub fn lookup(&self, value: &Observable) -> Vec<Found> {
        let mut looked = Looked::default();
        match Wanted::of(value.kind, &value.text) {
            Some(Wanted::Text(Class::Domain, text)) => {
                self.domain(text, &mut looked);
            }
            Some(Wanted::Text(Class::Url, text)) => {
                self.url(text, &mut looked);
            }
            Some(Wanted::V4([length, octets @ ..])) => {
                self.v4(octets.into(), length, &mut looked);
            }
            Some(Wanted::V6([length, octets @ ..])) => self.v6(octets.into(), length, &mut looked),
            Some(wanted @ (Wanted::Text(..) | Wanted::Hash(_))) => {
                let (class, bytes) = wanted.parts();
                self.exact(class, bytes, &mut looked);
            }
            None => {}
        }
        let mut found = looked.found;
        found.sort_unstable();
        found.dedup_by_key(|found| found.handle);
        found
    }

    /// Adds the indicators of exactly these bytes; gives their fingerprint.
    #[inline]
    pub(crate) fn exact(&self, class: Class, bytes: &[u8], looked: &mut Looked) -> u64 {
        let fingerprint = self.key.fingerprint(class.code(), bytes);
        if looked.noting {
            // Until all of an event are asked for, its memory is near.
            self.layers.iter().for_each(|layer| layer.bring(fingerprint));
            looked.noted.push(fingerprint);
            return fingerprint;
        }
        for layer in self.layers.iter().filter(|layer| layer.classes() & class.bit() != 0) {
            let handles = layer.handles(fingerprint, class, bytes);
            looked.found.extend(
                handles
                    .filter(|handle| !self.layers.is_gone(*handle))
                    .map(|handle| Found { handle, parent: false }),
            );
        }
        fingerprint
    }

    /// Whether a value of one of these fingerprints may be looked for.
    pub(crate) fn may_hold_any(&self, fingerprints: &[u64]) -> bool {
        self.layers.iter().any(|layer| layer.may_hold_any(fingerprints))
    }

    /// Adds the indicators of a URL, and of the same without its query; gives its fingerprint.
    pub(crate) fn url(&self, url: &str, looked: &mut Looked) -> u64 {
        let fingerprint = self.exact(Class::Url, url.as_bytes(), looked);
        if let Some((plain, _)) = parted(url, b'?') {
            self.exact(Class::Url, plain.as_bytes(), looked);
        }
        fingerprint
    }

    /// Whether strangers have names between a name and its parent: the parent is a public suffix or
    /// a zone, or above one.
    fn is_zone_of(&self, name: &str, parent: &str) -> bool {
        let above = |name: &&str| name.len() >= parent.len();
        let mut parents = parents(name).take_while(above);
        is_suffix_of(name, parent)
            || !self.zones.is_empty() && parents.any(|parent| self.zones.contains(parent))
    }

    /// Adds the indicators of a domain and of its parents, but never through a public suffix or a
    /// zone: an indicator that is one, or above one, stands for its own exact name only. Gives the
    /// name's own fingerprint.
    pub(crate) fn domain(&self, name: &str, looked: &mut Looked) -> u64 {
        let fingerprint = self.exact(Class::Domain, name.as_bytes(), looked);
        for parent in parents(name) {
            let before = looked.found.len();
            self.exact(Class::Domain, parent.as_bytes(), looked);
            if looked.found.len() > before && self.is_zone_of(name, parent) {
                looked.found.truncate(before);
            }
            looked.found.iter_mut().skip(before).for_each(|found| found.parent = true);
        }
        fingerprint
    }

    /// Adds the indicators of an IPv4 address or prefix and of the prefixes around it; gives the
    /// fingerprint of the whole address, where there is any indicator of one.
    pub(crate) fn v4(&self, address: Ipv4Addr, length: u8, looked: &mut Looked) -> Option<u64> {
        let (present, mut whole) = (self.layers.lengths().v4, None);
        for length in lengths(present.into(), length.min(WHOLE_V4)) {
            let bytes = v4_bytes(mask_v4(address, length), length);
            let fingerprint = self.exact(Class::V4, &bytes, looked);
            whole = whole.or((length == WHOLE_V4).then_some(fingerprint));
        }
        whole
    }

    /// Adds the indicators of an IPv6 address or prefix and of the prefixes around it.
    pub(crate) fn v6(&self, address: Ipv6Addr, length: u8, looked: &mut Looked) {
        if length >= 128 {
            self.exact(Class::V6, &v6_bytes(address, 128), looked);
        }
        for length in lengths(self.layers.lengths().v6, length.min(127)) {
            self.exact(Class::V6, &v6_bytes(mask_v6(address, length), length), looked);
        }
    }
}

/// A prefix as it is looked for: its length, and the address.
fn v4_bytes(address: Ipv4Addr, length: u8) -> [u8; 5] {
    let [a, b, c, d] = address.octets();
    [length, a, b, c, d]
}

/// The lengths of prefixes that are present, from one on down.
fn lengths(present: u128, longest: u8) -> impl Iterator<Item = u8> {
    let mut left = present & (u128::MAX >> (127 - longest.min(127)));
    std::iter::from_fn(move || {
        let length = left.checked_ilog2()?;
        left &= !(1 << length);
        u8::try_from(length).ok()
    })
}

/// What stands above a name, the longest first, but no name of one label: that is always a public
/// suffix.
fn parents(name: &str) -> impl Iterator<Item = &str> {
    // Names are short: looking byte by byte is quicker than a search that has to begin.
    let last = name.bytes().rposition(|byte| byte == b'.').unwrap_or(0);
    let dots = name.bytes().take(last).enumerate().filter(|(_, byte)| *byte == b'.');
    dots.filter_map(|(at, _)| name.get(at + 1..))
}

/// What stands above a name and below its public suffix, the longest first.
pub(crate) fn names_above(name: &str) -> impl Iterator<Item = &str> {
    let suffix = psl::suffix_str(name).map_or(usize::MAX, str::len);
    parents(name).take_while(move |parent| parent.len() > suffix)
}

/// Whether `parent` is the public suffix of `name` or above it.
fn is_suffix_of(name: &str, parent: &str) -> bool {
    psl::suffix_str(name).is_none_or(|suffix| parent.len() <= suffix.len())
}

#[cfg(test)]
mod tests;
