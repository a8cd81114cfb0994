//! `GET /api/v1/seen/possible?rule=|after=`: rules in force that may have matched before they came,
//! since values that they name were seen. Possible and no more: no event is kept to try a rule on,
//! and nothing of this is a sighting. Administrators only.

use super::answer::{Answered, Refusal, administers, json, odd, thing};
use super::asked::{Asked, Pairs};
use super::names::Names;
use crate::http::Caller;
use crate::runtime::{Runtime, Unavailable, now};
use axum::extract::State;
use detect::observable::Observable;
use detect::past::parts;
use formats::problem::Problem;
use http::StatusCode;
use model::id::ThingId;
use model::limits::LOOKBACK_BATCH;
use node::release::Lens;
use node::seen::rules;
use node::watch::watched;
use node::{Reading, Seq, StoreError};
use serde::{Deserialize, Serialize};

/// Rules looked at for one answer.
const PAGE: usize = 500;
/// Values of a rule that are listed.
const PARTS_LISTED: usize = 100;

/// Rules that may have matched.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct PossibleView {
    pub(crate) rules: Vec<RuleView>,
    /// What to ask `after` next; nothing when these were the last.
    pub(crate) next: Option<Seq>,
    /// What could not be read: what it holds is not counted here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) unread: Vec<String>,
}

/// One rule.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct RuleView {
    pub(crate) rule: String,
    pub(crate) circle: String,
    pub(crate) signer: String,
    /// Always: a value of a rule is not the rule.
    pub(crate) possible: bool,
    /// Values that it names and that can be asked for.
    pub(crate) named: usize,
    /// Those that were seen, at most a hundred.
    pub(crate) seen: Vec<PartView>,
}

/// A value of a rule that was seen.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct PartView {
    pub(crate) value: String,
    pub(crate) count: u64,
    pub(crate) first: String,
    pub(crate) last: String,
    pub(crate) sources: Vec<String>,
}

pub(super) async fn get(
    State(runtime): State<Runtime>,
    Caller(caller): Caller,
    pairs: Pairs,
) -> Answered {
    administers(&caller)?;
    let mut asked = Asked::of(pairs);
    let only = asked.one("rule")?.map(|id| thing(&id)).transpose()?;
    let after: Option<Seq> = asked.parsed("after")?;
    asked.end()?;
    let looking =
        tokio::task::spawn_blocking(move || look(&runtime, only.as_ref(), after.unwrap_or(0)));
    let view = looking.await.map_err(|_| odd())??;
    Ok(json(&view.ok_or_else(unusable)?))
}

/// A rule with the values that it names.
struct Named {
    rule: RuleView,
    parts: Vec<Observable>,
}

/// Asks for the values of a page of rules, all at once; `None` where what was seen cannot be asked.
fn look(
    runtime: &Runtime,
    only: Option<&ThingId>,
    after: Seq,
) -> Result<Option<PossibleView>, Unavailable> {
    let (named, next) = runtime.read_here(|reading| {
        let lens = runtime.own_lens(reading)?;
        let names = Names::load(reading, runtime.me())?;
        match only {
            Some(only) => Ok((of_thing(reading, (&lens, &names), only)?, None)),
            None => page(reading, (&lens, &names), (after, reading.head()?)),
        }
    })?;
    let values: Vec<Observable> = named.iter().flat_map(|named| named.parts.clone()).collect();
    let Some(sought) = runtime.seen().ask_all(&values) else { return Ok(None) };
    let mut lines = sought.lines.into_iter();
    let mut view = PossibleView { rules: Vec::new(), next, unread: sought.unread };
    for Named { mut rule, parts } in named {
        for part in parts {
            let Some(line) = lines.next().flatten() else { continue };
            if rule.seen.len() < PARTS_LISTED {
                rule.seen.push(PartView {
                    value: part.text,
                    count: line.count,
                    first: line.first.to_string(),
                    last: line.last.to_string(),
                    sources: line.sources.into_iter().collect(),
                });
            }
        }
        if !rule.seen.is_empty() || only.is_some() {
            view.rules.push(rule);
        }
    }
    Ok(Some(view))
}

type Eyes<'e> = (&'e Lens, &'e Names);

/// Rules after a place, as many as have not too many values.
fn page(
    reading: &Reading<'_>,
    eyes: Eyes<'_>,
    (after, head): (Seq, Seq),
) -> Result<(Vec<Named>, Option<Seq>), StoreError> {
    let (found, next) = rules(reading, (after, head), PAGE)?;
    let (mut page, mut values) = (Vec::new(), 0);
    for (seq, rule) in found {
        let Some(named) = named(reading, eyes, seq, parts(&rule))? else { continue };
        values += named.parts.len();
        page.push(named);
        if values >= LOOKBACK_BATCH {
            return Ok((page, Some(seq)));
        }
    }
    Ok((page, next))
}

/// The rules of one thing.
fn of_thing(
    reading: &Reading<'_>,
    eyes: Eyes<'_>,
    thing: &ThingId,
) -> Result<Vec<Named>, StoreError> {
    let mut all = Vec::new();
    for seq in node::watch::places(reading, thing)? {
        for (seq, rule) in rules(reading, (seq.saturating_sub(1), seq), 1)?.0 {
            all.extend(named(reading, eyes, seq, parts(&rule))?);
        }
    }
    Ok(all)
}

/// The rule at a place, where this node's own people may read it.
fn named(
    reading: &Reading<'_>,
    (lens, names): Eyes<'_>,
    seq: Seq,
    parts: Vec<Observable>,
) -> Result<Option<Named>, StoreError> {
    let Some(watched) = watched(reading, lens, seq)?.filter(|one| one.alerts(now())) else {
        return Ok(None);
    };
    let rule = RuleView {
        rule: watched.thing.to_string(),
        circle: names.circle(&watched.circle),
        signer: names.node(&watched.signer),
        possible: true,
        named: parts.len(),
        seen: Vec::new(),
    };
    Ok(Some(Named { rule, parts }))
}

fn unusable() -> Refusal {
    let message = "what was seen cannot be asked: its folder cannot be used";
    let hint = "`entente doctor` and the log say why";
    let problem = Problem::error("E-SEEN-005", message).hint(hint);
    Refusal::with(StatusCode::SERVICE_UNAVAILABLE, &problem)
}
