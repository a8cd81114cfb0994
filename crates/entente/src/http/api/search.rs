//! `GET /api/v1/search?q=`: words, a value, or an id, in what the caller may read.

use super::answer::{Answered, Refusal, json, lens, reads};
use super::asked::{Asked, Pairs};
use super::names::Names;
use crate::http::Caller;
use crate::runtime::Runtime;
use axum::extract::State;
use model::id::ThingId;
use node::read::Shown;
use serde::{Deserialize, Serialize};

/// One record that was found.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct FoundView {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) version: String,
    pub(crate) title: String,
    pub(crate) tlp: String,
    pub(crate) circle: String,
    pub(crate) signer: String,
    /// `wrote` or `carries`.
    pub(crate) how: String,
    /// When it came here.
    pub(crate) at: String,
}

/// What a person reads first of a body: its title, else its pattern, else a value.
pub(super) fn title(body: &[u8]) -> String {
    let Ok(read) = formats::stix::read(body) else { return String::new() };
    let facts = read.facts;
    let value = facts.values.into_iter().next().map(|value| value.text);
    facts.title.or(facts.pattern).or(value).unwrap_or_default()
}

fn view(shown: &Shown, names: &Names) -> FoundView {
    let row = &shown.row;
    FoundView {
        id: row.thing.to_string(),
        kind: row.thing.kind.to_string(),
        version: row.version.clone(),
        title: title(shown.object.bytes()),
        tlp: row.label.effective_tlp().to_string(),
        circle: names.circle(&row.label.circle),
        signer: names.node(&row.signer),
        how: shown.how().to_owned(),
        at: row.at.to_string(),
    }
}

pub(super) async fn get(
    State(runtime): State<Runtime>,
    Caller(caller): Caller,
    query: Pairs,
) -> Answered {
    reads(&caller)?;
    let mut asked = Asked::of(query);
    let text = asked.one("q")?.ok_or_else(|| Refusal::malformed("`q` is missing"))?;
    asked.end()?;
    let (inside, lens) = (runtime.clone(), lens(&caller));
    let found = runtime.read(move |reading| {
        let names = Names::load(reading, inside.me())?;
        let shown = match text.trim().parse::<ThingId>() {
            Ok(thing) => node::read::show(reading, &lens, &thing)?,
            Err(_) => node::read::search(reading, &lens, text.trim())?,
        };
        Ok(shown.iter().map(|shown| view(shown, &names)).collect::<Vec<_>>())
    });
    Ok(json(&found.await?))
}
