//! `POST /api/v1/copy`: a releasable copy: what would have to go for a partner or a traffic light, and
//! the new record without it. Published by whoever asks, through the ordinary door.

use super::answer::{
    Answered, Refusal, administers, circle_for, done, json, odd, read_json, reads, thing, writes,
};
use super::lacking;
use super::names::Names;
use super::partners::find;
use crate::http::Caller;
use crate::runtime::{Runtime, now, random};
use axum::body::Bytes;
use axum::extract::State;
use formats::problem::Problem;
use model::label::Tlp;
use node::accept::{Prepared, Terms};
use node::command::Fate;
use node::copying::{CopyMade, CopyWanted, Copying, make};
use node::token::Caller as Known;
use node::{Answer, Command};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeSet;

/// A copy to be made.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CopyAsked {
    pub(crate) id: String,
    /// For this partner alone, as strict as it may get it.
    #[serde(default, rename = "for")]
    pub(crate) partner: Option<String>,
    #[serde(default)]
    pub(crate) tlp: Option<String>,
    /// Into this circle instead of the original's.
    #[serde(default)]
    pub(crate) circle: Option<String>,
    /// Say what would have to go, and change nothing.
    #[serde(default)]
    pub(crate) dry_run: bool,
}

/// A copy, made or only shown.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct CopyView {
    pub(crate) of: String,
    /// The copy's id; another one each time when it is only shown.
    pub(crate) id: String,
    pub(crate) tlp: String,
    pub(crate) circle: String,
    /// Whether it was published.
    pub(crate) published: bool,
    pub(crate) removed: Vec<RemovedView>,
    /// Words of its texts, which are kept as they are.
    pub(crate) words: usize,
    /// Properties that are kept and spell the id of something that went.
    pub(crate) mentions: Vec<String>,
    pub(crate) object: Option<Box<RawValue>>,
}

/// Something that the copy does not have.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct RemovedView {
    pub(crate) path: String,
    pub(crate) because: String,
}

fn view(made: &CopyMade, names: &Names, published: bool) -> CopyView {
    let removed = made.copied.removed.iter().map(|removed| RemovedView {
        path: removed.path.clone(),
        because: removed.because.to_owned(),
    });
    CopyView {
        of: made.of.clone(),
        id: made.copied.id.clone(),
        tlp: made.tlp.to_string(),
        circle: names.circle(&made.circle),
        published,
        removed: removed.collect(),
        words: made.copied.words,
        mentions: made.copied.mentions.clone(),
        object: serde_json::from_slice(&made.copied.body).ok(),
    }
}

fn uuid() -> uuid::Uuid {
    let mut bytes = [0; 16];
    random(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// What is wanted, with its names looked up.
async fn wanted(
    runtime: &Runtime,
    caller: &Known,
    asked: &CopyAsked,
) -> Result<CopyWanted, Refusal> {
    let partner = match &asked.partner {
        Some(name) => {
            // What a partner may have is for administrators to know.
            administers(caller)?;
            Some(find(runtime, name).await?)
        }
        None => None,
    };
    let circle = match &asked.circle {
        Some(name) => {
            let (known, wanted) = (caller.clone(), name.clone());
            let read = runtime.read(move |reading| circle_for(reading, &known, &wanted)).await?;
            let Some(circle) = read else {
                return Err(lacking::circle(runtime, caller, name).await);
            };
            Some(circle.id)
        }
        None => None,
    };
    let tlp = asked.tlp.as_deref().map(str::parse::<Tlp>).transpose();
    let tlp = tlp.map_err(|error| Refusal::malformed(format!("`tlp`: {error}")))?;
    Ok(CopyWanted { thing: thing(&asked.id)?, circle, partner, tlp })
}

/// The refusal of the copy, if it was refused. What says that it is derived from the original may be
/// above the circle's ceiling, and then nobody reads it.
fn refused(answer: Answer) -> Result<(), Refusal> {
    let Answer::Published(outcomes) = done(answer)? else { return Err(odd()) };
    match outcomes.into_iter().next().map(|outcome| outcome.fate) {
        Some(Fate::Accepted | Fate::Duplicate) => Ok(()),
        Some(Fate::Refused(problem)) => Err(problem.into()),
        None => Err(odd()),
    }
}

pub(super) async fn post(
    State(runtime): State<Runtime>,
    Caller(caller): Caller,
    body: Bytes,
) -> Answered {
    reads(&caller)?;
    writes(&caller)?;
    let asked: CopyAsked = read_json(&body)?;
    let wanted = wanted(&runtime, &caller, &asked).await?;
    let (submitter, inside) = (caller.submitter.clone(), runtime.clone());
    let to = wanted.partner.map(|partner| BTreeSet::from([partner]));
    let read = runtime.read(move |reading| {
        let with = Copying { submitter: &submitter, now: now(), uuids: (uuid(), uuid()) };
        Ok((make(reading, &with, &wanted)?, Names::load(reading, inside.me())?))
    });
    let (made, names) = read.await?;
    let made: CopyMade = made.map_err(|problem: Problem| -> Refusal { problem.into() })?;
    if !asked.dry_run {
        let terms = Terms { to, tlp: Some(made.tlp), ..Terms::of(made.circle) };
        let objects = Prepared::stix(&made.document)?;
        let submitter = caller.submitter.clone();
        refused(runtime.write(Command::Publish { submitter, terms, objects }).await?)?;
    }
    Ok(json(&view(&made, &names, !asked.dry_run)))
}
