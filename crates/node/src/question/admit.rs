//! What is against a question or an answer that a partner brings. It answers nothing.

use super::VERSION;
use crate::apply::Node;
use crate::link::Ready;
use formats::problem::Problem;
use model::id::ThingId;
use model::kind::{Kind, QUESTION};
use model::question::{Answer, Answers, Question};
use model::record::Authorship;
use model::seal::sha256;
use store::{Partner, Reading, StoreError};

impl Node {
    /// Why a question or an answer is not taken; nothing against records of other kinds. Nothing
    /// here depends on what was seen.
    pub(crate) fn misasked(
        &self,
        reading: &Reading<'_>,
        (partner, hop): (&Partner, u8),
        ready: &Ready,
    ) -> Result<Option<Problem>, StoreError> {
        let (header, me) = (ready.sealed.header(), self.me.node());
        if !header.thing.kind.is_asking() {
            return Ok(None);
        }
        let refuse = |message: &str| Some(Problem::error("E-LINK-045", message.to_owned()));
        let meant = header.label.to.as_ref().is_some_and(|to| to.iter().eq([&me]));
        let own = header.signer == partner.node && header.authorship == Authorship::Wrote;
        if !own || hop != 1 || !meant || header.version != VERSION {
            return Ok(refuse("questions and answers are between their signer and one node"));
        }
        for seq in reading.by_thing(&header.thing)? {
            if reading.row(seq)?.is_some_and(|row| row.signer == partner.node) {
                return Ok(refuse("said before, in other words"));
            }
        }
        let text = std::str::from_utf8(ready.sealed.body()).unwrap_or_default();
        if header.thing.kind.as_str() == QUESTION {
            let read = Question::read(text).is_ok();
            return Ok(if read { None } else { refuse("not a question that can be read") });
        }
        let Ok(answer) = Answer::read(text) else {
            return Ok(refuse("not an answer that can be read"));
        };
        let fits = header.thing == Answer::thing(&answer.question, &me, &partner.node)
            && self.was_asked(reading, partner, &answer)?;
        Ok(if fits { None } else { refuse("an answer to what was not asked") })
    }

    /// Whether this node asked this partner this very question, about as many values.
    fn was_asked(
        &self,
        reading: &Reading<'_>,
        partner: &Partner,
        answer: &Answer,
    ) -> Result<bool, StoreError> {
        let thing = ThingId { kind: Kind::ours(QUESTION), uuid: answer.question };
        for seq in reading.by_thing(&thing)? {
            let Some((row, parts)) = reading.row_and_parts(seq)? else { continue };
            let to = row.label.to.as_ref().is_some_and(|to| to.contains(&partner.node));
            let digest = sha256(&[parts.head.as_bytes(), b"\n", &parts.body]);
            if row.signer != self.me.node() || !to || digest != answer.digest {
                continue;
            }
            let text = std::str::from_utf8(&parts.body).unwrap_or_default();
            let asked = Question::read(text).map_or(0, |question| question.values.len());
            let told = if answer.says == Answers::No { 0 } else { asked };
            return Ok(answer.told.len() == told);
        }
        Ok(false)
    }
}
