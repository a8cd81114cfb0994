//! The API root and the statuses of what was posted to it. It keeps no status itself.

use super::negotiate::{Asker, Refusal, path_parameter};
use crate::runtime::Runtime;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use model::limits::REQUEST_BYTES_MAX;

/// SPEC: TAXII 2.1 §4.2
pub(super) async fn read(State(runtime): State<Runtime>, asker: Asker) -> Response {
    let bytes = formats::taxii::api_root(&formats::taxii::ApiRoot {
        title: &runtime.me().name,
        description: Some("One collection per circle that the token may see"),
        max_content_length: u64::try_from(REQUEST_BYTES_MAX).unwrap_or(u64::MAX),
    });
    asker.answer(StatusCode::OK, bytes).await
}

/// SPEC: TAXII 2.1 §4.3: only for the token that posted; for others it never was.
pub(super) async fn status(
    State(runtime): State<Runtime>,
    asker: Asker,
    request: Request,
) -> Result<Response, Refusal> {
    let (mut parts, _) = request.into_parts();
    let id = path_parameter(&mut parts, &runtime, "status").await;
    let id = id.as_deref().and_then(model::id::canonical_uuid).ok_or_else(Refusal::not_found)?;
    let kept = runtime.read(move |reading| reading.status(&id.to_string())).await?;
    let mine = kept.filter(|status| status.owner == owner(&asker.caller));
    let status = mine.ok_or_else(Refusal::not_found)?;
    Ok(asker.answer(StatusCode::OK, status.text).await)
}

/// Whose a status is: the token's own number, since a name may be given again.
pub(super) fn owner(caller: &node::token::Caller) -> String {
    caller.submitter.intake.to_string()
}
