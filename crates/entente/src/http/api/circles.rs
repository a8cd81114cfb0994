//! `/api/v1/circles`: which there are, convening one, its members, following an offered version.

use super::answer::{Answered, Refusal, json, odd, read_json};
use super::asked::{Asked, Pairs};
use super::asking::{Said, answered, by};
use super::lacking;
use super::names::Names;
use crate::http::{Administrator, Caller};
use crate::runtime::Runtime;
use axum::body::Bytes;
use axum::extract::{Path, State};
use formats::problem::Problem;
use model::id::{CircleId, NodeId};
use model::label::Tlp;
use model::ledger::valid_why;
use node::Answer;
use node::command::Administer;
use node::read::CircleLine;
use node::token::Caller as Known;
use serde::{Deserialize, Serialize};

/// One circle.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct CircleView {
    pub(crate) circle: String,
    pub(crate) id: String,
    pub(crate) convener: String,
    /// Names, in the order in which they were added.
    pub(crate) members: Vec<String>,
    pub(crate) default: String,
    pub(crate) ceiling: String,
    pub(crate) known_good: bool,
    pub(crate) version: u32,
    /// `followed`, `offered`, or `update` when a newer version of a followed one is on offer.
    pub(crate) state: String,
}

/// A circle to be convened.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCircle {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) default: Option<String>,
    #[serde(default)]
    pub(crate) ceiling: Option<String>,
    #[serde(default)]
    pub(crate) known_good: Option<bool>,
}

/// A circle that was convened or changed.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct CircleMade {
    pub(crate) circle: String,
    pub(crate) id: String,
}

/// A member to be added.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMember {
    pub(crate) partner: String,
}

fn view(line: CircleLine, names: &Names) -> CircleView {
    let state = match (line.accepted, line.offered) {
        (true, false) => "followed",
        (true, true) => "update",
        (false, _) => "offered",
    };
    let circle = line.circle;
    CircleView {
        id: circle.id.to_string(),
        convener: names.node(&circle.convener),
        members: circle.members.iter().map(|member| names.node(&member.node())).collect(),
        default: circle.default.to_string(),
        ceiling: circle.ceiling.to_string(),
        known_good: circle.known_good,
        version: circle.version,
        state: state.to_owned(),
        circle: circle.name,
    }
}

pub(super) async fn list(State(runtime): State<Runtime>, Caller(caller): Caller) -> Answered {
    let inside = runtime.clone();
    let views = runtime.read(move |reading| {
        let names = Names::load(reading, inside.me())?;
        let admin = caller.rights.has(node::Rights::ADMIN);
        let lines = node::read::circles(reading)?.into_iter();
        // An offer is the administrator's to answer; a token has the circles it was made for.
        let seen = lines.filter(|line| admin || line.accepted && caller.sees(&line.circle.id));
        Ok(seen.map(|line| view(line, &names)).collect::<Vec<_>>())
    });
    Ok(json(&views.await?))
}

pub(super) async fn create(
    State(runtime): State<Runtime>,
    Administrator(caller): Administrator,
    query: Pairs,
    body: Bytes,
) -> Answered {
    let why = reason(query)?;
    let new: NewCircle = read_json(&body)?;
    let tlp = |text: Option<&str>, usual| -> Result<Tlp, Refusal> {
        text.map_or(Ok(usual), |text| {
            text.parse().map_err(|error| Refusal::malformed(format!("`{text}`: {error}")))
        })
    };
    let ceiling = tlp(new.ceiling.as_deref(), Tlp::Red)?;
    // Only what nobody asked for may be lowered in silence.
    let default = tlp(new.default.as_deref(), Tlp::AmberStrict.min(ceiling))?;
    if default > ceiling {
        let [default, ceiling] = [default, ceiling].map(|tlp| tlp.to_string().to_uppercase());
        let message = format!("the default TLP:{default} is above the ceiling TLP:{ceiling}");
        let problem = Problem::error("E-CIRCLE-011", message);
        return Err(problem.hint("give a ceiling at least as strict as the default").into());
    }
    let act = Administer::CreateCircle {
        name: new.name.clone(),
        default,
        ceiling,
        known_good: new.known_good.unwrap_or(true),
    };
    administer(&runtime, &caller, (new.name, why), act).await
}

/// Why it is done, where the caller says so: the only part of the query string.
fn reason(query: Pairs) -> Result<Option<String>, Refusal> {
    let mut asked = Asked::of(query);
    let why = why(&mut asked)?;
    asked.end().map(|()| why)
}

fn why(asked: &mut Asked) -> Result<Option<String>, Refusal> {
    let why = asked.one("reason")?;
    if why.as_deref().is_some_and(|why| !valid_why(why)) {
        return Err(Refusal::malformed("`reason` is one line of at most 512 bytes"));
    }
    Ok(why)
}

/// Does it, with a note of who did and why, and answers with the circle. Nobody is asked here: of what opens
/// much, the past waits by itself for a word on it.
async fn administer(
    runtime: &Runtime,
    caller: &Known,
    (name, why): (String, Option<String>),
    act: Administer,
) -> Answered {
    let by = by(caller, &Said { why, ..Said::default() });
    let act = Administer::Act { by, what: Box::new(act) };
    let Answer::Circle(id) = answered(runtime, act).await? else { return Err(odd()) };
    Ok(json(&CircleMade { circle: name, id: id.to_string() }))
}

/// The circle and the node that a change is about.
pub(super) async fn both(
    runtime: &Runtime,
    caller: &Known,
    name: &str,
    partner: &str,
) -> Result<(CircleId, NodeId), Refusal> {
    let (inside, wanted, who) = (runtime.clone(), name.to_owned(), partner.to_owned());
    let read = runtime.read(move |reading| {
        let names = Names::load(reading, inside.me())?;
        Ok((node::read::find_circle(reading, &wanted)?, names.find(&who)))
    });
    let (line, node) = read.await?;
    let Some(line) = line else { return Err(lacking::circle(runtime, caller, name).await) };
    let Some(node) = node else { return Err(lacking::partner(runtime, partner).await) };
    Ok((line.circle.id, node))
}

pub(super) async fn add(
    State(runtime): State<Runtime>,
    Administrator(caller): Administrator,
    Path(name): Path<String>,
    query: Pairs,
    body: Bytes,
) -> Answered {
    let why = reason(query)?;
    let new: NewMember = read_json(&body)?;
    let (circle, partner) = both(&runtime, &caller, &name, &new.partner).await?;
    let act = Administer::AddMember { circle, partner };
    administer(&runtime, &caller, (name, why), act).await
}

pub(super) async fn remove(
    State(runtime): State<Runtime>,
    Administrator(caller): Administrator,
    Path((name, partner)): Path<(String, String)>,
    query: Pairs,
) -> Answered {
    let mut asked = Asked::of(query);
    let (keep, why) = (asked.flag("keep")?, why(&mut asked)?);
    asked.end()?;
    let (circle, partner) = both(&runtime, &caller, &name, &partner).await?;
    let act = match keep {
        true => Administer::PartWith { circle, partner },
        false => Administer::RemoveMember { circle, partner },
    };
    administer(&runtime, &caller, (name, why), act).await
}

pub(super) async fn accept(
    State(runtime): State<Runtime>,
    Administrator(caller): Administrator,
    Path(name): Path<String>,
) -> Answered {
    let wanted = name.clone();
    let line = runtime.read(move |reading| offer(reading, &wanted)).await?;
    let Some(id) = line else { return Err(lacking::circle(&runtime, &caller, &name).await) };
    administer(&runtime, &caller, (name, None), Administer::AcceptCircle(id)).await
}

/// The circle of this name or id that has a version on offer, else the one that is followed.
fn offer(reading: &node::Reading<'_>, name: &str) -> Result<Option<CircleId>, node::StoreError> {
    let id: Option<CircleId> = name.parse().ok();
    let mut lines = node::read::circles(reading)?;
    lines.sort_by_key(|line| !line.offered);
    let found = lines.iter().find(|l| l.circle.name == name || Some(l.circle.id) == id);
    Ok(found.map(|line| line.circle.id))
}
