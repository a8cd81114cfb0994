//! `POST /telemetry/`: events from agents, one a line, JSON or in the form that is named;
//! counts back. A 2xx means that
//! every line was matched and every sighting is on the disk; the same body sent again counts
//! nothing twice. Matches themselves are told by `/api/v1/watch` and the stream, not here.

use super::elastic;
use crate::http::Caller;
use crate::http::api::answer::{Answered, Refusal, json, writes};
use crate::http::api::asked::{Asked, Pairs};
use crate::http::ingest::{Ingested, ingest};
use crate::matching::{Incoming, Matches};
use crate::runtime::Runtime;
use crate::telemetry::Again;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::middleware::map_response;
use axum::routing::{get, post};
use detect::reading::Form;
use formats::problem::Problem;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use model::limits::{DELIVERY_KEY_BYTES_MAX, NAME_BYTES_MAX};
use node::Rights;
use serde::Serialize;

pub(super) fn routes() -> Router<Runtime> {
    let banner = get(elastic::banner).layer(map_response(elastic::marked));
    Router::new()
        .route("/telemetry/", post(take).merge(banner.clone()))
        .route("/telemetry", post(take).merge(banner))
}

/// What became of a body.
#[derive(Serialize)]
struct Counts {
    lines: u64,
    /// Matches that the caller may see; nothing where it may not read.
    matches: Option<u64>,
    bad: u64,
    /// Bytes of lines too long, which were not looked at.
    skipped_bytes: u64,
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
    query: Pairs,
    headers: HeaderMap,
    body: Body,
) -> Answered {
    writes(&caller.0)?;
    let mut asked = Asked::of(query);
    let incoming = incoming(&mut asked, unsaid(&headers))?;
    asked.end()?;
    let again = Again::Named(key(&headers)?);
    let ingested = ingest(&runtime, &caller, (&headers, body), (incoming, 1), again).await?;
    let Ingested { matches, held: _held } = ingested;
    // How much matched says what is held here: only readers may know.
    let reads = caller.0.rights.has(Rights::ADMIN) || caller.0.rights.has(Rights::READ);
    Ok(json(&counts(&matches, reads)))
}

/// The form of lines of which nobody says it: JSON, so that what is cut is told and not believed;
/// where the sender says that it sends text, each line is what it looks like.
fn unsaid(headers: &HeaderMap) -> Form {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if kind.is_some_and(|kind| kind.starts_with("text/")) { Form::Auto } else { Form::Json }
}

/// What a sender says of its lines: `format`, `source`, and `header` of a piece that begins behind
/// its log's header.
pub(in crate::http) fn incoming(asked: &mut Asked, unsaid: Form) -> Result<Incoming, Refusal> {
    let form = match asked.one("format")? {
        None => unsaid,
        Some(name) => Form::named(&name).ok_or_else(|| unknown_form(&name))?,
    };
    let source = asked.one("source")?.unwrap_or_default();
    if source.len() > NAME_BYTES_MAX {
        return Err(Refusal::malformed(format!("`source` has more than {NAME_BYTES_MAX} bytes")));
    }
    Ok(Incoming { form, source, header: asked.one("header")? })
}

fn unknown_form(name: &str) -> Refusal {
    let shown = formats::problem::shown(name);
    let problem = Problem::error("E-TELEMETRY-002", format!("`{shown}` is no form of telemetry"))
        .hint("auto, json, zeek-tsv, cef, leef, syslog, key-value or text");
    Refusal::with(StatusCode::BAD_REQUEST, &problem)
}

/// The name that the sender gives to this delivery, if it gives one: for agents whose events carry
/// no time, so that equal bytes may be other events.
pub(super) fn key(headers: &HeaderMap) -> Result<String, Refusal> {
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
        skipped_bytes: matches.skipped_bytes,
        problems: problems.collect(),
    }
}
