//! `GET /api/v1/known-good`: the lists of what is known to be good, and what each did; with `value=`
//! what they say of one value. The lists themselves are files in the node's folder.

use super::answer::{Answered, json};
use super::asked::{Asked, Pairs};
use crate::http::Administrator;
use crate::runtime::Runtime;
use axum::extract::State;
use axum::response::IntoResponse as _;
use detect::known_good::Effect;
use detect::observable::guess;
use model::facts::ValueKind;
use serde::{Deserialize, Serialize};

/// All lists.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct ListsView {
    pub(crate) lists: Vec<ListView>,
    /// What of their files could not be read.
    pub(crate) problems: Vec<String>,
}

/// One list.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct ListView {
    pub(crate) name: String,
    pub(crate) about: String,
    /// `silences`, `flags` or `forbids`.
    pub(crate) effect: String,
    pub(crate) entries: usize,
    /// Whether it speaks of anything that is looked for.
    pub(crate) applies: bool,
    /// Matches that it silenced since the node was started.
    pub(crate) silenced: u64,
}

/// What the lists say of a value.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct CheckedView {
    pub(crate) value: String,
    /// Whether its matches are silenced, in circles that want it.
    pub(crate) silenced: bool,
    /// Whether it may never be published here.
    pub(crate) forbidden: bool,
    pub(crate) listed: Vec<ListedView>,
}

/// One list that has a value.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct ListedView {
    /// What the value was taken for.
    pub(crate) kind: String,
    pub(crate) list: String,
    pub(crate) entry: String,
    pub(crate) effect: String,
    /// Whether the entry covers all of the value, or some of it.
    pub(crate) whole: bool,
}

/// A kind's name, as STIX has it.
fn kind(kind: ValueKind) -> String {
    kind.stix_path().split(':').next().unwrap_or_default().to_owned()
}

/// What a list does, in a word.
pub(crate) const fn word(effect: Effect) -> &'static str {
    match effect {
        Effect::Silences => "silences",
        Effect::Flags => "flags",
        Effect::Forbids => "forbids",
    }
}

pub(super) async fn get(
    State(runtime): State<Runtime>,
    _: Administrator,
    pairs: Pairs,
) -> Answered {
    let mut asked = Asked::of(pairs);
    let value = asked.one("value")?;
    asked.end()?;
    let Some(value) = value else { return Ok(json(&lists(&runtime))) };
    let checked = tokio::task::spawn_blocking(move || check(&runtime, value)).await;
    let checked = checked.map_err(|_| super::answer::odd())?;
    Ok(json(&checked).into_response())
}

fn lists(runtime: &Runtime) -> ListsView {
    let (lists, good) = (runtime.good(), runtime.known_good());
    let counts = good.counts();
    let silenced = |name: &str| {
        let of_list = counts.iter().filter(|((_, list), _)| list == name);
        of_list.map(|(_, count)| count).sum()
    };
    let views = lists.iter().map(|(list, entries)| ListView {
        name: list.name.clone(),
        about: list.about.clone(),
        effect: word(list.effect).to_owned(),
        entries,
        applies: list.applies(),
        silenced: silenced(&list.name),
    });
    ListsView { lists: views.collect(), problems: good.problems().to_vec() }
}

fn check(runtime: &Runtime, value: String) -> CheckedView {
    let lists = runtime.good();
    let kinds = guess(&value);
    // An address of the web is meant itself, and not the host that it names.
    let meant = kinds.iter().take(1);
    let (mut silenced, mut forbidden, mut listed) = (false, false, Vec::new());
    for value in meant {
        silenced |= lists.silences(value).is_some();
        forbidden |= lists.never(value).is_some();
        listed.extend(lists.all(value).into_iter().map(|(because, whole)| ListedView {
            kind: kind(value.kind),
            list: because.list.to_owned(),
            entry: because.entry,
            effect: word(because.effect).to_owned(),
            whole,
        }));
    }
    CheckedView { value, silenced, forbidden, listed }
}
