//! Wakes the sources that are due, a few at a time, until the node stops. When one is due is said by
//! `node::source`; how it is pulled is in `pull`.

use super::failure::PullFailure;
use super::pull::{Tally, pull};
use crate::disk;
use crate::runtime::{Runtime, Unavailable, now};
use model::id::{CircleId, IntakeId};
use model::limits::{PULLS_AT_ONCE_MAX, SOURCE_PULL_SECONDS};
use model::time::Instant;
use node::source::PullEnded;
use node::{Command, Reading, Source, StoreError};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::task::JoinSet;

/// Between two looks at the sources, at most: a clock that was set is noticed.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// Pulls until the node stops; what is under way then is taken up again at the next start.
pub(crate) async fn pull_all(runtime: Runtime) {
    let (mut changed, mut stopping) = (runtime.sources_changed(), runtime.stopping());
    let mut pulls = JoinSet::new();
    loop {
        let wait = match start_due(&runtime, &mut pulls).await {
            Ok(wait) => wait,
            Err(Unavailable::Stopping) => return,
            Err(error) => {
                tracing::warn!(%error, "sources cannot be read");
                LOOK_EVERY
            }
        };
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            changed = changed.changed() => if changed.is_err() { return },
            Some(_) = pulls.join_next() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// The sources that may be pulled: what they bring has a circle to go to.
pub(crate) fn pulled_here(reading: &Reading<'_>) -> Result<Vec<Source>, StoreError> {
    let lines = node::read::circles(reading)?;
    let followed: BTreeSet<CircleId> =
        lines.iter().filter(|line| line.accepted).map(|line| line.circle.id).collect();
    let sources = node::source::living(reading)?.into_iter();
    Ok(sources.filter(|source| followed.contains(&source.circle)).collect())
}

/// Starts what is due, the longest due first; gives how long nothing else is.
async fn start_due(runtime: &Runtime, pulls: &mut JoinSet<()>) -> Result<Duration, Unavailable> {
    let sources = runtime.read(pulled_here).await?;
    let at = now();
    let under_way = runtime.pulling().borrow().clone();
    let mut waiting: Vec<(Instant, Source)> = sources
        .into_iter()
        .filter(|source| !under_way.contains(&source.intake))
        .map(|source| (node::source::due(&source, at), source))
        .collect();
    waiting.sort_by_key(|(due, _)| *due);
    for (due, source) in waiting {
        if due > at {
            let micros = u64::try_from(due.micros().saturating_sub(at.micros())).unwrap_or(0);
            return Ok(Duration::from_micros(micros).min(LOOK_EVERY));
        }
        if pulls.len() >= PULLS_AT_ONCE_MAX {
            break;
        }
        let mark = Mark::set(runtime, source.intake);
        pulls.spawn(run(runtime.clone(), source, mark));
    }
    Ok(LOOK_EVERY)
}

/// That a source is being pulled; gone with the pull, however that ends.
struct Mark(Runtime, IntakeId);

impl Mark {
    fn set(runtime: &Runtime, intake: IntakeId) -> Self {
        runtime.pulling().send_modify(|pulling| {
            pulling.insert(intake);
        });
        Self(runtime.clone(), intake)
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        self.0.pulling().send_modify(|pulling| {
            pulling.remove(&self.1);
        });
    }
}

/// One pull, and how it ended. Without room on the disk nobody is asked in vain and no failure is
/// counted: the source stays due, and is taken up from where it is as soon as there is room.
async fn run(runtime: Runtime, source: Source, mark: Mark) {
    if disk::is_scarce(&runtime) {
        return disk::room(&runtime).await;
    }
    let (intake, began) = (source.intake, now());
    // A task of its own, so that a fault in it is a failed pull and not a source that is forgotten.
    let mut one = JoinSet::new();
    let whole = Duration::from_secs(SOURCE_PULL_SECONDS);
    let slow = |_| PullFailure::Slow("the end of the pull", SOURCE_PULL_SECONDS);
    let pulling = tokio::time::timeout(whole, pull(runtime.clone(), source));
    one.spawn(async move { pulling.await.map_err(slow)? });
    let ended = one.join_next().await;
    let ended = ended.unwrap_or(Ok(Err(PullFailure::Fault))).unwrap_or(Err(PullFailure::Fault));
    let failed = match ended {
        Ok(tally) => {
            let Tally { accepted, duplicate, refused, .. } = tally;
            tracing::info!(accepted, duplicate, refused, "pulled a source");
            None
        }
        // Nothing can be written any more, and nothing happened: the next start takes it up.
        Err(PullFailure::Unavailable(Unavailable::Stopping)) => return,
        Err(PullFailure::Unavailable(Unavailable::Full)) => return rest(&runtime).await,
        Err(failure) => {
            let failed = failure.told();
            // Its name and its address are the operator's: `source list` tells them.
            let code = failed.problem.code;
            tracing::warn!(code, "a pull failed; `entente source list` says which and why");
            Some(failed)
        }
    };
    let meters = runtime.meters();
    if failed.is_none() { &meters.pulls } else { &meters.pulls_failed }.add(1);
    let ended = PullEnded { intake, began, failed };
    // When the node stops meanwhile, the pull is as if it had not ended.
    if let Err(Unavailable::Full) = runtime.write(Command::PullEnded(ended)).await {
        rest(&runtime).await;
    }
    drop(mark);
}

/// Waits for room, with the source under way: it would be due at once, and asked in a circle.
async fn rest(runtime: &Runtime) {
    tracing::warn!("there was no room for what a source brings; it is pulled again when there is");
    disk::room_again(runtime).await;
}
