//! `GET /api/v1/preview/{partner}`: what it would be sent, what it has, and why not the rest, by
//! circle and kind. Administration only; nothing is numbered or sent.

use super::answer::{Answered, json};
use super::asked::{Asked, Pairs};
use super::lacking;
use super::names::Names;
use super::partners::find;
use crate::http::Administrator;
use crate::runtime::{Runtime, now};
use axum::extract::{Path, State};
use node::read::{Preview, PreviewLine};
use serde::{Deserialize, Serialize};

/// Records of one circle and kind that meet the same decision.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct PreviewView {
    pub(crate) partner: String,
    pub(crate) circle: String,
    pub(crate) kind: String,
    pub(crate) released: bool,
    pub(crate) reason: String,
    /// Whose rule it is: `label`, `circle`, `card`, `policy` or `node`.
    pub(crate) by: String,
    pub(crate) count: u64,
    /// Of these, not numbered for it yet.
    pub(crate) waiting: u64,
    /// Of these, numbered and not receipted.
    pub(crate) sent: u64,
    /// Of these, receipted; where they are not released, it got them before.
    pub(crate) has: u64,
    /// A few of them, when asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) samples: Vec<String>,
}

fn view(partner: &str, line: PreviewLine, names: &Names, ids: bool) -> PreviewView {
    let samples = if ids { line.samples } else { Vec::new() };
    PreviewView {
        partner: partner.to_owned(),
        circle: line.circle.map(|circle| names.circle(&circle)).unwrap_or_default(),
        kind: line.kind,
        released: line.released,
        reason: line.reason,
        by: line.by.to_owned(),
        count: line.count,
        waiting: line.count.saturating_sub(line.sent).saturating_sub(line.has),
        sent: line.sent,
        has: line.has,
        samples: samples.iter().map(ToString::to_string).collect(),
    }
}

pub(super) async fn get(
    State(runtime): State<Runtime>,
    _: Administrator,
    Path(name): Path<String>,
    query: Pairs,
) -> Answered {
    let mut asked = Asked::of(query);
    let ids = asked.flag("ids")?;
    asked.end()?;
    let partner = find(&runtime, &name).await?;
    let me = runtime.me().node();
    let begun = runtime.read(move |reading| {
        let lens = node::link::lens_for(reading, &partner, now())?;
        lens.map(|lens| Preview::begin(reading, &me, lens)).transpose()
    });
    let Some(mut preview) = begun.await? else {
        return Err(lacking::partner(&runtime, &name).await);
    };
    // Each step has a snapshot of its own: a large log is read in many short looks.
    let mut more = true;
    while more {
        let stepped = runtime.read(move |reading| {
            let more = preview.step(reading)?;
            Ok((preview, more))
        });
        (preview, more) = stepped.await?;
    }
    let inside = runtime.clone();
    let views = runtime.read(move |reading| {
        let names = Names::load(reading, inside.me())?;
        let partner = names.node(&partner);
        let lines = preview.lines(reading)?.into_iter();
        Ok(lines.map(|line| view(&partner, line, &names, ids)).collect::<Vec<_>>())
    });
    Ok(json(&views.await?))
}
