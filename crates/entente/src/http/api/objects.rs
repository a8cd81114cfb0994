//! `GET /api/v1/objects/{id}`: every record of a thing that the caller may read; with `raw=1` the
//! newest body's exact bytes, with `proof=1` what was signed. Nothing is written anew.

use super::answer::{Answered, Refusal, eyes, json, reads, thing, typed};
use super::asked::{Asked, Pairs};
use super::names::Names;
use super::search::heading;
use crate::http::Caller;
use crate::http::reads::note_entries;
use crate::runtime::Runtime;
use axum::body::Body;
use axum::extract::{Path, State};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use formats::misp::{Distribution, distribution, write};
use model::label::Label;
use model::record::Parts;
use model::seal::Signature;
use model::time::Instant;
use node::Row;
use node::proof::Proof;
use node::read::Shown;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// All records of a thing, newest first.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct ObjectView {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) records: Vec<RecordView>,
}

/// One record.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct RecordView {
    pub(crate) version: String,
    pub(crate) title: String,
    pub(crate) tlp: String,
    /// Names of the only recipients; absent when every member is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<Vec<String>>,
    pub(crate) hops: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<String>,
    pub(crate) circle: String,
    /// The label in MISP's words, for who writes it there.
    #[serde(default)]
    pub(crate) misp: MispView,
    pub(crate) signer: String,
    pub(crate) signer_node: String,
    /// `wrote` or `carries`.
    pub(crate) how: String,
    pub(crate) signed: String,
    pub(crate) at: String,
    /// The body, as it came where it is JSON.
    pub(crate) object: Option<Box<RawValue>>,
}

/// A label as MISP has it: as tags, and as the distribution of an event or an attribute.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct MispView {
    pub(crate) tags: Vec<String>,
    /// 0 for the own organisation alone, 4 for a sharing group.
    pub(crate) distribution: u8,
    /// The sharing group's UUID: the circle's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sharing_group: Option<String>,
}

impl MispView {
    fn of(label: &Label) -> Self {
        let Distribution { level, sharing_group } = distribution(label);
        let sharing_group = sharing_group.map(|group| group.to_string());
        Self { tags: write(label), distribution: level, sharing_group }
    }
}

/// A record for others to check: what was signed, byte for byte.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct ProofView {
    pub(crate) head: String,
    /// The body, where it is UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) body: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) body_base64: Option<String>,
    pub(crate) salt: String,
    pub(crate) signature: String,
    pub(crate) digest: String,
    pub(crate) leaf: String,
    pub(crate) key: Option<String>,
    /// What the signer stated about its keys since the first one: text, statement after statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) chain: Option<String>,
}

impl ProofView {
    /// The record that it is, not judged yet; what cannot be read is named.
    pub(crate) fn proof(&self) -> Result<Proof, &'static str> {
        let decode = |text: &str, what| STANDARD.decode(text).map_err(|_| what);
        let body = match (&self.body, &self.body_base64) {
            (Some(text), None) => text.clone().into_bytes(),
            (None, Some(encoded)) => decode(encoded, "body_base64")?,
            (None, None) | (Some(_), Some(_)) => return Err("body"),
        };
        let salt = decode(&self.salt, "salt")?.try_into().map_err(|_| "salt")?;
        let signature = Signature::from_slice(&decode(&self.signature, "signature")?);
        let signature = signature.ok_or("signature")?;
        let key = self.key.as_deref().map(str::parse).transpose().map_err(|_| "key")?;
        let chain = self.chain.clone();
        Ok(Proof { parts: Parts { head: self.head.clone(), body, salt, signature }, key, chain })
    }

    pub(crate) fn of(proof: &Proof) -> Self {
        let parts = &proof.parts;
        let text = std::str::from_utf8(&parts.body).ok();
        Self {
            head: parts.head.clone(),
            body: text.map(str::to_owned),
            body_base64: text.is_none().then(|| STANDARD.encode(&parts.body)),
            salt: STANDARD.encode(parts.salt),
            signature: STANDARD.encode(parts.signature.as_bytes()),
            digest: proof.digest().to_string(),
            leaf: proof.leaf().to_string(),
            key: proof.key.map(|key| key.to_string()),
            chain: proof.chain.clone(),
        }
    }
}

fn view(shown: &Shown, title: String, names: &Names) -> RecordView {
    let (row, body) = (&shown.row, shown.object.bytes());
    let label = &row.label;
    let to = label.to.as_ref().map(|to| to.iter().map(|node| names.node(node)).collect());
    RecordView {
        version: row.version.clone(),
        title,
        tlp: label.effective_tlp().to_string(),
        to,
        hops: label.effective_hops(),
        until: label.embargo.map(|at| at.to_string()),
        circle: names.circle(&label.circle),
        misp: MispView::of(label),
        signer: names.node(&row.signer),
        signer_node: row.signer.to_string(),
        how: shown.how().to_owned(),
        signed: row.signed.to_string(),
        at: row.at.to_string(),
        object: serde_json::from_slice(body).ok(),
    }
}

/// The newest version first; of equal ones, the one that came last.
fn order(row: &Row) -> std::cmp::Reverse<(Option<Instant>, String, node::Seq)> {
    std::cmp::Reverse((row.version.parse().ok(), row.version.clone(), row.seq))
}

/// Versions compare as instants where they are such, else as texts.
fn is_version(row: &Row, wanted: Option<&str>) -> bool {
    let Some(wanted) = wanted else { return true };
    let instants = (row.version.parse::<Instant>(), wanted.parse::<Instant>());
    row.version == wanted || matches!(instants, (Ok(a), Ok(b)) if a == b)
}

pub(super) async fn get(
    State(runtime): State<Runtime>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    query: Pairs,
) -> Answered {
    reads(&caller)?;
    let mut asked = Asked::of(query);
    let (raw, proof) = (asked.flag("raw")?, asked.flag("proof")?);
    let version = asked.one("version")?;
    let lens = eyes(&runtime, &caller, &mut asked).await?;
    asked.end()?;
    let (thing, inside) = (thing(&id)?, runtime.clone());
    if proof {
        let own = runtime.me().public();
        let proofs = runtime.read(move |r| node::proof::proofs(r, &own, &lens, &thing)).await?;
        let mut proofs: Vec<_> =
            proofs.iter().filter(|(row, _)| is_version(row, version.as_deref())).collect();
        proofs.sort_by_cached_key(|(row, _)| order(row));
        let (row, newest) = proofs.first().ok_or_else(|| Refusal::unknown("object"))?;
        note_entries(&runtime, &caller, [row.seq]).await?;
        return Ok(json(&ProofView::of(newest)));
    }
    let read = runtime.read(move |reading| {
        let names = Names::load(reading, inside.me())?;
        let mut shown = node::read::show(reading, &lens, &thing)?;
        shown.retain(|shown| is_version(&shown.row, version.as_deref()));
        shown.sort_by_cached_key(|shown| order(&shown.row));
        let titles = shown.iter().map(|shown| heading(reading, &lens, shown));
        let titles = titles.collect::<Result<Vec<_>, _>>()?;
        Ok((names, shown, titles))
    });
    let (names, shown, titles) = read.await?;
    let newest = shown.first().ok_or_else(|| Refusal::unknown("object"))?;
    note_entries(&runtime, &caller, shown.iter().map(|shown| shown.row.seq)).await?;
    let kind = &newest.row.thing.kind;
    if raw {
        let media_type = if kind.is_stix() {
            "application/stix+json;version=2.1"
        } else {
            "application/octet-stream"
        };
        return Ok(typed(media_type, Body::from(newest.object.bytes().to_vec())));
    }
    Ok(json(&ObjectView {
        id: newest.row.thing.to_string(),
        kind: kind.to_string(),
        records: shown.iter().zip(titles).map(|(one, title)| view(one, title, &names)).collect(),
    }))
}

#[cfg(test)]
mod tests;
