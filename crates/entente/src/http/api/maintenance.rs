//! `/api/v1/maintenance`: the long work on the store that was begun last, and how far it has come.

use super::answer::{Answered, administers, json};
use crate::http::Caller;
use crate::runtime::Runtime;
use axum::extract::State;

pub(super) async fn get(State(runtime): State<Runtime>, Caller(caller): Caller) -> Answered {
    administers(&caller)?;
    Ok(json(&runtime.desk().view()))
}
