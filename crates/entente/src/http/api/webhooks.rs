//! `/api/v1/webhooks`: who is told of matches outside this node: added, listed with how each fares,
//! tried, removed. Secrets go in and come out once at most; a URL's path may be one, and is not shown.

use super::answer::{Answered, Refusal, circle_for, done, json, read_json};
use super::lacking;
use super::names::Names;
use crate::http::Administrator;
use crate::out::{address, test};
use crate::runtime::Runtime;
use crate::source::Credentials;
use axum::body::Bytes;
use axum::extract::{Path, State};
use formats::problem::{Problem, shown};
use http::StatusCode;
use model::id::CircleId;
use model::time::Instant;
use node::command::{Act, Administer};
use node::receiver::{NewReceiver, SYSLOG, named, unknown};
use node::{Answer, Command, Receiver, Secret, Wording};
use serde::{Deserialize, Serialize};

/// A webhook to be added.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookWanted {
    pub(crate) name: String,
    pub(crate) url: String,
    /// `json`, `ocsf`, `ecs`, `stix` or `cef`.
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub(crate) wording: Option<String>,
    /// Of this circle alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) circle: Option<String>,
    /// Also what is TLP:RED.
    #[serde(default)]
    pub(crate) red: bool,
    /// What findings are signed with; made here where nobody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) secret: Option<String>,
    /// `user:password`, a bearer token, or a header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<String>,
}

/// A webhook that was added.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct WebhookAdded {
    pub(crate) name: String,
    /// The secret, when it was made here: shown this once.
    pub(crate) secret: Option<String>,
}

/// A receiver, without its secrets.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct WebhookView {
    pub(crate) name: String,
    /// Where it is, without the path.
    pub(crate) url: String,
    #[serde(rename = "as")]
    pub(crate) wording: String,
    pub(crate) circle: Option<String>,
    pub(crate) red: bool,
    /// `failing`, or `ready`.
    pub(crate) state: String,
    /// Findings that wait, were taken, and were given up.
    pub(crate) waiting: u64,
    pub(crate) sent: u64,
    pub(crate) dropped: u64,
    pub(crate) last_dropped: Option<String>,
    pub(crate) last_try: Option<String>,
    pub(crate) last_success: Option<String>,
    /// Failures since the last success.
    pub(crate) failures: u32,
    pub(crate) error: Option<String>,
    pub(crate) hint: Option<String>,
}

fn view(receiver: Receiver, names: &Names) -> WebhookView {
    let time = |at: Option<Instant>| at.map(|at| at.to_string());
    let url = match receiver.name.as_str() {
        SYSLOG => receiver.url,
        _ => address(&receiver.url).map(|address| address.origin()).unwrap_or_default(),
    };
    WebhookView {
        name: receiver.name,
        url,
        wording: receiver.wording.as_str().to_owned(),
        circle: receiver.circle.map(|circle| names.circle(&circle)),
        red: receiver.red,
        state: if receiver.failures > 0 { "failing" } else { "ready" }.to_owned(),
        waiting: receiver.waiting,
        sent: receiver.sent,
        dropped: receiver.dropped,
        last_dropped: time(receiver.dropped_at),
        last_try: time(receiver.last),
        last_success: time(receiver.success),
        failures: receiver.failures,
        error: receiver.error,
        hint: Some(receiver.hint).filter(|hint| !hint.is_empty()),
    }
}

pub(super) async fn list(State(runtime): State<Runtime>, _: Administrator) -> Answered {
    let inside = runtime.clone();
    let views = runtime.read(move |reading| {
        let names = Names::load(reading, inside.me())?;
        let all = node::receiver::all(reading)?.into_iter();
        Ok(all.map(|receiver| view(receiver, &names)).collect::<Vec<_>>())
    });
    Ok(json(&views.await?))
}

pub(super) async fn add(
    State(runtime): State<Runtime>,
    Administrator(caller): Administrator,
    body: Bytes,
) -> Answered {
    let wanted: WebhookWanted = read_json(&body)?;
    let circle = match wanted.circle.clone() {
        None => None,
        Some(name) => {
            let (known, asked) = (caller.clone(), name.clone());
            let found = runtime.read(move |reading| circle_for(reading, &known, &asked)).await?;
            match found {
                Some(circle) => Some(circle.id),
                None => return Err(lacking::circle(&runtime, &caller, &name).await),
            }
        }
    };
    let new = checked(wanted, circle)?;
    let name = new.name.clone();
    let answer = act(&runtime, caller.name, Administer::AddReceiver(new)).await?;
    let secret = if let Answer::Token(secret) = answer { Some(secret) } else { None };
    Ok(json(&WebhookAdded { name, secret }))
}

/// Has an administrator do something that stands in the ledger.
async fn act(runtime: &Runtime, who: String, what: Administer) -> Result<Answer, Refusal> {
    let by = Act { who, ..Act::default() };
    let act = Administer::Act { by, what: Box::new(what) };
    done(runtime.write(Command::Administer(act)).await?)
}

/// What can be said before anybody is asked.
fn checked(wanted: WebhookWanted, circle: Option<CircleId>) -> Result<NewReceiver, Problem> {
    let WebhookWanted { name, url, wording, red, secret, key, .. } = wanted;
    address(&url)?;
    let wording = wording.map(|text| text.parse::<Wording>().map_err(|error| (text, error)));
    let wording = wording.transpose().map_err(|(text, error)| {
        Problem::error("E-HOOK-006", format!("`{}`: {error}", shown(&text)))
    })?;
    if let Some(key) = &key {
        Credentials::read(key)?;
    }
    let secret = secret.map(|secret| secret.trim().to_owned());
    if secret.as_ref().is_some_and(|secret| secret.contains(['\n', '\r', '\0'])) {
        let problem = Problem::error("E-HOOK-004", "a secret is one line");
        return Err(problem.hint("without one, the node makes it"));
    }
    let key = key.map(|key| Secret(key.trim().to_owned()));
    let wording = wording.unwrap_or_default();
    Ok(NewReceiver { name, url, wording, circle, red, secret: secret.map(Secret), key })
}

pub(super) async fn try_now(
    State(runtime): State<Runtime>,
    _: Administrator,
    Path(name): Path<String>,
) -> Answered {
    let asked = name.clone();
    let found = runtime.read(move |reading| named(reading, &asked)).await?;
    let receiver = found.ok_or_else(|| unknown(&name))?;
    match test(&runtime, &receiver).await {
        Ok(()) => {
            // Whoever rests tries again at once.
            runtime.retry_receivers();
            Ok(json(&serde_json::json!({ "name": name, "taken": true })))
        }
        Err(failed) => Err(Refusal::with(StatusCode::BAD_GATEWAY, &failed.problem)),
    }
}

pub(super) async fn remove(
    State(runtime): State<Runtime>,
    Administrator(caller): Administrator,
    Path(name): Path<String>,
) -> Answered {
    act(&runtime, caller.name, Administer::RemoveReceiver(name.clone())).await?;
    Ok(json(&serde_json::json!({ "name": name, "removed": true })))
}
