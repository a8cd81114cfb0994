//! `/api/v1/partners/{name}/card`: a partner's card as a file, what another would open and take away,
//! and setting it with a reason; letting the first share with it begin. Administration only.

use super::answer::{Administrator, Answered, json, read_json};
use super::asking::{Said, answered, by, foreseen, view};
use super::lacking;
use super::names::Names;
use super::partners::find;
use super::ruled::{ChangedView, Ruling, refused, with_circles};
use crate::rules::{print_card, read_card};
use crate::runtime::Runtime;
use axum::body::Bytes;
use axum::extract::{Path, State};
use node::command::{Act, Administer};
use node::read::Change;
use serde::{Deserialize, Serialize};

/// A card as it stands.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct CardView {
    pub(crate) partner: String,
    pub(crate) node: String,
    /// Whether what is stored can be read; else the least holds.
    pub(crate) readable: bool,
    /// What a change names as `was`.
    pub(crate) digest: String,
    /// The first share with it waits for a person.
    pub(crate) waits: bool,
    pub(crate) changed: Option<ChangedView>,
    /// The highest that it may get once the policy has bound the card.
    pub(crate) ceiling: String,
    /// The file.
    pub(crate) toml: String,
}

/// Why the first share may begin.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Releasing {
    #[serde(default)]
    pub(crate) reason: Option<String>,
}

pub(super) async fn get(
    State(runtime): State<Runtime>,
    _: Administrator,
    Path(name): Path<String>,
) -> Answered {
    let partner = find(&runtime, &name).await?;
    let inside = runtime.clone();
    let view = runtime.read(move |reading| {
        let names = Names::load(reading, inside.me())?;
        let Some(line) = node::read::card(reading, inside.me().node(), &partner)? else {
            return Ok(None);
        };
        let toml = with_circles(reading, &names, |circles| print_card(&line.card, circles))?;
        Ok(Some(CardView {
            partner: line.partner.name,
            node: line.partner.node.to_string(),
            readable: line.readable,
            digest: line.digest.to_string(),
            waits: line.waits,
            changed: line.changed.as_ref().map(ChangedView::of),
            ceiling: line.effective.give.ceiling.to_string(),
            toml,
        }))
    });
    match view.await? {
        Some(view) => Ok(json(&view)),
        None => Err(lacking::partner(&runtime, &name).await),
    }
}

pub(super) async fn post(
    State(runtime): State<Runtime>,
    Administrator(caller): Administrator,
    Path(name): Path<String>,
    body: Bytes,
) -> Answered {
    let wanted: Ruling = read_json(&body)?;
    let partner = find(&runtime, &name).await?;
    let (inside, toml) = (runtime.clone(), wanted.toml.clone());
    let read = runtime.read(move |reading| {
        let names = Names::load(reading, inside.me())?;
        with_circles(reading, &names, |circles| read_card(&toml, circles))
    });
    let card = match read.await? {
        Ok(card) => card,
        Err(problem) => return Err(refused(&runtime, &caller, ("card", problem)).await),
    };
    let foreseen =
        foreseen(&runtime, Change::Card { partner, card: Box::new(card.clone()) }).await?;
    if !wanted.dry_run {
        let was = wanted.was()?;
        let said = Said { why: wanted.reason, widen: wanted.widen };
        let by = Act { was, foreseen: Some(foreseen.clone()), ..by(&caller, &said) };
        answered(&runtime, Administer::SetCard { partner, card: Box::new(card), by }).await?;
    }
    Ok(json(&view(&runtime, foreseen).await?))
}

pub(super) async fn release(
    State(runtime): State<Runtime>,
    Administrator(caller): Administrator,
    Path(name): Path<String>,
    body: Bytes,
) -> Answered {
    let Releasing { reason } = read_json(&body)?;
    let partner = find(&runtime, &name).await?;
    let by = by(&caller, &Said { why: reason, widen: true });
    answered(&runtime, Administer::ReleaseFirst { partner, by }).await?;
    Ok(json(&serde_json::json!({ "name": name, "released": true })))
}
