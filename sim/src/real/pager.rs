//! Two TAXII clients that page through a collection while it is written: one goes by `next` alone,
//! one by `added_after` alone. Neither may miss anything or get anything twice.
//!
//! It deliberately asks for all versions: which one is the last changes while they page.

use super::held::Held;
use super::run::Breach;
use super::script::Token;
use super::world::World;
use formats::taxii::Filter;
use model::time::Instant;
use node::Seq;
use node::read::{Entry, Shape};
use std::collections::BTreeSet;

/// Objects that a client asks for at once.
const OBJECTS: usize = 3;

/// Who pages: where, as whom, through which circle.
pub(super) type Whose = (usize, Token, usize);

/// What one client has.
#[derive(Debug, Clone, Default)]
struct Has {
    records: BTreeSet<Seq>,
    versions: BTreeSet<(String, String)>,
    last: Option<Instant>,
}

impl Has {
    /// What was withheld for a while and opened again comes again, under a new date.
    fn take(&mut self, entry: &Entry, client: &str, opened: &BTreeSet<Seq>) -> Result<(), String> {
        let known = (entry.thing.to_string(), entry.version.clone());
        if !self.records.insert(entry.seq) && !opened.contains(&entry.seq) {
            return Err(format!("the client by {client} got {} {} twice", known.0, known.1));
        }
        if self.last.is_some_and(|last| last >= entry.date) {
            return Err(format!("dates do not rise for the client by {client} at {}", known.0));
        }
        self.last = Some(entry.date);
        self.versions.insert(known);
        Ok(())
    }
}

/// Both clients of one collection.
#[derive(Debug, Clone, Default)]
pub(super) struct Pagers {
    by_next: Has,
    /// Where the page begins that the client by `next` asks for.
    start: Option<u64>,
    /// What it has of that page already: its last page may grow.
    page: BTreeSet<Seq>,
    by_date: Has,
}

impl World {
    /// Both clients ask for one page each.
    pub(super) fn turn(&mut self, whose: Whose) -> Result<bool, Breach> {
        let mut pagers = self.pagers.remove(&whose).unwrap_or_default();
        let (step, limit, opened) = (self.step, OBJECTS, self.relabelled(whose.0)?);
        let named = |error: String| Breach::once(format!("step {step}: {whose:?}: {error}"));
        let by_next =
            self.page(whose, &Self::everything(), (Shape::Objects, pagers.start, limit))?;
        let mut moved = by_next.next.is_some();
        for entry in &by_next.entries {
            if pagers.page.insert(entry.seq) {
                moved = true;
                pagers.by_next.take(entry, "next", &opened).map_err(named)?;
            }
        }
        if by_next.next.is_some() {
            pagers.start = by_next.next;
            pagers.page.clear();
        }
        let filter = Filter { added_after: pagers.by_date.last, ..Self::everything() };
        let by_date = self.page(whose, &filter, (Shape::Objects, None, limit))?;
        for entry in &by_date.entries {
            moved = true;
            pagers.by_date.take(entry, "added_after", &opened).map_err(named)?;
        }
        let manifest = self.page(whose, &filter, (Shape::Manifest, None, limit))?;
        let same = |a: &Entry, b: &Entry| a.seq == b.seq && a.date == b.date;
        let agree = manifest.entries.len() == by_date.entries.len()
            && manifest.entries.iter().zip(&by_date.entries).all(|(a, b)| same(a, b));
        self.pagers.insert(whose, pagers);
        if agree { Ok(moved) } else { Err(named("the manifest tells otherwise".to_owned())) }
    }

    /// The records at a node whose signer gave them another traffic light.
    fn relabelled(&self, node: usize) -> Result<BTreeSet<Seq>, Breach> {
        let site = self.site(node)?;
        let meant = |held: &Held| site.held.iter().any(|word| word.is_relabel_of(held));
        Ok(site.held.iter().filter(|held| meant(held)).map(|held| held.seq).collect())
    }

    /// Both clients go on to the end and are compared with one who reads everything at once.
    pub(super) fn last_pages(&mut self) -> Result<(), Breach> {
        let all: Vec<Whose> = self.pagers.keys().copied().collect();
        for whose in all {
            while self.turn(whose)? {}
            let whole = self.page(whose, &Self::everything(), (Shape::Objects, None, 10_000))?;
            let Some(pagers) = self.pagers.get(&whose) else { continue };
            for entry in &whole.entries {
                let known = (entry.thing.to_string(), entry.version.clone());
                let clients =
                    [("next", &pagers.by_next), ("added_after", &pagers.by_date)].into_iter();
                for (client, has) in clients {
                    if !has.versions.contains(&known) {
                        return Err(Breach::once(format!(
                            "{whose:?}: the client by {client} never got {} {}",
                            known.0, known.1
                        )));
                    }
                }
            }
            self.stats.add("collections paged to the end", 1);
        }
        Ok(())
    }
}
