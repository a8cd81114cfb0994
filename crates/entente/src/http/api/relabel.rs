//! `POST /api/v1/relabel`: our own record under another traffic light, the only loosening.

use super::answer::{Answered, Refusal, administers, done, json, odd, read_json, thing};
use crate::http::Caller;
use crate::runtime::Runtime;
use axum::body::Bytes;
use axum::extract::State;
use model::label::Tlp;
use node::command::Administer;
use node::{Answer, Command};
use serde::{Deserialize, Serialize};

/// A new label.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Relabelling {
    pub(crate) id: String,
    pub(crate) tlp: String,
}

/// What was relabelled.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Relabelled {
    pub(crate) id: String,
    pub(crate) tlp: String,
    pub(crate) records: usize,
}

pub(super) async fn post(
    State(runtime): State<Runtime>,
    Caller(caller): Caller,
    body: Bytes,
) -> Answered {
    administers(&caller)?;
    let wanted: Relabelling = read_json(&body)?;
    let tlp: Tlp =
        wanted.tlp.parse().map_err(|error| Refusal::malformed(format!("`tlp`: {error}")))?;
    let act = Administer::Relabel { thing: thing(&wanted.id)?, tlp };
    let Answer::Statements(digests) = done(runtime.write(Command::Administer(act)).await?)? else {
        return Err(odd());
    };
    let (id, tlp) = (wanted.id, tlp.to_string());
    Ok(json(&Relabelled { id, tlp, records: digests.len() }))
}
