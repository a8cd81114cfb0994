//! `GET /api/v1/recalls/here?after=`: recalls, ours and partners', of what had matched in this node's
//! telemetry: how often, when, and in which deliveries. Of what was erased no value is told: there is
//! none any more. Administrators only.

use super::answer::{Answered, Refusal, administers, json};
use super::asked::{Asked, Pairs};
use super::names::Names;
use crate::http::Caller;
use crate::out::Gone;
use crate::runtime::Runtime;
use axum::extract::State;
use model::statement::RecallMode;
use node::read::Depended;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A recall of what had matched here.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct DependedView {
    /// To be given as `after` for what comes behind it.
    pub(crate) place: i64,
    pub(crate) id: String,
    pub(crate) circle: String,
    /// Who took it back.
    pub(crate) by: String,
    /// `erase` or `stop`.
    pub(crate) mode: String,
    pub(crate) reason: String,
    pub(crate) since: String,
    /// Events that matched by it, live or looked back for.
    pub(crate) matches: u64,
    pub(crate) first: String,
    pub(crate) last: String,
    /// The matches that were kept at home, as far as they are not too old: what findings of them are
    /// called, and where the events lie.
    pub(crate) findings: Vec<Gone>,
}

pub(super) async fn get(
    State(runtime): State<Runtime>,
    Caller(caller): Caller,
    query: Pairs,
) -> Answered {
    administers(&caller)?;
    let mut asked = Asked::of(query);
    let after = asked.one("after")?.map_or(Ok(0), |after| after.parse());
    let after = after.map_err(|_| Refusal::malformed("`after` is the `place` of a recall"))?;
    asked.end()?;
    let inside = runtime.clone();
    let read = runtime.read(move |reading| {
        Ok((node::read::depended(reading, after)?, Names::load(reading, inside.me())?))
    });
    let (recalls, names) = read.await?;
    let places: BTreeSet<i64> =
        recalls.iter().flat_map(|recall| recall.places.iter().copied()).collect();
    let left = tokio::task::spawn_blocking(move || runtime.kept().left(&places)).await;
    let left = left.ok().and_then(|left| {
        left.inspect_err(|error| tracing::error!(%error, "kept matches cannot be read")).ok()
    });
    let left = left.unwrap_or_default();
    Ok(json(&recalls.into_iter().map(|one| view(one, &names, &left)).collect::<Vec<_>>()))
}

fn view(one: Depended, names: &Names, left: &BTreeMap<i64, Vec<Gone>>) -> DependedView {
    let findings = one.places.iter().filter_map(|place| left.get(place)).flatten();
    DependedView {
        place: one.seq,
        id: one.thing.to_string(),
        circle: names.circle(&one.circle),
        by: names.node(&one.signer),
        mode: match one.mode {
            RecallMode::Erase => "erase",
            RecallMode::Stop => "stop",
        }
        .to_owned(),
        reason: one.reason,
        since: one.since.to_string(),
        matches: one.matches,
        first: one.first.to_string(),
        last: one.last.to_string(),
        findings: findings.cloned().collect(),
    }
}
