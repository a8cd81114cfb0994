//! `POST /telemetry/`: events from agents, one JSON object a line; counts back. A 2xx means that
//! every line was matched and every sighting is on the disk; the same body sent again counts
//! nothing twice. Matches themselves are told by `/api/v1/watch` and the stream, not here.

use super::Caller;
use super::api::answer::{Answered, Refusal, json, writes};
use super::ingest::{Again, Ingested, ingest};
use crate::matching::Matches;
use crate::runtime::Runtime;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::routing::post;
use formats::problem::Problem;
use http::{HeaderMap, StatusCode};
use model::limits::DELIVERY_KEY_BYTES_MAX;
use node::Rights;
use serde::Serialize;

pub(super) fn routes() -> Router<Runtime> {
    // It bounds its bodies itself, packed and unpacked.
    Router::new().route("/telemetry/", post(take)).route("/telemetry", post(take))
}

/// What became of a body.
#[derive(Serialize)]
struct Counts {
    lines: u64,
    /// Matches that the caller may see; nothing where it may not read.
    matches: Option<u64>,
    bad: u64,
    problems: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    line: u64,
    code: &'static str,
    message: String,
}

async fn take(
    State(runtime): State<Runtime>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Answered {
    writes(&caller.0)?;
    let again = Again::Named(key(&headers)?);
    let ingested = ingest(&runtime, &caller, (&headers, body), 1, again).await?;
    let Ingested { matches, held: _held } = ingested;
    // How much matched says what is held here: only readers may know.
    let reads = caller.0.rights.has(Rights::ADMIN) || caller.0.rights.has(Rights::READ);
    Ok(json(&counts(&matches, reads)))
}

/// The name that the sender gives to this delivery, if it gives one: for agents whose events carry
/// no time, so that equal bytes may be other events.
fn key(headers: &HeaderMap) -> Result<String, Refusal> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(String::new()) };
    let text = value.to_str().ok().filter(|text| text.len() <= DELIVERY_KEY_BYTES_MAX);
    text.map(str::to_owned).ok_or_else(|| {
        let most = DELIVERY_KEY_BYTES_MAX;
        let problem = Problem::error("E-TELEMETRY-001", "the Idempotency-Key cannot be read")
            .hint(format!("at most {most} printable characters"));
        Refusal::with(StatusCode::BAD_REQUEST, &problem)
    })
}

fn counts(matches: &Matches, reads: bool) -> Counts {
    let told = u64::try_from(matches.len()).unwrap_or(u64::MAX);
    let problems = matches.problems.iter().map(|bad| {
        let text = bad.error.to_string();
        let message = text.split_once(": ").map_or(text.as_str(), |(_, message)| message);
        Line { line: bad.line, code: bad.error.code(), message: message.to_owned() }
    });
    Counts {
        lines: matches.lines,
        matches: reads.then_some(told),
        bad: matches.bad,
        problems: problems.collect(),
    }
}
