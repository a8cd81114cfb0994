//! Discovery: who serves here and where the API root is. It lists no collections.

use super::ROOT;
use super::negotiate::Asker;
use crate::runtime::Runtime;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

/// SPEC: TAXII 2.1 §4.1
pub(super) async fn read(State(runtime): State<Runtime>, asker: Asker) -> Response {
    let bytes = formats::taxii::discovery(&formats::taxii::Discovery {
        title: &runtime.me().name,
        description: Some("An Entente node"),
        contact: None,
        // Relative, so that it stays true behind any proxy.
        api_roots: &[ROOT],
    });
    asker.answer(StatusCode::OK, bytes).await
}
