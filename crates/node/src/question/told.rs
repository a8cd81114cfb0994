//! What was asked of partners and what they said, and what they asked here: read by the node's own
//! people. It asks nobody.

use crate::outlet::link_key;
use crate::release::Lens;
use model::facts::Value;
use model::id::{CircleId, NodeId, ThingId};
use model::kind::{Kind, QUESTION};
use model::limits::{QUESTIONS_TOLD_MAX, SCAN_ENTRIES_MAX};
use model::question::{Answer, Question};
use model::time::Instant;
use store::{Reading, Seq, StoreError};
use uuid::Uuid;

/// A question to one partner.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The partner.
    pub partner: NodeId,
    /// Its name here.
    pub name: String,
    /// The circle in which it was asked.
    pub circle: CircleId,
    /// When.
    pub at: Instant,
    /// What it was asked for.
    pub values: Vec<Value>,
    /// What it said.
    pub heard: Heard,
}

/// What a partner said.
#[derive(Clone, Debug)]
pub enum Heard {
    /// The question has no number yet: it waits here.
    Unsent,
    /// Nothing yet.
    Nothing,
    /// This, at this instant by this node's clock.
    Answer(Box<Answer>, Instant),
}

/// The questions that were asked under an id, one for each partner, by the partners' names.
///
/// # Errors
/// When the store cannot be read.
pub fn asked(reading: &Reading<'_>, own: &Lens, id: &Uuid) -> Result<Vec<Asked>, StoreError> {
    let mut found = Vec::new();
    let me = own.reader.node;
    for partner in reading.partners()? {
        let thing = Question::thing(id, &partner.node);
        let Some((seq, at, circle, body)) = said(reading, own, (&thing, me))? else { continue };
        let Ok(Question { values }) = Question::read(&body) else { continue };
        let answer = Answer::thing(&thing.uuid, &me, &partner.node);
        let heard = match said(reading, own, (&answer, partner.node))? {
            Some((_, at, _, body)) => {
                Answer::read(&body).map_or(Heard::Nothing, |read| Heard::Answer(read.into(), at))
            }
            None if is_numbered(reading, &partner.node, seq)? => Heard::Nothing,
            None => Heard::Unsent,
        };
        let (partner, name) = (partner.node, partner.name);
        found.push(Asked { partner, name, circle, at, values, heard });
    }
    Ok(found)
}

/// A question that a partner asked here.
#[derive(Clone, Debug)]
pub struct AskedHere {
    /// The partner.
    pub partner: NodeId,
    /// The question's own thing.
    pub question: ThingId,
    /// When it came.
    pub at: Instant,
    /// What it asks for.
    pub values: Vec<Value>,
    /// What this node said; `None` while it has not.
    pub said: Option<Answer>,
}

/// What partners asked here since an instant, the oldest first, at most `QUESTIONS_TOLD_MAX`.
///
/// # Errors
/// When the store cannot be read.
pub fn asked_here(
    reading: &Reading<'_>,
    own: &Lens,
    since: Instant,
) -> Result<Vec<AskedHere>, StoreError> {
    let (kind, head, mut after) = (Kind::ours(QUESTION), reading.head()?, 0);
    let (me, mut found) = (own.reader.node, Vec::new());
    while found.len() < QUESTIONS_TOLD_MAX {
        let lights = reading.scan_kind(&kind, after, head, SCAN_ENTRIES_MAX)?;
        let Some(last) = lights.last() else { break };
        after = last.seq;
        for light in lights.iter().filter(|light| light.via_id != 0 && light.at >= since) {
            let Some((row, released)) = own.body(reading, light.seq)? else { continue };
            let text = String::from_utf8_lossy(released.bytes());
            let Ok(Question { values }) = Question::read(&text) else { continue };
            let answer = Answer::thing(&row.thing.uuid, &row.signer, &me);
            let said = said(reading, own, (&answer, me))?;
            let said = said.and_then(|(_, _, _, body)| Answer::read(&body).ok());
            let (partner, question, at) = (row.signer, row.thing, row.at);
            found.push(AskedHere { partner, question, at, values, said });
        }
    }
    found.truncate(QUESTIONS_TOLD_MAX);
    Ok(found)
}

/// A record of this thing by this signer, opened for the node itself: its place, when it came, its
/// circle and its text.
fn said(
    reading: &Reading<'_>,
    own: &Lens,
    (thing, signer): (&ThingId, NodeId),
) -> Result<Option<(Seq, Instant, CircleId, String)>, StoreError> {
    for seq in reading.by_thing(thing)? {
        let Some((row, released)) = own.body(reading, seq)? else { continue };
        if row.signer == signer {
            let text = String::from_utf8_lossy(released.bytes()).into_owned();
            return Ok(Some((seq, row.at, row.label.circle, text)));
        }
    }
    Ok(None)
}

fn is_numbered(reading: &Reading<'_>, partner: &NodeId, seq: Seq) -> Result<bool, StoreError> {
    let Some(outlet) = reading.outlet(&link_key(partner))? else { return Ok(false) };
    crate::outlet::is_numbered(reading, &outlet, seq)
}
