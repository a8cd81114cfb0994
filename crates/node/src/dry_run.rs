//! Whom what is handed in would be sent to, before anything happens: the same decision that `who`
//! tells of afterwards. It changes nothing, and knows nothing of what is held.

use crate::accept::{Against, Draft};
use crate::release::Lens;
use crate::state::{Circles, partner_reader};
use model::id::{NodeId, ThingId};
use model::kind::Kind;
use model::label::Label;
use model::time::Instant;
use policy::{By, Placed, Rule};
use std::collections::BTreeMap;
use store::{Reading, StoreError};

/// What one partner would be sent, or would not by one rule.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reach {
    /// The partner's name.
    pub partner: String,
    /// Whether it would be sent.
    pub released: bool,
    /// The rule that decided.
    pub rule: Rule,
    /// Whose rule it is.
    pub by: By,
    /// How many objects of which kind.
    pub kinds: BTreeMap<String, u64>,
}

/// Whether it would be sent, and how many objects of which kind.
type Counted = (bool, BTreeMap<String, u64>);

/// The partners that a dry run is made for, and what was counted for each.
#[derive(Debug)]
pub(crate) struct Trial {
    me: NodeId,
    readers: Vec<(String, Lens)>,
    /// By partner, in the order of `readers`, and rule.
    counts: BTreeMap<(usize, Rule, By), Counted>,
    /// Versions that were accepted already, with their bodies: the same again adds nothing.
    accepted: BTreeMap<(ThingId, String), Vec<u8>>,
}

impl Trial {
    /// Begins with all partners that were not removed.
    pub(crate) fn new(
        reading: &Reading<'_>,
        me: NodeId,
        now: Instant,
        circles: &Circles,
    ) -> Result<Self, StoreError> {
        let partners = reading.partners()?.into_iter();
        let readers = partners.filter_map(|partner| {
            let reader = partner_reader(&partner, circles)?;
            Some((partner.name, Lens { reader, now }))
        });
        let readers = readers.collect();
        Ok(Self { me, readers, counts: BTreeMap::new(), accepted: BTreeMap::new() })
    }

    /// How an object compares with those before it, which in earnest would be held by now.
    pub(crate) fn against(&mut self, held: Against, draft: &Draft) -> Against {
        let key = (draft.thing.clone(), draft.header_version());
        match (held, self.accepted.get(&key)) {
            (Against::Same | Against::Other, _) => held,
            (Against::New, Some(body)) if *body == draft.body => Against::Same,
            (Against::New, Some(_)) => Against::Other,
            (Against::New, None) => {
                self.accepted.insert(key, draft.body.clone());
                Against::New
            }
        }
    }

    /// Counts an object that would be accepted under this label.
    pub(crate) fn count(&mut self, kind: &Kind, label: &Label) {
        let placed = Placed { label, kind, signer: self.me, via: None, hop: 0 };
        for (index, (_, lens)) in self.readers.iter().enumerate() {
            let decision = policy::decide(&placed, &lens.reader, lens.now);
            let entry = self.counts.entry((index, decision.rule, decision.by));
            let (_, kinds) = entry.or_insert_with(|| (decision.released, BTreeMap::new()));
            *kinds.entry(kind.name().to_owned()).or_default() += 1;
        }
    }

    /// What was counted, by partner.
    pub(crate) fn told(self) -> Vec<Reach> {
        let names = &self.readers;
        let told = self.counts.into_iter().filter_map(|((index, rule, by), (released, kinds))| {
            let (partner, _) = names.get(index)?;
            Some(Reach { partner: partner.clone(), released, rule, by, kinds })
        });
        told.collect()
    }
}
