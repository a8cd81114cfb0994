//! Which versions of an object a collection shows: first, last, all, or named ones; and one record
//! per version where several signers brought the same.

use crate::outlet::is_numbered;
use crate::release::Lens;
use crate::watch::order;
use formats::taxii::Versions;
use model::id::CircleId;
use model::time::Instant;
use store::{Outlet, Reading, Row, Seq, StoreError};

/// The collection that a question is about: one circle as one audience sees it.
#[derive(Debug)]
pub(super) struct Collection<'a> {
    pub reading: Reading<'a>,
    pub circle: CircleId,
    pub outlet: &'a Outlet,
    pub lens: &'a Lens,
    /// Whether anything in this collection was ever hidden.
    pub hides: bool,
}

impl Collection<'_> {
    /// Whether an entry is there for this reader.
    pub(super) fn shows(&self, row: &Row) -> Result<bool, StoreError> {
        let here = row.label.circle == self.circle && self.lens.sees(row);
        Ok(here && !(self.hides && self.reading.is_hidden(&self.circle, row.seq)?))
    }

    /// The rows of the same thing in this collection, the best of each version, oldest first.
    fn rivals(&self, row: &Row) -> Result<Vec<Row>, StoreError> {
        let mut rows: Vec<Row> = Vec::new();
        for seq in self.reading.by_thing(&row.thing)? {
            let Some(other) = self.reading.row(seq)? else { continue };
            let counts = self.shows(&other)? && is_numbered(&self.reading, self.outlet, seq)?;
            if !counts {
                continue;
            }
            match rows.iter_mut().find(|held| same_version(&held.version, &other.version)) {
                Some(held) if self.trust(&other) < self.trust(held) => *held = other,
                Some(_) => {}
                None => rows.push(other),
            }
        }
        rows.sort_by_cached_key(order);
        Ok(rows)
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
        let rows = self.rivals(row)?;
        let is = |other: Option<&Row>| other.is_some_and(|other| other.seq == row.seq);
        let among = rows.iter().any(|other| other.seq == row.seq);
        Ok(match wanted {
            Versions::All => among,
            Versions::Some { first, last, values } => {
                (*first && is(rows.first()))
                    || (*last && is(rows.last()))
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
fn same_version(a: &str, b: &str) -> bool {
    a == b || matches!((a.parse::<Instant>(), b.parse::<Instant>()), (Ok(a), Ok(b)) if a == b)
}
