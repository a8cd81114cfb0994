//! `POST /api/v1/watch`: lines of telemetry in, matches out. A 2xx means that every line was
//! matched and that every sighting is on the disk.

use super::answer::{Answered, Refusal, lens, reads, typed, writes};
use super::asked::{Asked, Pairs};
use super::body::pulled;
use crate::http::Caller;
use crate::http::request_body::{Received, receive};
use crate::matching::{Matches, match_lines};
use crate::runtime::Runtime;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::Response;
use formats::problem::Problem;
use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderValue, StatusCode};
use model::limits::REQUEST_BYTES_MAX;
use node::Command;

/// Bytes of matches that are written in one piece.
const PIECE_BYTES: usize = 64 << 10;

pub(super) async fn post(
    State(runtime): State<Runtime>,
    Caller(caller): Caller,
    query: Pairs,
    headers: HeaderMap,
    body: Body,
) -> Answered {
    // Matches make this node sign sightings: who only reads may not cause any.
    reads(&caller)?;
    writes(&caller)?;
    let mut asked = Asked::of(query);
    let first_line: u64 = asked.parsed("line")?.unwrap_or(1);
    asked.end()?;
    if !runtime.matches() {
        return Err(loading());
    }
    let received = receive(&caller.name, &headers, body, REQUEST_BYTES_MAX).await;
    // The room is held until the body is done with.
    let Received { bytes, held: _held } = received?;
    let (inside, eyes) = (runtime.clone(), lens(&caller));
    let work = move || match_lines(&inside, &eyes, bytes, first_line);
    let matches = tokio::task::spawn_blocking(work).await;
    let mut matches =
        matches.map_err(|_| Refusal::malformed("the lines could not be matched"))??;
    if !matches.sums.is_empty() {
        runtime.write(Command::Matched(std::mem::take(&mut matches.sums))).await?;
    }
    Ok(response(matches))
}

/// Until the index is loaded telemetry waits: nothing passes unmatched.
fn loading() -> Refusal {
    let problem = Problem::error("E-API-503", "the indicators are still being loaded")
        .hint("try again in a moment");
    let mut response = crate::http::problem(StatusCode::SERVICE_UNAVAILABLE, &problem);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    Refusal::because(response)
}

/// The matches, one a line; how much was looked at stands in the headers.
fn response(matches: Matches) -> Response {
    let number = |number: u64| HeaderValue::from(number);
    let counts = [
        ("entente-lines", number(matches.lines)),
        ("entente-bad-lines", number(matches.bad)),
        ("entente-matches", number(u64::try_from(matches.len()).unwrap_or(u64::MAX))),
    ];
    let first_bad = matches.first_bad.as_deref().map(HeaderValue::from_str);
    let mut at = 0;
    let pieces = std::iter::from_fn(move || {
        let mut piece = Vec::new();
        while piece.len() < PIECE_BYTES && matches.write(at, &mut piece) {
            at += 1;
        }
        (!piece.is_empty()).then(|| Bytes::from(piece))
    });
    let mut response = typed("application/x-ndjson", pulled(pieces));
    response
        .headers_mut()
        .extend(counts.map(|(name, value)| (http::HeaderName::from_static(name), value)));
    if let Some(Ok(value)) = first_bad {
        response.headers_mut().insert("entente-first-bad", value);
    }
    response
}
