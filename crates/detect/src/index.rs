//! All indicators that one value can prove, live at once. It knows values and opaque handles, not
//! whose they are, whether they are still valid or who may hear of a match.
//!
//! Three layers are looked up with one fingerprint: a large base that is only ever replaced, the
//! part that is being merged into the next base, and a small delta that grows. Removing masks.

use crate::fingerprint::Key;
use crate::observable::{Observable, Prefix, mask_v4, mask_v6};
use crate::table::{Class, Table};
use model::facts::ValueKind;
use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

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

/// What is looked for.
#[derive(Debug)]
pub struct Index {
    key: Key,
    base: Arc<Table>,
    merging: Option<Arc<Table>>,
    delta: Table,
    gone: HashSet<Handle>,
    /// Bases adopted so far; a merge of an older one is refused.
    generation: u64,
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
        insert(&mut self.0, kind, text, handle)
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

fn insert(table: &mut Table, kind: ValueKind, text: &str, handle: Handle) -> bool {
    match Wanted::of(kind, text) {
        Some(Wanted::Text(class, text)) => table.insert(class, text.as_bytes(), handle),
        Some(Wanted::V4(bytes)) => table.insert(Class::V4, &bytes, handle),
        Some(Wanted::V6(bytes)) => table.insert(Class::V6, &bytes, handle),
        None => false,
    }
}

/// Work for another thread: the next base.
#[derive(Debug)]
pub struct Merge {
    key: Key,
    layers: [Arc<Table>; 2],
    gone: HashSet<Handle>,
    generation: u64,
}

/// The next base, ready to be adopted.
#[derive(Debug)]
pub struct Merged {
    table: Table,
    gone: HashSet<Handle>,
    generation: u64,
}

impl Index {
    /// An empty index under the node's own random key.
    #[must_use]
    pub fn new(key: [u8; 16]) -> Self {
        let key = Key::new(key);
        Self {
            key,
            base: Arc::new(Table::new(key)),
            merging: None,
            delta: Table::new(key),
            gone: HashSet::new(),
            generation: 0,
            version: next_version(),
        }
    }

    /// Adds a value in normal form; it matches from the next event on. `false` when values of this
    /// kind are not matched live, the handle was removed before, or 4 GiB of values are full.
    pub fn insert(&mut self, value: &Observable, handle: Handle) -> bool {
        self.insert_text(value.kind, &value.text, handle)
    }

    /// The same, of a value in its parts.
    pub fn insert_text(&mut self, kind: ValueKind, text: &str, handle: Handle) -> bool {
        self.version = next_version();
        !self.gone.contains(&handle) && insert(&mut self.delta, kind, text, handle)
    }

    /// An empty base with room for `capacity` values, to be filled aside and begun with.
    #[must_use]
    pub fn base(&self, capacity: usize) -> Base {
        Base(Table::with_capacity(self.key, capacity))
    }

    /// Begins with a base that was filled aside; what was inserted or removed meanwhile stays so.
    /// `false` when there is a base already.
    pub fn begin(&mut self, base: Base) -> bool {
        let first = self.generation == 0 && self.base.is_empty();
        if first {
            self.base = Arc::new(base.0);
            self.generation += 1;
            self.version = next_version();
        }
        first
    }

    /// Removes every value of an indicator at once and for good.
    pub fn remove(&mut self, handle: Handle) {
        self.gone.insert(handle);
    }

    /// Takes back what was inserted and never came to be: these handles may be given out again, to
    /// other indicators. Walks over everything, so it is for failures only.
    pub fn take_back(&mut self, handles: &HashSet<Handle>) {
        let without = |table: &Table| {
            let nothing = Table::new(self.key);
            table
                .holds(handles)
                .then(|| Table::merged(self.key, [table, &nothing], |h| !handles.contains(&h)))
        };
        let base = without(&self.base).map(Arc::new);
        let merging = self.merging.as_deref().and_then(without).map(Arc::new);
        if let Some(delta) = without(&self.delta) {
            self.delta = delta;
        }
        if base.is_some() || merging.is_some() {
            // A merge under way is of layers that hold them.
            self.generation += 1;
        }
        self.base = base.unwrap_or_else(|| Arc::clone(&self.base));
        self.merging = merging.or_else(|| self.merging.take());
        self.gone.retain(|handle| !handles.contains(handle));
    }

    /// Changes whenever a value can match that could not before; what was not found in one version
    /// is in none of it.
    pub(crate) const fn version(&self) -> u64 {
        self.version
    }

    /// Pairs of value and indicator, those masked since the last merge included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.layers().map(Table::len).sum()
    }

    /// Whether nothing is looked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Pairs in the delta and indicators masked: what a merge would clean up.
    #[must_use]
    pub fn unmerged(&self) -> usize {
        self.delta.len() + self.gone.len()
    }

    /// The fingerprint of a value in normal form, under the node's own key.
    pub(crate) fn fingerprint(&self, kind: ValueKind, text: &str) -> u64 {
        self.key.fingerprint(kind.code(), text.as_bytes())
    }

    /// Bytes of memory held, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.layers().map(Table::bytes).sum::<usize>() + self.gone.capacity() * 9
    }

    /// Closes the delta and hands out the work of merging it, to be run on another thread. A delta
    /// beside an empty base just becomes the base. Called again, it hands out the same work.
    pub fn freeze(&mut self) -> Option<Merge> {
        if self.merging.is_none() && self.base.is_empty() && self.gone.is_empty() {
            self.base = Arc::new(std::mem::replace(&mut self.delta, Table::new(self.key)));
            self.generation += 1;
            return None;
        }
        let delta = &mut self.delta;
        let key = self.key;
        let merging =
            self.merging.get_or_insert_with(|| Arc::new(std::mem::replace(delta, Table::new(key))));
        Some(Merge {
            key,
            layers: [Arc::clone(&self.base), Arc::clone(merging)],
            gone: self.gone.clone(),
            generation: self.generation,
        })
    }

    /// Swaps the merged base in. `false` when it was made of layers that are replaced already.
    pub fn adopt(&mut self, merged: Merged) -> bool {
        if merged.generation != self.generation {
            return false;
        }
        self.base = Arc::new(merged.table);
        self.version = next_version();
        self.merging = None;
        self.gone.retain(|handle| !merged.gone.contains(handle));
        self.generation += 1;
        true
    }

    /// The indicators that this value proves, without repetition; for one value at a time.
    #[must_use]
    pub fn lookup(&self, value: &Observable) -> Vec<Found> {
        let mut found = Vec::new();
        match Wanted::of(value.kind, &value.text) {
            Some(Wanted::Text(Class::Domain, text)) => self.domain(text, &mut found),
            Some(Wanted::Text(class, text)) => self.exact(class, text.as_bytes(), &mut found),
            Some(Wanted::V4([length, octets @ ..])) => self.v4(octets.into(), length, &mut found),
            Some(Wanted::V6([length, octets @ ..])) => self.v6(octets.into(), length, &mut found),
            None => {}
        }
        found.sort_unstable();
        found.dedup_by_key(|found| found.handle);
        found
    }

    fn layers(&self) -> impl Iterator<Item = &Table> {
        [Some(&*self.base), self.merging.as_deref(), Some(&self.delta)].into_iter().flatten()
    }

    /// Adds the indicators of exactly these bytes.
    #[inline]
    pub(crate) fn exact(&self, class: Class, bytes: &[u8], found: &mut Vec<Found>) {
        let fingerprint = self.key.fingerprint(class.code(), bytes);
        for layer in self.layers().filter(|layer| !layer.is_empty()) {
            let handles = layer.handles(fingerprint, class, bytes);
            found.extend(
                handles
                    .filter(|handle| !self.gone.contains(handle))
                    .map(|handle| Found { handle, parent: false }),
            );
        }
    }

    /// Adds the indicators of a domain and of its parents, but never through a public suffix: an
    /// indicator that is a public suffix, or above one, stands for its own exact name only.
    pub(crate) fn domain(&self, name: &str, found: &mut Vec<Found>) {
        self.exact(Class::Domain, name.as_bytes(), found);
        let mut rest = name;
        while let Some((_, parent)) = rest.split_once('.') {
            // A name of one label is always a public suffix.
            if !parent.contains('.') {
                break;
            }
            let before = found.len();
            self.exact(Class::Domain, parent.as_bytes(), found);
            if found.len() > before && is_suffix_of(name, parent) {
                found.truncate(before);
            }
            found.iter_mut().skip(before).for_each(|found| found.parent = true);
            rest = parent;
        }
    }

    /// Adds the indicators of an IPv4 address or prefix and of the prefixes around it.
    pub(crate) fn v4(&self, address: Ipv4Addr, length: u8, found: &mut Vec<Found>) {
        let present = self.layers().fold(0, |all, layer| all | layer.lengths().v4);
        for length in (0..=length.min(32)).rev().filter(|length| present & (1 << length) != 0) {
            let [a, b, c, d] = mask_v4(address, length).octets();
            self.exact(Class::V4, &[length, a, b, c, d], found);
        }
    }

    /// Adds the indicators of an IPv6 address or prefix and of the prefixes around it.
    pub(crate) fn v6(&self, address: Ipv6Addr, length: u8, found: &mut Vec<Found>) {
        if length >= 128 {
            self.exact(Class::V6, &v6_bytes(address, 128), found);
        }
        let present = self.layers().fold(0, |all, layer| all | layer.lengths().v6);
        if present == 0 {
            return;
        }
        for length in (0..=length.min(127)).rev().filter(|length| present & (1 << length) != 0) {
            self.exact(Class::V6, &v6_bytes(mask_v6(address, length), length), found);
        }
    }
}

impl Merge {
    /// Builds the next base; takes about a second for each million values.
    #[must_use]
    pub fn run(self) -> Merged {
        let [base, merging] = &self.layers;
        let table = Table::merged(self.key, [base, merging], |handle| !self.gone.contains(&handle));
        Merged { table, gone: self.gone, generation: self.generation }
    }
}

/// Whether `parent` is the public suffix of `name` or above it.
pub(crate) fn is_suffix_of(name: &str, parent: &str) -> bool {
    psl::suffix_str(name).is_none_or(|suffix| parent.len() <= suffix.len())
}

fn v6_bytes(address: Ipv6Addr, length: u8) -> [u8; 17] {
    let mut bytes = [length; 17];
    bytes.iter_mut().skip(1).zip(address.octets()).for_each(|(byte, octet)| *byte = octet);
    bytes
}

/// A value as the table keeps it.
enum Wanted<'v> {
    Text(Class, &'v str),
    V4([u8; 5]),
    V6([u8; 17]),
}

impl<'v> Wanted<'v> {
    fn of(kind: ValueKind, text: &'v str) -> Option<Self> {
        let class = match kind {
            ValueKind::Domain => Class::Domain,
            ValueKind::Url => Class::Url,
            ValueKind::Email => Class::Email,
            ValueKind::Md5
            | ValueKind::Sha1
            | ValueKind::Sha256
            | ValueKind::Sha512
            | ValueKind::OtherHash => Class::Hash,
            ValueKind::Ipv4 | ValueKind::Ipv6 => {
                let Prefix { network, length } = Prefix::parse(text)?;
                return Some(match network {
                    IpAddr::V4(v4) => {
                        let [a, b, c, d] = v4.octets();
                        Self::V4([length, a, b, c, d])
                    }
                    IpAddr::V6(v6) => Self::V6(v6_bytes(v6, length)),
                });
            }
            ValueKind::FileName
            | ValueKind::Mutex
            | ValueKind::RegistryKey
            | ValueKind::Asn
            | ValueKind::Mac
            | ValueKind::Cve
            | ValueKind::Account
            | ValueKind::UserAgent
            | ValueKind::CertSerial
            | ValueKind::Ja3
            | ValueKind::Ja4
            | ValueKind::FilePath => return None,
        };
        Some(Self::Text(class, text))
    }
}

#[cfg(test)]
mod tests;
