//! `GET /api/v1/cube`: how often indicators matched here, and how often partners say they saw them. With `indicator=` hour by hour, without
//! it those that matched most, with `tripped=1` those that match too much. Counts, never events.

use super::answer::{Answered, json, thing};
use super::asked::{Asked, Pairs};
use super::names::Names;
use crate::http::Administrator;
use crate::runtime::Runtime;
use axum::extract::State;
use model::id::{CircleId, NodeId, ThingId};
use model::limits::CUBE_LINES_MAX;
use model::time::Instant;
use node::sighted::sighted;
use node::sighting::{Whose, counted};
use node::{Cell, Seq};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The matches of one indicator in one hour, or in all hours asked for.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct CellView {
    pub(crate) indicator: String,
    pub(crate) circle: String,
    /// Who counted: this node, or a partner whose word it is.
    pub(crate) by: String,
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
        let tripped: BTreeSet<Seq> = inside.known_good().tripped().all().into_keys().collect();
        let whose = match &indicator {
            Some(thing) => Whose::Of(thing),
            // Of those that matched most they may be none.
            None if only => Whose::At(&tripped),
            None => Whose::All,
        };
        let names = Names::load(reading, inside.me())?;
        let me = inside.me().node();
        let view = |cell: &Cell, thing: &ThingId, circle: &CircleId, by: &NodeId| CellView {
            indicator: thing.to_string(),
            circle: names.circle(circle),
            by: names.node(by),
            hour: cell.hour.to_string(),
            count: cell.count,
            first: cell.first.to_string(),
            last: cell.last.to_string(),
            tripped: *by == me && tripped.contains(&cell.seq),
        };
        let own = counted(reading, whose, from, CUBE_LINES_MAX)?;
        let own = own.iter().filter(|one| !only || tripped.contains(&one.cell.seq));
        let mut views: Vec<CellView> =
            own.map(|one| view(&one.cell, &one.thing, &one.circle, &me)).collect();
        // What trips is this node's own to say.
        if !only {
            let heard = sighted(reading, &me, whose, from, CUBE_LINES_MAX)?;
            views.extend(heard.iter().map(|one| view(&one.cell, &one.thing, &one.circle, &one.by)));
        }
        Ok(views)
    });
    Ok(json(&views.await?))
}
