//! A releasable copy: which references and markings of a record are too strict for whom it is meant,
//! and the copy without them. It publishes nothing: the copy goes through the ordinary door.

use crate::command::Submitter;
use crate::link::lens_for;
use crate::read::show;
use crate::release::Lens;
use formats::problem::Problem;
use formats::stix::{Classified, Copied, Cut, classify, copy, derived_from};
use model::id::{CircleId, NodeId, ThingId};
use model::label::{Label, Strictness, Tlp};
use model::time::Instant;
use policy::{Placed, decide};
use std::collections::BTreeSet;
use store::{Reading, Row, StoreError};
use uuid::Uuid;

/// Whom a copy is for.
#[derive(Clone, Debug)]
pub struct CopyWanted {
    /// What is copied: its newest record that the submitter may read.
    pub thing: ThingId,
    /// Into which circle; that of the original when there is none.
    pub circle: Option<CircleId>,
    /// For this partner: as strict as it may get it.
    pub partner: Option<NodeId>,
    /// Under this traffic light.
    pub tlp: Option<Tlp>,
}

/// A copy that may be published.
#[derive(Clone, Debug)]
pub struct CopyMade {
    /// The id of the original, as its body spells it.
    pub of: String,
    /// The circle that it is for.
    pub circle: CircleId,
    /// Its traffic light.
    pub tlp: Tlp,
    /// The copy.
    pub copied: Copied,
    /// The copy and what it is derived from, to be handed in.
    pub document: Vec<u8>,
}

/// What a copy is made with: who asks, the instant, and two random uuids.
#[derive(Clone, Copy, Debug)]
pub struct Copying<'a> {
    /// Who asks: only what it may read is looked at.
    pub submitter: &'a Submitter,
    /// Now.
    pub now: Instant,
    /// The copy's uuid, and that of the relationship to its original.
    pub uuids: (Uuid, Uuid),
}

/// Makes a copy that the wanted reader may have.
///
/// # Errors
/// When the store cannot be read. A refusal is E-COPY-001 (not there, or no STIX object), E-COPY-002
/// (something that cannot be left out would have to go) or E-COPY-003 (the partner may have nothing
/// of that circle).
pub fn make(
    reading: &Reading<'_>,
    with: &Copying<'_>,
    wanted: &CopyWanted,
) -> Result<Result<CopyMade, Problem>, StoreError> {
    let lens = Lens { reader: with.submitter.reader.clone(), now: with.now };
    let shown = show(reading, &lens, &wanted.thing)?;
    let newest = shown.iter().max_by_key(|shown| (shown.row.version.clone(), shown.row.seq));
    let Some(newest) = newest else { return Ok(Err(absent())) };
    let circle = wanted.circle.unwrap_or(newest.row.label.circle);
    let target = match wanted.partner {
        Some(partner) => lens_for(reading, &partner, with.now)?,
        None => None,
    };
    let Some(tlp) = light(wanted, &newest.row, (circle, target.as_ref())) else {
        let problem = Problem::error("E-COPY-003", "the partner may have nothing of this circle");
        return Ok(Err(problem.hint("`entente preview PARTNER` says why")));
    };
    let Ok(read) = formats::stix::read(newest.object.bytes()) else { return Ok(Err(absent())) };
    let mut cut = Cut {
        refs: BTreeSet::new(),
        markings: BTreeSet::new(),
        tlp,
        uuid: with.uuids.0,
        now: with.now,
    };
    let label = Label::new(tlp, circle);
    for thing in read.facts.refs.iter().filter(|thing| !thing.kind.adds_no_label()) {
        if too_strict(reading, &lens, (thing, &label, target.as_ref()))? {
            cut.refs.insert(thing.clone());
        }
    }
    for id in &read.markings.unknown {
        if !limits_nothing(reading, &lens, id)? {
            cut.markings.insert(id.clone());
        }
    }
    let copied = match copy(newest.object.bytes(), &cut) {
        Ok(copied) => copied,
        Err(problem) => return Ok(Err(problem)),
    };
    let from = derived_from(&copied.id, &read.id, with.uuids.1, with.now);
    let document = [b"[".as_slice(), &copied.body, b",", from.as_bytes(), b"]"].concat();
    Ok(Ok(CopyMade { of: read.id, circle, tlp, copied, document }))
}

fn absent() -> Problem {
    Problem::error("E-COPY-001", "there is nothing of this id to copy")
        .hint("only STIX objects that are held here are copied; `entente search` finds them")
}

/// The copy's traffic light: as wanted, else the strictest that the partner may have, else one for all
/// members. RED names nodes, so it is never a copy's by itself.
fn light(
    wanted: &CopyWanted,
    row: &Row,
    (circle, target): (CircleId, Option<&Lens>),
) -> Option<Tlp> {
    if wanted.partner.is_none() {
        return Some(wanted.tlp.unwrap_or(Tlp::AmberStrict));
    }
    let lens = target?;
    let most = wanted.tlp.unwrap_or(Tlp::AmberStrict);
    let lights = Tlp::ALL.into_iter().rev().filter(|tlp| *tlp <= most);
    let mut may = lights.filter(|tlp| gets(&Label::new(*tlp, circle), row, lens));
    may.next()
}

/// Whether a partner may have a record of ours like this one under a label.
fn gets(label: &Label, row: &Row, lens: &Lens) -> bool {
    // What we hand in is signed here, whoever signed the original.
    let signer = NodeId::new([0; 16]);
    let placed = Placed { label, kind: &row.thing.kind, signer, via: None, hop: 0 };
    decide(&placed, &lens.reader, lens.now).released
}

/// Whether a reference would make the copy stricter than it is to be.
fn too_strict(
    reading: &Reading<'_>,
    lens: &Lens,
    (thing, label, target): (&ThingId, &Label, Option<&Lens>),
) -> Result<bool, StoreError> {
    let mut least: Option<Strictness> = None;
    let mut one: Option<Row> = None;
    for seq in reading.by_thing(thing)? {
        let Some(row) = reading.row(seq)?.filter(|row| lens.sees(row)) else { continue };
        let strictness = Strictness::of(&row.label);
        least = Some(least.map_or(strictness.clone(), |least| least.meet(&strictness)));
        one = Some(row);
    }
    let (Some(least), Some(row)) = (least, one) else { return Ok(false) };
    let joined = label.clone().joined(&least);
    let stricter = Strictness::of(&joined) != Strictness::of(label);
    // For one partner it is enough that it may have what comes of it.
    Ok(stricter && target.is_none_or(|target| !gets(&joined, &row, target)))
}

/// Whether a marking is one that is held here and limits nobody: a statement, or permissible actions.
fn limits_nothing(reading: &Reading<'_>, lens: &Lens, id: &str) -> Result<bool, StoreError> {
    let Ok(thing) = ThingId::parse_stix(id) else { return Ok(false) };
    for seq in reading.by_thing(&thing)? {
        // Only this node's own word counts, as when something is handed in.
        let ours = |row: &Row| row.signer == lens.reader.node;
        if let Some((_, object)) = lens.body(reading, seq)?.filter(|(row, _)| ours(row)) {
            let says = classify(object.bytes());
            return Ok(matches!(says, Some(Classified::Statement | Classified::Pap(_))));
        }
    }
    Ok(false)
}
