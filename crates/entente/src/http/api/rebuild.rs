//! `/api/v1/rebuild`: views built anew from the log while the node runs. Begun here, and looked at
//! under `/api/v1/maintenance`.

use super::answer::{Answered, json, read_json};
use crate::http::Administrator;
use crate::maintain::start;
use crate::rebuild::{run, wanted};
use crate::runtime::Runtime;
use axum::body::Bytes;
use axum::extract::State;
use serde::{Deserialize, Serialize};

/// A rebuild that is wanted.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RebuildWanted {
    /// The view; all of them when none is named.
    pub(crate) view: Option<String>,
}

pub(super) async fn post(
    State(runtime): State<Runtime>,
    _: Administrator,
    body: Bytes,
) -> Answered {
    let asked: RebuildWanted = read_json(&body)?;
    let views = wanted(asked.view.as_deref())?;
    Ok(json(&start(&runtime, "rebuild", run(runtime.clone(), views))?))
}
