//! Nodes that become partners without a link: each pins what the other's file says, people compare
//! six words, and what may flow until then is as for any partner whose words were not compared. Which
//! of a node's keys count is decided in `keys`.

use crate::apply::{Moment, Node};
use crate::bundle::Introduction;
use crate::command::Answer;
use crate::effect::Effect;
use crate::keys::said;
use crate::membership::{former_card, six_words};
use formats::problem::Problem;
use model::id::NodeId;
use model::keys::{Adopted, KeyChain, KeySetError};
use model::ledger::Note;
use model::limits::PARTNERS_MAX;
use model::seal::SealingKey;
use store::{Partner, PartnerState, StoreError};

impl Node {
    /// Pins what a node says of itself; one that is no partner becomes one, without an address.
    pub(crate) fn introduced(
        &mut self,
        moment: &mut Moment<'_, '_>,
        introduction: &Introduction,
        name: &str,
    ) -> Result<Answer, StoreError> {
        let node = introduction.key.node();
        if node == self.me.node() {
            let message = "a node cannot be its own partner";
            return Ok(Answer::Refused(Problem::error("E-PARTNER-003", message)));
        }
        if let Some(problem) = self.doubts(moment, introduction)? {
            return Ok(Answer::Refused(problem));
        }
        let reading = moment.tx.reading();
        let partner = match Self::partner(&reading, &node)? {
            Some(known) => known,
            None if reading.partners()?.len() >= PARTNERS_MAX => {
                let message = "this node has as many partners as it may";
                return Ok(Answer::Refused(Problem::error("E-PARTNER-004", message)));
            }
            None => {
                let new = Partner {
                    node,
                    name: self.free_name(moment, name, &node)?,
                    key: introduction.key,
                    address: None,
                    state: PartnerState::Joined,
                    words: self.words_with(introduction),
                    card: former_card(&reading, &node)?,
                    added: moment.now,
                    removed_us: None,
                };
                moment.tx.put_partner(&new)?;
                let text = format!("{} became a partner by its file, unconfirmed", new.name);
                let (about, who) = ("partner".to_owned(), node.to_string());
                self.note(moment, &Note { about, who, code: None, text })?;
                moment.effects.extend([Effect::Partners, Effect::Wake]);
                new
            }
        };
        if let Some(chain) = &introduction.chain
            && let Err(problem) = self.believe(moment, chain)?
        {
            return Ok(Answer::Refused(problem));
        }
        moment.tx.put_sealing_key(&node, &introduction.hpke, moment.now)?;
        let trusted = partner.state == PartnerState::Confirmed;
        Ok(Answer::Welcome { words: partner.words, trusted, circles: Vec::new() })
    }

    /// What speaks against an introduction, by what its node stated to us before: it may be an old one
    /// under a key that is in other hands by now.
    fn doubts(
        &mut self,
        moment: &mut Moment<'_, '_>,
        introduction: &Introduction,
    ) -> Result<Option<Problem>, StoreError> {
        let node = introduction.key.node();
        let held = said(&moment.tx.reading(), &node)?.and_then(|text| KeyChain::read(&text).ok());
        let Some(held) = held else { return Ok(None) };
        match introduction.chain.as_ref().map(|chain| held.adopts(chain)) {
            Some(Ok(Adopted::Longer | Adopted::Rescued)) => return Ok(None),
            Some(Ok(Adopted::Known)) | None => {}
            Some(Err(error)) => return self.refuse_keys(moment, &node, &error).map(Some),
        }
        if held.last().trusted().any(|key| *key == introduction.by) {
            return Ok(None);
        }
        self.refuse_keys(moment, &node, &KeySetError::Revoked).map(Some)
    }

    /// The same on both sides: nobody was first, and there is no secret between them.
    fn words_with(&self, introduction: &Introduction) -> String {
        let (mine, theirs) = (self.me.first(), introduction.key);
        let (first, second) = (mine.min(theirs), mine.max(theirs));
        six_words(&first, &second, &[0; 16])
    }

    /// Remembers what a partner told, under its own key, to be sealed to.
    pub(crate) fn told_key(
        moment: &mut Moment<'_, '_>,
        partner: NodeId,
        key: &SealingKey,
    ) -> Result<Answer, StoreError> {
        if Self::partner(&moment.tx.reading(), &partner)?.is_none() {
            let problem = Problem::error("E-PARTNER-001", "there is no such partner")
                .hint("`entente partner list` names those that there are");
            return Ok(Answer::Refused(problem));
        }
        if moment.tx.reading().is_other_sealing_key(&partner, key, moment.now)? {
            moment.tx.put_sealing_key(&partner, key, moment.now)?;
        }
        Ok(Answer::Done)
    }
}
