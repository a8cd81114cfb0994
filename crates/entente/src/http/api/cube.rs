//! `GET /api/v1/cube`: how often indicators matched here. With `indicator=` hour by hour, without
//! it those that matched most, with `tripped=1` those that match too much. Counts, never events.

use super::answer::{Answered, json, thing};
use super::asked::{Asked, Pairs};
use super::names::Names;
use crate::http::Administrator;
use crate::runtime::Runtime;
use axum::extract::State;
use model::limits::CUBE_LINES_MAX;
use model::time::Instant;
use node::sighting::{Counted, counted};
use node::{Reading, StoreError};
use serde::{Deserialize, Serialize};

/// The matches of one indicator in one hour, or in all hours asked for.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct CellView {
    pub(crate) indicator: String,
    pub(crate) circle: String,
    /// When the hour began; of a sum, the newest.
    pub(crate) hour: String,
    pub(crate) count: u64,
    pub(crate) first: String,
    pub(crate) last: String,
    /// It matches more than anybody wants to hear.
    pub(crate) tripped: bool,
}

pub(super) async fn get(
    State(runtime): State<Runtime>,
    _: Administrator,
    pairs: Pairs,
) -> Answered {
    let mut asked = Asked::of(pairs);
    let indicator = asked.one("indicator")?.map(|id| thing(&id)).transpose()?;
    let from: Instant = asked.parsed("from")?.unwrap_or(Instant::from_micros(0));
    let only = asked.flag("tripped")?;
    asked.end()?;
    let inside = runtime.clone();
    let views = runtime.read(move |reading| {
        let cells = counted(reading, indicator.as_ref(), from, CUBE_LINES_MAX)?;
        told(&inside, reading, &cells, only)
    });
    Ok(json(&views.await?))
}

fn told(
    runtime: &Runtime,
    reading: &Reading<'_>,
    cells: &[Counted],
    only: bool,
) -> Result<Vec<CellView>, StoreError> {
    let names = Names::load(reading, runtime.me())?;
    let tripped = runtime.known_good().tripped().all();
    let cells = cells.iter().filter(|one| !only || tripped.contains_key(&one.cell.seq));
    let views = cells.map(|Counted { cell, thing, circle }| CellView {
        indicator: thing.to_string(),
        circle: names.circle(circle),
        hour: cell.hour.to_string(),
        count: cell.count,
        first: cell.first.to_string(),
        last: cell.last.to_string(),
        tripped: tripped.contains_key(&cell.seq),
    });
    Ok(views.collect())
}
