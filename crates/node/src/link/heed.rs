//! What a partner takes back is heard before its turn while there is no room for what comes first.
//! Cursor and receipt stay where they are: each word comes again in its order, is known then, and
//! has its result in the receipt of its batch.

use super::arrive::refused;
use super::receive::{Arrival, Content, Line};
use crate::apply::{Moment, Node};
use crate::command::Answer;
use crate::effect::Effect;
use model::kind::{Kind, RECALL, RELABEL, WITHDRAW};
use store::StoreError;

/// Member lists are not among them: what they turn around is found in their batch alone.
const TAKING_BACK: [&str; 3] = [RECALL, RELABEL, WITHDRAW];

impl Arrival {
    /// Whether something is taken back in it.
    #[must_use]
    pub fn takes_back(&self) -> bool {
        self.lines.iter().any(|line| match &line.content {
            Content::Verified(ready) => takes_back(&ready.sealed.header().thing.kind),
            Content::Unverified(record) => takes_back(&record.header().thing.kind),
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
        if let Err(answer) = self.checked(&arrival, &partner) {
            return Ok(answer);
        }
        for Line { hop, content, .. } in arrival.lines {
            if let Content::Verified(ready) = self.late_proof(content)
                && takes_back(&ready.sealed.header().thing.kind)
            {
                // Why it may be refused stands in the receipt when its turn comes.
                drop(self.admit(moment, &partner, hop, &ready)?);
            }
        }
        moment.effects.push(Effect::Wake);
        Ok(Answer::Done)
    }
}
