//! Filling an empty index with every indicator that is watched, fast enough to be done at every
//! start. It opens no body: a view holds the values. What is hidden or superseded while it works
//! leaves the index by an effect, and what comes comes by one.

use crate::watch::{INDICATOR, order, versions};
use model::facts::{Rule, ValueKind};
use model::kind::Kind;
use model::seal::sha256;
use model::time::Instant;
use std::collections::{HashMap, HashSet};
use store::{Reading, Rival, Row, Seq, StoreError};

/// Entries of the view in one look, and places of the log in one.
const PAGE: usize = 20_000;
/// Rivals up to which each is looked up by itself; more are ranked in one walk over the log.
const RIVALS_FEW: usize = 5_000;

/// An entry's version, as far as a number tells it.
type Rank = (Option<Instant>, Seq);

/// What a filling needs to know beside the view. Each step is one short look, so that nobody waits.
#[derive(Debug)]
pub struct Filling {
    upto: Seq,
    hidden: HashSet<Seq>,
    capacity: usize,
    rivals: usize,
    /// The newest of each thing by signer and circle, while the log is walked.
    ranks: HashMap<[u8; 16], Rank>,
    /// Those for whom a number did not tell.
    ties: HashSet<Seq>,
    newest: HashSet<Seq>,
    next: Step,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Rank(Seq),
    Fill(Seq),
    Done,
}

impl Filling {
    /// Begins to take what the log holds up to this place.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn begin(reading: &Reading<'_>, upto: Seq) -> Result<Self, StoreError> {
        let (capacity, rivals) = reading.watched_count()?;
        let next = if rivals > RIVALS_FEW { Step::Rank(0) } else { Step::Fill(0) };
        Ok(Self {
            upto,
            hidden: reading.hidden()?,
            capacity,
            rivals,
            ranks: HashMap::new(),
            ties: HashSet::new(),
            newest: HashSet::new(),
            next,
        })
    }

    /// Entries that are watched, about.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        self.capacity
    }

    /// One step; each value that is watched goes to `each`. `false` when there is no more.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn step(
        &mut self,
        reading: &Reading<'_>,
        each: &mut dyn FnMut(Seq, ValueKind, &str),
    ) -> Result<bool, StoreError> {
        self.next = match self.next {
            Step::Rank(after) => self.rank(reading, after)?,
            Step::Fill(after) => match self.fill(reading, after, each)? {
                Some(next) => Step::Fill(next),
                None => Step::Done,
            },
            Step::Done => Step::Done,
        };
        Ok(!matches!(self.next, Step::Done))
    }

    /// Every rule that is watched goes to `each`, after the values and in one look: rules are few.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn rules(
        &self,
        reading: &Reading<'_>,
        each: &mut dyn FnMut(Seq, &Rule),
    ) -> Result<(), StoreError> {
        let mut after = Some(0);
        while let Some(from) = after {
            let mut page = Vec::new();
            after = reading.rules((from, self.upto), PAGE, &mut |seq, rule| {
                page.push((seq, rule));
            })?;
            for (seq, rule) in page {
                if !self.hidden.contains(&seq) && is_newest(reading, seq)? {
                    each(seq, &rule);
                }
            }
        }
        Ok(())
    }

    /// Walks over a stretch of the log and keeps the newest of each.
    fn rank(&mut self, reading: &Reading<'_>, after: Seq) -> Result<Step, StoreError> {
        let Ok(kind) = INDICATOR.parse::<Kind>() else { return Ok(Step::Fill(0)) };
        let until = after.saturating_add(Seq::try_from(PAGE).unwrap_or(Seq::MAX)).min(self.upto);
        let Self { ranks, ties, .. } = self;
        reading.rivals(&kind, (after, until), &mut |rival| {
            let rank = (rival.version.parse().ok(), rival.seq);
            let known = ranks.entry(key(&rival)).or_insert(rank);
            if known.0 == rank.0 && *known != rank {
                ties.extend([known.1, rank.1]);
            }
            *known = (*known).max(rank);
        })?;
        if until < self.upto {
            return Ok(Step::Rank(until));
        }
        self.newest = std::mem::take(ranks).into_values().map(|(_, seq)| seq).collect();
        Ok(Step::Fill(0))
    }

    fn fill(
        &self,
        reading: &Reading<'_>,
        after: Seq,
        each: &mut dyn FnMut(Seq, ValueKind, &str),
    ) -> Result<Option<Seq>, StoreError> {
        let ranked = self.rivals > RIVALS_FEW;
        let mut unsure: Vec<(Seq, Vec<(ValueKind, String)>)> = Vec::new();
        let next = reading.watched((after, self.upto), PAGE, &mut |seq, rival, values| {
            if self.hidden.contains(&seq) {
                return;
            }
            if rival && (!ranked || self.ties.contains(&seq)) {
                let owned = |(kind, text): (_, &str)| (kind, text.to_owned());
                unsure.push((seq, values.map(owned).collect()));
            } else if !rival || self.newest.contains(&seq) {
                values.for_each(|(kind, text)| each(seq, kind, text));
            }
        })?;
        for (seq, values) in unsure {
            if is_newest(reading, seq)? {
                values.iter().for_each(|(kind, text)| each(seq, *kind, text));
            }
        }
        Ok(next)
    }
}

/// What two entries share that are versions of one thing, by one signer, in one circle, brought the
/// same way.
fn key(rival: &Rival<'_>) -> [u8; 16] {
    let (signer, circle) = (rival.signer_id.to_le_bytes(), rival.circle_id.to_le_bytes());
    let intake = rival.intake.unwrap_or_default();
    let digest = sha256(&[rival.thing, &signer, &circle, intake]);
    let mut key = [0; 16];
    key.iter_mut().zip(digest.as_bytes()).for_each(|(to, from)| *to = *from);
    key
}

/// Whether an entry is the newest version that its signer placed in its circle.
pub(crate) fn is_newest(reading: &Reading<'_>, seq: Seq) -> Result<bool, StoreError> {
    let Some(row) = reading.row(seq)?.filter(|row| !row.erased) else { return Ok(false) };
    let same = |other: &Row| {
        other.signer == row.signer
            && other.authorship == row.authorship
            && other.label.circle == row.label.circle
    };
    let versions = versions(reading, &row.thing, same)?;
    Ok(versions.iter().max_by_key(|row| order(row)).is_some_and(|newest| newest.seq == seq))
}
