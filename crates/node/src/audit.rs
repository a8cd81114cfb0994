//! What this node's people should know of afterwards, in its own ledger: acts with who and why, and
//! refusals that somebody may have meant ill. It refuses nothing itself, and tells nobody else.

use crate::apply::{Moment, Node};
use model::facts::Facts;
use model::id::{CircleId, NodeId, ThingId};
use model::kind::{AUDIT, CARD, Kind, POLICY};
use model::label::{Label, Tlp};
use model::ledger::{Change, Note, changed_thing, ledger_of};
use std::collections::BTreeSet;
use store::StoreError;

impl Node {
    /// The circle of this node's own ledger: nobody is a member, so nobody else may have it.
    pub(crate) fn ledger(&self) -> CircleId {
        ledger_of(&self.me.node())
    }

    /// Writes one event into the ledger. What a partner can cause as often as it likes is bounded by
    /// who calls this.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn note(
        &mut self,
        moment: &mut Moment<'_, '_>,
        note: &Note,
    ) -> Result<(), StoreError> {
        let uuid = uuid::Builder::from_random_bytes(moment.bytes()).into_uuid();
        let thing = ThingId { kind: Kind::ours(AUDIT), uuid };
        let (label, body) = (self.private(), note.write());
        let facts = Facts { title: title_of(&thing.kind, &body), ..Facts::default() };
        self.state(moment, thing, "1".to_owned(), label, (body, &facts))?;
        Ok(())
    }

    /// Writes a change of a card or of the policy into the ledger, under its number.
    pub(crate) fn put_change(
        &mut self,
        moment: &mut Moment<'_, '_>,
        number: u64,
        change: &Change,
    ) -> Result<(), StoreError> {
        let kind = Kind::ours(if change.partner.is_some() { CARD } else { POLICY });
        let uuid = changed_thing(&self.ledger(), change.partner.as_ref());
        let (label, body) = (self.private(), change.write());
        let facts = Facts { title: title_of(&kind, &body), ..Facts::default() };
        let thing = ThingId { kind, uuid };
        self.state(moment, thing, number.to_string(), label, (body, &facts))?;
        Ok(())
    }

    /// The label of what stands in the ledger: for nobody, and without a hop.
    fn private(&self) -> Label {
        let label = Label::new(Tlp::Red, self.ledger());
        Label { to: Some(BTreeSet::<NodeId>::new()), hops: 0, ..label }
    }
}

/// What a search finds an entry of the ledger by; the same whenever its body is read again.
pub(crate) fn title_of(kind: &Kind, body: &str) -> Option<String> {
    match kind.as_str() {
        CARD | POLICY => {
            let Change { who, why, partner, .. } = Change::read(body).ok()?;
            let what =
                partner.map_or_else(|| "policy".to_owned(), |node| format!("card of {node}"));
            Some(format!("{what}, by {who}: {why}"))
        }
        AUDIT => {
            let Note { about, who, text, .. } = Note::read(body).ok()?;
            Some(format!("{about}, by {who}: {text}"))
        }
        _ => None,
    }
}
