//! The past of a circle for a new member. When it is long it waits for a person's word: adding a
//! member by a slip of the hand must not hand over years. What comes from now on flows at once.
//!
//! It decides nothing about single records; release does, also once the word is given.

use crate::apply::{Moment, Node};
use crate::command::Answer;
use crate::effect::Effect;
use crate::outlet::link_key;
use formats::problem::Problem;
use model::id::{CircleId, Digest, NodeId};
use model::policy::Ask;
use model::seal::sha256;
use store::{Backfill, Reading, StoreError};

/// A past that a member does not have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Past {
    /// The circle.
    pub circle: CircleId,
    /// The member.
    pub member: NodeId,
    /// How many records the circle had when the member came.
    pub records: u64,
    /// A person said no; else it waits.
    pub refused: bool,
}

/// The pasts that wait for a person's word, or that a person refused.
///
/// # Errors
/// When the store cannot be read.
pub fn pasts(reading: &Reading<'_>) -> Result<Vec<Past>, StoreError> {
    let waits = reading.backfills()?.into_iter();
    Ok(waits
        .filter_map(|Backfill { outlet, circle, records, refused, .. }| {
            let member = outlet.strip_prefix("link:")?.parse().ok()?;
            Some(Past { circle, member, records, refused })
        })
        .collect())
}

/// Where it is kept whether who comes with an invitation gets the past.
fn promise_key(secret: &Digest) -> String {
    format!("invited-past.{secret}")
}

impl Node {
    /// A node is a member from now on. A short past it gets at once, a long one when a person says so.
    pub(crate) fn offer_past(
        &self,
        moment: &mut Moment<'_, '_>,
        circle: &CircleId,
        member: &NodeId,
    ) -> Result<(), StoreError> {
        let policy = &self.circles.policies.policy;
        let outlet = link_key(member);
        let reading = moment.tx.reading();
        let records = reading.circle_size(circle)?;
        if policy.widening == Ask::Ask && records > policy.ask_above && *member != self.me.node() {
            let (circle, upto, refused) = (*circle, reading.head()?, false);
            return moment.tx.put_backfill(&Backfill { outlet, circle, upto, records, refused });
        }
        moment.tx.delete_backfill(&outlet, circle)?;
        Self::widen(moment, &outlet, Some(*circle), (1, None))
    }

    /// A person's word beforehand, for who comes with this invitation.
    pub(crate) fn promise_past(
        moment: &mut Moment<'_, '_>,
        secret: &[u8; 16],
        send: bool,
    ) -> Result<Answer, StoreError> {
        moment.tx.put_setting(&promise_key(&sha256(&[secret])), &[u8::from(send)])?;
        Ok(Answer::Done)
    }

    /// Somebody came with an invitation: what was said beforehand holds now.
    pub(crate) fn keep_promise(
        &self,
        moment: &mut Moment<'_, '_>,
        (secret, circle): (&Digest, &CircleId),
        member: NodeId,
    ) -> Result<(), StoreError> {
        let word = moment.tx.reading().setting(&promise_key(secret))?;
        if let Some(word) = word.filter(|word| !word.is_empty()) {
            // Where nothing waits there is nothing to say.
            drop(self.backfill(moment, *circle, member, word == [1])?);
        }
        Ok(())
    }

    /// A node is a member no more: nothing waits for it, and what it was sent is decided anew.
    pub(crate) fn dismiss(
        moment: &mut Moment<'_, '_>,
        circle: &CircleId,
        member: &NodeId,
    ) -> Result<(), StoreError> {
        let outlet = link_key(member);
        moment.tx.delete_backfill(&outlet, circle)?;
        Self::narrowed(moment, &outlet)
    }

    /// A person's word on a past: sent from now on, or not.
    pub(crate) fn backfill(
        &self,
        moment: &mut Moment<'_, '_>,
        circle: CircleId,
        member: NodeId,
        send: bool,
    ) -> Result<Answer, StoreError> {
        let outlet = link_key(&member);
        let waits = moment.tx.reading().backfills_of(&outlet)?;
        let Some(wait) = waits.into_iter().find(|wait| wait.circle == circle) else {
            return Ok(Answer::Refused(
                Problem::error("E-CIRCLE-010", "nothing of this circle's past waits for a word")
                    .hint("`entente circle list` shows for whom something waits"),
            ));
        };
        if send {
            moment.tx.delete_backfill(&outlet, &circle)?;
            Self::widen(moment, &outlet, Some(circle), (1, Some(wait.upto)))?;
            moment.effects.push(Effect::Wake);
        } else {
            moment.tx.put_backfill(&Backfill { refused: true, ..wait })?;
        }
        Ok(Answer::Circle(circle))
    }
}
