//! What lies in a node's log, read off row by row, as facts for the oracle.
//!
//! It deliberately takes nothing from the rows that a decision made: labels come from the signed
//! headers and from relabels in the log, never from the label that the store holds.

use super::canary;
use model::id::{CircleId, Digest, NodeId, ThingId};
use model::kind::{RECALL, RELABEL, WITHDRAW};
use model::label::{Label, Tlp};
use model::record::{Authorship, Header};
use model::statement::{Recall, Relabel, Subject, Withdraw};
use node::{Reading, Seq, StoreError};

/// What a record says about another.
#[derive(Debug, Clone)]
pub(super) enum Says {
    /// It is content.
    Nothing,
    Recall(Subject),
    Relabel(Subject, Tlp),
    /// Whose record, and which.
    Withdraw(NodeId, Subject),
}

/// One entry of a log.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) seq: Seq,
    pub(super) leaf: Digest,
    pub(super) header: Header,
    pub(super) via: Option<NodeId>,
    pub(super) hop: u8,
    pub(super) erased: bool,
    pub(super) says: Says,
    pub(super) found: canary::Found,
    pub(super) body: Vec<u8>,
}

impl Held {
    /// Reads one entry; `None` when it was erased before anybody looked.
    pub(super) fn read(reading: &Reading<'_>, seq: Seq) -> Result<Option<Self>, StoreError> {
        let (Some(row), Some(parts), Some(leaf)) =
            (reading.row(seq)?, reading.parts(seq)?, reading.leaf(seq)?)
        else {
            return Ok(None);
        };
        let Ok(header) = Header::read(&parts.head) else { return Ok(None) };
        let text = std::str::from_utf8(&parts.body).unwrap_or_default();
        let says = match header.thing.kind.as_str() {
            RECALL => Recall::read(text).map(|r| Says::Recall(r.subject)),
            RELABEL => Relabel::read(text).map(|r| Says::Relabel(r.subject, r.tlp)),
            WITHDRAW => Withdraw::read(text).map(|w| Says::Withdraw(w.signer, w.subject)),
            _ => Ok(Says::Nothing),
        };
        Ok(Some(Self {
            seq,
            leaf,
            via: row.via,
            hop: row.hop,
            erased: row.erased,
            says: says.unwrap_or(Says::Nothing),
            found: canary::find(&parts.body),
            header,
            body: parts.body,
        }))
    }

    /// Whether it is content that somebody handed in.
    pub(super) fn is_content(&self) -> bool {
        matches!(self.header.authorship, Authorship::Carries(_))
    }

    pub(super) const fn circle(&self) -> &CircleId {
        &self.header.label.circle
    }

    pub(super) fn thing(&self) -> &ThingId {
        &self.header.thing
    }

    /// Whether this takes another record back.
    pub(super) fn is_word_on(&self, other: &Self) -> bool {
        let signer = &self.header.signer;
        match &self.says {
            Says::Recall(subject) => other.is(self.circle(), signer, subject),
            Says::Withdraw(whose, subject) => other.is(self.circle(), whose, subject),
            Says::Nothing | Says::Relabel(..) => false,
        }
    }

    /// Whether this gives another record a new traffic light.
    pub(super) fn is_relabel_of(&self, other: &Self) -> bool {
        match &self.says {
            Says::Relabel(subject, _) => other.is(self.circle(), &self.header.signer, subject),
            Says::Nothing | Says::Recall(..) | Says::Withdraw(..) => false,
        }
    }

    /// Whether a statement by `signer` in `circle` about `subject` means this record of `whose`.
    pub(super) fn is(&self, circle: &CircleId, whose: &NodeId, subject: &Subject) -> bool {
        self.header.signer == *whose
            && self.circle() == circle
            && self.header.thing == subject.thing
            && self.header.version == subject.version
            && self.header.authorship == subject.authorship
    }
}

/// The label by which a node that holds `all` must release `held`: the signed one, with the
/// signer's newest word on its traffic light. With that word the signer has judged a marking that
/// it did not know.
pub(super) fn label(all: &[Held], held: &Held) -> Label {
    let words = all.iter().filter_map(|other| match &other.says {
        Says::Relabel(subject, tlp)
            if held.is(other.circle(), &other.header.signer, subject)
                && other.header.signed >= held.header.signed =>
        {
            Some((other.header.signed, *tlp))
        }
        Says::Nothing | Says::Recall(..) | Says::Relabel(..) | Says::Withdraw(..) => None,
    });
    let newest = words.max_by_key(|(signed, _)| *signed).map(|(_, tlp)| tlp);
    let label = held.header.effective_label();
    match newest {
        Some(tlp) => Label { tlp, unknown: !held.header.extra.is_empty(), ..label },
        None => label,
    }
}

/// Whether the signer has recalled it, as far as a node that holds `all` knows.
pub(super) fn recalled(all: &[Held], held: &Held) -> bool {
    all.iter().any(|other| match &other.says {
        // By another intake it may be handed in again later; partners refuse it, its signer has it.
        Says::Recall(subject) => {
            let later = other.seq > held.seq || other.header.signed >= held.header.signed;
            later && held.is(other.circle(), &other.header.signer, subject)
        }
        Says::Nothing | Says::Relabel(..) | Says::Withdraw(..) => false,
    })
}

/// Whether partners refuse it for good: the same version in the same circle was recalled, by
/// whatever intake it came.
pub(super) fn barred(all: &[Held], held: &Held) -> bool {
    all.iter().any(|other| match &other.says {
        Says::Recall(subject) => {
            other.header.signer == held.header.signer
                && other.circle() == held.circle()
                && subject.thing == held.header.thing
                && subject.version == held.header.version
        }
        Says::Nothing | Says::Relabel(..) | Says::Withdraw(..) => false,
    })
}

/// Whether its own signer no longer gives it to anyone, as far as a node that holds `all` knows.
pub(super) fn withdrawn(all: &[Held], held: &Held) -> bool {
    all.iter().any(|other| match &other.says {
        Says::Withdraw(whose, subject) => {
            *whose == other.header.signer
                && held.is(other.circle(), whose, subject)
                && other.header.signed >= held.header.signed
        }
        Says::Nothing | Says::Recall(..) | Says::Relabel(..) => false,
    })
}
