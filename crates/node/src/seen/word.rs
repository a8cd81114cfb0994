//! Kinds, roles and sources as segments spell them, for people and other programs. It reads no segment.

use detect::event::Role;
use detect::past::of;
use formats::export::name_of;
use model::facts::ValueKind;

/// The kind of a word; `None` for one that no segment has.
pub(super) fn kind(word: &str) -> Option<ValueKind> {
    ValueKind::ALL.into_iter().find(|kind| name_of(*kind) == word)
}

/// What a segment's rows are sorted by; `None` where a later version named the kind.
pub(super) fn key_of(word: &str, value: &str) -> Option<Vec<u8>> {
    Some(of(kind(word)?, value))
}

/// The words for a bit each, with commas between.
pub(super) fn roles(bits: u16) -> String {
    named(u64::from(bits), Role::ALL.iter().map(|role| role.name()))
}

/// The words for a bit each, with commas between; no name has one.
pub(super) fn sources(bits: u64, names: &[Box<str>]) -> String {
    named(bits, names.iter().map(|name| &**name))
}

fn named<'n>(bits: u64, names: impl Iterator<Item = &'n str>) -> String {
    let set = |place: u32| bits.checked_shr(place).unwrap_or(0) & 1 == 1;
    let names = (0..).zip(names).filter(|(place, _)| set(*place));
    names.map(|(_, name)| name).collect::<Vec<_>>().join(",")
}

/// A source's name as it is kept: no commas, and nothing that ends a line.
pub(super) fn source(name: &str) -> String {
    const MOST: usize = 128;
    let plain = |c: char| if c == ',' || c.is_control() { '_' } else { c };
    name.trim().chars().take(MOST).map(plain).collect()
}
