//! Which versions of an object a collection shows: first, last, all, or named ones; and one record
//! per version where several signers brought the same.

use crate::outlet::is_numbered;
use crate::release::Lens;
use crate::watch::order;
use formats::taxii::Versions;
use model::id::{CircleId, ThingId};
use model::limits::PAGE_OBJECTS_MAX;
use model::time::Instant;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use store::{Outlet, Reading, Row, Seq, StoreError};

/// The collection that a question is about: one circle as one audience sees it.
#[derive(Debug)]
pub(super) struct Collection<'a> {
    pub reading: Reading<'a>,
    pub circle: CircleId,
    pub outlet: &'a Outlet,
    pub lens: &'a Lens,
    /// What was found out about things of several records: a page asks for each of their records.
    pub standings: RefCell<BTreeMap<ThingId, Rc<Standing>>>,
}

/// Which records of one thing count in a collection.
#[derive(Debug, Default)]
pub(super) struct Standing {
    first: Option<Seq>,
    last: Option<Seq>,
    /// The best of each version.
    among: BTreeSet<Seq>,
}

impl Collection<'_> {
    /// Whether an entry is there for this reader.
    pub(super) fn shows(&self, row: &Row) -> bool {
        row.label.circle == self.circle && !row.hidden && self.lens.sees(row)
    }

    /// The records of the same thing in this collection, the best of each version.
    fn standing(&self, row: &Row) -> Result<Rc<Standing>, StoreError> {
        if let Some(known) = self.standings.borrow().get(&row.thing) {
            return Ok(Rc::clone(known));
        }
        let mut best: BTreeMap<(Option<Instant>, String), Row> = BTreeMap::new();
        for seq in self.reading.by_thing(&row.thing)? {
            let Some(other) = self.reading.row(seq)? else { continue };
            let counts = self.shows(&other) && is_numbered(&self.reading, self.outlet, seq)?;
            let key = version_key(&other.version);
            let better = best.get(&key).is_none_or(|held| self.trust(&other) < self.trust(held));
            if counts && better {
                best.insert(key, other);
            }
        }
        let mut rows: Vec<Row> = best.into_values().collect();
        rows.sort_by_cached_key(order);
        let seq = |row: Option<&Row>| row.map(|row| row.seq);
        let (first, last) = (seq(rows.first()), seq(rows.last()));
        let among = rows.iter().map(|row| row.seq).collect();
        let standing = Rc::new(Standing { first, last, among });
        let mut standings = self.standings.borrow_mut();
        if standings.len() >= PAGE_OBJECTS_MAX {
            standings.clear();
        }
        standings.insert(row.thing.clone(), Rc::clone(&standing));
        Ok(standing)
    }

    /// This node's own word first, then who came first.
    fn trust(&self, row: &Row) -> (bool, Seq) {
        (row.signer != self.lens.reader.node, row.seq)
    }

    /// Whether this very row is shown when these versions are asked for.
    pub(super) fn selects(&self, row: &Row, wanted: &Versions) -> Result<bool, StoreError> {
        let named = |values: &[Instant]| shown(row).parse().is_ok_and(|at| values.contains(&at));
        if !row.rival {
            return Ok(match wanted {
                Versions::All => true,
                Versions::Some { first, last, values } => *first || *last || named(values),
            });
        }
        let standing = self.standing(row)?;
        let is = |other: Option<Seq>| other == Some(row.seq);
        let among = standing.among.contains(&row.seq);
        Ok(match wanted {
            Versions::All => among,
            Versions::Some { first, last, values } => {
                (*first && is(standing.first))
                    || (*last && is(standing.last))
                    || (among && named(values))
            }
        })
    }
}

/// The version that TAXII shows: the natural text, or for objects without one the signing instant.
pub(super) fn shown(row: &Row) -> String {
    if row.version.starts_with("sha256:") { row.signed.to_taxii() } else { row.version.clone() }
}

/// SPEC: TAXII 2.1 §3.4: versions compare as instants; their text is echoed as it was.
fn version_key(version: &str) -> (Option<Instant>, String) {
    match version.parse() {
        Ok(at) => (Some(at), String::new()),
        Err(_) => (None, version.to_owned()),
    }
}
