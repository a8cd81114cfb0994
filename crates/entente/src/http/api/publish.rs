//! `POST /api/v1/publish`: objects in, into one circle under terms of its own. The body is a STIX
//! document or a plain list; every object has an outcome.

use super::answer::{Answered, Refusal, circle_for, done, json, odd, writes};
use super::asked::{Asked, Pairs};
use super::lacking;
use super::names::Names;
use super::reason::reason;
use crate::command::rule_as_indicator;
use crate::http::Caller;
use crate::http::request_body::{Received, receive};
use crate::known_good::gate_here;
use crate::runtime::{Runtime, now};
use axum::body::Body;
use axum::extract::State;
use formats::problem::Problem;
use http::HeaderMap;
use model::id::{CircleId, NodeId};
use model::label::Tlp;
use model::limits::{HANDED_IN_OBJECTS_MAX, HOPS_MAX, REQUEST_BYTES_MAX};
use model::time::Instant;
use node::accept::{Prepared, Terms, too_many};
use node::command::{Fate, ObjectOutcome};
use node::dry_run::Reach;
use node::token::Caller as Known;
use node::{Answer, Command, Decision, PartnerState, Rights, Rule};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A form in which objects come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Format {
    /// A bundle, an envelope, an array, objects, one a line.
    Stix,
    /// A plain list or CSV of values.
    List,
}

impl Format {
    /// The format of this name, or what the first bytes look like.
    pub(crate) fn of(name: &str, bytes: &[u8]) -> Result<Self, Problem> {
        match name {
            "auto" => Ok(Self::guess(bytes)),
            "stix" => Ok(Self::Stix),
            "list" | "csv" => Ok(Self::List),
            "misp" | "cap" | "fhir" => {
                let message = format!("the format `{name}` is not yet supported");
                Err(Problem::error("E-API-415", message).hint("stix, list, csv and sigma are"))
            }
            other => {
                let shown = formats::problem::shown(other);
                let message = format!("`{shown}` is no format");
                Err(Problem::error("E-API-415", message).hint("auto, stix, list, csv or sigma"))
            }
        }
    }

    /// JSON is STIX; everything else is a list. (`[2001:db8::1]:80` begins a list, too.)
    fn guess(bytes: &[u8]) -> Self {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
        match bytes.split_first() {
            Some((b'{', _)) => Self::Stix,
            Some((b'[', rest)) => match rest.trim_ascii_start().first() {
                Some(b'{' | b']') | None => Self::Stix,
                Some(_) => Self::List,
            },
            Some(_) | None => Self::List,
        }
    }

    /// Its name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Stix => "stix",
            Self::List => "list",
        }
    }
}

/// What became of a document.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Published {
    pub(crate) accepted: u64,
    pub(crate) duplicate: u64,
    pub(crate) refused: u64,
    pub(crate) problems: Vec<ProblemView>,
    pub(crate) losses: Vec<LossView>,
    /// In a dry run: whom the accepted objects would be sent to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reaches: Option<Vec<ReachView>>,
    /// In a dry run: who would not be sent some of them, and why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) withheld: Option<Vec<WithheldView>>,
}

/// What one partner would be sent.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct ReachView {
    pub(crate) partner: String,
    pub(crate) objects: u64,
    /// How many of each type.
    pub(crate) types: BTreeMap<String, u64>,
}

/// What one partner would not be sent, by one rule.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct WithheldView {
    pub(crate) partner: String,
    pub(crate) objects: u64,
    pub(crate) reason: String,
}

/// A problem of one object.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct ProblemView {
    pub(crate) severity: String,
    pub(crate) code: String,
    pub(crate) path: String,
    pub(crate) message: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) hint: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) id: String,
}

/// What could not be carried.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct LossView {
    pub(crate) path: String,
    pub(crate) what: String,
}

impl ProblemView {
    /// A problem as it is shown.
    pub(crate) fn of(id: &str, problem: &Problem) -> Self {
        Self {
            severity: problem.severity.to_string(),
            code: problem.code.to_owned(),
            path: problem.path.clone(),
            message: problem.message.clone(),
            hint: problem.hint.clone(),
            id: id.to_owned(),
        }
    }
}

impl Published {
    fn take(&mut self, outcome: &ObjectOutcome) {
        match &outcome.fate {
            Fate::Accepted => self.accepted += 1,
            Fate::Duplicate => self.duplicate += 1,
            Fate::Refused(problem) => {
                self.refused += 1;
                self.problems.push(ProblemView::of(&outcome.id, problem));
            }
        }
        let warnings = outcome.warnings.iter();
        self.problems.extend(warnings.map(|warning| ProblemView::of(&outcome.id, warning)));
    }
}

/// A partner with the objects of one document that it would, or would not, be sent.
fn told(reach: Reach) -> (String, u64, BTreeMap<String, u64>) {
    (reach.partner, reach.kinds.values().sum(), reach.kinds)
}

impl Published {
    /// The end of a dry run, as the caller may know it.
    fn reach(&mut self, caller: &Known, reaches: Vec<Reach>) {
        let admin = caller.rights.has(Rights::ADMIN);
        if !(admin || caller.rights.has(Rights::READ)) {
            return;
        }
        // Who is in none of a token's circles is none of its business.
        let known = reaches.into_iter().filter(|r| admin || r.rule != Rule::NotInCircle);
        let (released, withheld): (Vec<_>, Vec<_>) = known.partition(|reach| reach.released);
        let released = released.into_iter().map(|reach| {
            let (partner, objects, types) = told(reach);
            ReachView { partner, objects, types }
        });
        // Two rules of this node's may be one sentence to a plain token.
        let mut told_of: BTreeMap<(String, String), u64> = BTreeMap::new();
        for reach in withheld {
            let decision = Decision { released: false, rule: reach.rule, by: reach.by };
            let (reason, _) = reason(&decision, admin);
            let (partner, objects, _) = told(reach);
            *told_of.entry((partner, reason)).or_default() += objects;
        }
        let withheld = told_of.into_iter();
        let withheld =
            withheld.map(|((partner, reason), objects)| WithheldView { partner, objects, reason });
        self.reaches = Some(released.collect());
        self.withheld = Some(withheld.collect());
    }
}

/// Names in a query, before they are looked up.
struct Wanted {
    circle: String,
    to: Vec<String>,
    terms: Terms,
}

fn wanted(asked: &mut Asked) -> Result<Wanted, Refusal> {
    let circle = asked.one("circle")?;
    let circle = circle.ok_or_else(|| Refusal::malformed("`circle` is missing"))?;
    let hops: Option<u8> = asked.parsed("hops")?;
    if hops.is_some_and(|hops| hops > HOPS_MAX) {
        return Err(Refusal::malformed(format!("`hops` is at most {HOPS_MAX}")));
    }
    let terms = Terms {
        tlp: asked.parsed::<Tlp>("tlp")?,
        hops,
        until: asked.parsed::<Instant>("until")?,
        hide_source: asked.flag("hide_source")?,
        dry_run: asked.flag("dry_run")?,
        ..Terms::of(CircleId::new(uuid::Uuid::nil()))
    };
    Ok(Wanted { circle, to: asked.all("to"), terms })
}

/// Looks up the names; the circle must be one of the caller's, and who is named a member. Who is
/// named and gets nothing all the same is told as a warning.
async fn terms(
    runtime: &Runtime,
    caller: &Known,
    wanted: Wanted,
) -> Result<(Terms, Vec<ProblemView>), Refusal> {
    let Wanted { circle: name, to, mut terms } = wanted;
    let (inside, known, asked) = (runtime.clone(), caller.clone(), name.clone());
    let read = runtime.read(move |reading| {
        let names = Names::load(reading, inside.me())?;
        let partners = reading.partners()?.into_iter();
        let removed = partners.filter(|partner| partner.state == PartnerState::Removed);
        let removed: BTreeSet<NodeId> = removed.map(|partner| partner.node).collect();
        Ok((circle_for(reading, &known, &asked)?, names, removed))
    });
    let (circle, names, removed) = read.await?;
    let Some(circle) = circle else { return Err(lacking::circle(runtime, caller, &name).await) };
    terms.circle = circle.id;
    let mut warnings = Vec::new();
    if !to.is_empty() {
        let mut named = BTreeSet::new();
        for name in &to {
            let member = names.find(name).filter(|node| circle.member(node).is_some());
            let member = member.ok_or_else(|| lacking::member(&circle, &names, name))?;
            if removed.contains(&member) {
                warnings.push(ProblemView::of("", &parted(name)));
            }
            named.insert(member);
        }
        terms.to = Some(named);
    }
    Ok((terms, warnings))
}

/// Somebody is named with whom the partnership was ended.
fn parted(name: &str) -> Problem {
    let shown = formats::problem::shown(name);
    let message = format!("`{shown}` was removed as a partner: this node sends it nothing");
    Problem::warning("W-PARTNER-012", message)
        .hint("the circle lists it still; invite it again, or leave it out")
}

pub(super) async fn post(
    State(runtime): State<Runtime>,
    Caller(caller): Caller,
    query: Pairs,
    headers: HeaderMap,
    body: Body,
) -> Answered {
    writes(&caller)?;
    let mut asked = Asked::of(query);
    let format = asked.one("format")?.unwrap_or_else(|| "auto".to_owned());
    let wanted = wanted(&mut asked)?;
    asked.end()?;
    let (terms, warnings) = terms(&runtime, &caller, wanted).await?;
    let received = receive(&caller.name, &headers, body, REQUEST_BYTES_MAX).await;
    // The room is held until the body is done with.
    let Received { bytes, held: _held } = received?;
    let (format, bytes) = if format == "sigma" {
        // One rule, which from here on is the indicator that carries it.
        let wrapped = tokio::task::spawn_blocking(move || rule_as_indicator(&bytes)).await;
        (Format::Stix, wrapped.map_err(|_| Refusal::malformed("the rule could not be read"))??)
    } else {
        (Format::of(&format, &bytes)?, bytes)
    };
    let bytes = Arc::new(bytes);
    let document = Arc::clone(&bytes);
    let prepare = move || match format {
        Format::Stix => Prepared::stix(&document),
        Format::List if lines(&document) > HANDED_IN_OBJECTS_MAX => Err(too_many()),
        Format::List => Ok(Prepared::list(&document, now())),
    };
    let prepared = tokio::task::spawn_blocking(prepare).await;
    let prepared = prepared.map_err(|_| Refusal::malformed("the document could not be read"))??;
    let prepared = gate_here(&runtime, terms.circle, prepared).await?;
    // One document is one command: its labels close over all of it (rule B, decision 0002).
    let submitter = caller.submitter.clone();
    let command = Command::Publish { submitter, terms, objects: prepared };
    let mut published = Published::default();
    let answer = done(runtime.write(command).await?)?;
    let outcomes = if let Answer::Published(outcomes) = answer {
        outcomes
    } else if let Answer::Tried(outcomes, reaches) = answer {
        published.reach(&caller, reaches);
        outcomes
    } else {
        return Err(odd());
    };
    let mut unplaced = Vec::new();
    for (index, outcome) in outcomes.iter().enumerate() {
        let before = published.problems.len();
        published.take(outcome);
        let new = published.problems.iter().enumerate().skip(before);
        unplaced
            .extend(new.filter(|(_, p)| p.path.is_empty()).map(|(problem, _)| (problem, index)));
    }
    place(&mut published, &unplaced, format, &bytes);
    published.problems.extend(warnings);
    Ok(json(&published))
}

/// A line is one value, a comment, or a mistake.
fn lines(document: &[u8]) -> usize {
    document.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).count()
}

/// Says where the objects stood that were refused for what they are, not for how they are spelt.
fn place(published: &mut Published, unplaced: &[(usize, usize)], format: Format, bytes: &[u8]) {
    if unplaced.is_empty() {
        return;
    }
    let places: Vec<String> = match format {
        Format::Stix => formats::json::split(bytes)
            .map(|document| document.pieces.into_iter().map(|piece| piece.path).collect())
            .unwrap_or_default(),
        Format::List => formats::stix::list::items(bytes)
            .map(|item| item.map_or_else(|p| p.path, |item| format!("line {}", item.line)))
            .collect(),
    };
    for (problem, object) in unplaced {
        if let (Some(problem), Some(place)) =
            (published.problems.get_mut(*problem), places.get(*object))
        {
            problem.path.clone_from(place);
        }
    }
}

#[cfg(test)]
mod tests;
