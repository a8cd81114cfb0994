//! What is kept of what was seen: the layers in memory, journals and segments, and how far was
//! looked back. It makes no sighting.

use super::layers::{Layers, Wait, same, whole};
use crate::config::{LOOKED_FILE, number_line, read_number};
use crate::disk::Room;
use crate::runtime::now;
use crate::settings::Lookback;
use detect::observable::Observable;
use detect::past::Gathered;
use model::facts::Value;
use model::limits::{LOOKBACK_BATCH, LOOKBACKS_MAX, SEEN_FLUSH_SECONDS, SEEN_ROWS_HELD_MAX};
use node::Seq;
use node::seen::{Asked, Batch, Day, Retain, Seen, SegmentError};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// All that is kept.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) seen: Seen,
    settings: Lookback,
    layers: Mutex<Layers>,
    /// The disk has no room: nothing more is kept.
    full: AtomicBool,
    rows: AtomicU64,
    skipped: AtomicU64,
    looked: PathBuf,
}

impl Held {
    /// Opens the folder and takes up what a process that died had gathered.
    pub(super) fn open(
        folder: &Path,
        key: [u8; 16],
        settings: &Lookback,
    ) -> Result<Self, SegmentError> {
        let seen = Seen::open(folder, key)?;
        let replayed = seen.replay()?;
        for torn in &replayed.torn {
            tracing::warn!(path = %torn.display(), "a journal of what was seen ends in the middle");
        }
        for problem in seen.unusable() {
            tracing::error!(problem, "a segment of what was seen cannot be read");
        }
        let mut layers = Layers::new(seen.begin(now()), now(), 0);
        for Batch { day, journal, gathered } in replayed.batches {
            (layers.day, layers.last) = (day, journal);
            layers.closed.push(Arc::new(gathered));
            layers.rotate(now());
        }
        let held = Self {
            seen,
            settings: settings.clone(),
            layers: Mutex::new(layers),
            full: AtomicBool::new(false),
            rows: AtomicU64::new(0),
            skipped: AtomicU64::new(0),
            looked: folder.join(LOOKED_FILE),
        };
        held.flush();
        Ok(held)
    }

    pub(super) fn layers(&self) -> MutexGuard<'_, Layers> {
        self.layers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether deliveries are to gather anything.
    pub(super) const fn keeps(&self) -> bool {
        self.settings.keep
    }

    /// Keeps what a delivery saw; `true` when it is time to write a segment.
    pub(super) fn take(&self, gathered: &mut Gathered, source: &str) -> bool {
        let rows = u64::try_from(gathered.rows()).unwrap_or(u64::MAX);
        self.skipped.fetch_add(gathered.take_skipped(), Ordering::Relaxed);
        if gathered.is_empty() {
            return false;
        }
        let mut layers = self.layers();
        let (now, today) = (now(), Day::of(now()));
        if layers.day != today {
            layers.rotate(now);
        }
        let room = !self.full.load(Ordering::Relaxed) && layers.rows() < SEEN_ROWS_HELD_MAX;
        let noted = room.then(|| self.note(&mut layers, gathered, source));
        match noted {
            Some(Ok(())) => {
                self.rows.fetch_add(rows, Ordering::Relaxed);
                Seen::gather(&mut layers.open, gathered, source);
            }
            None => drop(self.skipped.fetch_add(rows, Ordering::Relaxed)),
            Some(Err(error)) => {
                self.skipped.fetch_add(rows, Ordering::Relaxed);
                if !self.full.swap(true, Ordering::Relaxed) {
                    tracing::error!(%error, "what is seen is not kept for looking back");
                }
            }
        }
        let full = layers.is_full();
        if full {
            layers.rotate(now);
        }
        full
    }

    fn note(
        &self,
        layers: &mut Layers,
        gathered: &Gathered,
        source: &str,
    ) -> Result<(), SegmentError> {
        let day = layers.day;
        let journal = match layers.journal.take() {
            Some(journal) => layers.journal.insert(journal),
            None => layers.journal.insert(self.seen.journal(layers.last)?),
        };
        let noted = Seen::note(journal, day, (gathered, source));
        if noted.is_err() {
            // Nobody finds what would come after half an entry.
            layers.last = layers.journal.take().map_or(layers.last, |journal| journal.number());
        }
        noted
    }

    /// What was seen of each value until now.
    pub(super) fn ask(&self, values: &[Observable]) -> Asked {
        self.seen.ask(values, &mut || {
            let mut layers = self.layers();
            (layers.snapshot(now()), self.seen.segments())
        })
    }

    /// Has an indicator looked back for, at what was seen until now.
    pub(super) fn wait(&self, seq: Seq, values: &[Value]) {
        let mut layers = self.layers();
        if layers.behind || layers.waiting.saturating_add(values.len()) > LOOKBACKS_MAX {
            layers.behind = true;
            return;
        }
        let snapshot = layers.snapshot(now());
        layers.gone.remove(&seq);
        layers.waiting = layers.waiting.saturating_add(values.len());
        layers.waits.push_back(Wait { seq, values: values.to_vec(), layers: snapshot });
    }

    /// The next indicators to look back for, all at the same things. What is in a segment by now is
    /// no more among the layers.
    pub(super) fn waiting(&self) -> Vec<Wait> {
        let mut layers = self.layers();
        let (mut taken, mut values): (Vec<Wait>, _) = (Vec::new(), 0);
        layers.skip_gone();
        while let Some(wait) = layers.waits.front() {
            let same = |first: &Wait| same(&first.layers, &wait.layers);
            if !taken.first().is_none_or(same) || values >= LOOKBACK_BATCH {
                break;
            }
            values += wait.values.len();
            taken.extend(layers.waits.pop_front());
            layers.skip_gone();
        }
        layers.waiting = layers.waiting.saturating_sub(values);
        taken
    }

    /// Puts back what could not be told.
    pub(super) fn put_back(&self, waits: Vec<Wait>) {
        let mut layers = self.layers();
        for wait in waits.into_iter().rev() {
            layers.waiting = layers.waiting.saturating_add(wait.values.len());
            layers.waits.push_front(wait);
        }
    }

    /// What was seen of each value until it was to be looked back for.
    pub(super) fn ask_then(&self, values: &[Observable], then: &[Arc<Gathered>]) -> Asked {
        self.seen.ask(values, &mut || {
            let layers = self.layers();
            let batches = layers.batches.iter().flat_map(|batch| &batch.layers);
            let now: Vec<_> = batches.chain(&layers.closed).collect();
            let still = |old: &&Arc<Gathered>| now.iter().any(|layer| Arc::ptr_eq(layer, old));
            (then.iter().filter(still).cloned().collect(), self.seen.segments())
        })
    }

    /// What is gone is not looked back for.
    pub(super) fn forget(&self, seq: Seq) {
        let mut layers = self.layers();
        if !layers.waits.is_empty() {
            layers.gone.insert(seq);
        }
    }

    /// How far was looked back; `None` before the first time.
    pub(super) fn looked(&self) -> Option<Seq> {
        read_number(&self.looked)?.try_into().ok()
    }

    /// Remembers how far was looked back.
    pub(super) fn set_looked(&self, seq: Seq) {
        let part = self.looked.with_extension("part");
        let written = std::fs::write(&part, number_line(seq.unsigned_abs()))
            .and_then(|()| std::fs::rename(&part, &self.looked));
        if let Err(error) = written {
            tracing::warn!(%error, "how far was looked back is not remembered");
        }
    }

    /// Whether what is gathered is to become a segment.
    pub(super) fn is_due(&self) -> bool {
        let layers = self.layers();
        let rows = layers.size().0;
        let age = now().micros().saturating_sub(layers.began.micros());
        let day = rows > 0 && layers.day != Day::of(now());
        let old = rows > 0 && age >= SEEN_FLUSH_SECONDS.saturating_mul(1_000_000);
        day || old
    }

    /// Ends what is gathered, so that it is written.
    pub(super) fn rotate(&self) {
        self.layers().rotate(now());
    }

    /// Makes few layers of many. No delivery and no indicator waits while they are merged.
    pub(super) fn lessen(&self) {
        let Some(parts) = self.layers().many() else { return };
        if let Some(one) = whole(&parts) {
            self.layers().lessen(&parts, one);
        }
    }

    /// Writes every batch that has ended as a segment; what there is no room for waits in memory and
    /// in its journal.
    pub(super) fn flush(&self) {
        loop {
            let layers = self.layers();
            let Some(batch) = layers.batches.front() else { return };
            let (day, journal, parts) = (batch.day, batch.journal, batch.layers.clone());
            drop(layers);
            let gathered = whole(&parts);
            let written = match &gathered {
                Some(gathered) => self.seen.write(day, gathered, journal),
                None => Ok(None),
            };
            let info = match written {
                Ok(info) => info,
                Err(error) => {
                    tracing::warn!(%error, "what was seen waits in its journal");
                    self.full.fetch_or(error.is_full(), Ordering::Relaxed);
                    return;
                }
            };
            let mut layers = self.layers();
            info.into_iter().for_each(|info| self.seen.take_up(info));
            let batch = layers.batches.pop_front();
            drop(layers);
            drop((gathered, parts));
            let spare = batch.and_then(|batch| batch.into_spare());
            // What is let go of by that takes time, and nobody waits for it.
            let _before = std::mem::replace(&mut self.layers().spare, spare);
            if let Err(error) = self.seen.drop_journals(journal) {
                tracing::warn!(%error, "a journal of what was seen stays until the next start");
            }
        }
    }

    /// Lets go of what is too old or too much, and joins what days that are over left small.
    pub(super) fn retain(&self, room: Room) -> Result<(), SegmentError> {
        self.full.store(room != Room::Enough, Ordering::Relaxed);
        let today = Day::of(now());
        let from = today.before(self.settings.days.saturating_sub(1));
        let kept = self.seen.retain(Retain { from, bytes_max: self.settings.bytes_max })?;
        if kept.dropped > 0 {
            tracing::info!(segments = kept.dropped, bytes = kept.bytes, "old days are let go");
        }
        match room {
            Room::None => {
                let bytes = self.seen.drop_oldest(today)?;
                if bytes > 0 {
                    tracing::warn!(bytes, "the oldest day seen is let go: the disk is full");
                }
            }
            Room::Scarce => {}
            Room::Enough => drop(self.seen.join(today)?),
        }
        Ok(())
    }

    /// Rows kept and rows skipped since the last time.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.rows.swap(0, Ordering::Relaxed), self.skipped.swap(0, Ordering::Relaxed))
    }
}
