//! Elasticsearch's `_bulk`: a line that says what to do, a line that is the event, and an answer for
//! each. Events are matched and nothing is indexed, so `update` and `delete` are refused item by item.

use super::elastic::{answer, words};
use super::lines::key;
use crate::http::Caller;
use crate::http::api::answer::{Answered, Refusal, writes};
use crate::http::ingest::{Ingested, counted, taken};
use crate::matching::{Incoming, Matches};
use crate::runtime::Runtime;
use crate::telemetry::Again;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use detect::event::{Buffers, LineError};
use detect::reading::{Form, Reader, fields};
use http::{HeaderMap, StatusCode};
use model::limits::{BAD_LINES_TOLD_MAX, BULK_ITEMS_MAX};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// A line that says what to do: one member, the action.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum Action {
    Index(Meta),
    Create(Meta),
    Update(Meta),
    Delete(Meta),
}

/// What is said of the event; everything else concerns an index.
#[derive(Default, Deserialize)]
struct Meta {
    #[serde(rename = "_index")]
    index: Option<String>,
    #[serde(rename = "_id")]
    id: Option<Value>,
}

/// One item, and which line its event is; refused ones have none.
struct Item {
    action: &'static str,
    meta: Meta,
    line: Option<u64>,
}

pub(super) async fn take(
    runtime: State<Runtime>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Answered {
    bulk(&runtime, &caller, (&headers, body), "events").await
}

pub(super) async fn take_for(
    runtime: State<Runtime>,
    Path(index): Path<String>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Answered {
    bulk(&runtime, &caller, (&headers, body), &index).await
}

/// One event without a line before it.
pub(super) async fn take_one(
    State(runtime): State<Runtime>,
    Path(index): Path<String>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Answered {
    writes(&caller.0)?;
    let mut received = taken(&runtime, &caller, (&headers, body)).await?;
    // A document may stand on several lines; between its tokens an end of line is only space.
    received.bytes.iter_mut().filter(|byte| **byte == b'\n').for_each(|byte| *byte = b' ');
    let again = Again::Named(key(&headers)?);
    let Ingested { matches, held: _held } =
        counted(&runtime, &caller, received, (incoming(), 1), again).await?;
    let item = Item { action: "index", meta: Meta::default(), line: Some(1) };
    let told = told(&item, &index, matches.problems.first().map(|bad| bad.error));
    let mut response = answer(&told);
    *response.status_mut() =
        if matches.bad == 0 { StatusCode::CREATED } else { StatusCode::BAD_REQUEST };
    Ok(response)
}

fn incoming() -> Incoming {
    Incoming { form: Form::Json, ..Incoming::default() }
}

async fn bulk(
    runtime: &Runtime,
    caller: &Caller,
    (headers, body): (&HeaderMap, Body),
    index: &str,
) -> Answered {
    writes(&caller.0)?;
    let again = Again::Named(key(headers)?);
    let mut received = taken(runtime, caller, (headers, body)).await?;
    // Before any event is matched: a body that is refused counts nothing.
    let (items, events) = split(&received.bytes).map_err(|why| malformed(&why))?;
    received.bytes = events;
    let ingested = counted(runtime, caller, received, (incoming(), 1), again).await?;
    let Ingested { matches, held: _held } = ingested;
    let bad = bad_lines(&matches);
    let mut errors = false;
    let told = items.iter().map(|item| {
        let error = item.line.and_then(|line| bad.get(&line).copied());
        errors |= error.is_some() || item.line.is_none();
        json!({item.action: told(item, index, error)})
    });
    let told: Vec<Value> = told.collect();
    // How long it took would say how much matched; no agent goes by it.
    Ok(answer(&json!({"took": 0, "errors": errors, "items": told})))
}

/// What became of one item, as the agents read it.
fn told(item: &Item, index: &str, error: Option<LineError>) -> Value {
    let Item { meta, line, .. } = item;
    let mut told = Map::new();
    let index = meta.index.as_deref().unwrap_or(index);
    told.insert("_index".to_owned(), index.into());
    told.insert("_id".to_owned(), meta.id.clone().unwrap_or_else(|| "".into()));
    let refused = match (line, error) {
        (None, _) => {
            Some(("illegal_argument_exception", "only `index` and `create` are taken".to_owned()))
        }
        (_, Some(error)) => Some(("mapper_parsing_exception", error.to_string())),
        (Some(_), None) => None,
    };
    match refused {
        Some((kind, reason)) => {
            told.insert("status".to_owned(), 400.into());
            told.insert("error".to_owned(), json!({"type": kind, "reason": reason}));
        }
        None => {
            told.insert("_version".to_owned(), 1.into());
            told.insert("result".to_owned(), "created".into());
            told.insert("_shards".to_owned(), json!({"total": 1, "successful": 1, "failed": 0}));
            told.insert("_seq_no".to_owned(), 0.into());
            told.insert("_primary_term".to_owned(), 1.into());
            told.insert("status".to_owned(), 201.into());
        }
    }
    Value::Object(told)
}

/// Why a body is refused whole.
#[derive(Debug, Eq, PartialEq)]
enum Malformed {
    /// A line is no action; its number.
    Action(usize),
    /// The last action has no event.
    Cut,
    /// More than `BULK_ITEMS_MAX`.
    TooMany,
}

/// Takes the events out, one a line, and remembers whose each is.
fn split(body: &[u8]) -> Result<(Vec<Item>, Vec<u8>), Malformed> {
    let mut items = Vec::new();
    let mut events = Vec::with_capacity(body.len());
    let mut line = 0_u64;
    let mut lines = body.split(|byte| *byte == b'\n').enumerate();
    while let Some((number, text)) = lines.next() {
        if text.trim_ascii().is_empty() {
            continue;
        }
        // LIMIT: each item is answered by some 150 bytes.
        if items.len() >= BULK_ITEMS_MAX {
            return Err(Malformed::TooMany);
        }
        let action = serde_json::from_slice(text).map_err(|_| Malformed::Action(number + 1))?;
        let (action, meta, event) = match action {
            Action::Index(meta) => ("index", meta, true),
            Action::Create(meta) => ("create", meta, true),
            Action::Update(meta) => {
                lines.next().ok_or(Malformed::Cut)?;
                ("update", meta, false)
            }
            Action::Delete(meta) => ("delete", meta, false),
        };
        if !event {
            items.push(Item { action, meta, line: None });
            continue;
        }
        let (_, text) = lines.next().ok_or(Malformed::Cut)?;
        line += 1;
        events.extend_from_slice(text);
        events.push(b'\n');
        items.push(Item { action, meta, line: Some(line) });
    }
    Ok((items, events))
}

fn malformed(why: &Malformed) -> Refusal {
    let (status, reason) = match why {
        Malformed::Action(line) => {
            let reason = format!("E-TELEMETRY-003: Malformed action/metadata line [{line}]");
            (StatusCode::BAD_REQUEST, reason)
        }
        Malformed::Cut => {
            let reason = "E-TELEMETRY-003: the last action has no event behind it".to_owned();
            (StatusCode::BAD_REQUEST, reason)
        }
        Malformed::TooMany => {
            let reason = format!("E-TELEMETRY-004: more than {BULK_ITEMS_MAX} items at once");
            (StatusCode::PAYLOAD_TOO_LARGE, reason)
        }
    };
    let mut response: Response = answer(&words(status, &reason));
    *response.status_mut() = status;
    Refusal::because(response)
}

/// The lines that could not be read, all of them: an agent sends none of the others again.
fn bad_lines(matches: &Matches) -> HashMap<u64, LineError> {
    if matches.bad <= u64::try_from(BAD_LINES_TOLD_MAX).unwrap_or(0) {
        return matches.problems.iter().map(|bad| (bad.line, bad.error)).collect();
    }
    // Rare, and read a second time rather than kept for every body.
    let (mut reader, mut buffers) = (Reader::new(Form::Json), Buffers::default());
    let mut bad = HashMap::new();
    for (line, number) in matches.body().split(|byte| *byte == b'\n').zip(1..) {
        let read = reader.event(line).and_then(|event| match event {
            Some(event) => fields(&event, &mut buffers, &mut |_| {}),
            None => Ok(()),
        });
        if let Err(error) = read {
            bad.insert(number, error);
        }
    }
    bad
}

#[cfg(test)]
mod tests;
