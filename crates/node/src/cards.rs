//! A partner's card and the node's policy, set by a person: each change is a record in the node's own
//! ledger with who and why, and takes effect in the same commit.
//!
//! What a change opens is numbered by the outlets, what it closes is withdrawn by them; it reads no
//! file, and knows no form but the one that is stored.

use crate::apply::{Moment, Node};
use crate::asking::{asks, first_share_key};
use crate::command::{Act, Answer};
use crate::effect::Effect;
use crate::foresee::{Change, Foreseen, foresee};
use crate::outbox::OUTBOX_SETTING;
use crate::outlet::link_key;
use crate::read::policy_text;
use crate::state::{
    CLIENTS_SETTING, Circles, POLICY_SETTING, POLICY_VERSION_SETTING, card_of, partner_reader,
};
use formats::problem::{Problem, shown};
use model::bounds::Take;
use model::card::Card;
use model::id::{Digest, NodeId};
use model::ledger::{self, Note, valid_why};
use model::policy::{Ask, Policy};
use policy::Reader;
use std::collections::BTreeSet;
use store::{Partner, PartnerState, Reading, StoreError};

impl Node {
    /// Gives a partner another card; a refusal is noted.
    pub(crate) fn set_card(
        &mut self,
        moment: &mut Moment<'_, '_>,
        node: NodeId,
        card: &Card,
        by: Act,
    ) -> Result<Answer, StoreError> {
        let answer = self.put_card(moment, node, card, &by)?;
        self.note_refusal(moment, ("card", by.who), &answer)?;
        Ok(answer)
    }

    /// Gives this node another policy; a refusal is noted.
    pub(crate) fn set_policy(
        &mut self,
        moment: &mut Moment<'_, '_>,
        policy: &Policy,
        by: Act,
    ) -> Result<Answer, StoreError> {
        let answer = self.put_policy(moment, policy, &by)?;
        self.note_refusal(moment, ("policy", by.who), &answer)?;
        Ok(answer)
    }

    fn note_refusal(
        &mut self,
        moment: &mut Moment<'_, '_>,
        (about, who): (&str, String),
        answer: &Answer,
    ) -> Result<(), StoreError> {
        let Answer::Refused(problem) = answer else { return Ok(()) };
        let code = Some(problem.code.to_owned());
        let text = problem.message.clone();
        self.note(moment, &Note { about: about.to_owned(), who, code, text })
    }

    fn put_card(
        &mut self,
        moment: &mut Moment<'_, '_>,
        node: NodeId,
        card: &Card,
        by: &Act,
    ) -> Result<Answer, StoreError> {
        let Some(partner) = Self::partner(&moment.tx.reading(), &node)? else {
            return Ok(Answer::Refused(Problem::error(
                "E-PARTNER-001",
                "there is no such partner",
            )));
        };
        let text = card.write();
        if Card::read(&text).as_ref() != Ok(card) {
            return Ok(unreadable("E-CARD-002", "a value of the card exceeds its bound"));
        }
        if let Some(problem) = refusal(by, &partner.card) {
            return Ok(Answer::Refused(problem));
        }
        if text == partner.card {
            return Ok(Answer::Done);
        }
        let change = Change::Card { partner: node, card: Box::new(card.clone()) };
        let foreseen = match self.look_ahead(moment, by, &change)? {
            Ok(foreseen) => foreseen,
            Err(asked) => return Ok(asked),
        };
        let before = self.stands(moment)?;
        let was = partner.card.clone();
        moment.tx.put_partner(&Partner { card: text.clone(), ..partner })?;
        let record = record((by, foreseen.as_ref()), Some(node), &was, text);
        self.changed(moment, &record, &before)?;
        Ok(Answer::Done)
    }

    fn put_policy(
        &mut self,
        moment: &mut Moment<'_, '_>,
        policy: &Policy,
        by: &Act,
    ) -> Result<Answer, StoreError> {
        let text = policy.write();
        if Policy::read(&text).as_ref() != Ok(policy) {
            return Ok(unreadable("E-POLICY-002", "a value of the policy exceeds its bound"));
        }
        let was = policy_text(&moment.tx.reading())?;
        if let Some(problem) = refusal(by, &was) {
            return Ok(Answer::Refused(problem));
        }
        if text == was && moment.tx.reading().setting(POLICY_SETTING)?.is_some() {
            return Ok(Answer::Done);
        }
        let change = Change::Policy(Box::new(policy.clone()));
        let foreseen = match self.look_ahead(moment, by, &change)? {
            Ok(foreseen) => foreseen,
            Err(asked) => return Ok(asked),
        };
        let before = self.stands(moment)?;
        let asked_before = self.circles.policies.policy.first_share == Ask::Ask;
        if !asked_before && policy.first_share == Ask::Ask {
            for node in shared_already(&moment.tx.reading())? {
                let at = moment.now.micros().to_be_bytes();
                moment.tx.put_setting(&first_share_key(&node), &at)?;
            }
        }
        moment.tx.put_setting(POLICY_SETTING, text.as_bytes())?;
        let outbox = i64::from(policy.outbox_seconds).to_be_bytes();
        moment.tx.put_setting(OUTBOX_SETTING, &outbox)?;
        let record = record((by, foreseen.as_ref()), None, &was, text);
        self.changed(moment, &record, &before)?;
        if asked_before && policy.first_share == Ask::Go {
            for partner in moment.tx.reading().partners()? {
                self.begin_share(moment, &partner.node)?;
            }
        }
        Ok(Answer::Done)
    }

    /// Lets the first share with a partner begin.
    pub(crate) fn release_first(
        &mut self,
        moment: &mut Moment<'_, '_>,
        node: NodeId,
        by: Act,
    ) -> Result<Answer, StoreError> {
        let Some(partner) = Self::partner(&moment.tx.reading(), &node)? else {
            return Ok(Answer::Refused(Problem::error(
                "E-PARTNER-001",
                "there is no such partner",
            )));
        };
        if !self.begin_share(moment, &node)? {
            return Ok(Answer::Done);
        }
        let text = format!("first share with {} let begin: {}", shown(&partner.name), by.why);
        self.note(moment, &Note { about: "share".to_owned(), who: by.who, code: None, text })?;
        Ok(Answer::Done)
    }

    /// Marks a partner as shared with, and has its outlet look at what waited; false when it was
    /// marked before.
    fn begin_share(
        &mut self,
        moment: &mut Moment<'_, '_>,
        node: &NodeId,
    ) -> Result<bool, StoreError> {
        let key = first_share_key(node);
        if moment.tx.reading().setting(&key)?.is_some() {
            return Ok(false);
        }
        moment.tx.put_setting(&key, &moment.now.micros().to_be_bytes())?;
        self.circles = Circles::load(&moment.tx.reading())?;
        let partner = Self::partner(&moment.tx.reading(), node)?;
        let reader = partner.and_then(|partner| partner_reader(&partner, &self.circles));
        if let Some(reader) = reader {
            Self::widen_all(moment, &reader)?;
        }
        moment.effects.push(Effect::Wake);
        Ok(true)
    }

    /// Has a partner's outlet look again at all circles that it is a member of. Circle by circle:
    /// what it was sent already is then left alone.
    fn widen_all(moment: &mut Moment<'_, '_>, reader: &Reader) -> Result<(), StoreError> {
        for circle in &reader.circles {
            Self::widen(moment, &link_key(&reader.node), Some(*circle), (1, None))?;
        }
        Ok(())
    }

    /// What a change is foreseen to do, or the question to put to a person.
    fn look_ahead(
        &self,
        moment: &Moment<'_, '_>,
        by: &Act,
        change: &Change,
    ) -> Result<Result<Option<Foreseen>, Answer>, StoreError> {
        let policy = &self.circles.policies.policy;
        if by.foreseen.is_none() && (by.widen || policy.widening == Ask::Go) {
            return Ok(Ok(None));
        }
        let foreseen = match &by.foreseen {
            Some(foreseen) => foreseen.clone(),
            None => foresee(&moment.tx.reading(), self.me.node(), change, moment.now)?,
        };
        if !by.widen && asks(policy, &foreseen) {
            return Ok(Err(Answer::Asks(foreseen)));
        }
        Ok(Ok(Some(foreseen)))
    }

    /// What partners may have and what is taken of them, as things stand.
    fn stands(&self, moment: &Moment<'_, '_>) -> Result<Stands, StoreError> {
        let mut takes = Vec::new();
        for partner in moment.tx.reading().partners()? {
            if partner.state != PartnerState::Removed {
                takes.push((partner.node, self.circles.policies.take(&partner)));
            }
        }
        Ok(Stands { readers: self.readers(moment)?, takes })
    }

    /// All partners as readers, as things stand.
    fn readers(&self, moment: &Moment<'_, '_>) -> Result<Vec<Reader>, StoreError> {
        let partners = moment.tx.reading().partners()?;
        let readers = partners.iter().filter_map(|partner| partner_reader(partner, &self.circles));
        Ok(readers.collect())
    }

    /// A card or the policy was changed: it counts from now on, is written into the ledger, and
    /// every outlet whose reader it concerns looks again.
    fn changed(
        &mut self,
        moment: &mut Moment<'_, '_>,
        record: &ledger::Change,
        before: &Stands,
    ) -> Result<(), StoreError> {
        let number = self.circles.policies.version.saturating_add(1);
        moment.tx.put_setting(POLICY_VERSION_SETTING, &number.to_be_bytes())?;
        self.circles = Circles::load(&moment.tx.reading())?;
        self.put_clients(moment)?;
        self.put_change(moment, number, record)?;
        let after = self.stands(moment)?;
        for (node, takes) in &after.takes {
            // What was refused before is wanted now: it is asked for from where it was refused.
            let was = before.takes.iter().find(|(was, _)| was == node);
            if was.is_some_and(|(_, was)| was.meet(takes) != *takes) {
                Self::read_missed_taken(moment, node)?;
            }
        }
        for reader in &after.readers {
            let Some(was) = before.readers.iter().find(|was| was.node == reader.node) else {
                continue;
            };
            if was.give == reader.give {
                continue;
            }
            let both = was.give.meet(&reader.give);
            if both != reader.give {
                Self::widen_all(moment, reader)?;
            }
            if both != was.give {
                Self::narrowed(moment, &link_key(&reader.node))?;
            }
        }
        moment.effects.push(Effect::Wake);
        Ok(())
    }

    /// Keeps the names of the tokens that policy and cards call clients where a caller is known.
    fn put_clients(&self, moment: &mut Moment<'_, '_>) -> Result<(), StoreError> {
        let mut clients: BTreeSet<String> = self.circles.policies.policy.clients.clone();
        for partner in moment.tx.reading().partners()? {
            if partner.state != PartnerState::Removed {
                clients.extend(card_of(&partner).clients);
            }
        }
        let names: Vec<String> = clients.into_iter().collect();
        moment.tx.put_setting(CLIENTS_SETTING, names.join("\n").as_bytes())
    }
}

/// All partners before or after a change.
struct Stands {
    readers: Vec<Reader>,
    takes: Vec<(NodeId, Take)>,
}

/// The record of a change.
fn record(
    (by, foreseen): (&Act, Option<&Foreseen>),
    partner: Option<NodeId>,
    was: &str,
    text: String,
) -> ledger::Change {
    ledger::Change {
        who: by.who.clone(),
        why: by.why.clone(),
        was: digest(was),
        partner,
        gains: foreseen.map(Foreseen::gains),
        loses: foreseen.map(Foreseen::loses),
        text,
    }
}

fn digest(text: &str) -> Digest {
    crate::read::text_digest(text)
}

/// What speaks against a change before anything is looked at.
fn refusal(by: &Act, stands: &str) -> Option<Problem> {
    if !valid_why(&by.why) {
        let hint = "say why, in one line of at most 512 bytes: --reason \"...\"";
        return Some(Problem::error("E-POLICY-005", "a change needs a reason").hint(hint));
    }
    if by.was.is_some_and(|was| was != digest(stands)) {
        let hint = "look at it again and change that: somebody else was faster";
        return Some(Problem::error("E-POLICY-003", "it was changed meanwhile").hint(hint));
    }
    None
}

fn unreadable(code: &'static str, message: &str) -> Answer {
    Answer::Refused(Problem::error(code, message.to_owned()).hint("nothing was changed"))
}

/// Whom something was sent to before a policy begins to ask: its first share is long done.
pub(crate) fn shared_already(reading: &Reading<'_>) -> Result<Vec<NodeId>, StoreError> {
    let mut shared = Vec::new();
    for partner in reading.partners()? {
        let outlet = reading.outlet(&link_key(&partner.node))?;
        if outlet.is_some_and(|outlet| outlet.next > 0) {
            shared.push(partner.node);
        }
    }
    Ok(shared)
}
