//! The matches of a node, at home: each with its raw event, for its own people. What is kept is
//! bounded by the hour, by days and by bytes, and goes with the record that it is of. It shows them
//! to nobody by itself, and stops no matching where it fails.

use super::choose::{Chosen, Hour};
use super::gone::Gone;
use super::journal::Journal;
use crate::config::Folder;
use crate::disk::Room;
use crate::matching::Matches;
use crate::runtime::{Runtime, now};
use crate::settings::MatchesKept;
use model::limits::MATCHES_LOOKED_AFTER_BYTES;
use model::time::Instant;
use node::Seq;
use node::seen::Day;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// The journal of matches.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    home: OnceLock<Home>,
    hour: Mutex<Hour>,
}

#[derive(Debug)]
struct Home {
    journal: Journal,
    settings: MatchesKept,
    state: Mutex<State>,
}

/// What is remembered between deliveries.
#[derive(Debug, Default)]
struct State {
    /// Indicators that may be gone.
    gone: BTreeSet<Seq>,
    /// Of those in the journal nobody has asked since the start: some may have been forgotten while
    /// the node went down. The first purge asks; reading all of it would keep the doors shut.
    unasked: bool,
    /// Bytes since the folder was last looked after.
    unseen: u64,
    /// The hour in which it was, whether or not anything matched.
    last_hour: i64,
    /// It was told that nothing can be kept.
    told: bool,
}

impl Kept {
    /// The folder that the node lives in is known; the node is about to serve.
    pub(crate) fn open(&self, folder: &Folder, settings: &MatchesKept) {
        if settings.days == 0 {
            return;
        }
        let opened = Journal::open(&folder.matches()).map(|journal| {
            let state = Mutex::new(State { unasked: true, ..State::default() });
            Home { journal, settings: settings.clone(), state }
        });
        match opened {
            Ok(home) => drop(self.home.set(home)),
            Err(error) => tracing::warn!(%error, "matches cannot be kept at home"),
        }
    }

    /// Which of a delivery's matches are kept and told.
    pub(crate) fn choose(&self, runtime: &Runtime, matches: &Matches) -> Chosen {
        self.hour.lock().unwrap_or_else(PoisonError::into_inner).choose(runtime, matches)
    }

    /// Keeps what was chosen of a delivery that is durable.
    pub(crate) fn keep(&self, runtime: &Runtime, chosen: &Chosen) {
        if chosen.told.is_empty() && chosen.left == 0 {
            return;
        }
        let now = now();
        self.hour.lock().unwrap_or_else(PoisonError::into_inner).count(chosen, now);
        let told = u64::try_from(chosen.told.len()).unwrap_or(u64::MAX);
        let room = runtime.disk().room() == Room::Enough;
        let home = self.home.get().filter(|_| room);
        let left = if home.is_some() { 0 } else { told };
        runtime.meters().unkept.add(chosen.left.saturating_add(left));
        let Some(home) = home.filter(|_| told > 0) else { return };
        let mut lines = Vec::new();
        for told in &chosen.told {
            lines.extend_from_slice(format!("{} {}\n", told.seq, told.line).as_bytes());
        }
        let mut state = home.state.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = home.journal.append(&Day::of(now).to_string(), &lines);
        state.unseen = state.unseen.saturating_add(u64::try_from(lines.len()).unwrap_or(0));
        if let Err(error) = kept.and_then(|()| home.look_after_much(&mut state, now)) {
            if !state.told {
                tracing::warn!(%error, "matches cannot be kept at home; matching goes on");
            }
            state.told = true;
        }
    }

    /// Asks for an indicator that may be gone: if it is, its matches go.
    pub(crate) fn forget(&self, seq: Seq) {
        if let Some(home) = self.home.get() {
            home.state.lock().unwrap_or_else(PoisonError::into_inner).gone.insert(seq);
        }
    }

    /// The newest matches since an instant, newest first, of one indicator or of all.
    ///
    /// # Errors
    /// When they cannot be read. `None` where none are kept.
    pub(crate) fn newest(
        &self,
        since: Option<Instant>,
        indicator: Option<&str>,
        limit: usize,
    ) -> Option<io::Result<Vec<String>>> {
        let home = self.home.get()?;
        let from = since.map(|at| Day::of(at).to_string()).unwrap_or_default();
        let since = since.map(|since| format!("\"kept\":\"{since}"));
        let named = indicator.map(|id| format!("\"indicator\":\"{id}\""));
        let wanted = |line: &str| {
            let head = line.split("\"event\":").next().unwrap_or_default();
            let at = head.find("\"kept\":\"").and_then(|at| head.get(at..)).unwrap_or_default();
            let late = since.as_deref().is_none_or(|since| at >= since.trim_end_matches('Z'));
            late && named.as_ref().is_none_or(|named| head.contains(named))
        };
        Some(home.journal.newest(&from, limit, &wanted))
    }

    /// The matches of records that stood at these places, by place, with no word of the indicator.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(crate) fn left(&self, places: &BTreeSet<Seq>) -> io::Result<BTreeMap<Seq, Vec<Gone>>> {
        self.home.get().map_or_else(|| Ok(BTreeMap::new()), |home| home.journal.left(places))
    }

    /// Lets the oldest days go once in an hour, whether or not anything matches.
    fn look_after(&self, now: Instant) -> io::Result<()> {
        self.home.get().map_or(Ok(()), |home| home.look_after_hourly(now))
    }

    /// Removes the matches of records that are erased.
    fn purge(&self, runtime: &Runtime) -> io::Result<()> {
        let Some(home) = self.home.get() else { return Ok(()) };
        let (mut asked, unasked) = {
            let mut state = home.state.lock().unwrap_or_else(PoisonError::into_inner);
            (std::mem::take(&mut state.gone), std::mem::take(&mut state.unasked))
        };
        let places = if unasked { home.journal.places() } else { Ok(BTreeSet::new()) };
        match places {
            Ok(places) => asked.extend(places),
            Err(error) => {
                let mut state = home.state.lock().unwrap_or_else(PoisonError::into_inner);
                state.gone.extend(asked);
                state.unasked = true;
                return Err(error);
            }
        }
        if asked.is_empty() {
            return Ok(());
        }
        let gone = runtime.read_here(|reading| {
            let mut gone = BTreeSet::new();
            for seq in &asked {
                // What is erased is in no view any more; an older version is.
                if node::watch::terms(reading, *seq)?.is_none() {
                    gone.insert(*seq);
                }
            }
            Ok(gone)
        });
        let gone = gone.map_err(|error| io::Error::other(error.to_string()));
        // Nothing is appended while files are written anew.
        let mut state = home.state.lock().unwrap_or_else(PoisonError::into_inner);
        let purged =
            gone.and_then(|gone| if gone.is_empty() { Ok(()) } else { home.journal.forget(&gone) });
        if purged.is_err() {
            state.gone.extend(asked);
        }
        purged
    }
}

impl Home {
    /// Lets the oldest days go, when much was written.
    fn look_after_much(&self, state: &mut State, now: Instant) -> io::Result<()> {
        if state.unseen < MATCHES_LOOKED_AFTER_BYTES {
            return Ok(());
        }
        state.unseen = 0;
        self.retain(now)
    }

    /// Lets the oldest days go, when an hour is over.
    fn look_after_hourly(&self, now: Instant) -> io::Result<()> {
        // Nothing is appended to a file that goes.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let hour = now.micros().div_euclid(HOUR_MICROS);
        if hour == state.last_hour {
            return Ok(());
        }
        state.last_hour = hour;
        self.retain(now)
    }

    fn retain(&self, now: Instant) -> io::Result<()> {
        let from = Day::of(now).before(self.settings.days);
        self.journal.retain(&from.to_string(), self.settings.bytes_max)
    }
}

const HOUR_MICROS: i64 = 3_600_000_000;

/// Removes what is to be forgotten, and what is old, until the node stops; within the minute that erasure has.
pub(crate) async fn forget_gone(runtime: Runtime) {
    let mut stopping = runtime.stopping();
    loop {
        let inside = runtime.clone();
        let work = move || {
            if let Err(error) = inside.kept().look_after(now()) {
                tracing::warn!(%error, "old matches are still kept");
            }
            inside.kept().purge(&inside)
        };
        let purged = tokio::task::spawn_blocking(work).await;
        if let Ok(Err(error)) = purged {
            tracing::warn!(%error, "matches of an erased record are still kept");
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
    }
}

/// Between two looks.
const EVERY: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests;
