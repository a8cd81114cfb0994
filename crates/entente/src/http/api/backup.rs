//! `/api/v1/backup`: the whole node into one file on its own machine. Begun here, and looked at
//! under `/api/v1/maintenance`.

use super::answer::{Answered, json, read_json};
use crate::backup::{make, target};
use crate::http::Administrator;
use crate::maintain::start;
use crate::runtime::Runtime;
use axum::body::Bytes;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A backup that is wanted.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BackupWanted {
    /// Its whole path on the node's machine.
    pub(crate) file: PathBuf,
}

pub(super) async fn post(
    State(runtime): State<Runtime>,
    _: Administrator,
    body: Bytes,
) -> Answered {
    let wanted: BackupWanted = read_json(&body)?;
    let target = target(&wanted.file)?;
    Ok(json(&start(&runtime, "backup", make(runtime.clone(), target))?))
}
