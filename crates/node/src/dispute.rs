//! A person's word that an indicator is a false positive, for its circle, and what such words of
//! partners come to. It takes nothing back: only its signer may.

use crate::apply::{Moment, Node};
use crate::command::Answer;
use crate::effect::Effect;
use crate::suppress::reason;
use crate::watch::INDICATOR;
use formats::problem::Problem;
use formats::stix::write::{NewOpinion, opinion, opinion_thing};
use model::facts::Facts;
use model::id::{NodeId, ThingId};
use model::kind::Kind;
use model::label::Label;
use model::limits::DISPUTES_READ_MAX;
use model::time::Instant;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use store::{Reading, Row, StoreError};
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

const OPINION: &str = "stix/opinion";
const SIGHTING: &str = "stix/sighting";

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
        let read = formats::stix::read(body.as_bytes());
        let (version, facts) = read.map_or_else(
            |_| (moment.now.to_stix(), Facts::default()),
            |read| (read.version.unwrap_or_default(), read.facts),
        );
        let mut label = row.label.as_ref().clone();
        if let Some(to) = &mut label.to {
            to.insert(row.signer);
        }
        let label = Label { embargo: label.embargo.filter(|until| *until > moment.now), ..label };
        self.state(moment, opinion_thing(uuid), version, label, (body, &facts))?;
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

/// What others make of an indicator, by the newest of their words that this node holds.
///
/// # Errors
/// When the store cannot be read.
pub fn esteem(reading: &Reading<'_>, thing: &ThingId) -> Result<Esteem, StoreError> {
    let mut esteem = Esteem::default();
    for seq in reading.referring_of(thing, &Kind::ours(SIGHTING), 1)? {
        let row = reading.row(seq)?.filter(|row| !row.erased && !row.hidden);
        esteem.renewed = row.map(|row| row.at);
    }
    let mut signers: BTreeSet<NodeId> = BTreeSet::new();
    for seq in reading.referring_of(thing, &Kind::ours(OPINION), DISPUTES_READ_MAX)? {
        let Some(row) = reading.row(seq)?.filter(|row| !row.erased && !row.hidden) else {
            continue;
        };
        // The newest word of each node counts, so the first that is found.
        if signers.contains(&row.signer) {
            continue;
        }
        let Some(parts) = reading.parts(seq)? else { continue };
        let read: Option<Opinion<'_>> = serde_json::from_slice(&parts.body).ok();
        let against =
            |read: Opinion<'_>| matches!(&*read.opinion, "disagree" | "strongly-disagree");
        if read.is_some_and(against) {
            signers.insert(row.signer);
        }
    }
    esteem.disputes = u32::try_from(signers.len()).unwrap_or(u32::MAX);
    Ok(esteem)
}
