//! Which rules of a source an event could prove, told by one pass over its values: literals without
//! which they cannot hold. It says "perhaps" too often, and "no" only where the rule says no.

use super::plan::{ANYWHERE, Literal};
use super::values::Values;
use crate::sigma::Place;
use daachorse::DoubleArrayAhoCorasick;
use fancy_regex::Regex;
use hashbrown::HashMap;
use std::collections::BTreeSet;

/// The literals of the rules of one source.
pub(super) struct Witness {
    /// None where all are keywords.
    automaton: Option<DoubleArrayAhoCorasick<u32>>,
    /// By the literal: whom it concerns.
    hits: Vec<Vec<Hit>>,
    /// By the field: whether some literal is looked for in it.
    fields: Vec<bool>,
    /// Finds any of the keywords, and whom they concern.
    keywords: Option<(Regex, Vec<u32>)>,
}

impl std::fmt::Debug for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Witness").field("literals", &self.hits.len()).finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Hit {
    field: u32,
    place: Place,
    slot: u32,
}

impl Witness {
    /// Of rules by their slots; `None` where no automaton can be made of them.
    pub(super) fn new<'l>(rules: impl Iterator<Item = (u32, &'l [Literal])>) -> Option<Self> {
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        let mut hits: Vec<Vec<Hit>> = Vec::new();
        let mut fields = Vec::new();
        let (mut words, mut slots) = (BTreeSet::new(), BTreeSet::new());
        for (slot, literals) in rules {
            for Literal { field, place, text } in literals {
                if *field == ANYWHERE {
                    words.insert(fancy_regex::escape(text));
                    slots.insert(slot);
                    continue;
                }
                let next = u32::try_from(hits.len()).ok()?;
                let number = *numbers.entry(text).or_insert(next);
                if number == next {
                    hits.push(Vec::new());
                }
                let hit = Hit { field: *field, place: *place, slot };
                hits.get_mut(usize::try_from(number).ok()?)?.push(hit);
                let field = usize::try_from(*field).ok()?;
                if fields.len() <= field {
                    fields.resize(field + 1, false);
                }
                fields.get_mut(field).into_iter().for_each(|asked| *asked = true);
            }
        }
        let automaton = match numbers.is_empty() {
            true => None,
            false => Some(DoubleArrayAhoCorasick::with_values(numbers).ok()?),
        };
        let words: Vec<_> = words.into_iter().collect();
        let keywords = match words.is_empty() {
            true => None,
            false => Some((Regex::new(&words.join("|")).ok()?, slots.into_iter().collect())),
        };
        Some(Self { automaton, hits, fields, keywords })
    }

    /// Calls `each` for the slot of every rule that could hold; some more than once.
    pub(super) fn candidates(&self, values: &Values, mut each: impl FnMut(u32)) {
        if let Some((any, slots)) = &self.keywords
            && values.line().is_none_or(|line| any.is_match(line).unwrap_or(true))
        {
            slots.iter().for_each(|slot| each(*slot));
        }
        let Some(automaton) = &self.automaton else { return };
        for (field, text) in values.each() {
            let asked = usize::try_from(field).ok().and_then(|field| self.fields.get(field));
            if asked.copied() != Some(true) {
                continue;
            }
            for found in automaton.find_overlapping_iter(text) {
                let number = usize::try_from(found.value()).unwrap_or(usize::MAX);
                let (starts, ends) = (found.start() == 0, found.end() == text.len());
                for hit in self.hits.get(number).into_iter().flatten() {
                    let placed = match hit.place {
                        Place::Whole => starts && ends,
                        Place::Start => starts,
                        Place::End => ends,
                        Place::Inside => true,
                    };
                    if placed && hit.field == field {
                        each(hit.slot);
                    }
                }
            }
        }
    }
}
