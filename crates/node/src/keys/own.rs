//! This node's own keys: stated before they are used, and used once partners know them. It makes no
//! key and keeps none in a file.

use super::known::own_chain;
use crate::apply::{Moment, Node};
use crate::command::Answer;
use crate::effect::Effect;
use formats::problem::Problem;
use model::facts::Facts;
use model::id::ThingId;
use model::keys::{KeyChain, KeySetError};
use model::kind::{KEYS, Kind};
use model::label::{Label, Tlp};
use model::ledger::Note;
use model::limits::{HOPS_MAX, KEY_OVERLAP_SECONDS};
use model::seal::{PublicKey, SigningKey};
use store::StoreError;
use uuid::Uuid;

/// Under which the things that nodes' keys are have their ids; drawn once, for this purpose.
const KEYS_OF: Uuid = Uuid::from_u128(0x1b7e_94c0_52d8_4f36_8ea1_7c03_d965_b24f);

/// The thing that a node's keys are.
pub(super) fn thing_of(node: &model::id::NodeId) -> ThingId {
    ThingId { kind: Kind::ours(KEYS), uuid: Uuid::new_v5(&KEYS_OF, node.as_bytes()) }
}

impl Node {
    /// The first statement: the key that the node was made with, and who may speak in need.
    pub(crate) fn begin_keys(
        &mut self,
        moment: &mut Moment<'_, '_>,
        recovery: PublicKey,
    ) -> Result<Answer, StoreError> {
        if moment.tx.reading().key_chain(&self.me.node())?.is_some() {
            let problem = Problem::error("E-KEY-010", "this node has stated its keys before");
            return Ok(Answer::Refused(problem.hint("`entente keys show` tells which")));
        }
        let chain = KeyChain::begin(&self.me.key, Some(recovery), moment.now);
        put(moment, &chain)?;
        Ok(Answer::Done)
    }

    /// States another key, which signs once partners know it; until then the present one does.
    pub(crate) fn rotate_key(
        &mut self,
        moment: &mut Moment<'_, '_>,
        next: &SigningKey,
    ) -> Result<Answer, StoreError> {
        let chain = own_chain(&moment.tx.reading(), &self.me, moment.now)?;
        let last = chain.last();
        if last.key == next.public() {
            // Stated before, by who was stopped then.
            return Ok(Answer::Done);
        }
        if last.key != self.me.public() {
            return Ok(Answer::Refused(changing()));
        }
        let until = moment.now.plus_seconds(KEY_OVERLAP_SECONDS);
        let stated = last.rotated(next.public(), moment.now, until);
        self.state_keys(moment, chain.with(stated, &self.me.key, next))
    }

    /// States that a former key proves nothing new; the present one is changed by `rotate_key` first,
    /// or revoked together with that by the recovery key.
    pub(crate) fn revoke_key(
        &mut self,
        moment: &mut Moment<'_, '_>,
        revoked: PublicKey,
    ) -> Result<Answer, StoreError> {
        let chain = own_chain(&moment.tx.reading(), &self.me, moment.now)?;
        let last = chain.last();
        if last.revoked(&revoked).is_some() {
            return Ok(Answer::Done);
        }
        if last.key != self.me.public() {
            return Ok(Answer::Refused(changing()));
        }
        if !last.former.iter().any(|former| former.key == revoked) {
            let problem = Problem::error("E-KEY-006", "this is no former key of this node");
            return Ok(Answer::Refused(problem.hint(
                "the key that signs now is revoked with `entente keys revoke --recovery FILE`; \
                 `entente keys show` names all",
            )));
        }
        let stated = last.revoking(revoked, last.key, moment.now);
        let key = &self.me.key;
        self.state_keys(moment, chain.with(stated, key, key))
    }

    /// Takes a statement that the recovery key signed, and completes it with the key that is to sign.
    pub(crate) fn rescue_keys(
        &mut self,
        moment: &mut Moment<'_, '_>,
        statement: &str,
        own: &SigningKey,
    ) -> Result<Answer, StoreError> {
        let chain = own_chain(&moment.tx.reading(), &self.me, moment.now)?;
        self.state_keys(moment, chain.completed(statement, own))
    }

    /// Signs with this key from now on: the newest that was stated.
    pub(crate) fn use_key(
        &mut self,
        moment: &mut Moment<'_, '_>,
        key: SigningKey,
    ) -> Result<Answer, StoreError> {
        let chain = own_chain(&moment.tx.reading(), &self.me, moment.now)?;
        if chain.last().key != key.public() {
            let problem = Problem::error("E-KEY-010", "this is not the key that was stated last");
            return Ok(Answer::Refused(problem));
        }
        if self.me.public() == key.public() {
            return Ok(Answer::Done);
        }
        self.me.key = key.behind(chain.first());
        let text = format!("signs with key {} from now on", self.me.public());
        let about = "keys".to_owned();
        self.note(moment, &Note { about, who: String::new(), code: None, text })?;
        moment.effects.extend([Effect::Partners, Effect::Wake]);
        Ok(Answer::Done)
    }

    /// Keeps a chain that is one statement longer, and tells it to every circle.
    fn state_keys(
        &mut self,
        moment: &mut Moment<'_, '_>,
        chain: Result<KeyChain, KeySetError>,
    ) -> Result<Answer, StoreError> {
        let chain = match chain {
            Ok(chain) => chain,
            Err(error) => return Ok(Answer::Refused(refused(&error))),
        };
        put(moment, &chain)?;
        let me = self.me.node();
        let mine = self.circles.all().filter(|circle| circle.member(&me).is_some());
        let circles: Vec<_> = mine.map(|circle| (circle.id, circle.ceiling)).collect();
        for (circle, ceiling) in circles {
            let label = Label { hops: HOPS_MAX, ..Label::new(Tlp::Green.min(ceiling), circle) };
            let version = chain.last().number.to_string();
            let body = (chain.to_string(), &Facts::default());
            self.state(moment, thing_of(&me), version, label, body)?;
        }
        let (about, number) = ("keys".to_owned(), chain.last().number);
        let text = format!("stated number {number}: key {} is to sign", chain.last().key);
        self.note(moment, &Note { about, who: String::new(), code: None, text })?;
        moment.effects.extend([Effect::Partners, Effect::Wake]);
        Ok(Answer::Done)
    }
}

/// Keeps a chain in the place of what was kept of its node.
pub(super) fn put(moment: &mut Moment<'_, '_>, chain: &KeyChain) -> Result<(), StoreError> {
    let keys: Vec<PublicKey> = chain.last().ever().copied().collect();
    let texts = (&*chain.to_string(), &*chain.last_text());
    moment.tx.put_key_chain(&chain.node(), texts, &keys)
}

/// A refusal for people, under the code of what speaks against the keys.
pub(super) fn refused(error: &KeySetError) -> Problem {
    let hint = match error {
        KeySetError::Signer => "the key before or the recovery key vouches for the next one",
        KeySetError::Number(..) => "another statement was made meanwhile; try again",
        KeySetError::Revoked | KeySetError::Twice => "a key that was used is never used again",
        KeySetError::TooLarge => "a node has so many keys at most; make a new node",
        KeySetError::Form(_) | KeySetError::OtherNode => "keys are copied whole, from `keys show`",
        KeySetError::Forgets => "each statement names all keys that were stated before",
        KeySetError::Fork => "somebody else may have the key; ask the node's people by telephone",
    };
    Problem::error(error.code(), error.to_string()).hint(hint)
}

fn changing() -> Problem {
    Problem::error("E-KEY-010", "this node is changing its key, or was put back to another time")
        .hint("`entente keys show` tells which partners do not know the new one yet")
}
