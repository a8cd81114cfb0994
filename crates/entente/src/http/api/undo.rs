//! `POST /api/v1/undo`: what came from one partner alone since an instant is taken out, as long work
//! that is looked at under `/api/v1/maintenance`; or it is only counted; or it is forgotten, and may
//! come again.

use super::answer::{Answered, Refusal, json, read_json};
use super::asking::{Said, by};
use crate::http::Administrator;
use crate::maintain::{Halt, start};
use crate::runtime::{Runtime, Unavailable, now};
use axum::body::Bytes;
use axum::extract::State;
use formats::problem::{Problem, shown};
use model::id::NodeId;
use model::time::Instant;
use node::command::{Act, Administer};
use node::token::Caller as Known;
use node::undo::{Undo, Undone, foresee, kept_away};
use node::{Answer, Command};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What is to be taken out.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Undoing {
    /// The partner's name or node id, also of one that was removed.
    pub(crate) partner: String,
    /// An instant; needed unless it is forgotten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<String>,
    /// Forget what was taken out with what came from this partner: it may come again.
    #[serde(default)]
    pub(crate) forget: bool,
    /// Only count.
    #[serde(default)]
    pub(crate) dry_run: bool,
}

/// What was, or would be, taken out.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct UndoneView {
    pub(crate) records: u64,
    /// Records that stay because others gave them as well.
    pub(crate) kept: u64,
}

impl UndoneView {
    fn add(&mut self, step: &Undone) {
        self.records = self.records.saturating_add(step.erased);
        self.kept = self.kept.saturating_add(step.kept);
    }
}

pub(super) async fn post(
    State(runtime): State<Runtime>,
    Administrator(caller): Administrator,
    body: Bytes,
) -> Answered {
    let wanted: Undoing = read_json(&body)?;
    let partner = find(&runtime, &wanted.partner).await?;
    if wanted.forget {
        return forget(&runtime, &caller, (partner, wanted)).await;
    }
    let since = wanted.since.ok_or_else(|| Refusal::malformed("`since` is needed"))?;
    let since: Instant =
        since.parse().map_err(|error| Refusal::malformed(format!("`since`: {error}")))?;
    if since > now() {
        let problem = Problem::error("E-UNDO-002", "that is still to come")
            .hint("--since is a time that has passed, such as 2026-11-17T08:00:00Z");
        return Err(problem.into());
    }
    let first = Undo { partner, since, after: 0 };
    let seen = count(&runtime, first).await?;
    if wanted.dry_run {
        return Ok(json(&seen));
    }
    let by = by(&caller, &Said::default());
    Ok(json(&start(&runtime, "undo", run(runtime.clone(), by, (first, seen.records)))?))
}

/// Forgets every undo of what came from a partner, or counts what that is.
async fn forget(
    runtime: &Runtime,
    caller: &Known,
    (partner, wanted): (NodeId, Undoing),
) -> Answered {
    if wanted.since.is_some() {
        return Err(Refusal::malformed("`since` is not asked for with `forget`: all is forgotten"));
    }
    let records = runtime.read(move |reading| kept_away(reading, &partner)).await?;
    if wanted.dry_run {
        return Ok(json(&UndoneView { records, kept: 0 }));
    }
    let (inside, by) = (runtime.clone(), by(caller, &Said::default()));
    let work = async move {
        let mut sum = UndoneView::default();
        loop {
            let what = Box::new(Administer::ForgetUndone(partner));
            // Noted once: the steps after the first are the same act.
            let act = match sum.records {
                0 => Administer::Act { by: by.clone(), what },
                _ => *what,
            };
            let answer = inside.write(Command::Administer(act)).await;
            let Answer::Undone(done) = answer.map_err(|_| Halt::Stopping)? else {
                return Err(Halt::Stopping);
            };
            sum.add(&done);
            inside.desk().note(sum.records, records);
            if done.next.is_none() {
                return Ok(serde_json::to_value(sum).unwrap_or_default());
            }
        }
    };
    Ok(json(&start(runtime, "undo", work)?))
}

/// The partner of this name or id, also one that was removed.
async fn find(runtime: &Runtime, name: &str) -> Result<NodeId, Refusal> {
    let wanted = name.to_owned();
    let found = runtime.read(move |reading| {
        let id: Option<NodeId> = wanted.parse().ok();
        let mut partners = reading.partners()?.into_iter();
        Ok(partners.find(|partner| partner.name == wanted || Some(partner.node) == id))
    });
    let partner = found.await?.ok_or_else(|| {
        Problem::error("E-UNDO-001", format!("there never was a partner `{}`", shown(name)))
            .hint("`entente partner list` shows those that there are")
    })?;
    Ok(partner.node)
}

/// What an undo would take out, looked at step by step.
async fn count(runtime: &Runtime, mut step: Undo) -> Result<UndoneView, Unavailable> {
    let mut sum = UndoneView::default();
    loop {
        let seen = runtime.read(move |reading| foresee(reading, &step)).await?;
        sum.add(&seen);
        let Some(next) = seen.next else { return Ok(sum) };
        step.after = next;
    }
}

/// All steps; each is a command of its own, so that the writer goes on between them.
async fn run(runtime: Runtime, by: Act, (mut step, total): (Undo, u64)) -> Result<Value, Halt> {
    let mut sum = UndoneView::default();
    loop {
        let what = Box::new(Administer::Undo(step));
        let act = Administer::Act { by: by.clone(), what };
        let answer = runtime.write(Command::Administer(act)).await;
        let answer = answer.map_err(|_| Halt::Stopping)?;
        if let Answer::Refused(problem) = answer {
            return Err(problem.into());
        }
        let Answer::Undone(done) = answer else { return Err(Halt::Stopping) };
        sum.add(&done);
        runtime.desk().note(sum.records, total);
        let Some(next) = done.next else { break };
        step.after = next;
    }
    tracing::info!(records = sum.records, kept = sum.kept, "what came from a partner was undone");
    serde_json::to_value(sum)
        .map_err(|error| Halt::Failed(Problem::error("E-UNDO-003", error.to_string())))
}
