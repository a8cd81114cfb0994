//! Each view against the log, both ways: what the log gives is made anew in the scratch database, a
//! slice at a time, and compared with what the view holds.
//!
//! Compared are sums of row digests over ranges of entries, in memory that does not grow with the
//! log; where two sums differ, a second look names the entries.

use super::damage::{Damage, Place};
use super::inspect::{Inspection, REAL};
use crate::log::Seq;
use crate::view::rebuild::take;
use crate::view::{ALL, FactsOf, Target};
use crate::{StoreError, sum};
use std::collections::{BTreeMap, BTreeSet};

/// Ranges of entries over which sums are kept: half a megabyte for each question.
const RANGES: u64 = 65_536;
/// Ranges that a second look is taken at, and entries that are named.
const LOOKS_MAX: usize = 64;
/// Entries made anew at once.
const STEP: Seq = 1_000;

/// One question about what a view holds.
struct Question {
    view: &'static str,
    ours: String,
    theirs: String,
}

/// Rows of one entry: how many, and the sum of their digests.
type Rows = (u64, u64);

/// Sums over ranges of entries, and rows of entries that cannot be.
struct Sums {
    width: u64,
    ranges: Vec<u64>,
    strange: Vec<Seq>,
}

impl Sums {
    fn new(head: Seq) -> Self {
        let width = head.unsigned_abs().div_ceil(RANGES).max(1);
        let count = usize::try_from(head.unsigned_abs().div_ceil(width)).unwrap_or(0);
        Self { width, ranges: vec![0; count], strange: Vec::new() }
    }

    fn add(&mut self, seq: Seq, digest: u64) {
        let range = u64::try_from(seq.saturating_sub(1)).ok().map(|place| place / self.width);
        let range = range.and_then(|range| usize::try_from(range).ok());
        match range.and_then(|range| self.ranges.get_mut(range)) {
            Some(sum) => *sum = sum.wrapping_add(digest),
            None if self.strange.len() < LOOKS_MAX => self.strange.push(seq),
            None => {}
        }
    }

    /// The entries of a range, the last one included.
    fn span(&self, range: usize) -> (Seq, Seq) {
        let first = u64::try_from(range).unwrap_or(0).saturating_mul(self.width);
        let seq = |place: u64| Seq::try_from(place).unwrap_or(Seq::MAX);
        (seq(first.saturating_add(1)), seq(first.saturating_add(self.width)))
    }
}

impl Inspection {
    /// Compares every view with what the log gives.
    ///
    /// # Errors
    /// When the database fails; what is damaged is reported to `each` instead.
    pub fn views(
        &self,
        facts_of: &mut FactsOf<'_>,
        each: &mut dyn FnMut(Damage),
    ) -> Result<(), StoreError> {
        let questions = self.scratch()?;
        let mut held = Vec::with_capacity(questions.len());
        for question in questions {
            let mut sums = Sums::new(self.head);
            match self.ask(&question.theirs, &mut |seq, digest| sums.add(seq, digest)) {
                Ok(()) => held.push((question, sums)),
                Err(error) if error.is_damage() => {
                    let place = Place::View(question.view, None);
                    each(Damage::at(place, "its rows cannot be read"));
                }
                Err(error) => return Err(error),
            }
        }
        let (given, unread) = self.give(&held, facts_of)?;
        for ((question, sums), given) in held.iter().zip(&given) {
            for seq in &sums.strange {
                let place = Place::View(question.view, Some(*seq));
                each(Damage::at(place, "it has a row for an entry that the log does not have"));
            }
            let pairs = sums.ranges.iter().zip(&given.ranges).enumerate();
            let unequal: Vec<usize> =
                pairs.filter(|(_, (a, b))| a != b).map(|(range, _)| range).collect();
            self.look_again((question, sums), &unequal, (facts_of, &unread), each)?;
        }
        self.doubts(each)
    }

    /// Makes the empty tables of all views in the scratch database.
    fn scratch(&self) -> Result<Vec<Question>, StoreError> {
        let mut questions = Vec::new();
        for view in ALL {
            self.handle.conn.execute_batch(view.tables())?;
            for schema in ["main", REAL] {
                if let Some(sql) = view.before_rows(schema) {
                    self.handle.conn.execute_batch(&sql)?;
                }
            }
            for (ours, theirs) in view.rows("main").into_iter().zip(view.rows(REAL)) {
                questions.push(Question { view: view.name(), ours, theirs });
            }
        }
        Ok(questions)
    }

    /// Hands the entry and the digest of each row to `each`.
    fn ask(&self, question: &str, each: &mut dyn FnMut(Seq, u64)) -> Result<(), StoreError> {
        let mut statement = self.handle.conn.prepare(question)?;
        let mut rows = statement.query(())?;
        while let Some(row) = rows.next()? {
            each(row.get(0)?, sum::of_row(row, 0)?);
        }
        Ok(())
    }

    /// Makes all views anew, slice by slice; gives their sums, and the entries that could not be
    /// read, of which nothing can be said.
    fn give(
        &self,
        held: &[(Question, Sums)],
        facts_of: &mut FactsOf<'_>,
    ) -> Result<(Vec<Sums>, BTreeSet<Seq>), StoreError> {
        let mut given: Vec<Sums> = held.iter().map(|_| Sums::new(self.head)).collect();
        let mut unread = BTreeSet::new();
        let mut after = 0;
        while after < self.head {
            let upto = self.head.min(after.saturating_add(STEP));
            self.make((after, upto), facts_of, &mut unread)?;
            for ((question, _), sums) in held.iter().zip(&mut given) {
                self.ask(&question.ours, &mut |seq, digest| sums.add(seq, digest))?;
            }
            after = upto;
        }
        Ok((given, unread))
    }

    /// Makes all views of the entries above `after`, up to and with `upto`, and of no others.
    fn make(
        &self,
        (after, upto): (Seq, Seq),
        facts_of: &mut FactsOf<'_>,
        unread: &mut BTreeSet<Seq>,
    ) -> Result<(), StoreError> {
        const TABLES: &str = "SELECT name, type FROM pragma_table_list
            WHERE schema = 'main' AND type <> 'shadow' AND name GLOB 'view_*'";
        let tables = crate::sql::all(&self.handle.conn, TABLES, (), |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        })?;
        for (table, kind) in tables {
            let empty = match kind.as_str() {
                "virtual" => format!("INSERT INTO main.{table} ({table}) VALUES ('delete-all')"),
                _ => format!("DELETE FROM main.{table}"),
            };
            crate::sql::execute(&self.handle.conn, &empty, ())?;
        }
        let to = Target::used(&self.handle);
        for seq in after.saturating_add(1)..=upto {
            match take(&ALL, &to, seq, facts_of) {
                Ok(_) => {}
                Err(error) if error.is_damage() || error.is_readonly() => {
                    unread.insert(seq);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Names the entries whose rows differ, of so many ranges.
    fn look_again(
        &self,
        (question, sums): (&Question, &Sums),
        unequal: &[usize],
        (facts_of, unread): (&mut FactsOf<'_>, &BTreeSet<Seq>),
        each: &mut dyn FnMut(Damage),
    ) -> Result<(), StoreError> {
        if unequal.is_empty() {
            return Ok(());
        }
        let (looked, rest) = unequal.split_at(unequal.len().min(LOOKS_MAX));
        let spans: Vec<(Seq, Seq)> = looked.iter().map(|range| sums.span(*range)).collect();
        let wanted = |seq: Seq| spans.iter().any(|(first, last)| (*first..=*last).contains(&seq));
        let mut held: BTreeMap<Seq, Rows> = BTreeMap::new();
        let mut given = held.clone();
        let add = |rows: &mut BTreeMap<Seq, Rows>, seq, digest: u64| {
            if wanted(seq) {
                let (count, sum) = rows.entry(seq).or_default();
                (*count, *sum) = (*count + 1, sum.wrapping_add(digest));
            }
        };
        self.ask(&question.theirs, &mut |seq, digest| add(&mut held, seq, digest))?;
        for (first, last) in &spans {
            let last = *last.min(&self.head);
            self.make((first - 1, last), facts_of, &mut BTreeSet::new())?;
            self.ask(&question.ours, &mut |seq, digest| add(&mut given, seq, digest))?;
        }
        let seqs: BTreeSet<Seq> = held.keys().chain(given.keys()).copied().collect();
        for seq in seqs.into_iter().filter(|seq| !unread.contains(seq)) {
            let of = |rows: &BTreeMap<Seq, Rows>| rows.get(&seq).copied().unwrap_or_default();
            let (held, given) = (of(&held), of(&given));
            let what = match held.0.cmp(&given.0) {
                std::cmp::Ordering::Less => "it lacks rows that the log gives",
                std::cmp::Ordering::Greater => "it has rows that the log does not give",
                std::cmp::Ordering::Equal if held == given => continue,
                std::cmp::Ordering::Equal => "its rows are not those that the log gives",
            };
            each(Damage::at(Place::View(question.view, Some(seq)), what));
        }
        if !rest.is_empty() {
            let what = format!("its rows differ in {} more ranges of entries", rest.len());
            each(Damage::at(Place::View(question.view, None), what));
        }
        Ok(())
    }

    fn doubts(&self, each: &mut dyn FnMut(Damage)) -> Result<(), StoreError> {
        for view in ALL {
            for doubt in view.doubts() {
                let question = doubt.replace("{}", REAL);
                let mut named = 0;
                let asked = self.ask(&question, &mut |seq, _| {
                    named += 1;
                    if named <= LOOKS_MAX {
                        let place = Place::View(view.name(), Some(seq));
                        each(Damage::at(place, "a mark or a setting of it is not as it should be"));
                    }
                });
                match asked {
                    Err(error) if error.is_damage() => {
                        let place = Place::View(view.name(), None);
                        each(Damage::at(place, "it cannot be compared with the log"));
                    }
                    other => other?,
                }
            }
        }
        Ok(())
    }
}
