//! Rules by the source of logs that they name, each with what tells quickly which could hold. It
//! evaluates none.

use super::values::Values;
use super::witness::Witness;
use crate::sigma::LogSource;
use crate::sigma::logsource::Source;
use hashbrown::HashMap;
use std::collections::HashSet;

/// Product, category and service by number; 0 is any.
type Key = [u32; 3];

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Buckets {
    words: HashMap<Box<str>, u32>,
    by_source: HashMap<Key, usize>,
    all: Vec<Bucket>,
}

/// The rules of one source.
#[derive(Debug, Default)]
struct Bucket {
    slots: Vec<u32>,
    /// Tried on every event: without a witness, for good or not yet.
    always: Vec<u32>,
    /// Those among them that will have one.
    fresh: HashSet<u32>,
    witness: Option<Witness>,
}

impl Buckets {
    /// Adds a rule for a source, or for every event.
    pub(super) fn add(&mut self, source: Option<&LogSource>, slot: u32, witnessed: bool) {
        let mut word = |word: Option<&String>| {
            let Some(word) = word else { return 0 };
            let next = u32::try_from(self.words.len() + 1).unwrap_or(u32::MAX);
            *self.words.entry_ref(word.as_str()).or_insert(next)
        };
        let part = |part: fn(&LogSource) -> Option<&String>| source.and_then(part);
        let key = [
            word(part(|source| source.product.as_ref())),
            word(part(|source| source.category.as_ref())),
            word(part(|source| source.service.as_ref())),
        ];
        let next = self.all.len();
        let place = *self.by_source.entry(key).or_insert(next);
        if place == next {
            self.all.push(Bucket::default());
        }
        let Some(bucket) = self.all.get_mut(place) else { return };
        bucket.slots.push(slot);
        bucket.always.push(slot);
        if witnessed {
            bucket.fresh.insert(slot);
        }
    }

    /// Forgets a rule; a witness may still name it.
    pub(super) fn remove(&mut self, slot: u32) {
        for bucket in &mut self.all {
            let before = bucket.slots.len();
            bucket.slots.retain(|other| *other != slot);
            if bucket.slots.len() < before {
                bucket.always.retain(|other| *other != slot);
                bucket.fresh.remove(&slot);
            }
        }
    }

    /// Those in which rules came since their witness was made, with all their rules.
    pub(super) fn stale(&self) -> impl Iterator<Item = (usize, &[u32])> {
        let stale = self.all.iter().enumerate().filter(|(_, bucket)| !bucket.fresh.is_empty());
        stale.map(|(place, bucket)| (place, bucket.slots.as_slice()))
    }

    /// Takes over a witness for these rules.
    pub(super) fn adopt(&mut self, bucket: usize, witness: Witness, covered: &HashSet<u32>) {
        let Some(bucket) = self.all.get_mut(bucket) else { return };
        bucket.always.retain(|slot| !covered.contains(slot));
        bucket.fresh.retain(|slot| !covered.contains(slot));
        bucket.witness = Some(witness);
    }

    /// Adds the buckets whose rules look at events of a source.
    pub(super) fn of(&self, source: &Source, found: &mut Vec<usize>) {
        let word = |word: &str| self.words.get(word).copied().unwrap_or(0);
        let told = [word(source.product), word(source.category), word(source.service)];
        for mask in 1_usize..8 {
            let mut key = told;
            let mut whole = true;
            for (part, bit) in key.iter_mut().zip([1, 2, 4]) {
                if mask & bit == 0 {
                    *part = 0;
                } else {
                    whole &= *part != 0;
                }
            }
            if whole
                && let Some(place) = self.by_source.get(&key)
                && !found.contains(place)
            {
                found.push(*place);
            }
        }
    }

    /// Adds the bucket of rules that look at every event.
    pub(super) fn everywhere(&self, found: &mut Vec<usize>) {
        found.extend(self.by_source.get(&[0, 0, 0]));
    }

    /// Adds the rules of a bucket that could hold.
    pub(super) fn candidates(&self, bucket: usize, values: &Values, found: &mut Vec<u32>) {
        let Some(bucket) = self.all.get(bucket) else { return };
        found.extend_from_slice(&bucket.always);
        if let Some(witness) = &bucket.witness {
            witness.candidates(values, |slot| found.push(slot));
        }
    }
}
