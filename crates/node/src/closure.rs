//! Rule B: the label that is signed is the join of the record's own markings and of what the body
//! refers to. Closure happens once, at signing; nothing here is asked again at send.

use crate::command::Submitter;
use crate::release::placed;
use model::id::ThingId;
use model::label::{Label, Strictness, Tlp};
use model::record::Authorship;
use model::time::Instant;
use policy::decide;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use store::{Reading, StoreError};

/// One object of a batch on its way to a label.
#[derive(Debug)]
pub(crate) struct Closing<'a> {
    /// What it is about.
    pub thing: &'a ThingId,
    /// What it refers to.
    pub refs: &'a [ThingId],
    /// Its own markings at first; the joined label in the end.
    pub label: Label,
}

/// Joins labels over references until nothing changes: first what is held, then the batch itself,
/// whose objects may refer to each other in circles.
///
/// # Errors
/// When the store cannot be read.
pub(crate) fn close(
    reading: &Reading<'_>,
    submitter: &Submitter,
    now: Instant,
    batch: &mut [Closing<'_>],
) -> Result<(), StoreError> {
    let mut places: BTreeMap<&ThingId, Vec<usize>> = BTreeMap::new();
    for (place, object) in batch.iter().enumerate() {
        places.entry(object.thing).or_default().push(place);
    }
    let mut held: BTreeMap<&ThingId, Option<Strictness>> = BTreeMap::new();
    for object in batch.iter() {
        for thing in object.refs.iter().filter(|thing| !thing.kind.adds_no_label()) {
            if !held.contains_key(thing) {
                held.insert(thing, least_strict_held(reading, submitter, now, thing)?);
            }
        }
    }
    spread(batch, &places, &held);
    Ok(())
}

/// Joins labels along references until nothing changes. A thing is looked at again only when a
/// label of it moved up: a document cannot make this cost the square of its length.
fn spread(
    batch: &mut [Closing<'_>],
    places: &BTreeMap<&ThingId, Vec<usize>>,
    held: &BTreeMap<&ThingId, Option<Strictness>>,
) {
    let mut dependents: BTreeMap<&ThingId, Vec<usize>> = BTreeMap::new();
    for (place, object) in batch.iter().enumerate() {
        let refs: &[ThingId] = object.refs;
        for thing in refs.iter().filter(|thing| !thing.kind.adds_no_label()) {
            dependents.entry(thing).or_default().push(place);
        }
    }
    let mut moved: VecDeque<&ThingId> = dependents.keys().copied().collect();
    let mut waiting: BTreeSet<&ThingId> = moved.iter().copied().collect();
    while let Some(thing) = moved.pop_front() {
        waiting.remove(thing);
        let mates = places.get(thing).into_iter().flatten().filter_map(|mate| batch.get(*mate));
        let known = held.get(thing).cloned().flatten();
        let least = mates.map(|mate| Strictness::of(&mate.label)).chain(known);
        let Some(least) = least.reduce(|a, b| a.meet(&b)) else { continue };
        for place in dependents.get(thing).into_iter().flatten() {
            let Some(object) = batch.get_mut(*place) else { continue };
            let label = object.label.clone().joined(&least);
            if Strictness::of(&object.label) != Strictness::of(&label) {
                object.label = label;
                if dependents.contains_key(object.thing) && waiting.insert(object.thing) {
                    moved.push_back(object.thing);
                }
            }
        }
    }
}

/// The least strict label, per axis, under which this node holds the thing and the submitter may
/// read it or handed it in itself; `None` when there is no such, whatever else is held. What was
/// handed in counts, or a token that only writes would close nothing (decision 0002).
fn least_strict_held(
    reading: &Reading<'_>,
    submitter: &Submitter,
    now: Instant,
    thing: &ThingId,
) -> Result<Option<Strictness>, StoreError> {
    let mut least: Option<Strictness> = None;
    for seq in reading.by_thing(thing)? {
        let Some(row) = reading.row(seq)?.filter(|row| !row.erased) else { continue };
        let own = row.authorship == Authorship::Carries(submitter.intake);
        if own || decide(&placed(&row), &submitter.reader, now).released {
            let strictness = Strictness::of(&row.label);
            least = Some(least.map_or(strictness.clone(), |least| least.meet(&strictness)));
        }
    }
    Ok(least)
}

/// The reference because of which a record of ours is stricter than it asks for by itself, and the
/// traffic light under which that is held; the strictest of several. For this node's own people:
/// it looks at all that is held.
///
/// # Errors
/// When the store cannot be read.
pub(crate) fn stricter_by(
    reading: &Reading<'_>,
    label: &Label,
    own: &Strictness,
    refs: &[ThingId],
) -> Result<Option<(ThingId, Tlp)>, StoreError> {
    let signed = Strictness::of(label);
    let mut strictest: Option<(ThingId, Tlp)> = None;
    for thing in refs.iter().filter(|thing| !thing.kind.adds_no_label()) {
        let mut least: Option<Strictness> = None;
        for seq in reading.by_thing(thing)? {
            let Some(row) = reading.row(seq)?.filter(|row| !row.erased) else { continue };
            let strictness = Strictness::of(&row.label);
            least = Some(least.map_or(strictness.clone(), |least| least.meet(&strictness)));
        }
        let Some(least) = least else { continue };
        let adds = own.join(&least) != *own;
        // What became stricter since, or was loosened by a relabel, is not why.
        let counted = signed.join(&least) == signed;
        if adds && counted && strictest.as_ref().is_none_or(|(_, tlp)| *tlp < least.tlp) {
            strictest = Some((thing.clone(), least.tlp));
        }
    }
    Ok(strictest)
}
