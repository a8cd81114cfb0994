//! The manifest of a collection: ids, dates and versions. It opens no object.

use super::negotiate::{Desk, Refusal};
use super::paging::Question;
use crate::runtime::Runtime;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use formats::taxii::{Filter, ManifestEntry};
use node::read::Shape;

/// SPEC: TAXII 2.1 §5.3
pub(super) async fn read(
    State(runtime): State<Runtime>,
    desk: Desk,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    desk.readable()?;
    let filter = Filter::parse(&query.unwrap_or_default())?;
    let question = Question::new(&desk, ("manifest", Shape::Manifest), filter)?;
    let answered = question.ask(&runtime).await?;
    let ids: Vec<String> = answered.page.entries.iter().map(|e| e.thing.to_string()).collect();
    let entries: Vec<ManifestEntry<'_>> = ids
        .iter()
        .zip(&answered.page.entries)
        .map(|(id, entry)| ManifestEntry {
            id,
            date_added: entry.date,
            version: &entry.version,
            spec_version: "2.1",
        })
        .collect();
    let next = answered.next();
    let bytes = formats::taxii::manifest(&entries, next.is_some(), next.as_deref());
    answered.date(desk.asker.answer(StatusCode::OK, bytes).await).await
}
