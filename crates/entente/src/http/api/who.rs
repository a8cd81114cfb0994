//! `GET /api/v1/who/{id}`: which partners would be sent it, and by which rule not.

use super::answer::{Answered, Refusal, json, lens, reads, thing};
use super::names::Names;
use super::reason::reason;
use crate::http::Caller;
use crate::runtime::{Runtime, now};
use axum::extract::{Path, State};
use node::{Rights, Rule};
use serde::{Deserialize, Serialize};

/// The decision about one record and one partner.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct WhoView {
    pub(crate) partner: String,
    pub(crate) released: bool,
    pub(crate) reason: String,
    /// Whose rule it is: `label`, `circle`, `card`, `policy` or `node`.
    #[serde(default)]
    pub(crate) by: String,
    /// Released, and in the outbox until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<String>,
    pub(crate) circle: String,
    pub(crate) version: String,
}

pub(super) async fn get(
    State(runtime): State<Runtime>,
    Caller(caller): Caller,
    Path(id): Path<String>,
) -> Answered {
    reads(&caller)?;
    let (thing, lens, inside) = (thing(&id)?, lens(&caller), runtime.clone());
    let admin = caller.rights.has(Rights::ADMIN);
    let told = runtime.read(move |reading| {
        let names = Names::load(reading, inside.me())?;
        Ok((names, node::read::who(reading, &lens, &thing, now())?))
    });
    let (names, told) = told.await?;
    let told = told.ok_or_else(|| Refusal::unknown("object"))?;
    // Who is in none of a token's circles is none of its business.
    let told = told.iter().filter(|t| admin || t.decision.rule != Rule::NotInCircle);
    let views = told.map(|told| {
        let (reason, by) = reason(&told.decision, admin);
        WhoView {
            partner: told.partner.clone(),
            released: told.decision.released,
            reason,
            by: by.to_owned(),
            from: told.from.map(|at| at.to_string()),
            circle: names.circle(&told.circle),
            version: told.version.clone(),
        }
    });
    Ok(json(&views.collect::<Vec<_>>()))
}
