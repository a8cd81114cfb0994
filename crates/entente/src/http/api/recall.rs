//! `/api/v1/recall`: our own record taken back everywhere; `/api/v1/recalls`: how far that has come,
//! and who was told of it by a person.

use super::answer::{Answered, Refusal, administers, done, json, read_json, thing};
use super::asked::{Asked, Pairs};
use super::asking::{Said, by};
use crate::http::{Administrator, Caller};
use crate::runtime::{Runtime, now};
use axum::body::Bytes;
use axum::extract::{Path, State};
use http::{HeaderName, HeaderValue};
use model::id::ThingId;
use model::limits::WHY_BYTES_MAX;
use model::statement::RecallMode;
use model::time::Instant;
use node::command::Administer;
use node::obeyed::Telling;
use node::read::ObeyedBy;
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
    /// `unreachable`, `waiting`, `sent`, `refused`, `receipted`; `to be told` for a token that read
    /// it, and `told` once a person has.
    pub(crate) state: String,
    /// Why the partner refused it.
    #[serde(default)]
    pub(crate) reason: Option<String>,
    /// It had it, and has not said for too long that it obeyed.
    #[serde(default)]
    pub(crate) overdue: bool,
    pub(crate) receipt: Option<String>,
    pub(crate) at: Option<String>,
    /// What the partner says of its obedience: `applied`, `purged`, or `through` once all to whom it
    /// passed the recall on have come as far; nothing yet, or never had it from here.
    #[serde(default)]
    pub(crate) obeyed: Option<String>,
    /// Whether nothing more is awaited of it.
    #[serde(default)]
    pub(crate) done: bool,
    /// To how many the partner passed the recall on; it names none.
    #[serde(default)]
    pub(crate) forwarded: Option<u64>,
    #[serde(default)]
    pub(crate) applied_at: Option<String>,
    #[serde(default)]
    pub(crate) purged_at: Option<String>,
    #[serde(default)]
    pub(crate) through_at: Option<String>,
    /// Who told the reader.
    #[serde(default)]
    pub(crate) told_by: Option<String>,
}

/// One of our recalls.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct RecallView {
    /// To be given as `after` for what comes behind it.
    pub(crate) place: i64,
    pub(crate) id: String,
    pub(crate) version: String,
    /// `erase` or `stop`.
    pub(crate) mode: String,
    pub(crate) reason: String,
    pub(crate) since: String,
    /// Partners that had it from here.
    pub(crate) partners: usize,
    /// Of these, those that have obeyed by their own word, and all behind them.
    pub(crate) done: usize,
    /// Of these, those that have not said so in time.
    pub(crate) overdue: usize,
    /// Readers without receipts that nobody has told.
    pub(crate) to_be_told: usize,
}

/// Somebody was told.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TellingView {
    /// The reader's or partner's name.
    pub(crate) reader: String,
    /// How, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) why: String,
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

/// Our recalls, oldest first, `?after=PLACE` for what comes behind one.
pub(super) async fn list(
    State(runtime): State<Runtime>,
    Caller(caller): Caller,
    query: Pairs,
) -> Answered {
    administers(&caller)?;
    let mut asked = Asked::of(query);
    let after = asked.one("after")?.map_or(Ok(0), |after| after.parse());
    let after = after.map_err(|_| Refusal::malformed("`after` is the `place` of a recall"))?;
    asked.end()?;
    let me = runtime.me().node();
    let grace = runtime.settings().recall.grace(now());
    let lines = runtime.read(move |r| node::read::own_recalls(r, me, after, grace)).await?;
    let views = lines.into_iter().map(|line| RecallView {
        place: line.seq,
        id: line.thing.to_string(),
        version: line.version,
        mode: mode_of(line.mode).to_owned(),
        reason: line.reason,
        since: line.since.to_string(),
        partners: line.had,
        done: line.done,
        overdue: line.overdue,
        to_be_told: line.to_be_told,
    });
    Ok(json(&views.collect::<Vec<_>>()))
}

const fn mode_of(mode: RecallMode) -> &'static str {
    match mode {
        RecallMode::Erase => "erase",
        RecallMode::Stop => "stop",
    }
}

/// A person told a reader; it goes into the ledger, with who and when.
pub(super) async fn told(
    State(runtime): State<Runtime>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
    body: Bytes,
) -> Answered {
    let TellingView { reader, why } = read_json(&body)?;
    let thing = thing(&id)?;
    if why.len() > WHY_BYTES_MAX || why.chars().any(char::is_control) {
        return Err(Refusal::malformed("`why` is one line of text"));
    }
    let said = by(&caller, &Said { why: Some(why), ..Said::default() });
    let telling = Telling { thing: thing.clone(), reader, who: said.who, why: said.why };
    done(runtime.write(Command::Administer(Administer::Tell(telling))).await?)?;
    state(&runtime, thing).await
}

async fn state(runtime: &Runtime, thing: ThingId) -> Answered {
    let me = runtime.me().node();
    let grace = runtime.settings().recall.grace(now());
    let lines = runtime.read(move |r| node::read::recalled(r, me, &thing, grace)).await?;
    let lines = lines.ok_or_else(|| Refusal::unknown("recall"))?;
    let text = |at: Option<Instant>| at.map(|at| at.to_string());
    let views = lines.into_iter().map(|line| {
        let ObeyedBy { stage, applied, purged, through, done, .. } =
            line.obeyed.unwrap_or_default();
        RecalledView {
            partner: line.partner,
            state: line.state.as_str().to_owned(),
            reason: line.reason,
            overdue: line.overdue,
            receipt: line.receipt,
            at: text(line.at),
            obeyed: stage.map(|stage| stage.to_string()),
            done,
            forwarded: line.obeyed.filter(|by| by.stage.is_some()).map(|by| by.passed),
            applied_at: text(applied),
            purged_at: text(purged),
            through_at: text(through),
            told_by: line.told_by,
        }
    });
    Ok(json(&views.collect::<Vec<_>>()))
}
