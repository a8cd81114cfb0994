//! `GET /api/v1/held`: what was handed in here and no confirmed partner in its circle gets, with the
//! rule and the reference that made it stricter. Administration only.

use super::answer::{Answered, json};
use super::names::Names;
use crate::http::Administrator;
use crate::runtime::{Runtime, now};
use axum::extract::State;
use node::read::{Held, HeldLine, HeldRecord};
use serde::{Deserialize, Serialize};

/// What is held back.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct HeldView {
    /// How many of each circle and kind, for which reasons.
    pub(crate) lines: Vec<HeldLineView>,
    /// The newest one by one.
    pub(crate) records: Vec<HeldRecordView>,
    /// How many more are in circles that no confirmed partner is a member of.
    #[serde(default)]
    pub(crate) alone: u64,
}

/// Records of one circle and kind that are held back for the same reasons.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct HeldLineView {
    pub(crate) circle: String,
    pub(crate) kind: String,
    pub(crate) reasons: Vec<String>,
    pub(crate) count: u64,
}

/// One record.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct HeldRecordView {
    pub(crate) id: String,
    pub(crate) version: String,
    pub(crate) circle: String,
    pub(crate) tlp: String,
    pub(crate) at: String,
    pub(crate) reasons: Vec<String>,
    /// The reference that made it stricter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) because_of: Option<String>,
    /// The traffic light under which that is held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) because_tlp: Option<String>,
}

fn line(line: &HeldLine, names: &Names) -> HeldLineView {
    HeldLineView {
        circle: names.circle(&line.circle),
        kind: line.kind.clone(),
        reasons: line.reasons.clone(),
        count: line.count,
    }
}

fn record(record: &HeldRecord, names: &Names) -> HeldRecordView {
    let stricter = record.stricter.as_ref();
    HeldRecordView {
        id: record.thing.to_string(),
        version: record.version.clone(),
        circle: names.circle(&record.circle),
        tlp: record.tlp.to_string(),
        at: record.at.to_string(),
        reasons: record.reasons.clone(),
        because_of: stricter.map(|stricter| stricter.thing.to_string()),
        because_tlp: stricter.map(|stricter| stricter.tlp.to_string()),
    }
}

pub(super) async fn get(State(runtime): State<Runtime>, _: Administrator) -> Answered {
    let me = runtime.me().node();
    let mut held = runtime.read(move |reading| Held::begin(reading, me, now())).await?;
    // Each step has a snapshot of its own: a large log is read in many short looks.
    let mut more = true;
    while more {
        let stepped = runtime.read(move |reading| {
            let more = held.step(reading)?;
            Ok((held, more))
        });
        (held, more) = stepped.await?;
    }
    let inside = runtime.clone();
    let view = runtime.read(move |reading| {
        let names = Names::load(reading, inside.me())?;
        let lines = held.lines(reading)?.iter().map(|l| line(l, &names)).collect();
        let records = held.records(reading)?.iter().map(|r| record(r, &names)).collect();
        Ok(HeldView { lines, records, alone: held.alone() })
    });
    Ok(json(&view.await?))
}
