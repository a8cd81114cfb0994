//! `GET /api/v1/receipts`: who was given what, when, under which rule, and what they said of it;
//! `GET /api/v1/receipts/proof`: one of these lines for others to check. Administrators only.

use super::answer::{Answered, Refusal, administers, json, thing};
use super::asked::{Asked, Pairs};
use super::names::Names;
use super::objects::ProofView;
use crate::http::Caller;
use crate::runtime::{Runtime, now};
use axum::extract::State;
use model::id::{NodeId, ThingId};
use model::limits::RECEIPT_LINES_MAX;
use node::proof::{ReceiptProof, receipt_proof};
use node::read::{About, Given, GivenState, receipts};
use node::{Reading, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What was given, a page at a time.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct ReceiptsView {
    pub(crate) receipts: Vec<ReceiptView>,
    /// Readers without receipts who were given the thing.
    pub(crate) readers: Vec<ReaderView>,
    /// Where the next page begins; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<String>,
}

/// One entry that was numbered for a partner.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct ReceiptView {
    pub(crate) partner: String,
    /// The thing's id; of what is erased here only its kind is left, with the nil UUID.
    pub(crate) id: String,
    pub(crate) version: String,
    pub(crate) circle: String,
    pub(crate) number: u64,
    pub(crate) epoch: String,
    /// `sent`, `applied`, `refused` or `withdrawn`.
    pub(crate) state: String,
    /// Why the partner refused it.
    pub(crate) reason: Option<String>,
    /// The rule that released it.
    pub(crate) rule: String,
    /// The rule by which it would be withheld today.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) withheld_now: Option<String>,
    /// The place in the log of the policy at that time; 0 before policies were records.
    pub(crate) policy: u64,
    pub(crate) sent: String,
    pub(crate) receipted: Option<String>,
    pub(crate) leaf: String,
    pub(crate) erased: bool,
}

/// A reader without receipts who was given a thing.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct ReaderView {
    pub(crate) reader: String,
    pub(crate) first: String,
    pub(crate) last: String,
}

/// A recall that is overdue at one partner.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct OverdueView {
    pub(crate) partner: String,
    pub(crate) id: String,
    pub(crate) state: String,
    pub(crate) reason: Option<String>,
    /// How far it says that it has obeyed: `applied`, `purged`; nothing yet.
    #[serde(default)]
    pub(crate) obeyed: Option<String>,
    /// When it was recalled.
    pub(crate) since: String,
}

fn view(given: Given, names: &Names) -> ReceiptView {
    let reason = match &given.state {
        GivenState::Refused(reason) => Some(reason.clone()),
        GivenState::Sent | GivenState::Applied | GivenState::Withdrawn => None,
    };
    ReceiptView {
        id: given.thing.to_string(),
        version: given.version,
        circle: names.circle(&given.circle),
        number: given.number,
        epoch: given.epoch.to_string(),
        state: given.state.as_str().to_owned(),
        reason,
        rule: given.rule.sentence().to_owned(),
        withheld_now: given.closed.map(|rule| rule.sentence().to_owned()),
        policy: given.policy,
        sent: given.numbered.to_string(),
        receipted: given.at.map(|at| at.to_string()),
        leaf: given.leaf.to_string(),
        erased: given.erased,
        partner: given.partner,
    }
}

pub(super) async fn get(
    State(runtime): State<Runtime>,
    Caller(caller): Caller,
    query: Pairs,
) -> Answered {
    administers(&caller)?;
    let mut asked = Asked::of(query);
    let (id, partner) = (asked.one("id")?, asked.one("partner")?);
    let (after, overdue) = (asked.one("after")?, asked.flag("overdue")?);
    asked.end()?;
    let me = runtime.me().node();
    if overdue {
        let grace = runtime.settings().recall.grace(now());
        let lines = runtime.read(move |r| node::read::overdue(r, grace)).await?;
        let lines = lines.into_iter().filter(|line| {
            partner.as_ref().is_none_or(|wanted| *wanted == line.partner)
                && id.as_ref().is_none_or(|id| *id == line.thing.to_string())
        });
        let views = lines.map(|line| OverdueView {
            partner: line.partner,
            id: line.thing.to_string(),
            state: line.state.as_str().to_owned(),
            reason: line.reason,
            obeyed: line.obeyed.and_then(|by| by.stage).map(|stage| stage.to_string()),
            since: line.since.to_string(),
        });
        return Ok(json(&views.collect::<Vec<_>>()));
    }
    let (outlet, number) = after.as_deref().map_or(Ok((0, 0)), place)?;
    let about = id.as_deref().map(thing).transpose()?;
    let inside = runtime.clone();
    let read = runtime.read(move |reading| {
        let names = Names::load(reading, inside.me())?;
        let only = partner.as_deref().and_then(|name| names.find(name));
        if partner.is_some() && only.is_none() {
            return Ok(None);
        }
        let readers = match &about {
            Some(thing) => readers(reading, me, thing)?,
            None => Vec::new(),
        };
        let about = match about {
            Some(thing) => About::Thing(thing),
            None => About::Numbers { partner: only, outlet, number },
        };
        let mut given = receipts(reading, me, &about, RECEIPT_LINES_MAX)?;
        let full = matches!(about, About::Numbers { .. }) && given.len() >= RECEIPT_LINES_MAX;
        let end = given.last().filter(|_| full);
        let after = end.map(|end| format!("{}-{}", end.outlet, end.number + 1));
        given.retain(|given| only.is_none_or(|only| given.node == only));
        let receipts = given.into_iter().map(|given| view(given, &names)).collect();
        Ok(Some(ReceiptsView { receipts, readers, after }))
    });
    let answer = read.await?.ok_or_else(|| Refusal::unknown("partner"))?;
    Ok(json(&answer))
}

/// Where a page begins, as an answer said it.
fn place(text: &str) -> Result<(i64, u64), Refusal> {
    let place = text.split_once('-').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
    place.ok_or_else(|| Refusal::malformed("`after` is what an earlier answer said"))
}

/// Who was given it without a receipt.
fn readers(
    reading: &Reading<'_>,
    own: NodeId,
    thing: &ThingId,
) -> Result<Vec<ReaderView>, StoreError> {
    let readers = node::reads::readers(reading, own, thing)?;
    let view = |reader: node::reads::Reader| ReaderView {
        reader: reader.name,
        first: reader.first.to_string(),
        last: reader.last.to_string(),
    };
    Ok(readers.into_iter().map(view).collect())
}

/// The form of an exported receipt proof.
pub(crate) const FORM: &str = "entente/receipt-proof/1";

/// A receipt proof as a file (docs/protocol.md says what each part is).
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReceiptProofView {
    pub(crate) form: String,
    pub(crate) origin: String,
    pub(crate) number: u64,
    pub(crate) size: u64,
    pub(crate) leaf: String,
    pub(crate) path: Vec<String>,
    pub(crate) checkpoint: String,
    pub(crate) receipt: node::link::Receipt,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) record: Option<ProofView>,
    pub(crate) keys: BTreeMap<String, Vec<String>>,
    /// What these nodes stated about their keys since the first ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) chains: Vec<String>,
}

impl ReceiptProofView {
    fn of(proof: &ReceiptProof) -> Self {
        let keys = proof.keys.iter().map(|(node, key)| (node.to_string(), vec![key.to_string()]));
        Self {
            form: FORM.to_owned(),
            origin: proof.origin.clone(),
            number: proof.number,
            size: proof.size,
            leaf: proof.leaf.to_string(),
            path: proof.path.iter().map(ToString::to_string).collect(),
            checkpoint: proof.checkpoint.clone(),
            receipt: proof.receipt.clone(),
            record: proof.record.as_ref().map(ProofView::of),
            keys: keys.collect(),
            chains: proof.chains.clone(),
        }
    }

    /// The proof that it is; what cannot be read is named.
    pub(crate) fn proof(&self) -> Result<ReceiptProof, &'static str> {
        let path = self.path.iter().map(|hash| hash.parse()).collect::<Result<_, _>>();
        let mut keys = BTreeMap::new();
        for (node, all) in &self.keys {
            for key in all {
                let key: model::seal::PublicKey = key.parse().map_err(|_| "keys")?;
                if key.node().to_string() != *node {
                    return Err("keys");
                }
                keys.insert(key.node(), key);
            }
        }
        Ok(ReceiptProof {
            origin: self.origin.clone(),
            number: self.number,
            size: self.size,
            leaf: self.leaf.parse().map_err(|_| "leaf")?,
            path: path.map_err(|_| "path")?,
            checkpoint: self.checkpoint.clone(),
            receipt: self.receipt.clone(),
            record: self.record.as_ref().map(ProofView::proof).transpose()?,
            keys,
            chains: self.chains.clone(),
        })
    }
}

pub(super) async fn proof(
    State(runtime): State<Runtime>,
    Caller(caller): Caller,
    query: Pairs,
) -> Answered {
    administers(&caller)?;
    let mut asked = Asked::of(query);
    let (id, partner) = (asked.one("id")?, asked.one("partner")?);
    let (version, number) = (asked.one("version")?, asked.parsed::<u64>("number")?);
    asked.end()?;
    let (Some(id), Some(partner)) = (id, partner) else {
        return Err(Refusal::malformed("`id` and `partner` say whose receipt is wanted"));
    };
    let (about, inside) = (thing(&id)?, runtime.clone());
    let read = runtime.read(move |reading| {
        let names = Names::load(reading, inside.me())?;
        let Some(node) = names.find(&partner) else { return Ok(None) };
        let mut given =
            receipts(reading, inside.me().node(), &About::Thing(about), RECEIPT_LINES_MAX)?;
        given.retain(|given| {
            given.node == node
                && given.state != GivenState::Sent
                && version.as_ref().is_none_or(|version| *version == given.version)
                && number.is_none_or(|number| number == given.number)
        });
        let Some(newest) = given.into_iter().max_by_key(|given| (given.numbered, given.number))
        else {
            return Ok(None);
        };
        receipt_proof(reading, inside.me(), (newest.outlet, newest.number))
    });
    let proof = read.await?.ok_or_else(|| Refusal::unknown("receipt"))?;
    Ok(json(&ReceiptProofView::of(&proof)))
}
