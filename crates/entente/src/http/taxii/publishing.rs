//! Objects posted to a collection: taken as bytes, read on a thread of their own, handed to the
//! writer; and the status that says what became of each. It judges no object.

use super::negotiate::{Desk, Refusal, joined};
use super::root::owner;
use crate::http::request_body::{Received, receive};
use crate::known_good::gate_here;
use crate::runtime::{Runtime, Unavailable, now, random};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use formats::problem::Problem;
use formats::taxii::{Status, StatusDetail, TAXII};
use model::limits::REQUEST_BYTES_MAX;
use model::time::Instant;
use node::accept::{Prepared, Terms};
use node::command::{Fate, ObjectOutcome};
use node::{Answer, Command, StatusRow};
use serde::Deserialize;
use serde_json::value::RawValue;

/// SPEC: TAXII 2.1 §5.5: 202, and the status is complete: what it counts is durable.
pub(super) async fn publish(
    State(runtime): State<Runtime>,
    desk: Desk,
    request: Request,
) -> Result<Response, Refusal> {
    let at = now();
    desk.writable()?;
    let (parts, body) = request.into_parts();
    if !formats::taxii::is_content(joined(&parts.headers, &CONTENT_TYPE).as_deref()) {
        let words = format!("bodies are in {TAXII} only");
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "E-TAXII-415", &words));
    }
    let who = &desk.asker.caller.name;
    // The room is held until the writer is done with the objects.
    let Received { bytes, held } = receive(who, &parts.headers, body, REQUEST_BYTES_MAX).await?;
    let read = tokio::task::spawn_blocking(move || read(&bytes)).await;
    let objects = read
        .map_err(|_| Unavailable::Stopping)?
        .map_err(|problem| Refusal::of(StatusCode::UNPROCESSABLE_ENTITY, &problem))?;
    let objects = gate_here(&runtime, desk.circle, objects).await?;
    let caller = &desk.asker.caller;
    let (submitter, terms) = (caller.submitter.clone(), Terms::of(desk.circle));
    let answer = runtime.write(Command::Publish { submitter, terms, objects }).await?;
    drop(held);
    // Refused as a whole: the circle has gone since the request came in.
    let Answer::Published(outcomes) = answer else { return Err(Refusal::not_found()) };
    let mut number = [0; 16];
    random(&mut number);
    let id = uuid::Builder::from_random_bytes(number).into_uuid();
    let text = status(id, at, &outcomes);
    let row = StatusRow {
        id: id.to_string(),
        owner: owner(caller),
        circle: desk.circle,
        at,
        text: text.clone(),
    };
    runtime.write(Command::KeepStatus(row)).await?;
    Ok(desk.asker.answer(StatusCode::ACCEPTED, text).await)
}

/// The one member of an envelope that a client sends; doubled, it is refused.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    objects: Option<&'a RawValue>,
}

/// Reads an envelope, and nothing else that holds objects.
fn read(bytes: &[u8]) -> Result<Prepared, Problem> {
    let head: Head<'_> = serde_json::from_slice(bytes).map_err(|error| {
        Problem::error("E-TAXII-422", format!("the body is not an envelope: {error}"))
    })?;
    let objects = head.objects.map(RawValue::get).unwrap_or_default();
    if !objects.starts_with('[') {
        let problem = Problem::error("E-TAXII-422", "the envelope has no array `objects`");
        return Err(problem.hint("send {\"objects\": [ ... ]}"));
    }
    let prepared = Prepared::stix(bytes)?;
    // SPEC: TAXII 2.1 §2: empty lists are prohibited.
    if prepared.0.is_empty() {
        return Err(Problem::error("E-TAXII-422", "the envelope holds no objects"));
    }
    // SPEC: TAXII 2.1 §5.5: versions of STIX that are not understood.
    let foreign = |object: &Result<_, (_, Problem)>| {
        object.as_ref().is_err_and(|(_, problem)| problem.code == "E-STIX-004")
    };
    if prepared.0.iter().all(foreign) {
        return Err(Problem::error("E-TAXII-422", "no object is of a version of STIX known here")
            .hint("2.1 and 2.0 are understood"));
    }
    Ok(prepared)
}

/// The status resource: an object that was held already is a success.
fn status(id: uuid::Uuid, at: Instant, outcomes: &[ObjectOutcome]) -> Vec<u8> {
    let asked = at.to_taxii();
    let told: Vec<Option<String>> = outcomes.iter().map(message).collect();
    let (mut successes, mut failures) = (Vec::new(), Vec::new());
    for (outcome, message) in outcomes.iter().zip(&told) {
        let refused = match &outcome.fate {
            Fate::Accepted | Fate::Duplicate => None,
            Fate::Refused(problem) => Some(problem),
        };
        let place = refused.map_or("unknown", |problem| problem.path.as_str());
        let id = if outcome.id.is_empty() { place } else { &outcome.id };
        let detail = StatusDetail {
            id,
            version: outcome.version.as_deref().unwrap_or(&asked),
            message: message.as_deref(),
        };
        if refused.is_some() { failures.push(detail) } else { successes.push(detail) }
    }
    formats::taxii::status(&Status {
        id,
        request_timestamp: Some(at),
        successes: &successes,
        failures: &failures,
        pendings: &[],
    })
}

fn message(outcome: &ObjectOutcome) -> Option<String> {
    match &outcome.fate {
        // What was taken as stricter than its sender thinks: nobody else would tell them.
        Fate::Accepted => outcome.warnings.first().map(ToString::to_string),
        Fate::Duplicate => Some("held already".to_owned()),
        Fate::Refused(problem) if problem.hint.is_empty() => Some(problem.to_string()),
        Fate::Refused(problem) => Some(format!("{problem}. Hint: {}", problem.hint)),
    }
}
