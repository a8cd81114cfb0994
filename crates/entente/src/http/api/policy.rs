//! `/api/v1/policy`: this node's policy as a file, what another would open and take away, and setting
//! it with a reason. Administration only.

use super::answer::{Administrator, Answered, json};
use super::asking::{Said, answered, by, foreseen, view};
use super::names::Names;
use super::ruled::{ChangedView, Ruling, refused, with_circles};
use crate::http::api::answer::read_json;
use crate::rules::{print_policy, read_policy};
use crate::runtime::Runtime;
use axum::body::Bytes;
use axum::extract::State;
use node::command::{Act, Administer};
use node::read::Change;
use serde::{Deserialize, Serialize};

/// The policy as it stands.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct PolicyView {
    /// What it was made from.
    pub(crate) preset: String,
    /// Counts every change of the policy and of cards.
    pub(crate) version: u64,
    /// Whether what is stored can be read; else the least holds.
    pub(crate) readable: bool,
    /// What a change names as `was`.
    pub(crate) digest: String,
    pub(crate) changed: Option<ChangedView>,
    /// The file.
    pub(crate) toml: String,
}

pub(super) async fn get(State(runtime): State<Runtime>, _: Administrator) -> Answered {
    let inside = runtime.clone();
    let view = runtime.read(move |reading| {
        let names = Names::load(reading, inside.me())?;
        let line = node::read::policy(reading, inside.me().node())?;
        let toml = with_circles(reading, &names, |circles| print_policy(&line.policy, circles))?;
        Ok(PolicyView {
            preset: line.policy.preset,
            version: line.version,
            readable: line.readable,
            digest: line.digest.to_string(),
            changed: line.changed.as_ref().map(ChangedView::of),
            toml,
        })
    });
    Ok(json(&view.await?))
}

pub(super) async fn post(
    State(runtime): State<Runtime>,
    Administrator(caller): Administrator,
    body: Bytes,
) -> Answered {
    let wanted: Ruling = read_json(&body)?;
    let (inside, toml) = (runtime.clone(), wanted.toml.clone());
    let read = runtime.read(move |reading| {
        let names = Names::load(reading, inside.me())?;
        with_circles(reading, &names, |circles| read_policy(&toml, circles))
    });
    let policy = match read.await? {
        Ok(policy) => Box::new(policy),
        Err(problem) => return Err(refused(&runtime, &caller, ("policy", problem)).await),
    };
    let foreseen = foreseen(&runtime, Change::Policy(policy.clone())).await?;
    if !wanted.dry_run {
        let was = wanted.was()?;
        let said = Said { why: wanted.reason, widen: wanted.widen };
        let by = Act { was, foreseen: Some(foreseen.clone()), ..by(&caller, &said) };
        answered(&runtime, Administer::SetPolicy { policy, by }).await?;
    }
    Ok(json(&view(&runtime, foreseen).await?))
}
