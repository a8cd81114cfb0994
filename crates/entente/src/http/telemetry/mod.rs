//! The doors for telemetry over HTTP: lines of any form, Elasticsearch's `_bulk`, and Splunk's event
//! collector. Each answers just enough for the agents that speak to it; all of them match, and none
//! tells more than counts.

mod bulk;
mod elastic;
mod hec;
mod lines;

pub(super) use lines::incoming;

use crate::runtime::Runtime;
use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::Value;

pub(super) fn routes() -> Router<Runtime> {
    // They bound their bodies themselves, packed and unpacked.
    lines::routes().merge(elastic::routes()).merge(hec::routes())
}

/// The members of a problem that an agent is told.
#[derive(Deserialize)]
struct Told {
    code: String,
    detail: String,
}

/// Bytes of a problem.
const PROBLEM_BYTES_MAX: usize = 64 << 10;

/// A refusal that is worded as a problem, in the words of another protocol: its clients fail on a
/// media type that they don't know, and tell nobody why.
async fn reworded(response: Response, words: fn(StatusCode, &str) -> Value) -> Response {
    let kind = response.headers().get(CONTENT_TYPE);
    if kind.is_none_or(|kind| kind != "application/problem+json") {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, PROBLEM_BYTES_MAX).await.unwrap_or_default();
    let told: Option<Told> = serde_json::from_slice(&bytes).ok();
    let told = told.map_or_else(String::new, |told| format!("{}: {}", told.code, told.detail));
    let words = words(parts.status, &told).to_string();
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Response::from_parts(parts, Body::from(words))
}
