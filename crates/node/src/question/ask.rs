//! Asking partners whether they saw something: a record to each, in a circle shared with it. It waits
//! for no answer.

use super::VERSION;
use super::answer::askable;
use crate::apply::{Moment, Node};
use crate::command::Answer;
use crate::state::partner_reader;
use formats::problem::{Problem, shown};
use model::facts::{Facts, Value};
use model::id::{CircleId, NodeId};
use model::kind::{Kind, QUESTION};
use model::label::{Label, Tlp};
use model::ledger::Note;
use model::limits::{QUESTION_VALUES_MAX, RECIPIENTS_MAX};
use model::question::Question;
use model::time::Instant;
use policy::{Placed, decide};
use std::collections::BTreeSet;
use store::{Partner, Reading, StoreError};

/// What is asked, and of whom.
#[derive(Clone, Debug)]
pub struct Asking {
    /// The circle in which it is asked; `None` for any that is shared with the partner.
    pub circle: Option<CircleId>,
    /// Whom; 1 to `RECIPIENTS_MAX`.
    pub partners: BTreeSet<NodeId>,
    /// Values in normal form; 1 to `QUESTION_VALUES_MAX`.
    pub values: Vec<Value>,
    /// Who asks: the name of the token or person.
    pub who: String,
}

/// What goes between two nodes alone: it is passed on to nobody.
pub(super) fn between(circle: CircleId, to: NodeId) -> Label {
    Label { to: Some([to].into()), hops: 0, ..Label::new(Tlp::AmberStrict, circle) }
}

impl Node {
    /// Asks each partner by a record of its own, which tells it of no other; all of them or none.
    pub(crate) fn ask_partners(
        &mut self,
        moment: &mut Moment<'_, '_>,
        asking: &Asking,
    ) -> Result<Answer, StoreError> {
        let bounds = [
            (1..=QUESTION_VALUES_MAX).contains(&asking.values.len()),
            (1..=RECIPIENTS_MAX).contains(&asking.partners.len()),
        ];
        if bounds.contains(&false) || asking.values.iter().any(|value| askable(value).is_none()) {
            let message = format!("up to {QUESTION_VALUES_MAX} values are asked of a partner");
            return Ok(Answer::Refused(Problem::error("E-ASK-001", message)));
        }
        let (mut places, mut names) = (Vec::new(), Vec::new());
        for node in &asking.partners {
            match self.place_to_ask((&moment.tx.reading(), moment.now), node, asking.circle)? {
                Ok((partner, circle)) => {
                    names.push(shown(&partner.name));
                    places.push((*node, circle));
                }
                Err(problem) => return Ok(Answer::Refused(problem)),
            }
        }
        let asked = uuid::Builder::from_random_bytes(moment.bytes()).into_uuid();
        let body = Question { values: asking.values.clone() }.write();
        for (partner, circle) in places {
            let (thing, label) = (Question::thing(&asked, &partner), between(circle, partner));
            let body = (body.clone(), &Facts::default());
            self.state(moment, thing, VERSION.to_owned(), label, body)?;
        }
        let (count, names) = (asking.values.len(), names.join(", "));
        let text = format!("asked {names} whether {count} values were seen, by {asked}");
        let (about, who) = ("question".to_owned(), asking.who.clone());
        self.note(moment, &Note { about, who, code: None, text })?;
        Ok(Answer::Asked(asked))
    }

    /// The first circle in which a partner may have the question.
    fn place_to_ask(
        &self,
        (reading, now): (&Reading<'_>, Instant),
        node: &NodeId,
        wanted: Option<CircleId>,
    ) -> Result<Result<(Partner, CircleId), Problem>, StoreError> {
        let partner = Self::partner(reading, node)?;
        let reader = partner.as_ref().and_then(|one| partner_reader(one, &self.circles));
        let (Some(partner), Some(reader)) = (partner, reader) else {
            return Ok(Err(Problem::error("E-PARTNER-001", "no such partner")));
        };
        let (me, kind) = (self.me.node(), Kind::ours(QUESTION));
        let shared = self.circles.all().filter(|circle| {
            wanted.is_none_or(|wanted| wanted == circle.id)
                && circle.ceiling >= Tlp::AmberStrict
                && circle.member(&me).is_some()
                && circle.member(node).is_some()
        });
        let mut denied = None;
        for circle in shared {
            let label = between(circle.id, *node);
            let placed = Placed { label: &label, kind: &kind, signer: me, via: None, hop: 0 };
            let decision = decide(&placed, &reader, now);
            if decision.released {
                return Ok(Ok((partner, circle.id)));
            }
            denied = Some(decision);
        }
        let name = shown(&partner.name);
        Ok(Err(match denied {
            Some(decision) => {
                let message = format!("{name} may not be asked: {}", decision.sentence());
                Problem::error("E-ASK-003", message).hint("`entente preview PARTNER` says more")
            }
            None => {
                let message = format!("no circle is shared with {name} in which it may be asked");
                Problem::error("E-ASK-002", message)
                    .hint("a question is TLP:AMBER+STRICT; `entente circle list` shows ceilings")
            }
        }))
    }
}
