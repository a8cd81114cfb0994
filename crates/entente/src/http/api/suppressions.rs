//! `/api/v1/suppressions`: what a person silenced, why and until when; and `/api/v1/disputes`: a
//! person's word that an indicator is a false positive.

use super::answer::{Answered, Refusal, circle_for, done, json, read_json, thing};
use super::asked::{Asked, Pairs};
use super::lacking;
use super::names::Names;
use crate::http::Administrator;
use crate::runtime::{Runtime, now};
use axum::body::Bytes;
use axum::extract::{Path, State};
use model::time::Instant;
use node::Command;
use node::command::Administer;
use node::dispute::Dispute;
use node::suppress::{Suppress, suppressions};
use serde::{Deserialize, Serialize};

/// What is to be silent.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Suppressing {
    /// The id of an indicator, or a value.
    pub(crate) what: String,
    /// In this circle alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) circle: Option<String>,
    pub(crate) reason: String,
    pub(crate) until: String,
}

/// What is silent.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct SuppressionView {
    pub(crate) id: i64,
    pub(crate) what: String,
    pub(crate) circle: Option<String>,
    pub(crate) reason: String,
    pub(crate) until: String,
    pub(crate) who: String,
    pub(crate) at: String,
}

/// A false positive.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Disputing {
    pub(crate) id: String,
    pub(crate) reason: String,
}

/// What was done.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct DoneView {
    pub(crate) done: String,
}

pub(super) async fn list(
    State(runtime): State<Runtime>,
    _: Administrator,
    pairs: Pairs,
) -> Answered {
    Asked::of(pairs).end()?;
    let inside = runtime.clone();
    let views = runtime.read(move |reading| {
        let names = Names::load(reading, inside.me())?;
        let all = suppressions(reading, now())?.into_iter();
        let views = all.map(|one| SuppressionView {
            id: one.id,
            what: one.what,
            circle: one.circle.map(|circle| names.circle(&circle)),
            reason: one.reason,
            until: one.until.to_string(),
            who: one.who,
            at: one.at.to_string(),
        });
        Ok(views.collect::<Vec<_>>())
    });
    Ok(json(&views.await?))
}

pub(super) async fn add(
    State(runtime): State<Runtime>,
    Administrator(caller): Administrator,
    body: Bytes,
) -> Answered {
    let Suppressing { what, circle, reason, until } = read_json(&body)?;
    let until: Instant =
        until.parse().map_err(|error| Refusal::malformed(format!("`until`: {error}")))?;
    let circle = match circle {
        None => None,
        Some(name) => {
            let (known, asked) = (caller.clone(), name.clone());
            let found = runtime.read(move |reading| circle_for(reading, &known, &asked)).await?;
            match found {
                Some(circle) => Some(circle.id),
                None => return Err(lacking::circle(&runtime, &caller, &name).await),
            }
        }
    };
    let suppress = Suppress { what: what.clone(), circle, reason, until, who: caller.name };
    let command = Command::Administer(Administer::Suppress(suppress));
    done(runtime.write(command).await?)?;
    runtime.feeds().stale();
    Ok(json(&DoneView { done: what }))
}

pub(super) async fn remove(
    State(runtime): State<Runtime>,
    Administrator(caller): Administrator,
    Path(id): Path<i64>,
) -> Answered {
    let command = Command::Administer(Administer::Unsuppress { id, who: caller.name });
    done(runtime.write(command).await?)?;
    runtime.feeds().stale();
    Ok(json(&DoneView { done: id.to_string() }))
}

pub(super) async fn dispute(
    State(runtime): State<Runtime>,
    Administrator(caller): Administrator,
    body: Bytes,
) -> Answered {
    let Disputing { id, reason } = read_json(&body)?;
    let dispute = Dispute { thing: thing(&id)?, reason, who: caller.name };
    done(runtime.write(Command::Administer(Administer::Dispute(dispute))).await?)?;
    Ok(json(&DoneView { done: id }))
}
