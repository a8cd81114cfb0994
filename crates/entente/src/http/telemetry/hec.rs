//! Splunk's HTTP event collector: objects one after another, each with an event that is a text or an
//! object, or raw lines. An answer without error means what an acknowledgement means there: durable.

use super::lines::key;
use super::reworded;
use crate::http::Caller;
use crate::http::api::answer::{Answered, Refusal, typed, writes};
use crate::http::ingest::{Ingested, counted, taken};
use crate::matching::Incoming;
use crate::runtime::Runtime;
use crate::telemetry::Again;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{get, post};
use detect::reading::Form;
use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use std::sync::atomic::{AtomicU64, Ordering};

/// What an agent may say in the address; its index and source type concern no one here.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Said {
    channel: Option<String>,
    source: Option<String>,
}

/// The object around an event, as far as it decides whether there is one.
#[derive(Deserialize)]
struct Wrapped<'a> {
    #[serde(borrow)]
    event: Option<&'a RawValue>,
}

pub(super) fn routes() -> Router<Runtime> {
    Router::new()
        .route("/services/collector", post(events))
        .route("/services/collector/event", post(events))
        .route("/services/collector/event/1.0", post(events))
        .route("/services/collector/raw", post(raw))
        .route("/services/collector/raw/1.0", post(raw))
        .route("/services/collector/ack", post(acknowledged))
        .route("/services/collector/health", get(health))
        .route("/services/collector/health/1.0", get(health))
        .layer(map_response(worded))
}

async fn worded(response: Response) -> Response {
    reworded(response, words).await
}

/// A refusal as Splunk words it.
fn words(status: StatusCode, text: &str) -> Value {
    let code = match status {
        StatusCode::UNAUTHORIZED => 2,
        StatusCode::FORBIDDEN => 4,
        StatusCode::SERVICE_UNAVAILABLE => 9,
        StatusCode::INTERNAL_SERVER_ERROR => 8,
        _ => 6,
    };
    json!({"text": text, "code": code})
}

async fn events(
    State(runtime): State<Runtime>,
    Query(said): Query<Said>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Answered {
    writes(&caller.0)?;
    ready(&runtime)?;
    let again = Again::Named(key(&headers)?);
    let mut received = taken(&runtime, &caller, (&headers, body)).await?;
    let Split { lines, events, fault } = split(&received.bytes);
    if events == 0 && fault.is_none() {
        return Ok(refused(5, "No data", None));
    }
    received.bytes = lines;
    let source = said.source.clone().unwrap_or_default();
    let incoming = Incoming { form: Form::Json, source, header: None };
    let ingested = counted(&runtime, &caller, received, (incoming, 1), again).await?;
    let Ingested { matches, held: _held } = ingested;
    // The events before it are taken, as there.
    if let Some((code, text)) = fault {
        return Ok(refused(code, text, Some(events)));
    }
    if let Some(bad) = matches.problems.first() {
        let number = usize::try_from(bad.line.saturating_sub(1)).unwrap_or(usize::MAX);
        return Ok(refused(6, "Invalid data format", Some(number)));
    }
    Ok(success(&said, &headers))
}

async fn raw(
    State(runtime): State<Runtime>,
    Query(said): Query<Said>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Answered {
    writes(&caller.0)?;
    ready(&runtime)?;
    let again = Again::Named(key(&headers)?);
    let received = taken(&runtime, &caller, (&headers, body)).await?;
    if received.bytes.trim_ascii().is_empty() {
        return Ok(refused(5, "No data", None));
    }
    let source = said.source.clone().unwrap_or_default();
    let incoming = Incoming { form: Form::Auto, source, header: None };
    let ingested = counted(&runtime, &caller, received, (incoming, 1), again).await?;
    let Ingested { matches, held: _held } = ingested;
    let mut response = success(&said, &headers);
    // A raw line cannot be refused there; what could not be read is told all the same.
    response.headers_mut().insert("entente-bad-lines", HeaderValue::from(matches.bad));
    Ok(response)
}

/// Objects as lines, and where they broke off.
struct Split {
    lines: Vec<u8>,
    events: usize,
    fault: Option<(u8, &'static str)>,
}

/// Objects may follow each other without an end of line, and have such ends inside.
fn split(body: &[u8]) -> Split {
    let mut split = Split { lines: Vec::with_capacity(body.len()), events: 0, fault: None };
    let objects = serde_json::Deserializer::from_slice(body).into_iter::<&RawValue>();
    for object in objects {
        let Ok(object) = object else {
            split.fault = Some((6, "Invalid data format"));
            return split;
        };
        let text = object.get();
        let wrapped: Result<Wrapped<'_>, _> = serde_json::from_str(text);
        split.fault = match wrapped.map(|wrapped| wrapped.event.map(RawValue::get)) {
            // A list would be read as if its members had names.
            Err(_) => Some((6, "Invalid data format")),
            Ok(_) if !text.starts_with('{') => Some((6, "Invalid data format")),
            Ok(None) => Some((12, "Event field is required")),
            Ok(Some("\"\"" | "null")) => Some((13, "Event field cannot be blank")),
            Ok(Some(_)) => None,
        };
        if split.fault.is_some() {
            return split;
        }
        // Between tokens an end of line is only space; inside strings there is none.
        split.lines.extend(text.bytes().map(|byte| if byte == b'\n' { b' ' } else { byte }));
        split.lines.push(b'\n');
        split.events += 1;
    }
    split
}

/// Numbers of acknowledgements: what has one is durable already.
static ACKNOWLEDGED: AtomicU64 = AtomicU64::new(0);

fn success(said: &Said, headers: &HeaderMap) -> Response {
    let mut body = Map::new();
    body.insert("text".to_owned(), "Success".into());
    body.insert("code".to_owned(), 0.into());
    if said.channel.is_some() || headers.contains_key("x-splunk-request-channel") {
        let number = ACKNOWLEDGED.fetch_add(1, Ordering::Relaxed);
        body.insert("ackId".to_owned(), number.into());
    }
    answer(StatusCode::OK, &Value::Object(body))
}

/// The numbers that are asked for.
#[derive(Deserialize)]
struct Acks {
    acks: Vec<u64>,
}

/// Acknowledgements asked for at once.
const ACKS_MAX: usize = 100_000;

async fn acknowledged(caller: Caller, body: Bytes) -> Answered {
    writes(&caller.0)?;
    let asked: Option<Acks> = serde_json::from_slice(&body).ok();
    let Some(Acks { acks }) = asked.filter(|asked| asked.acks.len() <= ACKS_MAX) else {
        return Ok(refused(6, "Invalid data format", None));
    };
    // Every number was given with an answer, and every answer for what was durable by then.
    let acks = acks.into_iter().map(|ack| (ack.to_string(), Value::Bool(true)));
    Ok(answer(StatusCode::OK, &json!({"acks": acks.collect::<Map<_, _>>()})))
}

async fn health(State(runtime): State<Runtime>) -> Response {
    if runtime.matches() {
        return answer(StatusCode::OK, &json!({"text": "HEC is healthy", "code": 17}));
    }
    busy()
}

/// Until the index is loaded telemetry waits: nothing passes unmatched.
fn ready(runtime: &Runtime) -> Result<(), Refusal> {
    if runtime.matches() { Ok(()) } else { Err(Refusal::because(busy())) }
}

fn busy() -> Response {
    let told = json!({"text": "Server is busy", "code": 9});
    let mut response = answer(StatusCode::SERVICE_UNAVAILABLE, &told);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

fn refused(code: u8, text: &str, number: Option<usize>) -> Response {
    let mut body = json!({"text": text, "code": code});
    if let (Some(number), Some(members)) = (number, body.as_object_mut()) {
        members.insert("invalid-event-number".to_owned(), number.into());
    }
    answer(StatusCode::BAD_REQUEST, &body)
}

fn answer(status: StatusCode, value: &Value) -> Response {
    let mut response = typed("application/json", Body::from(value.to_string()));
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests;
