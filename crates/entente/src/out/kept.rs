//! The matches of a node, at home: each with its raw event, for its own people. What is kept is
//! bounded by the hour, by days and by bytes, and goes with the record that it is of. It shows them
//! to nobody by itself, and stops no matching where it fails.

use super::journal::Journal;
use crate::config::Folder;
use crate::disk::Room;
use crate::matching::Matches;
use crate::runtime::{Runtime, now};
use crate::settings::MatchesKept;
use model::id::Digest;
use model::limits::{MATCHES_KEPT_PER_HOUR, MATCHES_LOOKED_AFTER_BYTES};
use model::time::Instant;
use node::Seq;
use std::collections::{BTreeSet, HashMap};
use std::io;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// The journal of matches.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    home: OnceLock<Home>,
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
    /// The hour that is counted, since 1970.
    hour: i64,
    /// Matches of each indicator in it.
    counts: HashMap<Seq, u64>,
    /// Indicators that may be gone.
    gone: BTreeSet<Seq>,
    /// Bytes since the folder was last looked after.
    unseen: u64,
    /// It was told that nothing can be kept.
    told: bool,
}

impl Kept {
    /// The folder that the node lives in is known; the node is about to serve.
    pub(crate) fn open(&self, folder: &Folder, settings: &MatchesKept) {
        if settings.days == 0 {
            return;
        }
        let opened = Journal::open(&folder.matches()).and_then(|journal| {
            // What was forgotten while the node went down is asked for again.
            let gone = journal.places()?;
            let state = Mutex::new(State { gone, ..State::default() });
            Ok(Home { journal, settings: settings.clone(), state })
        });
        match opened {
            Ok(home) => drop(self.home.set(home)),
            Err(error) => tracing::warn!(%error, "matches cannot be kept at home"),
        }
    }

    /// Keeps what a delivery of a source found; `delivery` names it where it may come again.
    pub(crate) fn keep(
        &self,
        runtime: &Runtime,
        matches: &Matches,
        (source, delivery): (&str, Option<&Digest>),
    ) {
        let Some(home) = self.home.get() else { return };
        let now = now();
        let mut state = home.state.lock().unwrap_or_else(PoisonError::into_inner);
        let hour = now.micros().div_euclid(HOUR_MICROS);
        if hour != state.hour {
            (state.hour, state.counts) = (hour, HashMap::new());
            state.unseen = MATCHES_LOOKED_AFTER_BYTES;
        }
        let room = runtime.disk().room() == Room::Enough;
        let (mut lines, mut left) = (Vec::new(), 0_u64);
        let key = runtime.me().local_key;
        for found in matches.at_home(&key, delivery, now) {
            let count = state.counts.entry(found.seq()).or_default();
            *count = count.saturating_add(1);
            if room && *count <= MATCHES_KEPT_PER_HOUR {
                found.write(source, &mut lines);
            } else {
                left = left.saturating_add(1);
            }
        }
        runtime.meters().unkept.add(left);
        if lines.is_empty() {
            return;
        }
        let kept = home.journal.append(&day(now), &lines);
        state.unseen = state.unseen.saturating_add(u64::try_from(lines.len()).unwrap_or(0));
        if let Err(error) = kept.and_then(|()| home.look_after(&mut state, now)) {
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
        let from = since.map(day).unwrap_or_default();
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

    /// Removes the matches of records that are erased.
    fn purge(&self, runtime: &Runtime) -> io::Result<()> {
        let Some(home) = self.home.get() else { return Ok(()) };
        let asked = {
            let mut state = home.state.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut state.gone)
        };
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
    /// Lets the oldest days go, when much was written or an hour is over.
    fn look_after(&self, state: &mut State, now: Instant) -> io::Result<()> {
        if state.unseen < MATCHES_LOOKED_AFTER_BYTES {
            return Ok(());
        }
        state.unseen = 0;
        let days = i64::from(self.settings.days).saturating_mul(86_400);
        self.journal.retain(&day(now.plus_seconds(-days)), self.settings.bytes_max)
    }
}

const HOUR_MICROS: i64 = 3_600_000_000;

/// `2026-11-22`.
fn day(at: Instant) -> String {
    at.to_string().chars().take(10).collect()
}

/// Removes what is to be forgotten until the node stops; within the minute that erasure has.
pub(crate) async fn forget_gone(runtime: Runtime) {
    let mut stopping = runtime.stopping();
    loop {
        let inside = runtime.clone();
        let purged = tokio::task::spawn_blocking(move || inside.kept().purge(&inside)).await;
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
