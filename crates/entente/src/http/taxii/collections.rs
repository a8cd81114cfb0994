//! Collections: the circles that this token may see, under their own ids. It counts nothing.

use super::negotiate::{Asker, Desk, Refusal};
use crate::runtime::Runtime;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use formats::taxii::Collection;
use model::circle::Circle;

/// SPEC: TAXII 2.1 §5.1: always in the same order, here by name and then by id.
pub(super) async fn list(
    State(runtime): State<Runtime>,
    asker: Asker,
) -> Result<Response, Refusal> {
    let mut circles = runtime.read(node::read::circles).await?;
    let known = asker.can_read() || asker.can_write();
    circles.retain(|line| known && line.accepted && asker.caller.sees(&line.circle.id));
    circles.sort_by(|a, b| (&a.circle.name, a.circle.id).cmp(&(&b.circle.name, b.circle.id)));
    let collections: Vec<Collection<'_>> =
        circles.iter().map(|line| shown(&line.circle, &asker)).collect();
    let bytes = formats::taxii::collections(&collections);
    Ok(asker.answer(StatusCode::OK, bytes).await)
}

/// SPEC: TAXII 2.1 §5.2
pub(super) async fn read(State(runtime): State<Runtime>, desk: Desk) -> Result<Response, Refusal> {
    let id = desk.circle;
    let circles = runtime.read(node::read::circles).await?;
    let line = circles.iter().find(|line| line.circle.id == id).ok_or_else(Refusal::not_found)?;
    let bytes = formats::taxii::collection(&shown(&line.circle, &desk.asker));
    Ok(desk.asker.answer(StatusCode::OK, bytes).await)
}

fn shown<'a>(circle: &'a Circle, asker: &Asker) -> Collection<'a> {
    Collection {
        id: circle.id.uuid(),
        title: &circle.name,
        description: None,
        alias: None,
        can_read: asker.can_read(),
        can_write: asker.can_write(),
    }
}
