//! `/api/v1/circles/{name}/backfill`: for whom a circle's past waits, and a person's word on it.

use super::answer::{Answered, Refusal, json, odd, read_json};
use super::asking::{Said, answered, by};
use super::circles::both;
use super::lacking;
use super::names::Names;
use crate::http::Administrator;
use crate::runtime::Runtime;
use axum::body::Bytes;
use axum::extract::{Path, State};
use model::id::CircleId;
use node::Answer;
use node::backfill::pasts;
use node::command::Administer;
use node::token::Caller;
use serde::{Deserialize, Serialize};

/// A past that a member does not have.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct PastView {
    pub(crate) partner: String,
    pub(crate) records: u64,
    /// `waits`, or `refused`.
    pub(crate) state: String,
}

/// A person's word.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PastWord {
    pub(crate) partner: String,
    pub(crate) send: bool,
}

pub(super) async fn get(
    State(runtime): State<Runtime>,
    Administrator(caller): Administrator,
    Path(name): Path<String>,
) -> Answered {
    let circle = find(&runtime, &caller, &name).await?;
    let inside = runtime.clone();
    let views = runtime.read(move |reading| {
        let names = Names::load(reading, inside.me())?;
        let pasts = pasts(reading)?.into_iter().filter(|past| past.circle == circle);
        let view = |past: node::backfill::Past| PastView {
            partner: names.node(&past.member),
            records: past.records,
            state: if past.refused { "refused" } else { "waits" }.to_owned(),
        };
        Ok(pasts.map(view).collect::<Vec<_>>())
    });
    Ok(json(&views.await?))
}

pub(super) async fn post(
    State(runtime): State<Runtime>,
    Administrator(caller): Administrator,
    Path(name): Path<String>,
    body: Bytes,
) -> Answered {
    let PastWord { partner: who, send } = read_json(&body)?;
    let (circle, partner) = both(&runtime, &caller, &name, &who).await?;
    let by = by(&caller, &Said::default());
    let what = Box::new(Administer::Backfill { circle, partner, send });
    let Answer::Circle(_) = answered(&runtime, Administer::Act { by, what }).await? else {
        return Err(odd());
    };
    Ok(json(&PastWord { partner: who, send }))
}

async fn find(runtime: &Runtime, caller: &Caller, name: &str) -> Result<CircleId, Refusal> {
    let wanted = name.to_owned();
    let line = runtime.read(move |reading| node::read::find_circle(reading, &wanted)).await?;
    match line {
        Some(line) => Ok(line.circle.id),
        None => Err(lacking::circle(runtime, caller, name).await),
    }
}
