//! `GET /api/v1/sightings?after=`: what was seen, ours and partners', that the caller may read. The
//! bookmark is a time; numbers of the log never leave.

use super::answer::{Answered, eyes, json, reads};
use super::asked::{Asked, Pairs};
use super::names::Names;
use crate::http::Caller;
use crate::http::reads::note_entries;
use crate::runtime::Runtime;
use axum::extract::State;
use model::limits::RESULTS_MAX;
use model::time::Instant;
use node::read::SightingLine;
use node::release::Lens;
use node::{Reading, StoreError};
use serde::{Deserialize, Serialize};

/// Sightings, oldest first.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct SightingsView {
    pub(crate) sightings: Vec<SightingView>,
    /// What to ask after next.
    pub(crate) next: Option<String>,
}

/// One sighting.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct SightingView {
    pub(crate) indicator: Option<String>,
    pub(crate) by: String,
    pub(crate) by_node: String,
    pub(crate) count: Option<u64>,
    pub(crate) first: Option<String>,
    pub(crate) last: Option<String>,
    pub(crate) at: String,
}

pub(super) fn view(line: &SightingLine, names: &Names) -> SightingView {
    let time = |at: Option<Instant>| at.map(|at| at.to_string());
    SightingView {
        indicator: line.of.as_ref().map(ToString::to_string),
        by: names.node(&line.by),
        by_node: line.by.to_string(),
        count: line.count,
        first: time(line.first),
        last: time(line.last),
        at: line.at.to_string(),
    }
}

/// Entries of the log looked at in one step.
const STEP: usize = 1_000;

/// About `limit` sightings that came after an instant; those of one instant are never parted, so
/// that the last one's time is where to go on.
pub(super) fn after(
    reading: &Reading<'_>,
    lens: &Lens,
    after: Option<Instant>,
    limit: usize,
) -> Result<Vec<SightingLine>, StoreError> {
    let mut place = match after {
        Some(at) => node::read::place_at(reading, at)?,
        None => 0,
    };
    let mut lines: Vec<SightingLine> = Vec::new();
    loop {
        let (page, last) = node::read::sightings(reading, lens, place, STEP)?;
        lines.extend(page);
        let cut = lines.get(limit.saturating_sub(1)).map(|line| line.at);
        let enough = cut.is_some() && lines.last().map(|line| line.at) > cut;
        if enough || last == place {
            if let Some(cut) = cut {
                let beyond = lines.iter().skip(limit).take_while(|line| line.at == cut).count();
                lines.truncate(limit.saturating_add(beyond));
            }
            return Ok(lines);
        }
        place = last;
    }
}

pub(super) async fn get(
    State(runtime): State<Runtime>,
    Caller(caller): Caller,
    query: Pairs,
) -> Answered {
    reads(&caller)?;
    let mut asked = Asked::of(query);
    let from: Option<Instant> = asked.parsed("after")?;
    let lens = eyes(&runtime, &caller, &mut asked).await?;
    asked.end()?;
    let inside = runtime.clone();
    let view = runtime.read(move |reading| {
        let names = Names::load(reading, inside.me())?;
        let lines = after(reading, &lens, from, RESULTS_MAX)?;
        let next = lines.last().map(|line| line.at).or(from).map(|at| at.to_string());
        let sightings = lines.iter().map(|line| view(line, &names)).collect();
        let places = lines.iter().map(|line| line.seq).collect::<Vec<_>>();
        Ok((SightingsView { sightings, next }, places))
    });
    let (view, places) = view.await?;
    note_entries(&runtime, &caller, places).await?;
    Ok(json(&view))
}
