//! `POST /api/v1/withdraw`: one record released to one partner no longer, and the partner told so.

use super::answer::{Answered, json, odd, read_json, thing};
use super::asking::{Said, answered, by};
use super::partners::find;
use crate::http::Administrator;
use crate::runtime::Runtime;
use axum::body::Bytes;
use axum::extract::State;
use node::Answer;
use node::command::Administer;
use serde::{Deserialize, Serialize};

/// What is withdrawn from whom.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Withdrawing {
    pub(crate) id: String,
    /// The partner's name or node id.
    pub(crate) from: String,
}

/// What was withdrawn.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct WithdrawnView {
    pub(crate) id: String,
    pub(crate) from: String,
    /// Under how many numbers it was sent there; 0 when the partner was told of all before.
    pub(crate) numbers: u64,
}

pub(super) async fn post(
    State(runtime): State<Runtime>,
    Administrator(caller): Administrator,
    body: Bytes,
) -> Answered {
    let Withdrawing { id, from } = read_json(&body)?;
    let partner = find(&runtime, &from).await?;
    let what = Box::new(Administer::Withdraw { thing: thing(&id)?, partner });
    let act = Administer::Act { by: by(&caller, &Said::default()), what };
    let Answer::Withdrawn { numbers } = answered(&runtime, act).await? else { return Err(odd()) };
    Ok(json(&WithdrawnView { id, from, numbers }))
}
