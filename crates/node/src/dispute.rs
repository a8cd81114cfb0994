//! A person's word that an indicator is a false positive, for its circle, and what such words of
//! partners come to. It takes nothing back: only its signer may.

use crate::apply::{Moment, Node};
use crate::command::Answer;
use crate::effect::Effect;
use crate::release::Lens;
use crate::suppress::reason;
use crate::watch::INDICATOR;
use detect::decay::Standing;
use formats::problem::Problem;
use formats::stix::write::{NewOpinion, opinion, opinion_thing};
use model::facts::ValueKind;
use model::id::{NodeId, ThingId};
use model::label::Label;
use model::limits::{DISPUTES_READ_MAX, SIGHTINGS_READ_MAX};
use model::time::Instant;
use serde::Deserialize;
use std::collections::BTreeMap;
use store::{Reading, Regard, Row, StoreError, Terms};
use uuid::Uuid;

/// A false positive.
#[derive(Clone, Debug)]
pub struct Dispute {
    /// The indicator.
    pub thing: ThingId,
    /// Why.
    pub reason: String,
    /// Who says so.
    pub who: String,
}

impl Node {
    /// States the opinion in every circle that has the indicator, once in each; a second one of the
    /// same node takes the place of the first.
    pub(crate) fn dispute(
        &mut self,
        moment: &mut Moment<'_, '_>,
        dispute: &Dispute,
    ) -> Result<Answer, StoreError> {
        let reason = match reason(&dispute.reason) {
            Ok(reason) => reason,
            Err(problem) => return Ok(Answer::Refused(problem)),
        };
        let reading = moment.tx.reading();
        let mut rows = BTreeMap::new();
        for seq in reading.by_thing(&dispute.thing)? {
            let row = reading.row(seq)?.filter(|row| !row.erased && !row.hidden);
            rows.extend(row.map(|row| (row.label.circle, row)));
        }
        if rows.is_empty() || dispute.thing.kind.as_str() != INDICATOR {
            let problem = Problem::error("E-RECORD-006", "this node holds no such indicator");
            return Ok(Answer::Refused(problem.hint("`entente search VALUE` finds its id")));
        }
        let me = self.me.node();
        if rows.values().all(|row| row.signer == me) {
            let problem = Problem::error("E-SUPPRESS-006", "this indicator is our own");
            return Ok(Answer::Refused(
                problem.hint("`entente recall ID` takes it back everywhere"),
            ));
        }
        for row in rows.into_values() {
            self.state_opinion(moment, &row, &reason)?;
        }
        Ok(Answer::Done)
    }

    fn state_opinion(
        &mut self,
        moment: &mut Moment<'_, '_>,
        row: &Row,
        reason: &str,
    ) -> Result<(), StoreError> {
        let about = Uuid::new_v5(&row.label.circle.uuid(), self.me.node().as_bytes());
        let uuid = Uuid::new_v5(&about, row.thing.uuid.as_bytes());
        let body = opinion(&NewOpinion {
            uuid,
            about: &row.thing.to_string(),
            explanation: reason,
            created: moment.now,
        });
        let mut label = row.label.as_ref().clone();
        if let Some(to) = &mut label.to {
            to.insert(row.signer);
        }
        let label = Label { embargo: label.embargo.filter(|until| *until > moment.now), ..label };
        self.state_stix(moment, opinion_thing(uuid), label, body)?;
        moment.effects.push(Effect::Wake);
        Ok(())
    }
}

/// What others make of an indicator.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Esteem {
    /// When it was sighted last, here or by a partner.
    pub renewed: Option<Instant>,
    /// Nodes that call it a false positive.
    pub disputes: u32,
}

#[derive(Deserialize)]
struct Opinion<'a> {
    #[serde(borrow)]
    opinion: std::borrow::Cow<'a, str>,
}

/// What others make of an indicator, by the newest of their words that this node holds: of all of
/// them, or of those that a reader may have, who is told nothing by what it may not read.
///
/// # Errors
/// When the store cannot be read.
pub fn esteem(
    reading: &Reading<'_>,
    thing: &Uuid,
    eyes: Option<&Lens>,
) -> Result<Esteem, StoreError> {
    let mut esteem = Esteem::default();
    let counts = |row: &Row| !row.erased && !row.hidden && eyes.is_none_or(|eyes| eyes.sees(row));
    let thing = thing.as_bytes();
    // Of those that a reader may not have, few stand before the first that it may.
    for most in [1, SIGHTINGS_READ_MAX] {
        for seq in reading.regards(thing, Regard::Sighting, most)? {
            if let Some(row) = reading.row(seq)?.filter(counts) {
                esteem.renewed = Some(row.at);
                break;
            }
        }
        if esteem.renewed.is_some() {
            break;
        }
    }
    let mut signers: BTreeMap<NodeId, bool> = BTreeMap::new();
    for seq in reading.regards(thing, Regard::Opinion, DISPUTES_READ_MAX)? {
        let Some(row) = reading.row(seq)?.filter(counts) else { continue };
        // The newest word of each node counts, so the first that is found.
        if signers.contains_key(&row.signer) {
            continue;
        }
        let Some(parts) = reading.parts(seq)? else { continue };
        let read: Option<Opinion<'_>> = serde_json::from_slice(&parts.body).ok();
        let against =
            |read: Opinion<'_>| matches!(&*read.opinion, "disagree" | "strongly-disagree");
        signers.insert(row.signer, read.is_some_and(against));
    }
    let against = signers.values().filter(|against| **against).count();
    esteem.disputes = u32::try_from(against).unwrap_or(u32::MAX);
    Ok(esteem)
}

/// What is known of an indicator's worth before anybody else is asked.
#[derive(Clone, Copy, Debug)]
pub struct Worth {
    /// What it says itself.
    pub terms: Terms,
    /// What the first of its values is; a rule has none.
    pub kind: Option<ValueKind>,
    /// When it was signed.
    pub signed: Instant,
}

/// What is left of an indicator's confidence at `now`, 0 to 100.
#[must_use]
pub fn confidence(worth: &Worth, esteem: &Esteem, now: Instant) -> u8 {
    let standing = Standing {
        stated: worth.terms.stated,
        // A rule is worth as long as what programs are called.
        kind: worth.kind.unwrap_or(ValueKind::FileName),
        since: worth.terms.since.unwrap_or(worth.signed),
        renewed: esteem.renewed,
        disputes: esteem.disputes,
    };
    detect::decay::confidence(&standing, now)
}
