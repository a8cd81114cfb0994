//! `/api/v1/maintenance`: the long work on the store that was begun last, and how far it has come.

use super::answer::{Answered, json};
use crate::http::Administrator;
use crate::runtime::Runtime;
use axum::extract::State;

pub(super) async fn get(State(runtime): State<Runtime>, _: Administrator) -> Answered {
    Ok(json(&runtime.desk().view()))
}
