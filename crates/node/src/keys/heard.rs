//! What others say about their keys: believed when it goes on from what is known of them, else refused
//! and told to this node's people. A chain proves itself; who brings it does not matter.

use super::known::last;
use super::own::{put, refused, thing_of};
use super::said;
use crate::apply::{Moment, Node};
use crate::command::Answer;
use crate::effect::Effect;
use crate::link::Ready;
use formats::problem::Problem;
use model::id::NodeId;
use model::keys::{Adopted, KeyChain, KeySetError};
use model::ledger::Note;
use model::time::Instant;
use store::StoreError;

/// Seconds between two entries of the ledger about keys of one node that were refused for one reason:
/// they could be sent for ever.
const REFUSED_EVERY_SECONDS: i64 = 3_600;

/// The node that a text which is no sound chain says that it is of.
fn claimed(text: &str) -> Option<NodeId> {
    text.lines().nth(1)?.strip_prefix("node ")?.parse().ok()
}

impl Node {
    /// A partner, or somebody who says that it is one under a new key, tells its chain.
    pub(crate) fn hear_keys(
        &mut self,
        moment: &mut Moment<'_, '_>,
        text: &str,
    ) -> Result<Answer, StoreError> {
        let chain = match KeyChain::read(text) {
            Ok(chain) => chain,
            // Whoever says it is not known: it is told of the node that it claims to be of.
            Err(error) => {
                let problem = match claimed(text) {
                    Some(node) => self.refuse_keys(moment, &node, &error)?,
                    None => refused(&error),
                };
                return Ok(Answer::Refused(problem));
            }
        };
        Ok(match self.believe(moment, &chain)? {
            Ok(()) => Answer::Done,
            Err(problem) => Answer::Refused(problem),
        })
    }

    /// A partner told how much of our own chain it knows.
    pub(crate) fn heard_by(
        moment: &mut Moment<'_, '_>,
        partner: NodeId,
        number: u32,
    ) -> Result<Answer, StoreError> {
        let reading = moment.tx.reading();
        if Self::partner(&reading, &partner)?.is_some() && reading.key_heard(&partner)? != number {
            moment.tx.put_key_heard(&partner, number)?;
            moment.effects.push(Effect::Partners);
        }
        Ok(Answer::Done)
    }

    /// A record that carries its signer's chain.
    pub(crate) fn keys_arrived(
        &mut self,
        moment: &mut Moment<'_, '_>,
        ready: &Ready,
    ) -> Result<Result<(), Problem>, StoreError> {
        let header = ready.sealed.header();
        let text = std::str::from_utf8(ready.sealed.body()).unwrap_or_default();
        let chain = match KeyChain::read(text) {
            Ok(chain) => chain,
            Err(error) => return self.refuse_keys(moment, &header.signer, &error).map(Err),
        };
        let number = chain.last().number.to_string();
        if chain.node() != header.signer
            || header.thing != thing_of(&header.signer)
            || header.version != number
        {
            return self.refuse_keys(moment, &header.signer, &KeySetError::OtherNode).map(Err);
        }
        self.believe(moment, &chain)
    }

    /// Believes a chain that goes on from what is known of its node.
    pub(crate) fn believe(
        &mut self,
        moment: &mut Moment<'_, '_>,
        chain: &KeyChain,
    ) -> Result<Result<(), Problem>, StoreError> {
        let node = chain.node();
        let reading = moment.tx.reading();
        let own = node == self.me.node();
        let known = own || self.circles.key_of(&node).is_some();
        if !known && Self::partner(&reading, &node)?.is_none() {
            return Ok(Err(Problem::error("E-KEY-007", "the keys of a node that is unknown here")));
        }
        let held = said(&reading, &node)?.and_then(|text| KeyChain::read(&text).ok());
        let adopted = match held.map(|held| held.adopts(chain)) {
            None => Adopted::Longer,
            Some(Ok(adopted)) => adopted,
            Some(Err(error)) => return self.refuse_keys(moment, &node, &error).map(Err),
        };
        if adopted == Adopted::Known {
            return Ok(Ok(()));
        }
        let before = last(&moment.tx.reading(), &node)?.map(|keys| keys.key);
        put(moment, chain)?;
        let number = chain.last().number;
        if number > 1 && before != Some(chain.last().key) || own {
            let key = chain.last().key;
            let what = if own { "other than here: " } else { "" };
            let text = format!("its keys are {what}number {number}, key {key} is to sign");
            let (about, who) = ("keys".to_owned(), node.to_string());
            self.note(moment, &Note { about, who, code: None, text })?;
        }
        Self::read_missed_of(moment, &node)?;
        moment.effects.extend([Effect::Partners, Effect::Wake]);
        Ok(Ok(()))
    }

    /// Tells this node's people that a partner brought what a key does not prove any more.
    pub(crate) fn note_key(
        &mut self,
        moment: &mut Moment<'_, '_>,
        partner: &NodeId,
        problem: &Problem,
    ) -> Result<(), StoreError> {
        if !problem.code.starts_with("E-KEY-") || !Self::may_note(moment, partner, problem.code)? {
            return Ok(());
        }
        let (about, who) = ("keys".to_owned(), partner.to_string());
        let text = format!("brought what its signer's keys do not prove: {}", problem.message);
        self.note(moment, &Note { about, who, code: Some(problem.code.to_owned()), text })
    }

    /// Whether it is an hour since the last entry about keys of this node that were refused for the
    /// same reason: a harmless one, sent again and again, hides no other.
    fn may_note(
        moment: &mut Moment<'_, '_>,
        node: &NodeId,
        code: &str,
    ) -> Result<bool, StoreError> {
        let key = format!("keys-refused.{node}.{code}");
        let told = moment.tx.reading().setting(&key)?;
        let told = told.and_then(|bytes| bytes.try_into().ok()).map(i64::from_be_bytes);
        let again = told.is_none_or(|told| {
            moment.now >= Instant::from_micros(told).plus_seconds(REFUSED_EVERY_SECONDS)
        });
        if again {
            moment.tx.put_setting(&key, &moment.now.micros().to_be_bytes())?;
        }
        Ok(again)
    }

    /// Tells this node's people, at most once an hour for each node.
    pub(crate) fn refuse_keys(
        &mut self,
        moment: &mut Moment<'_, '_>,
        node: &NodeId,
        error: &KeySetError,
    ) -> Result<Problem, StoreError> {
        let known = self.circles.key_of(node).is_some()
            || Self::partner(&moment.tx.reading(), node)?.is_some();
        if known && Self::may_note(moment, node, error.code())? {
            let (about, who) = ("keys".to_owned(), node.to_string());
            let code = Some(error.code().to_owned());
            let text = format!("keys of this node were refused: {error}");
            self.note(moment, &Note { about, who, code, text })?;
        }
        Ok(refused(error))
    }
}
