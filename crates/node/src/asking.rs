//! When a person is asked before something is opened: an act that opens much, a freer traffic light,
//! and the first share with a partner. It counts nothing and opens nothing itself.

use crate::apply::{Moment, Node};
use crate::command::{Act, Administer, Answer};
use crate::foresee::{Change, Foreseen, foresee};
use crate::state::FIRST_SHARE_PREFIX;
use crate::undo::Undo;
use formats::problem::shown;
use model::id::NodeId;
use model::ledger::Note;
use model::policy::{Ask, Policy};
use store::StoreError;

/// Whether a person is asked before this happens.
#[must_use]
pub(crate) fn asks(policy: &Policy, foreseen: &Foreseen) -> bool {
    policy.widening == Ask::Ask && (foreseen.loosens || foreseen.gains() > policy.ask_above)
}

/// Where it is kept that something was shared with a partner, or may be.
pub(crate) fn first_share_key(node: &NodeId) -> String {
    format!("{FIRST_SHARE_PREFIX}{node}")
}

impl Node {
    /// Does an act of administration, unless it opens so much that its person is asked first.
    pub(crate) fn act(
        &mut self,
        moment: &mut Moment<'_, '_>,
        by: Act,
        what: Administer,
    ) -> Result<Answer, StoreError> {
        let policy = &self.circles.policies.policy;
        let change = change_of(&what);
        if let Some(change) = change.filter(|_| !by.widen && policy.widening == Ask::Ask) {
            let foreseen = match by.foreseen {
                Some(foreseen) => foreseen,
                None => foresee(&moment.tx.reading(), self.me.node(), &change, moment.now)?,
            };
            if asks(policy, &foreseen) {
                return Ok(Answer::Asks(foreseen));
            }
        }
        let Some(told) = told(&what) else { return self.administer(moment, what) };
        let mut member = None;
        if let (Administer::AddMember { circle, partner }, true) = (&what, by.widen) {
            member = Some((*circle, *partner));
        }
        let answer = self.administer(moment, what)?;
        if let (Some((circle, partner)), Answer::Circle(_)) = (member, &answer) {
            // The person has said yes; where nothing waits there is nothing to send.
            drop(self.backfill(moment, circle, partner, true)?);
        }
        let done = matches!(answer, Answer::Done | Answer::Circle(_) | Answer::Statements(_));
        if done
            || matches!(
                answer,
                Answer::Withdrawn { .. } | Answer::Lifted { .. } | Answer::Undone(_)
            )
        {
            let text = if by.why.is_empty() { told } else { format!("{told}: {}", by.why) };
            let about = "administration".to_owned();
            self.note(moment, &Note { about, who: by.who, code: None, text })?;
        }
        Ok(answer)
    }
}

/// The change that an act makes to who may have what; `None` for acts that open nothing at once: a
/// new member's past waits by itself (`backfill`).
fn change_of(what: &Administer) -> Option<Change> {
    if let Administer::Confirm { partner, .. } = what {
        return Some(Change::Confirm(*partner));
    }
    if let Administer::Lift { thing, partner } = what {
        return Some(Change::Lift { thing: thing.clone(), partner: *partner });
    }
    let Administer::Relabel { thing, tlp } = what else { return None };
    Some(Change::Relabel { thing: thing.clone(), tlp: *tlp })
}

/// What was done, for the ledger; `None` for what leaves a record of its own, or is not decided by
/// a person who says why.
fn told(what: &Administer) -> Option<String> {
    Some(match what {
        Administer::CreateCircle { name, .. } => format!("created circle {}", shown(name)),
        Administer::AddMember { circle, partner } => {
            format!("added {partner} to circle {circle}")
        }
        Administer::RemoveMember { circle, partner } => {
            format!("removed {partner} from circle {circle}")
        }
        Administer::AcceptCircle(circle) => format!("accepted circle {circle}"),
        Administer::Backfill { circle, partner, send } => {
            let word = if *send { "sends" } else { "does not send" };
            format!("{word} the past of circle {circle} to {partner}")
        }
        Administer::PartWith { circle, partner } => {
            format!("removed {partner} from circle {circle}; it keeps what it has")
        }
        Administer::Lift { thing, partner } => format!("gives {thing} to {partner} again"),
        Administer::ForgetUndone(partner) => {
            format!("lets in again what was taken out with what came from {partner}")
        }
        Administer::Withdraw { thing, partner } => format!("withdrew {thing} from {partner}"),
        // Once for all its steps.
        Administer::Undo(Undo { partner, since, after: 0 }) => {
            format!("takes out what came from {partner} since {since}")
        }
        Administer::RotateKey(_) => "changes this node's key".to_owned(),
        Administer::RevokeKey(key) => format!("revoked key {key}"),
        Administer::RescueKeys { .. } => "took keys that the recovery key signed".to_owned(),
        Administer::Confirm { partner, .. } => format!("confirmed {partner}"),
        Administer::RemovePartner(partner) => format!("removed partner {partner}"),
        Administer::Relabel { thing, tlp } => format!("relabelled {thing} TLP:{tlp}"),
        Administer::CreateToken(token) => format!("created token {}", shown(&token.name)),
        Administer::RevokeToken(name) => format!("revoked token {}", shown(name)),
        Administer::AddSource(source) => format!("added source {}", shown(&source.name)),
        Administer::RemoveSource(name) => format!("removed source {}", shown(name)),
        Administer::AddReceiver(new) => format!("added webhook {}", shown(&new.name)),
        Administer::RemoveReceiver(name) => format!("removed webhook {}", shown(name)),
        Administer::Act { .. }
        | Administer::SetCard { .. }
        | Administer::SetPolicy { .. }
        | Administer::Note(_)
        | Administer::ReleaseFirst { .. }
        | Administer::UndoSend { .. }
        | Administer::PullSource(_)
        | Administer::SetSyslog(_)
        | Administer::Invite { .. }
        | Administer::PromisePast { .. }
        | Administer::Join(_)
        | Administer::JoinedAt(_)
        | Administer::Introduce { .. }
        | Administer::SealTo { .. }
        | Administer::RemovedBy { .. }
        | Administer::BeginKeys(_)
        | Administer::UseKey(_)
        | Administer::HearKeys(_)
        | Administer::KeysHeard { .. }
        | Administer::Undo(_)
        | Administer::Suppress(_)
        | Administer::Unsuppress { .. }
        | Administer::Dispute(_)
        | Administer::Ask(_)
        | Administer::Tell(_)
        | Administer::Recall { .. } => return None,
    })
}
