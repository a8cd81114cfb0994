//! Why a value alerts or does not: every indicator that this node holds for it, and what silences
//! it. It changes nothing.

use super::silence::{Judge, confidence_of};
use crate::http::api::names::Names;
use crate::runtime::{Runtime, Unavailable, now};
use detect::observable::{Observable, guess};
use detect::suffix::is_suffix;
use model::facts::ValueKind;
use model::limits::WHY_LINES_MAX;
use node::{Reading, Row, Seq, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

/// What is known of a value.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct WhyView {
    pub(crate) value: String,
    /// Whether an event with it alerts now.
    pub(crate) alerts: bool,
    /// Whether the indicators are all loaded; before, nothing alerts.
    pub(crate) ready: bool,
    pub(crate) indicators: Vec<ReasonView>,
    /// What is to be said where no indicator is.
    pub(crate) remarks: Vec<String>,
}

/// One indicator, and why it alerts or does not.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct ReasonView {
    pub(crate) indicator: String,
    pub(crate) circle: String,
    pub(crate) signer: String,
    /// Its value that is meant: the asked one, one above it, a network around it.
    pub(crate) by: String,
    pub(crate) alerts: bool,
    /// `alerts`, `expired`, `listed`, `suppressed`, `unconfident`, `hidden`, `replaced` or `zone`.
    pub(crate) reason: String,
    /// The same as a sentence.
    pub(crate) says: String,
    /// The known-good list, where one is the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) list: Option<String>,
    /// What is left of its confidence.
    pub(crate) confidence: u8,
    pub(crate) disputes: u32,
    /// The hour of its last match or the time of its last sighting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sighted: Option<String>,
    /// It matches more than anybody wants to hear.
    pub(crate) trips: bool,
}

/// Asks everything that may silence a value.
///
/// # Errors
/// When the store cannot be read.
pub(crate) fn why(runtime: &Runtime, value: &str) -> Result<WhyView, Unavailable> {
    let values = guess(value);
    let ready = runtime.matches();
    let mut view = WhyView {
        value: value.to_owned(),
        alerts: false,
        ready,
        indicators: Vec::new(),
        remarks: Vec::new(),
    };
    if values.is_empty() {
        view.remarks.push("nothing of this form is looked for in every field".to_owned());
    }
    if !ready {
        view.remarks.push("the indicators are still being loaded".to_owned());
    }
    let found = live(runtime, &values);
    view.indicators = runtime.read_here(|reading| reasons(runtime, reading, &values, &found))?;
    view.alerts = ready && view.indicators.iter().any(|one| one.alerts);
    if view.indicators.is_empty() && !values.is_empty() {
        view.remarks.push("this node holds no indicator for it".to_owned());
    }
    Ok(view)
}

/// What the index finds.
fn live(runtime: &Runtime, values: &[Observable]) -> BTreeSet<Seq> {
    let live = runtime.live().read().unwrap_or_else(PoisonError::into_inner);
    let found = values.iter().flat_map(|value| live.index.lookup(value));
    found.filter_map(|found| Seq::try_from(found.handle.0).ok()).collect()
}

fn reasons(
    runtime: &Runtime,
    reading: &Reading<'_>,
    values: &[Observable],
    found: &BTreeSet<Seq>,
) -> Result<Vec<ReasonView>, StoreError> {
    // What the store holds for the value itself and for what lies above it; what the index has
    // beside, such as networks around an address, has its value in its record.
    let mut held: BTreeMap<Seq, Option<Observable>> =
        found.iter().map(|seq| (*seq, None)).collect();
    for value in values.iter().flat_map(above) {
        for seq in node::watch::holding(reading, &value, WHY_LINES_MAX)? {
            held.insert(seq, Some(value.clone()));
        }
    }
    let names = Names::load(reading, runtime.me())?;
    let asker = Asker {
        judge: Judge::open(runtime, reading, now())?,
        own: runtime.own_lens(reading)?,
        tripped: runtime.known_good().tripped().all().into_keys().collect(),
        values,
        found,
    };
    let mut reasons = Vec::new();
    for (seq, value) in held.into_iter().rev().take(WHY_LINES_MAX) {
        let Some(row) = node::watch::held(reading, seq)? else { continue };
        reasons.extend(asker.reason(reading, &row, (value, &names))?);
    }
    Ok(reasons)
}

/// A name and all above it; of anything else, itself.
fn above(value: &Observable) -> Vec<Observable> {
    if value.kind != ValueKind::Domain {
        return vec![value.clone()];
    }
    let parents = std::iter::successors(Some(value.text.as_str()), |name| {
        name.split_once('.').map(|(_, parent)| parent)
    });
    parents.map(|name| Observable { kind: ValueKind::Domain, text: name.to_owned() }).collect()
}

struct Asker<'a> {
    judge: Judge,
    own: node::release::Lens,
    tripped: BTreeSet<Seq>,
    values: &'a [Observable],
    found: &'a BTreeSet<Seq>,
}

impl Asker<'_> {
    fn reason(
        &self,
        reading: &Reading<'_>,
        row: &Row,
        (value, names): (Option<Observable>, &Names),
    ) -> Result<Option<ReasonView>, StoreError> {
        let terms = node::watch::terms(reading, row.seq)?;
        let Some(terms) = terms else { return Ok(None) };
        let (mut silence, standing) = self.judge.indicator(reading, row.seq)?;
        if silence.is_none() {
            silence = self.values.iter().find_map(|value| self.judge.of_value(standing, value));
        }
        let list = silence.as_ref().map(|silence| silence.counted().1.to_owned());
        let (reason, says) = match &silence {
            Some(silence) => (silence.counted().0, silence.sentence()),
            None if row.hidden => {
                ("hidden", "it was deleted here, or stopped by its signer".to_owned())
            }
            None if !self.found.contains(&row.seq) => match &value {
                Some(value) if value.kind == ValueKind::Domain && self.is_zone(value) => (
                    "zone",
                    format!("strangers have names below {}; it means that name alone", value.text),
                ),
                Some(_) | None => {
                    ("replaced", "a newer version or a recall took its place".to_owned())
                }
            },
            None if node::watch::watched(reading, &self.own, row.seq)?.is_none() => {
                ("hidden", "its label does not let this node look for it yet".to_owned())
            }
            None => ("alerts", "it alerts".to_owned()),
        };
        let kind = value.as_ref().or(self.values.first()).map(|value| value.kind);
        let esteem = node::dispute::esteem(reading, &row.thing.uuid, None)?;
        let sighted = node::sighting::last_matched(reading, row.seq)?.max(esteem.renewed);
        Ok(Some(ReasonView {
            indicator: row.thing.to_string(),
            circle: names.circle(&row.label.circle),
            signer: names.node(&row.signer),
            by: value.map(|value| value.text).unwrap_or_default(),
            alerts: reason == "alerts",
            reason: reason.to_owned(),
            says,
            list: list.filter(|list| !list.is_empty()),
            confidence: confidence_of(reading, row, (terms, kind), None, now())?,
            disputes: esteem.disputes,
            sighted: sighted.map(|at| at.to_string()),
            trips: self.tripped.contains(&row.seq),
        }))
    }

    /// Whether it is above the value that was asked for, and strangers have names below it.
    fn is_zone(&self, value: &Observable) -> bool {
        let itself = self.values.iter().any(|asked| asked.text == value.text);
        !itself && (is_suffix(&value.text) || self.judge.shares_hosts(&value.text))
    }
}
