//! What agents that write to Elasticsearch ask before and beside their events: who is there, is it
//! well, is the index ready. The answers are constant: no index exists here, and nothing of what an
//! agent sets up is kept.

use super::{bulk, reworded};
use crate::http::Caller;
use crate::http::api::answer::{Answered, typed, writes};
use crate::runtime::Runtime;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{get, post};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use serde_json::{Value, json};

/// The version that agents are told: the oldest that all of them still speak to.
pub(super) const VERSION: &str = "8.15.0";

/// What official clients refuse to go on without.
const PRODUCT: HeaderName = HeaderName::from_static("x-elastic-product");

pub(super) fn routes() -> Router<Runtime> {
    Router::new()
        .route("/telemetry/_bulk", post(bulk::take).put(bulk::take))
        .route("/telemetry/{index}/_bulk", post(bulk::take_for).put(bulk::take_for))
        .route("/telemetry/{index}/_doc", post(bulk::take_one))
        .route("/telemetry/_license", get(license))
        .route("/telemetry/_xpack", get(xpack))
        .route("/telemetry/_cluster/health", get(health))
        .route("/telemetry/_cat/health", get(health))
        .route("/telemetry/_index_template/{name}", get(there).put(there))
        .route("/telemetry/_component_template/{name}", get(there).put(there))
        .route("/telemetry/_template/{name}", get(there).put(there))
        .route("/telemetry/_ilm/policy/{name}", get(there).put(there))
        .route("/telemetry/_ingest/pipeline/{name}", get(there).put(there))
        .route("/telemetry/_data_stream/{name}", get(there).put(there))
        .layer(map_response(marked))
}

/// What every answer of this door has: the mark, and refusals in its own words.
pub(super) async fn marked(response: Response) -> Response {
    let mut response = reworded(response, words).await;
    response.headers_mut().insert(PRODUCT, HeaderValue::from_static("Elasticsearch"));
    response
}

/// A refusal as Elasticsearch words it.
pub(super) fn words(status: StatusCode, reason: &str) -> Value {
    let kind = match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => "security_exception",
        StatusCode::PAYLOAD_TOO_LARGE => "circuit_breaking_exception",
        StatusCode::SERVICE_UNAVAILABLE => "unavailable_shards_exception",
        _ => "illegal_argument_exception",
    };
    json!({"error": {"root_cause": [], "type": kind, "reason": reason}, "status": status.as_u16()})
}

/// `GET /telemetry/`: the banner.
pub(super) async fn banner(State(runtime): State<Runtime>, caller: Caller) -> Answered {
    writes(&caller.0)?;
    let banner = json!({
        "name": "entente",
        "cluster_name": "entente",
        // The same for everybody, and as opaque as agents expect it.
        "cluster_uuid": runtime.me().node().to_string(),
        "version": {
            "number": VERSION,
            "build_flavor": "default",
            "build_type": "tar",
            "build_hash": "0000000000000000000000000000000000000000",
            "build_date": "2024-08-05T10:05:34.233336849Z",
            "build_snapshot": false,
            "lucene_version": "9.11.1",
            "minimum_wire_compatibility_version": "7.17.0",
            "minimum_index_compatibility_version": "7.0.0",
        },
        "tagline": "You Know, for Search",
    });
    Ok(answer(&banner))
}

async fn license(caller: Caller) -> Answered {
    writes(&caller.0)?;
    let license = json!({"license": {"status": "active", "type": "basic", "mode": "basic",
        "uid": "00000000-0000-0000-0000-000000000000"}});
    Ok(answer(&license))
}

async fn xpack(caller: Caller) -> Answered {
    writes(&caller.0)?;
    let no = json!({"available": false, "enabled": false});
    let xpack = json!({"build": {}, "license": {"type": "basic", "mode": "basic",
        "status": "active"}, "features": {"ilm": no, "monitoring": no, "security": no}});
    Ok(answer(&xpack))
}

/// Green once the index of indicators is loaded: until then events would have to wait.
async fn health(State(runtime): State<Runtime>, caller: Caller) -> Answered {
    writes(&caller.0)?;
    let (status, number) = if runtime.matches() { ("green", 100.0) } else { ("yellow", 0.0) };
    let health = json!({"cluster_name": "entente", "status": status, "timed_out": false,
        "number_of_nodes": 1, "number_of_data_nodes": 1, "active_shards_percent_as_number": number});
    Ok(answer(&health))
}

/// Templates, policies and pipelines are there, and what is written into them is thanked for.
async fn there(caller: Caller, method: Method) -> Answered {
    writes(&caller.0)?;
    Ok(answer(&if method == Method::GET { json!({}) } else { json!({"acknowledged": true}) }))
}

/// An answer in the media type that clients demand.
pub(super) fn answer(value: &Value) -> Response {
    typed("application/json", Body::from(value.to_string()))
}
