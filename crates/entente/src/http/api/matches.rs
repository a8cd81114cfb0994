//! `GET /api/v1/matches?since=&indicator=&limit=&as=`: the matches that are kept at home, each with its
//! raw event, newest first, or as findings in OCSF or ECS. Administrators only: an event is nobody
//! else's.

use super::answer::{Answered, Refusal, administers, typed};
use super::asked::{Asked, Pairs};
use crate::http::Caller;
use crate::runtime::Runtime;
use axum::body::Body;
use axum::extract::State;
use detect::observable::guess;
use formats::export::{Finding, FindingForm};
use formats::problem::Problem;
use http::StatusCode;
use model::id::ThingId;
use model::limits::MATCHES_TOLD_MAX;
use model::time::Instant;
use serde::Deserialize;
use serde_json::value::RawValue;

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
    let form: Option<FindingForm> = asked.parsed("as")?;
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
        match form {
            None => text.push_str(&line),
            Some(form) => match finding(&line, form) {
                Some(finding) => text.push_str(&finding),
                None => continue,
            },
        }
        text.push('\n');
    }
    Ok(typed("application/x-ndjson", Body::from(text)))
}

/// A kept line, as far as a finding tells it.
#[derive(Deserialize)]
struct Line<'l> {
    #[serde(rename = "match")]
    id: String,
    kept: String,
    at: Option<String>,
    indicator: String,
    circle: String,
    signer: String,
    tlp: String,
    field: String,
    value: String,
    source: String,
    #[serde(borrow)]
    event: &'l RawValue,
}

/// The same as a finding of other tools.
fn finding(line: &str, form: FindingForm) -> Option<String> {
    let line: Line<'_> = serde_json::from_str(line).ok()?;
    let finding = Finding {
        id: &line.id,
        at: line.at.as_ref().unwrap_or(&line.kept).parse().ok()?,
        indicator: &line.indicator,
        circle: &line.circle,
        signer: &line.signer,
        tlp: &line.tlp,
        field: &line.field,
        value: &line.value,
        kind: guess(&line.value).first().map(|guessed| guessed.kind),
        source: &line.source,
        event: line.event,
    };
    Some(finding.write(form))
}

fn unusable(message: &str) -> Refusal {
    let hint = "`matches.days` says for how long they are; the node's log says what failed";
    let problem = Problem::error("E-MATCHES-001", message.to_owned()).hint(hint);
    Refusal::with(StatusCode::CONFLICT, &problem)
}
