//! `POST /api/v1/relabel`: our own record under another traffic light, the only loosening.

use super::answer::{Answered, Refusal, json, odd, read_json, thing};
use super::asking::{Said, answered, by};
use crate::http::Administrator;
use crate::runtime::Runtime;
use axum::body::Bytes;
use axum::extract::State;
use model::label::Tlp;
use node::Answer;
use node::command::Administer;
use serde::{Deserialize, Serialize};

/// A new label.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Relabelling {
    pub(crate) id: String,
    pub(crate) tlp: String,
    /// The person has been asked, and opens what a freer label opens.
    #[serde(default)]
    pub(crate) widen: bool,
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
    Administrator(caller): Administrator,
    body: Bytes,
) -> Answered {
    let wanted: Relabelling = read_json(&body)?;
    let tlp: Tlp =
        wanted.tlp.parse().map_err(|error| Refusal::malformed(format!("`tlp`: {error}")))?;
    let said = Said { why: None, widen: wanted.widen };
    let what = Box::new(Administer::Relabel { thing: thing(&wanted.id)?, tlp });
    // Its records are few: the writer looks at them itself.
    let act = Administer::Act { by: by(&caller, &said), what };
    let Answer::Statements(digests) = answered(&runtime, act).await? else { return Err(odd()) };
    let (id, tlp) = (wanted.id, tlp.to_string());
    Ok(json(&Relabelled { id, tlp, records: digests.len() }))
}
