//! `GET /api/v1/node`: who this node is, and whether it matches yet.

use super::answer::{Answered, json};
use crate::http::Caller;
use crate::runtime::Runtime;
use axum::extract::State;
use model::seal::sha256;
use serde::{Deserialize, Serialize};

/// This node.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct NodeView {
    pub(crate) node: String,
    pub(crate) name: String,
    pub(crate) fingerprint: String,
    pub(crate) version: String,
    /// `loading` until the index holds every indicator; `ready` from then on.
    pub(crate) matching: String,
}

/// The fingerprint of a key: SHA-256, of which the node's id is the first half.
pub(crate) fn fingerprint(key: &model::seal::PublicKey) -> String {
    sha256(&[key.as_bytes()]).to_string()
}

pub(super) async fn get(State(runtime): State<Runtime>, _: Caller) -> Answered {
    let me = runtime.me();
    Ok(json(&NodeView {
        node: me.node().to_string(),
        name: me.name.clone(),
        fingerprint: fingerprint(&me.public()),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        matching: if runtime.matches() { "ready" } else { "loading" }.to_owned(),
    }))
}
