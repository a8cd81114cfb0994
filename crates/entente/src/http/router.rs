//! Which path leads where: one `routes()` per resource, put together. No resource is named here
//! twice, and nothing is answered here but "nothing is here".

use super::problem::worded;
use super::{api, drain, feeds, health, measure, metrics, problem, taxii, telemetry};
use crate::runtime::Runtime;
use axum::Router;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::response::Response;
use formats::problem::Problem;

/// Everything that this node answers over HTTP.
pub(crate) fn router(runtime: Runtime) -> Router {
    resources()
        .fallback(nowhere)
        .layer(map_response(worded))
        .layer(from_fn(drain::drain))
        .layer(from_fn_with_state(runtime.clone(), measure::measure))
        .with_state(runtime)
}

/// Every resource. What each gives away is in `tests/routes.txt`, with the check that tries it.
fn resources() -> Router<Runtime> {
    Router::new()
        .merge(taxii::routes())
        .merge(api::routes())
        .merge(feeds::routes())
        .merge(telemetry::routes())
        .merge(health::routes())
        .merge(metrics::routes())
}

async fn nowhere() -> Response {
    let nothing = Problem::error("E-HTTP-404", "nothing is here")
        .hint("TAXII is at /taxii2/, the API at /api/v1/");
    problem(StatusCode::NOT_FOUND, &nothing)
}

#[cfg(test)]
mod tests;
