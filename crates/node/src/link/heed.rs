//! What a partner takes back is heard before its turn while there is no room for what comes first.
//! Cursor and receipt stay where they are: each word comes again in its order, is known then, and
//! has its result in the receipt of its batch.

use super::arrive::{cost, refused};
use super::receive::{Arrival, Content, Line};
use crate::apply::{Moment, Node};
use crate::command::Answer;
use crate::effect::Effect;
use crate::keys::keys_of;
use model::kind::{Kind, RECALL, RELABEL, WITHDRAW};
use model::limits::WORD_AHEAD_BYTES_MAX;
use store::StoreError;

/// Member lists are not among them: what they turn around is found in their batch alone.
const TAKING_BACK: [&str; 3] = [RECALL, RELABEL, WITHDRAW];

impl Arrival {
    /// Whether something is taken back in it.
    #[must_use]
    pub fn takes_back(&self) -> bool {
        self.lines.iter().any(|line| match &line.content {
            Content::Verified(ready) => takes_back(&ready.sealed.header().thing.kind),
            Content::Unverified(record, _) => takes_back(&record.header().thing.kind),
            Content::Refused(_) | Content::Gone => false,
        })
    }
}

fn takes_back(kind: &Kind) -> bool {
    TAKING_BACK.contains(&kind.as_str())
}

impl Node {
    /// Applies what takes something back, from wherever in the partner's outlet it comes.
    pub(crate) fn heed(
        &mut self,
        moment: &mut Moment<'_, '_>,
        arrival: Arrival,
    ) -> Result<Answer, StoreError> {
        let Some(partner) = Self::partner(&moment.tx.reading(), &arrival.partner)? else {
            return Ok(refused("E-LINK-002", "not a partner of this node"));
        };
        let keys = keys_of(&moment.tx.reading(), &partner.key)?;
        if let Err(answer) = self.checked(&arrival, &keys) {
            return Ok(answer);
        }
        let allowed = self.quotas.of(self.circles.policies.take(&partner).quota);
        let cost = cost(&arrival.lines);
        if let Err(seconds) = self.quotas.spend(partner.node, allowed, cost, moment.now) {
            return Ok(Answer::Later(seconds));
        }
        // Nothing that is heard ahead takes anybody's place.
        self.quotas.room(0);
        for Line { hop, content, .. } in arrival.lines {
            let content = self.late_proof(&moment.tx.reading(), content)?;
            let Content::Verified(ready) = content else { continue };
            let short = ready.sealed.body().len() <= WORD_AHEAD_BYTES_MAX;
            if !short || !takes_back(&ready.sealed.header().thing.kind) {
                continue;
            }
            // Room is short: what takes nothing back that is here is only kept away.
            if self.makes_room(&moment.tx.reading(), &ready)? {
                // Why it may be refused stands in the receipt when its turn comes.
                drop(self.admit(moment, &partner, hop, &ready)?);
            } else {
                self.bar_ahead(moment, &ready)?;
            }
        }
        moment.effects.push(Effect::Wake);
        Ok(Answer::Done)
    }
}
