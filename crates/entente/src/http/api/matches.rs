//! `GET /api/v1/matches?since=&indicator=&limit=&as=`: the matches that are kept at home, each with its
//! raw event, newest first, or as findings in OCSF, ECS, STIX or CEF. Administrators only: an event is nobody
//! else's.

use super::answer::{Answered, Refusal, administers, typed};
use super::asked::{Asked, Pairs};
use crate::http::Caller;
use crate::matching::worded;
use crate::runtime::Runtime;
use axum::body::Body;
use axum::extract::State;
use formats::problem::Problem;
use http::StatusCode;
use model::id::ThingId;
use model::limits::MATCHES_TOLD_MAX;
use model::time::Instant;
use node::Wording;

/// Matches that are told where nobody says how many.
const USUAL: usize = 100;

pub(super) async fn get(
    State(runtime): State<Runtime>,
    Caller(caller): Caller,
    query: Pairs,
) -> Answered {
    administers(&caller)?;
    let mut asked = Asked::of(query);
    let since: Option<Instant> = asked.parsed("since")?;
    let indicator: Option<ThingId> = asked.parsed("indicator")?;
    let limit: Option<usize> = asked.parsed("limit")?;
    let wording: Wording = asked.parsed("as")?.unwrap_or_default();
    asked.end()?;
    let limit = limit.unwrap_or(USUAL).min(MATCHES_TOLD_MAX);
    let indicator = indicator.map(|id| id.to_string());
    let work = move || runtime.kept().newest(since, indicator.as_deref(), limit);
    let found = tokio::task::spawn_blocking(work).await.ok().flatten();
    let lines = found.ok_or_else(|| unusable("matches are not kept here"))?;
    let lines = lines.map_err(|error| {
        tracing::error!(%error, "kept matches cannot be read");
        unusable("the matches that are kept cannot be read")
    })?;
    let mut text = String::new();
    for line in lines {
        if let Some(told) = worded(&line, wording) {
            text.push_str(&told);
            text.push('\n');
        }
    }
    Ok(typed("application/x-ndjson", Body::from(text)))
}

fn unusable(message: &str) -> Refusal {
    let hint = "`matches.days` says for how long they are; the node's log says what failed";
    let problem = Problem::error("E-MATCHES-001", message.to_owned()).hint(hint);
    Refusal::with(StatusCode::CONFLICT, &problem)
}
