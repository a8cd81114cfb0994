//! `POST /api/v1/seen/ask`: asking partners whether they saw values; `GET /api/v1/seen/ask/{id}`: what
//! they said; `GET /api/v1/seen/ask?since=`: what they asked here. Administrators only. Partners ask by
//! records, and are answered by the keeper.

use super::answer::{Administrator, Answered, Refusal, done, json, odd, read_json};
use super::asked::{Asked as Query, Pairs};
use super::lacking;
use super::names::Names;
use super::partners::find;
use super::seen::strange;
use crate::runtime::{Runtime, now};
use axum::body::Bytes;
use axum::extract::{Path, State};
use formats::problem::{Problem, shown};
use http::StatusCode;
use model::facts::Value;
use model::id::canonical_uuid;
use model::limits::{QUESTION_V4_BITS_MIN, QUESTION_V6_BITS_MIN, QUESTION_VALUES_MAX};
use model::question::{Answers, Told};
use model::time::Instant;
use node::command::Administer;
use node::question::{Asked, AskedHere, Asking, Heard, askable, asked, asked_here};
use node::{Answer, Command};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What is asked, and of whom.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskingView {
    pub(crate) values: Vec<String>,
    pub(crate) partners: Vec<String>,
    /// What all values are, for kinds that have no shape: `file-name`.
    #[serde(default)]
    pub(crate) kind: Option<String>,
    /// The circle in which it is asked; any that is shared where none is named.
    #[serde(default)]
    pub(crate) circle: Option<String>,
}

/// The id under which the answers are read.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct AskedView {
    pub(crate) question: String,
}

/// A question and what came of it.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct AnswersView {
    pub(crate) question: String,
    pub(crate) partners: Vec<AnswerView>,
}

/// What one partner said.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct AnswerView {
    pub(crate) partner: String,
    pub(crate) circle: String,
    pub(crate) asked: String,
    /// `unsent`, `waiting`, `refused` or `answered`.
    pub(crate) state: String,
    /// When it came.
    pub(crate) answered: Option<String>,
    pub(crate) values: Vec<ToldView>,
}

/// What one partner asked here.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct AskedHereView {
    pub(crate) partner: String,
    /// The question's record.
    pub(crate) question: String,
    pub(crate) asked: String,
    /// `waiting`, `refused` or `answered`.
    pub(crate) state: String,
    pub(crate) values: Vec<ToldView>,
}

/// What is said of one value.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct ToldView {
    pub(crate) value: String,
    /// `no`, `yes`, `unknown`, or the partner's state where it said nothing.
    pub(crate) answer: String,
    /// About how often it was seen.
    pub(crate) band: Option<String>,
    /// How often.
    pub(crate) count: Option<u64>,
    /// The day of the first event, by its own clock.
    pub(crate) first: Option<String>,
    /// The day of the last.
    pub(crate) last: Option<String>,
}

pub(super) async fn ask(
    State(runtime): State<Runtime>,
    Administrator(caller): Administrator,
    body: Bytes,
) -> Answered {
    let wanted: AskingView = read_json(&body)?;
    let mut values = Vec::with_capacity(wanted.values.len());
    for text in &wanted.values {
        let value = match &wanted.kind {
            Some(kind) => node::seen::sought_as(kind, text),
            None => node::seen::sought(text),
        };
        let value = value.ok_or_else(|| strange(text))?;
        let value = Value { kind: value.kind, text: value.text };
        if askable(&value).is_none() {
            return Err(wide(text));
        }
        values.push(value);
    }
    let mut partners = BTreeSet::new();
    for name in &wanted.partners {
        partners.insert(find(&runtime, name).await?);
    }
    if values.is_empty() || values.len() > QUESTION_VALUES_MAX || partners.is_empty() {
        let message =
            format!("1 to {QUESTION_VALUES_MAX} `values`, and at least one of `partners`");
        return Err(Refusal::malformed(message));
    }
    let circle = match wanted.circle {
        None => None,
        Some(name) => {
            let asked = name.clone();
            let line = runtime.read(move |reading| node::read::find_circle(reading, &asked));
            match line.await?.filter(|line| line.accepted) {
                Some(line) => Some(line.circle.id),
                None => return Err(lacking::circle(&runtime, &caller, &name).await),
            }
        }
    };
    let act = Administer::Ask(Asking { circle, partners, values, who: caller.name });
    let Answer::Asked(id) = done(runtime.write(Command::Administer(act)).await?)? else {
        return Err(odd());
    };
    Ok(json(&AskedView { question: id.to_string() }))
}

pub(super) async fn get(
    State(runtime): State<Runtime>,
    _: Administrator,
    Path(id): Path<String>,
) -> Answered {
    let uuid = canonical_uuid(&id).ok_or_else(|| Refusal::unknown("question"))?;
    let inside = runtime.clone();
    let read = runtime.read(move |reading| {
        let own = inside.own_lens(reading)?;
        let names = Names::load(reading, inside.me())?;
        let all = asked(reading, &own, &uuid)?;
        Ok(all.iter().map(|one| view(one, names.circle(&one.circle))).collect::<Vec<_>>())
    });
    let partners = read.await?;
    if partners.is_empty() {
        return Err(Refusal::unknown("question"));
    }
    Ok(json(&AnswersView { question: id, partners }))
}

/// What partners asked here since a time, within the last day where none is named.
pub(super) async fn list(
    State(runtime): State<Runtime>,
    _: Administrator,
    pairs: Pairs,
) -> Answered {
    let mut query = Query::of(pairs);
    let since: Option<Instant> = query.parsed("since")?;
    query.end()?;
    let since = since.unwrap_or_else(|| now().plus_seconds(-24 * 3_600));
    let inside = runtime.clone();
    let read = runtime.read(move |reading| {
        let own = inside.own_lens(reading)?;
        let names = Names::load(reading, inside.me())?;
        let all = asked_here(reading, &own, since)?;
        Ok(all.iter().map(|one| here(one, names.node(&one.partner))).collect::<Vec<_>>())
    });
    Ok(json(&read.await?))
}

fn here(asked: &AskedHere, partner: String) -> AskedHereView {
    let (state, told) = match &asked.said {
        None => ("waiting", &[][..]),
        Some(answer) if answer.says == Answers::No => ("refused", &[][..]),
        Some(answer) => ("answered", answer.told.as_slice()),
    };
    AskedHereView {
        partner,
        question: asked.question.to_string(),
        asked: asked.at.to_string(),
        state: state.to_owned(),
        values: of_all(&asked.values, told, state),
    }
}

fn of_all(values: &[Value], told: &[Told], state: &str) -> Vec<ToldView> {
    let told = told.iter().map(Some).chain(std::iter::repeat(None));
    values.iter().zip(told).map(|(value, told)| of(value, told, state)).collect()
}

fn view(asked: &Asked, circle: String) -> AnswerView {
    let (state, answered, told) = match &asked.heard {
        Heard::Unsent => ("unsent", None, &[][..]),
        Heard::Nothing => ("waiting", None, &[][..]),
        Heard::Answer(answer, at) if answer.says == Answers::No => ("refused", Some(*at), &[][..]),
        Heard::Answer(answer, at) => ("answered", Some(*at), answer.told.as_slice()),
    };
    AnswerView {
        partner: asked.name.clone(),
        circle,
        asked: asked.at.to_string(),
        state: state.to_owned(),
        answered: answered.map(|at| at.to_string()),
        values: of_all(&asked.values, told, state),
    }
}

fn of(value: &Value, told: Option<&Told>, state: &str) -> ToldView {
    let (answer, band, count, days) = match told {
        None => (state, None, None, None),
        Some(Told::No) => ("no", None, None, None),
        Some(Told::Yes) => ("yes", None, None, None),
        Some(Told::Unknown) => ("unknown", None, None, None),
        Some(Told::Band(band, days)) => ("yes", Some(band.as_str().to_owned()), None, Some(days)),
        Some(Told::Count(count, days)) => ("yes", None, Some(*count), Some(days)),
    };
    ToldView {
        value: value.text.clone(),
        answer: answer.to_owned(),
        band,
        count,
        first: days.map(model::question::Days::first),
        last: days.map(model::question::Days::last),
    }
}

/// A value that no partner is asked for.
fn wide(text: &str) -> Refusal {
    let message = format!("`{}` is too wide a network to ask partners about", shown(text));
    let hint = format!("/{QUESTION_V4_BITS_MIN} at least, for IPv6 /{QUESTION_V6_BITS_MIN}");
    Refusal::with(StatusCode::BAD_REQUEST, &Problem::error("E-ASK-004", message).hint(hint))
}
