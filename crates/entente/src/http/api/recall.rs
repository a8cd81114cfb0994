//! `/api/v1/recall`: our own record taken back everywhere, and how far that has come.

use super::answer::{Answered, Refusal, done, json, read_json, thing};
use crate::http::Administrator;
use crate::runtime::{Runtime, now};
use axum::body::Bytes;
use axum::extract::{Path, State};
use http::{HeaderName, HeaderValue};
use model::id::ThingId;
use model::statement::RecallMode;
use node::command::Administer;
use node::{Answer, Command};
use serde::{Deserialize, Serialize};

/// A recall.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recalling {
    pub(crate) id: String,
    pub(crate) reason: String,
    /// `erase` or `stop`.
    #[serde(default)]
    pub(crate) mode: Option<String>,
}

/// The header of an answer to a recall that was asked for before: when.
pub(crate) const BEFORE: HeaderName = HeaderName::from_static("entente-recalled");

/// A recall as one partner has it.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct RecalledView {
    pub(crate) partner: String,
    /// `unreachable`, `waiting`, `sent`, `refused`, `receipted`; `to be told` for a token that read it.
    pub(crate) state: String,
    /// Why the partner refused it.
    #[serde(default)]
    pub(crate) reason: Option<String>,
    /// Not receipted for too long.
    #[serde(default)]
    pub(crate) overdue: bool,
    pub(crate) receipt: Option<String>,
    pub(crate) at: Option<String>,
}

pub(super) async fn post(
    State(runtime): State<Runtime>,
    _: Administrator,
    body: Bytes,
) -> Answered {
    let wanted: Recalling = read_json(&body)?;
    let mode = match wanted.mode.as_deref() {
        None | Some("erase") => RecallMode::Erase,
        Some("stop") => RecallMode::Stop,
        Some(_) => return Err(Refusal::malformed("`mode` is erase or stop")),
    };
    let reason = wanted.reason.trim().to_owned();
    if reason.is_empty() || reason.chars().any(char::is_control) {
        return Err(Refusal::malformed("`reason` is one line of text"));
    }
    let thing = thing(&wanted.id)?;
    let act = Administer::Recall { thing: thing.clone(), mode, reason };
    let answer = done(runtime.write(Command::Administer(act)).await?)?;
    let mut response = state(&runtime, thing).await?;
    if let Answer::DoneBefore(at) = answer
        && let Ok(at) = HeaderValue::from_str(&at.to_string())
    {
        response.headers_mut().insert(BEFORE, at);
    }
    Ok(response)
}

pub(super) async fn get(
    State(runtime): State<Runtime>,
    _: Administrator,
    Path(id): Path<String>,
) -> Answered {
    state(&runtime, thing(&id)?).await
}

async fn state(runtime: &Runtime, thing: ThingId) -> Answered {
    let me = runtime.me().node();
    let lines = runtime.read(move |r| node::read::recalled(r, me, &thing, now())).await?;
    let lines = lines.ok_or_else(|| Refusal::unknown("recall"))?;
    let views = lines.into_iter().map(|line| RecalledView {
        partner: line.partner,
        state: line.state.as_str().to_owned(),
        reason: line.reason,
        overdue: line.overdue,
        receipt: line.receipt,
        at: line.at.map(|at| at.to_string()),
    });
    Ok(json(&views.collect::<Vec<_>>()))
}
