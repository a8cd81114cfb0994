//! `GET /api/v1/why?value=`: why a value alerts here, or does not. It changes nothing.

use super::answer::{Answered, Refusal, json, odd};
use super::asked::{Asked, Pairs};
use crate::http::Administrator;
use crate::known_good::why;
use crate::runtime::Runtime;
use axum::extract::State;
use model::limits::OBSERVABLE_BYTES_MAX;

pub(super) async fn get(
    State(runtime): State<Runtime>,
    _: Administrator,
    pairs: Pairs,
) -> Answered {
    let mut asked = Asked::of(pairs);
    let value = asked.one("value")?.ok_or_else(|| Refusal::malformed("`value` is missing"))?;
    asked.end()?;
    if value.len() > OBSERVABLE_BYTES_MAX {
        return Err(Refusal::malformed(format!(
            "`value` has more than {OBSERVABLE_BYTES_MAX} bytes"
        )));
    }
    let asking = tokio::task::spawn_blocking(move || why(&runtime, &value)).await;
    Ok(json(&asking.map_err(|_| odd())??))
}
