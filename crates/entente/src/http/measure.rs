//! Measures every request and tells the debug log of it: by the route's pattern, never by the
//! address, which holds names. It changes neither request nor answer.

use super::gate::Peer;
use crate::meters::Resource;
use crate::runtime::Runtime;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;

/// Counts a request and how long its answer took to begin.
pub(super) async fn measure(
    State(runtime): State<Runtime>,
    request: Request,
    next: Next,
) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let peer = request.extensions().get::<Peer>();
    let from = peer.map(|peer| peer.client(request.headers()));
    let method = request.method().clone();
    let began = tokio::time::Instant::now();
    let response = next.run(request).await;
    let (took, status) = (began.elapsed(), response.status().as_u16());
    runtime.meters().answered(Resource::of(route), status, took);
    let millis = took.as_millis();
    tracing::debug!(%method, route, status, millis, ?from, "a request was answered");
    response
}
