//! `GET /api/v1/search?q=`: words, a value, or an id, in what the caller may read.

use super::answer::{Answered, Refusal, eyes, json, reads};
use super::asked::{Asked, Pairs};
use super::names::Names;
use crate::http::Caller;
use crate::http::reads::note_entries;
use crate::runtime::Runtime;
use axum::extract::State;
use model::id::ThingId;
use node::read::Shown;
use node::release::Lens;
use node::{Reading, StoreError};
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

/// The same for a record that was found; a sighting says of what, and how often. Its indicator is
/// named by what this very reader may see of it.
pub(super) fn heading(
    reading: &Reading<'_>,
    lens: &Lens,
    shown: &Shown,
) -> Result<String, StoreError> {
    let body = shown.object.bytes();
    let sighted: Option<Sighted> = if shown.row.thing.kind.as_str() == "stix/sighting" {
        serde_json::from_slice(body).ok()
    } else {
        None
    };
    let Some(Sighted { sighting_of_ref: of, count }) = sighted else { return Ok(title(body)) };
    let mut name = String::new();
    if let Ok(thing) = of.parse::<ThingId>() {
        let seen = node::read::show(reading, lens, &thing)?;
        name = seen.last().map(|seen| title(seen.object.bytes())).unwrap_or_default();
    }
    let name = if name.is_empty() { of } else { name };
    Ok(match count {
        Some(1) => format!("sighting of {name}, once"),
        Some(count) => format!("sighting of {name}, {count} times"),
        None => format!("sighting of {name}"),
    })
}

/// What a sighting is of.
#[derive(Deserialize)]
struct Sighted {
    sighting_of_ref: String,
    count: Option<u64>,
}

fn view(shown: &Shown, title: String, names: &Names) -> FoundView {
    let row = &shown.row;
    FoundView {
        id: row.thing.to_string(),
        kind: row.thing.kind.to_string(),
        version: row.version.clone(),
        title,
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
    let lens = eyes(&runtime, &caller, &mut asked).await?;
    asked.end()?;
    let inside = runtime.clone();
    let found = runtime.read(move |reading| {
        let names = Names::load(reading, inside.me())?;
        let shown = node::read::search(reading, &lens, text.trim())?;
        let found =
            shown.iter().map(|shown| Ok(view(shown, heading(reading, &lens, shown)?, &names)));
        let found = found.collect::<Result<Vec<_>, StoreError>>()?;
        Ok((found, shown.iter().map(|shown| shown.row.seq).collect::<Vec<_>>()))
    });
    let (found, entries) = found.await?;
    note_entries(&runtime, &caller, entries).await?;
    Ok(json(&found))
}
