//! The objects of a collection, page by page, as the bytes in which they came.

use super::negotiate::{Desk, Refusal};
use super::paging::{Answered, Question};
use crate::runtime::Runtime;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use formats::taxii::{EnvelopeWriter, Filter};
use node::read::Shape;

/// SPEC: TAXII 2.1 §5.4
pub(super) async fn read(
    State(runtime): State<Runtime>,
    desk: Desk,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    desk.readable()?;
    let filter = Filter::parse(&query.unwrap_or_default())?;
    let answered = Question::new(&desk, ("objects", Shape::Objects), filter)?.ask(&runtime).await?;
    envelope(&desk, answered).await
}

/// Stored bytes joined by commas.
pub(super) async fn envelope(desk: &Desk, answered: Answered) -> Result<Response, Refusal> {
    let objects = answered.page.entries.iter().filter_map(|entry| entry.object.as_ref());
    let bytes: usize = objects.clone().map(|object| object.bytes().len() + 1).sum();
    let mut envelope = EnvelopeWriter::with_capacity(bytes + 256);
    objects.for_each(|object| envelope.push(object.bytes()));
    let bytes = envelope.finish(answered.page.next.is_some(), answered.next().as_deref());
    answered.date(desk.asker.answer(StatusCode::OK, bytes).await).await
}
