//! `/api/v1/sources`: added, listed with what became of them, pulled at once, removed. A source's
//! key goes in and never comes out.

use super::answer::{Answered, done, json, read_json};
use super::lacking;
use super::names::Names;
use crate::http::Administrator;
use crate::runtime::{Runtime, now};
use crate::source::{Address, Credentials, pulled_here};
use axum::body::Bytes;
use axum::extract::{Path, State};
use formats::problem::Problem;
use model::id::IntakeId;
use model::label::Tlp;
use model::time::Instant;
use node::command::Administer;
use node::source::NewSource;
use node::{Command, Secret, Source, SourceKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The state of a source while it is pulled.
pub(crate) const PULLING: &str = "pulling";
/// The state of a source for which the disk has no room.
pub(crate) const NO_ROOM: &str = "no room";
/// Seconds between two pulls when nobody says.
const EVERY: u32 = 600;

/// A source to be added.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SourceWanted {
    pub(crate) name: String,
    /// `list` or `taxii`.
    pub(crate) kind: String,
    pub(crate) url: String,
    pub(crate) circle: String,
    #[serde(default)]
    pub(crate) tlp: Option<String>,
    /// Seconds.
    #[serde(default)]
    pub(crate) every: Option<u32>,
    /// `user:password`, a bearer token, or a header.
    #[serde(default)]
    pub(crate) key: Option<String>,
}

/// A source, without its key.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct SourceView {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) url: String,
    pub(crate) circle: String,
    pub(crate) tlp: Option<String>,
    /// Seconds.
    pub(crate) every: u32,
    /// `waiting`, `pulling`, `failing`, `paused` (its circle is not followed) or `no room` (on this
    /// node's disk).
    pub(crate) state: String,
    pub(crate) last_run: Option<String>,
    pub(crate) last_success: Option<String>,
    pub(crate) next_run: Option<String>,
    pub(crate) accepted: u64,
    pub(crate) duplicate: u64,
    pub(crate) refused: u64,
    /// Failures since the last success.
    pub(crate) failures: u32,
    pub(crate) error: Option<String>,
    pub(crate) hint: Option<String>,
    /// One of the objects that were refused, in words.
    pub(crate) refusal: Option<String>,
}

/// A pull that was asked for.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct PullAsked {
    pub(crate) name: String,
    /// A pull that began then or later is the one.
    pub(crate) asked: String,
}

/// The name of a kind.
const fn kind_name(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::List => "list",
        SourceKind::Taxii => "taxii",
    }
}

/// What a source does that is not written down with it.
#[derive(Clone, Copy)]
enum Doing {
    /// It waits, or has failed.
    Nothing,
    Pulling,
    Paused,
    /// The disk takes nothing that a source brings.
    NoRoom,
}

fn view(source: &Source, names: &Names, doing: Doing) -> SourceView {
    let pulls = &source.pulls;
    let state = match doing {
        Doing::NoRoom => NO_ROOM,
        Doing::Pulling => PULLING,
        Doing::Paused => "paused",
        Doing::Nothing if pulls.failures > 0 => "failing",
        Doing::Nothing => "waiting",
    };
    let time = |at: Option<Instant>| at.map(|at| at.to_string());
    let (error, hint) = match (doing, &pulls.error) {
        (Doing::NoRoom, _) => {
            let Problem { code, message, hint, .. } = crate::disk::problem();
            (Some(format!("{code}: {message}")), hint)
        }
        (_, Some(error)) => {
            (Some(format!("{}: {}", error.code, error.message)), error.hint.clone())
        }
        (_, None) => (None, String::new()),
    };
    let next = matches!(doing, Doing::Nothing).then(|| node::source::due(source, now()));
    SourceView {
        name: source.name.clone(),
        kind: kind_name(source.kind).to_owned(),
        url: source.url.clone(),
        circle: names.circle(&source.circle),
        tlp: source.default.map(|tlp| tlp.to_string()),
        every: source.every,
        state: state.to_owned(),
        last_run: time(pulls.last),
        last_success: time(pulls.success),
        next_run: time(next),
        accepted: pulls.accepted,
        duplicate: pulls.duplicate,
        refused: pulls.refused,
        failures: pulls.failures,
        error,
        hint: Some(hint).filter(|hint| !hint.is_empty()),
        refusal: pulls.refusal.clone(),
    }
}

pub(super) async fn list(State(runtime): State<Runtime>, _: Administrator) -> Answered {
    let inside = runtime.clone();
    let views = runtime.read(move |reading| {
        let names = Names::load(reading, inside.me())?;
        let here: BTreeSet<IntakeId> =
            pulled_here(reading)?.into_iter().map(|source| source.intake).collect();
        let pulling = inside.pulling().borrow().clone();
        let view = |source: &Source| {
            let doing = match &source.intake {
                intake if !here.contains(intake) => Doing::Paused,
                _ if crate::disk::is_scarce(&inside) => Doing::NoRoom,
                intake if pulling.contains(intake) => Doing::Pulling,
                _ => Doing::Nothing,
            };
            view(source, &names, doing)
        };
        Ok(node::source::living(reading)?.iter().map(view).collect::<Vec<_>>())
    });
    Ok(json(&views.await?))
}

pub(super) async fn add(
    State(runtime): State<Runtime>,
    Administrator(caller): Administrator,
    body: Bytes,
) -> Answered {
    let wanted: SourceWanted = read_json(&body)?;
    let asked = wanted.circle.clone();
    let line = runtime.read(move |reading| node::read::find_circle(reading, &asked)).await?;
    let Some(line) = line.filter(|line| line.accepted) else {
        return Err(lacking::circle(&runtime, &caller, &wanted.circle).await);
    };
    let name = wanted.name.clone();
    let new = checked(wanted, line.circle.id)?;
    done(runtime.write(Command::Administer(Administer::AddSource(new))).await?)?;
    Ok(json(&serde_json::json!({ "name": name, "added": true })))
}

/// What can be said before anybody is asked.
fn checked(wanted: SourceWanted, circle: model::id::CircleId) -> Result<NewSource, Problem> {
    let SourceWanted { name, kind, url, tlp, every, key, .. } = wanted;
    let kind = match kind.as_str() {
        "list" => SourceKind::List,
        "taxii" => SourceKind::Taxii,
        "misp" => {
            let problem = Problem::error("E-SOURCE-003", "MISP is not yet pulled");
            return Err(problem.hint("list and taxii are"));
        }
        other => {
            let shown = formats::problem::shown(other);
            let problem = Problem::error("E-SOURCE-003", format!("`{shown}` is no kind of source"));
            return Err(problem.hint("list or taxii"));
        }
    };
    let address = Address::read(&url)?;
    let secret = match key {
        Some(key) => {
            Credentials::read(&key)?;
            // SPEC: RFC 7617 §4: in the clear, whoever listens has it.
            if !address.is_secure() && !address.is_loopback() {
                let message = "a key is shown over https only";
                return Err(Problem::error("E-SOURCE-004", message).hint("write https://"));
            }
            Some(Secret(key.trim().to_owned()))
        }
        None => None,
    };
    let default = tlp.map(|text| text.parse::<Tlp>().map_err(|error| (text, error)));
    let default = default.transpose().map_err(|(text, error)| {
        let shown = formats::problem::shown(&text);
        Problem::error("E-SOURCE-003", format!("`{shown}`: {error}"))
    })?;
    Ok(NewSource { name, kind, url, circle, default, every: every.unwrap_or(EVERY), secret })
}

pub(super) async fn pull(
    State(runtime): State<Runtime>,
    _: Administrator,
    Path(name): Path<String>,
) -> Answered {
    let asked = now().to_string();
    done(runtime.write(Command::Administer(Administer::PullSource(name.clone()))).await?)?;
    Ok(json(&PullAsked { name, asked }))
}

pub(super) async fn remove(
    State(runtime): State<Runtime>,
    _: Administrator,
    Path(name): Path<String>,
) -> Answered {
    done(runtime.write(Command::Administer(Administer::RemoveSource(name.clone()))).await?)?;
    Ok(json(&serde_json::json!({ "name": name, "removed": true })))
}

#[cfg(test)]
mod tests;
