//! `POST /api/v1/publish/undo`: what waits in the outbox is taken back before anybody has it.
//! Administration only; what was sent is recalled instead.

use super::answer::{Administrator, Answered, json, read_json, thing};
use super::asking::{Said, answered, by};
use crate::runtime::Runtime;
use axum::body::Bytes;
use axum::extract::State;
use node::command::Administer;
use serde::{Deserialize, Serialize};

/// What is to be taken back.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Undoing {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) reason: Option<String>,
}

/// What was taken back.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Undone {
    pub(crate) id: String,
    pub(crate) undone: bool,
}

pub(super) async fn undo(
    State(runtime): State<Runtime>,
    Administrator(caller): Administrator,
    body: Bytes,
) -> Answered {
    let Undoing { id, reason } = read_json(&body)?;
    let by = by(&caller, &Said { why: reason, widen: false });
    answered(&runtime, Administer::UndoSend { thing: thing(&id)?, by }).await?;
    Ok(json(&Undone { id, undone: true }))
}
