//! A body of telemetry: received within bounds, matched, and what follows from it made durable. It
//! words no answer.

use super::Caller;
use super::api::answer::{Refusal, done, lens};
use super::request_body::{Received, receive};
use super::room::Held;
use crate::matching::{Matches, match_lines};
use crate::runtime::Runtime;
use axum::body::Body;
use formats::problem::Problem;
use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderValue, StatusCode};
use model::id::Digest;
use model::limits::REQUEST_BYTES_MAX;
use model::seal::hmac;
use node::Command;

/// Whether the same bytes may come again, and how that is told.
#[derive(Clone, Debug)]
pub(super) enum Again {
    /// Each time is another one: a person looks through a file.
    Never,
    /// The sender names the delivery; empty, its bytes alone name it.
    Named(String),
}

/// What came of a body.
#[derive(Debug)]
pub(super) struct Ingested {
    /// The matches; their counts are durable.
    pub(super) matches: Matches,
    /// The room that they take.
    pub(super) held: Held,
}

/// Matches a body's lines and waits until every sighting that follows is on the disk.
pub(super) async fn ingest(
    runtime: &Runtime,
    Caller(caller): &Caller,
    (headers, body): (&HeaderMap, Body),
    first_line: u64,
    again: Again,
) -> Result<Ingested, Refusal> {
    if !runtime.matches() {
        return Err(loading());
    }
    let received = receive(&caller.name, headers, body, REQUEST_BYTES_MAX).await;
    // The room is held until the body is done with.
    let Received { bytes, held } = received?;
    let (inside, eyes, sender) = (runtime.clone(), lens(caller), caller.name.clone());
    let work = move || {
        let delivery = delivery(&inside, &sender, &again, &bytes);
        match_lines(&inside, &eyes, bytes, first_line).map(|matches| (delivery, matches))
    };
    let matched = tokio::task::spawn_blocking(work).await;
    let (delivery, mut matches) =
        matched.map_err(|_| Refusal::malformed("the lines could not be matched"))??;
    runtime.meters().events.add(matches.lines);
    runtime.meters().matches.add(u64::try_from(matches.len()).unwrap_or(u64::MAX));
    let sums = std::mem::take(&mut matches.sums);
    if !sums.is_empty() {
        let command = match delivery {
            Some(delivery) => Command::Delivered { delivery, matches: sums },
            None => Command::Matched(sums),
        };
        done(runtime.write(command).await?)?;
    }
    Ok(Ingested { matches, held })
}

/// What names a delivery: who sent it, under which name, and its bytes, under the node's own key.
fn delivery(runtime: &Runtime, sender: &str, again: &Again, bytes: &[u8]) -> Option<Digest> {
    let Again::Named(name) = again else { return None };
    let lengths = [sender.len(), name.len()].map(|length| length.to_string());
    let [sender_length, name_length] = lengths;
    let head = format!("delivery {sender_length} {name_length} {sender} {name} ");
    Some(hmac(&runtime.me().local_key, &[head.as_bytes(), bytes]))
}

/// Until the index is loaded telemetry waits: nothing passes unmatched.
fn loading() -> Refusal {
    let problem = Problem::error("E-API-503", "the indicators are still being loaded")
        .hint("try again in a moment");
    let mut response = super::problem(StatusCode::SERVICE_UNAVAILABLE, &problem);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    Refusal::because(response)
}
