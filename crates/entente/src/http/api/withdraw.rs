//! `POST /api/v1/withdraw`: one record released to one partner no longer, and the partner told so; or
//! that lifted again, which a person is asked about.

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
    /// Lift it: it may be sent there again.
    #[serde(default)]
    pub(crate) undo: bool,
    /// The person has been asked, and gives it again.
    #[serde(default)]
    pub(crate) widen: bool,
}

/// What was withdrawn, or given again.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct WithdrawnView {
    pub(crate) id: String,
    pub(crate) from: String,
    /// Under how many numbers it was sent there; 0 when the partner was told of all before.
    pub(crate) numbers: u64,
    /// How many records may be sent there again.
    #[serde(default)]
    pub(crate) lifted: u64,
}

pub(super) async fn post(
    State(runtime): State<Runtime>,
    Administrator(caller): Administrator,
    body: Bytes,
) -> Answered {
    let Withdrawing { id, from, undo, widen } = read_json(&body)?;
    let (thing, partner) = (thing(&id)?, find(&runtime, &from).await?);
    let what = match undo {
        true => Administer::Lift { thing, partner },
        false => Administer::Withdraw { thing, partner },
    };
    let by = by(&caller, &Said { widen, ..Said::default() });
    let act = Administer::Act { by, what: Box::new(what) };
    let answer = answered(&runtime, act).await?;
    let (numbers, lifted) = if let Answer::Withdrawn { numbers } = answer {
        (numbers, 0)
    } else {
        let Answer::Lifted { records } = answer else { return Err(odd()) };
        (0, records)
    };
    Ok(json(&WithdrawnView { id, from, numbers, lifted }))
}
