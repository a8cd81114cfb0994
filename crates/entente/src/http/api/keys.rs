//! `/api/v1/keys`: this node's own keys, and changing them. Administration only. The recovery key never
//! comes here: what it signs is signed where it is kept.

use super::answer::{Administrator, Answered, json, read_json};
use super::asking::{Said, by};
use super::ruled::refused;
use crate::rekey::{self, RekeyError};
use crate::runtime::{Runtime, now};
use axum::body::Bytes;
use axum::extract::State;
use formats::problem::Problem;
use model::keys::Ended;
use model::seal::PublicKey;
use node::keys::{Change, Standing, Stranded, standing};
use node::token::Caller;
use serde::{Deserialize, Serialize};

/// This node's keys.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct KeysView {
    pub(crate) node: String,
    /// The number of the last statement about them.
    pub(crate) number: u32,
    /// The node's first key: whoever pins it can check all that follow.
    pub(crate) first: String,
    /// What signs now.
    pub(crate) signs: String,
    /// What was stated last: it signs, or will.
    pub(crate) key: String,
    pub(crate) since: String,
    pub(crate) recovery: Option<String>,
    /// `done`, `waits`, `due`, or `unknown`: the folder has another key than was stated.
    pub(crate) change: String,
    pub(crate) former: Vec<EndedView>,
    pub(crate) revoked: Vec<EndedView>,
    pub(crate) partners: Vec<KnowsView>,
    /// All statements, each signed.
    pub(crate) chain: String,
    /// What a key that was just revoked had signed, and no partner has: none takes it any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) unsent: Option<UnsentView>,
}

/// What is to be published and said again.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct UnsentView {
    /// Records that a partner may have and none has.
    pub(crate) records: u64,
    /// Recalls, relabels, withdrawals and lists of members that a partner has not heard.
    pub(crate) words: u64,
    /// There may be more.
    pub(crate) partial: bool,
    /// The first of the records.
    pub(crate) samples: Vec<String>,
}

/// A key that signs no more.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct EndedView {
    pub(crate) key: String,
    pub(crate) at: String,
}

/// How much of the chain a partner knows.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct KnowsView {
    pub(crate) partner: String,
    pub(crate) number: u32,
}

/// What is asked of a change.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rotating {
    /// Sign with it at once, whoever knows it yet.
    #[serde(default)]
    pub(crate) now: bool,
}

/// What is revoked: a former key, or what a statement says that the recovery key signed.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Revoking {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) statement: Option<String>,
}

/// The key that is to sign.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct NextView {
    pub(crate) key: String,
}

pub(super) async fn get(State(runtime): State<Runtime>, _: Administrator) -> Answered {
    Ok(json(&view(&runtime).await?))
}

/// Makes the key that is to sign and gives its public half: for a statement signed elsewhere.
pub(super) async fn next(
    State(runtime): State<Runtime>,
    Administrator(caller): Administrator,
) -> Answered {
    match rekey::prepare(&runtime).await {
        Ok(key) => Ok(json(&NextView { key: key.public().to_string() })),
        Err(error) => Err(told(&runtime, &caller, error).await),
    }
}

pub(super) async fn rotate(
    State(runtime): State<Runtime>,
    Administrator(caller): Administrator,
    body: Bytes,
) -> Answered {
    let wanted: Rotating = if body.is_empty() { Rotating::default() } else { read_json(&body)? };
    let done = async {
        rekey::rotate(&runtime, by(&caller, &Said::default())).await?;
        if wanted.now { rekey::change_now(&runtime).await } else { Ok(()) }
    };
    match done.await {
        Ok(()) => Ok(json(&view(&runtime).await?)),
        Err(error) => Err(told(&runtime, &caller, error).await),
    }
}

pub(super) async fn revoke(
    State(runtime): State<Runtime>,
    Administrator(caller): Administrator,
    body: Bytes,
) -> Answered {
    let wanted: Revoking = read_json(&body)?;
    let act = by(&caller, &Said::default());
    let done = match (wanted.key, wanted.statement) {
        (Some(key), None) => match key.parse::<PublicKey>() {
            Ok(key) => rekey::revoke(&runtime, act, key).await,
            Err(_) => Err(neither().into()),
        },
        (None, Some(statement)) => rekey::rescue(&runtime, act, statement).await,
        (Some(_), Some(_)) | (None, None) => Err(neither().into()),
    };
    match done {
        Ok(stranded) => {
            let unsent = (!stranded.is_empty()).then(|| unsent(stranded));
            Ok(json(&KeysView { unsent, ..view(&runtime).await? }))
        }
        Err(error) => Err(told(&runtime, &caller, error).await),
    }
}

fn neither() -> Problem {
    Problem::error("E-KEY-004", "`key` names a former key, or `statement` is one that was signed")
        .hint("`entente keys revoke` makes either")
}

/// A refusal, which the ledger keeps.
async fn told(runtime: &Runtime, caller: &Caller, error: RekeyError) -> super::answer::Refusal {
    let problem = match error {
        RekeyError::Refused(problem) => problem,
        RekeyError::Unavailable(error) => return error.into(),
        RekeyError::File(error) => Problem::error("E-KEY-012", error.to_string())
            .hint("the node's folder must be writable for the node"),
    };
    refused(runtime, caller, ("keys", problem)).await
}

fn unsent(stranded: Stranded) -> UnsentView {
    let Stranded { records, words, partial, samples } = stranded;
    UnsentView {
        records,
        words,
        partial,
        samples: samples.iter().map(ToString::to_string).collect(),
    }
}

async fn view(runtime: &Runtime) -> Result<KeysView, super::answer::Refusal> {
    let inside = runtime.clone();
    let read = runtime.read(move |reading| standing(reading, inside.me(), now()));
    let Standing { chain, change, partners } = read.await?;
    let last = chain.last();
    let ended = |all: &[Ended]| {
        let view = |one: &Ended| EndedView { key: one.key.to_string(), at: one.at.to_string() };
        all.iter().map(view).collect()
    };
    let partners = partners.into_iter();
    Ok(KeysView {
        node: chain.node().to_string(),
        number: last.number,
        first: chain.first().to_string(),
        signs: runtime.me().public().to_string(),
        key: last.key.to_string(),
        since: last.since.to_string(),
        recovery: last.recovery.map(|key| key.to_string()),
        change: word(change).to_owned(),
        former: ended(&last.former),
        revoked: ended(&last.revoked),
        partners: partners
            .map(|(partner, number)| KnowsView { partner: partner.name, number })
            .collect(),
        chain: chain.to_string(),
        unsent: None,
    })
}

const fn word(change: Change) -> &'static str {
    match change {
        Change::Done => "done",
        Change::Waits => "waits",
        Change::Due => "due",
        Change::Unknown => "unknown",
    }
}
