//! Long work beside the running of a node: a backup, a rebuild. One at a time, in slices on the
//! writer's thread, between which the writer goes on with what waits for it; whoever asked may go
//! away and look again later.
//!
//! It knows no work: each is a function that is given the store, and a call to make after each
//! slice.

use crate::runtime::Runtime;
use formats::problem::Problem;
use node::{Store, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Why work ended before it was done.
#[derive(Debug)]
pub(crate) enum Halt {
    /// The node is stopping.
    Stopping,
    /// The store failed; after a failed commit the node stops.
    Store(StoreError),
    /// The work itself failed; the node goes on.
    Failed(Problem),
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Problem> for Halt {
    fn from(problem: Problem) -> Self {
        Self::Failed(problem)
    }
}

impl From<Halt> for Problem {
    fn from(halt: Halt) -> Self {
        match halt {
            Halt::Stopping => Self::error("E-MAINT-002", "the node stopped before it was done")
                .hint("start the node and ask again"),
            Halt::Store(error) => Self::error("E-MAINT-003", error.to_string()),
            Halt::Failed(problem) => problem,
        }
    }
}

/// Lets the writer go on with what waits for it; called after each slice of some milliseconds with
/// how much is done, and of how much. An error ends the work.
pub(crate) type Pause<'p> = dyn FnMut(u64, u64) -> Result<(), Halt> + 'p;

/// Work in slices. It may begin a transaction in each slice, and must have ended it when it pauses.
pub(crate) type Work = Box<dyn FnOnce(&Store, &mut Pause<'_>) -> Result<(), Halt> + Send>;

/// Work on its way to the writer.
pub(crate) struct Handed {
    pub(crate) work: Work,
    pub(crate) reply: oneshot::Sender<Result<(), Halt>>,
}

/// What anyone sees of the last work that was begun.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct WorkView {
    /// Counts the works of this run of the node.
    pub(crate) number: u64,
    /// `backup`, `rebuild`.
    pub(crate) work: String,
    pub(crate) done: u64,
    /// 0 while it is not known.
    pub(crate) total: u64,
    /// `running`, `done` or `failed`.
    pub(crate) state: String,
    /// What it made, once it is done.
    pub(crate) result: Option<Value>,
    /// Why it failed: code, message, hint.
    pub(crate) problem: Option<[String; 3]>,
}

/// Where works are begun and looked at.
#[derive(Default)]
pub(crate) struct Desk(Mutex<Inside>);

#[derive(Default)]
struct Inside {
    shown: Option<WorkView>,
    handed: Option<Handed>,
}

impl Desk {
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last work that was begun.
    pub(crate) fn view(&self) -> Option<WorkView> {
        self.lock().shown.clone()
    }

    /// How far the work has come, for whoever looks.
    pub(crate) fn note(&self, done: u64, total: u64) {
        if let Some(shown) = &mut self.lock().shown {
            (shown.done, shown.total) = (done, total);
        }
    }

    /// Lays down work for the writer.
    pub(crate) fn hand(&self, handed: Handed) {
        self.lock().handed = Some(handed);
    }

    /// Takes the work that was laid down.
    pub(crate) fn take(&self) -> Option<Handed> {
        self.lock().handed.take()
    }

    fn begin(&self, work: &'static str) -> Result<WorkView, Problem> {
        let mut inside = self.lock();
        let before = inside.shown.as_ref();
        if let Some(running) = before.filter(|shown| shown.state == RUNNING) {
            let message = format!("a {} is running", running.work);
            return Err(Problem::error("E-MAINT-001", message).hint("wait until it is done"));
        }
        let view = WorkView {
            number: before.map_or(0, |shown| shown.number) + 1,
            work: work.to_owned(),
            done: 0,
            total: 0,
            state: RUNNING.to_owned(),
            result: None,
            problem: None,
        };
        inside.shown = Some(view.clone());
        Ok(view)
    }

    fn end(&self, outcome: Result<Value, Problem>) {
        if let Some(shown) = &mut self.lock().shown {
            match outcome {
                Ok(result) => {
                    (shown.state, shown.result) = (DONE.to_owned(), Some(result));
                }
                Err(problem) => {
                    let Problem { code, message, hint, .. } = &problem;
                    shown.problem = Some([(*code).to_owned(), message.clone(), hint.clone()]);
                    shown.state = FAILED.to_owned();
                }
            }
        }
    }
}

const RUNNING: &str = "running";
/// It ended well.
pub(crate) const DONE: &str = "done";
/// It ended before it was done.
pub(crate) const FAILED: &str = "failed";

/// Begins work that goes on when nobody waits for it; `run` gives what it made. Its slices it hands
/// to [`Runtime::in_slices`].
///
/// # Errors
/// When other work is running.
pub(crate) fn start(
    runtime: &Runtime,
    work: &'static str,
    run: impl Future<Output = Result<Value, Halt>> + Send + 'static,
) -> Result<WorkView, Problem> {
    let view = runtime.desk().begin(work)?;
    let runtime = runtime.clone();
    tokio::spawn(async move {
        let outcome = run.await.map_err(Problem::from);
        if let Err(problem) = &outcome {
            tracing::warn!(work, %problem, "work on the store failed");
        }
        runtime.desk().end(outcome);
    });
    Ok(view)
}
