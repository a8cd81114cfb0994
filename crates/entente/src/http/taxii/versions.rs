//! The versions of one object that this asker may have, as the objects spell them.

use super::negotiate::{Desk, Refusal};
use super::object::{Named, about, known};
use super::paging::Question;
use crate::runtime::Runtime;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use formats::taxii::{Filter, Versions};
use node::read::Shape;

/// SPEC: TAXII 2.1 §5.8
pub(super) async fn read(
    State(runtime): State<Runtime>,
    desk: Desk,
    Named(thing): Named,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    desk.readable()?;
    let asked = Filter::parse(&query.unwrap_or_default())?;
    let filter = about(&thing, Filter { versions: Versions::All, ..asked });
    let question = Question::new(&desk, ("versions", Shape::Manifest), filter)?;
    let answered = question.ask(&runtime).await?;
    if answered.page.entries.is_empty() {
        known(&runtime, &desk, &thing).await?;
    }
    let entries = answered.page.entries.iter();
    let versions: Vec<&str> = entries.map(|entry| entry.version.as_str()).collect();
    let next = answered.next();
    let bytes = formats::taxii::versions(&versions, next.is_some(), next.as_deref());
    answered.date(desk.asker.answer(StatusCode::OK, bytes).await).await
}
