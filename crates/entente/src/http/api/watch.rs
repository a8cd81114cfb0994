//! `POST /api/v1/watch`: lines of telemetry in, matches out. A 2xx means that every line was
//! matched and that every sighting is on the disk. With `as=` matches are told in the words of others.

use super::answer::{Answered, reads, typed, writes};
use super::asked::{Asked, Pairs};
use super::body::pulled;
use crate::http::Caller;
use crate::http::ingest::{Ingested, ingest};
use crate::http::telemetry::incoming;
use crate::runtime::Runtime;
use crate::telemetry::Again;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::Response;
use detect::reading::Form;
use http::{HeaderMap, HeaderValue};
use model::limits::DELIVERY_KEY_BYTES_MAX;
use node::Wording;

/// Bytes of matches that are written in one piece.
const PIECE_BYTES: usize = 64 << 10;

pub(super) async fn post(
    State(runtime): State<Runtime>,
    caller: Caller,
    query: Pairs,
    headers: HeaderMap,
    body: Body,
) -> Answered {
    // Matches make this node sign sightings: who only reads may not cause any.
    reads(&caller.0)?;
    writes(&caller.0)?;
    let mut asked = Asked::of(query);
    let first_line: u64 = asked.parsed("line")?.unwrap_or(1);
    // Whoever follows a file names its pieces, so that one that is sent again counts once.
    let delivery = asked.one("delivery")?.filter(|name| name.len() <= DELIVERY_KEY_BYTES_MAX);
    // Who sent only the beginning of a line too long says how much it left out.
    let passed: u64 = asked.parsed("passed")?.unwrap_or(0);
    let incoming = incoming(&mut asked, Form::Json)?;
    let wording: Wording = asked.parsed("as")?.unwrap_or_default();
    asked.end()?;
    let again = delivery.map_or(Again::Never, Again::Named);
    let ingested =
        ingest(&runtime, &caller, (&headers, body), (incoming, first_line), again).await?;
    runtime.meters().skipped_bytes.add(passed);
    Ok(response(ingested, (wording, runtime.me().local_key)))
}

/// The matches, one a line; how much was looked at stands in the headers.
fn response(ingested: Ingested, (wording, key): (Wording, [u8; 16])) -> Response {
    let Ingested { matches, held } = ingested;
    let number = |number: u64| HeaderValue::from(number);
    let counts = [
        ("entente-lines", number(matches.lines)),
        ("entente-bad-lines", number(matches.bad)),
        ("entente-matches", number(u64::try_from(matches.len()).unwrap_or(u64::MAX))),
    ];
    let first_bad = matches.problems.first();
    let first_bad = first_bad.map(|bad| format!("line {}: {}", bad.line, bad.error));
    let first_bad = first_bad.as_deref().map(HeaderValue::from_str);
    let mut at = 0;
    let pieces = std::iter::from_fn(move || {
        // As long as matches are told, the room is theirs.
        let _held = &held;
        let mut piece = Vec::new();
        let told = (wording, &key);
        while piece.len() < PIECE_BYTES && matches.write_worded(at, told, &mut piece) {
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
