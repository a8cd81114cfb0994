//! A body of telemetry: received within bounds, matched, and what follows from it made durable. It
//! words no answer.

use super::Caller;
use super::api::answer::{Refusal, lens};
use super::request_body::{Received, receive};
use super::room::Held;
use crate::matching::{Incoming, Matches};
use crate::runtime::Runtime;
use crate::telemetry::{Again, DeliverError, Sender, deliver};
use axum::body::Body;
use formats::problem::Problem;
use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderValue, StatusCode};
use model::limits::REQUEST_BYTES_MAX;

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
    caller: &Caller,
    request: (&HeaderMap, Body),
    incoming: (Incoming, u64),
    again: Again,
) -> Result<Ingested, Refusal> {
    let received = taken(runtime, caller, request).await?;
    counted(runtime, caller, received, incoming, again).await
}

/// Receives a body, once there is something to match it with.
pub(super) async fn taken(
    runtime: &Runtime,
    Caller(caller): &Caller,
    (headers, body): (&HeaderMap, Body),
) -> Result<Received, Refusal> {
    if !runtime.matches() {
        return Err(loading());
    }
    Ok(receive(&caller.name, headers, body, REQUEST_BYTES_MAX).await?)
}

/// Matches lines that were received.
pub(super) async fn counted(
    runtime: &Runtime,
    Caller(caller): &Caller,
    received: Received,
    incoming: (Incoming, u64),
    again: Again,
) -> Result<Ingested, Refusal> {
    // The room is held until the body is done with.
    let Received { bytes, held } = received;
    let sender = Sender { name: caller.name.clone(), eyes: lens(caller) };
    let matches = deliver(runtime, sender, bytes, incoming, again).await?;
    Ok(Ingested { matches, held })
}

impl From<DeliverError> for Refusal {
    fn from(error: DeliverError) -> Self {
        match error {
            DeliverError::Unavailable(error) => error.into(),
            DeliverError::Refused(problem) => (*problem).into(),
            DeliverError::Broken => Self::malformed("the lines could not be matched"),
        }
    }
}

/// Until the index is loaded telemetry waits: nothing passes unmatched.
fn loading() -> Refusal {
    let problem = Problem::error("E-API-503", "the indicators are still being loaded")
        .hint("try again in a moment");
    let mut response = super::problem(StatusCode::SERVICE_UNAVAILABLE, &problem);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    Refusal::because(response)
}
