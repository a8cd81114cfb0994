//! Cards and policies as they come in over HTTP: the file's text, who sets it and why. What is refused
//! is written into the ledger, so that people find it later; nothing else is changed then.

use super::answer::Refusal;
use super::names::Names;
use crate::rules::Circles;
use crate::runtime::Runtime;
use formats::problem::Problem;
use model::id::{CircleId, Digest};
use model::ledger::Note;
use model::time::Instant;
use node::command::Administer;
use node::read::Changed;
use node::token::Caller;
use node::{Command, Reading, StoreError};
use serde::{Deserialize, Serialize};

/// A card or a policy to be set, or only tried.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ruling {
    /// The file's text, in TOML.
    pub(crate) toml: String,
    /// Why, in one line; needed unless it is only tried.
    #[serde(default)]
    pub(crate) reason: Option<String>,
    /// The person has been asked, and opens what it opens.
    #[serde(default)]
    pub(crate) widen: bool,
    /// The digest of what the person saw: if that was changed meanwhile, nothing is done.
    #[serde(default)]
    pub(crate) was: Option<String>,
    /// Say what it would open and take away, and change nothing.
    #[serde(default)]
    pub(crate) dry_run: bool,
}

/// The last change, as the ledger has it.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct ChangedView {
    pub(crate) number: u64,
    pub(crate) at: String,
    pub(crate) who: String,
    pub(crate) why: String,
}

impl ChangedView {
    pub(super) fn of(changed: &Changed) -> Self {
        let Changed { number, at, change } = changed;
        let at: &Instant = at;
        let (who, why) = (change.who.clone(), change.why.clone());
        Self { number: *number, at: at.to_string(), who, why }
    }
}

impl Ruling {
    /// The digest that the person saw.
    pub(super) fn was(&self) -> Result<Option<Digest>, Refusal> {
        let read = self.was.as_deref().map(str::parse);
        read.transpose().map_err(|_| {
            Refusal::malformed("`was` is the 64 hexadecimal digits that `show` prints")
        })
    }
}

/// Reads or prints a file with the circles as this node calls them.
pub(super) fn with_circles<T>(
    reading: &Reading<'_>,
    names: &Names,
    act: impl FnOnce(Circles<'_>) -> T,
) -> Result<T, StoreError> {
    let followed: Vec<(CircleId, String)> = node::read::circles(reading)?
        .into_iter()
        .filter(|line| line.accepted)
        .map(|line| (line.circle.id, line.circle.name))
        .collect();
    let find = |text: &str| {
        let id: Option<CircleId> = text.parse().ok();
        let by_id = followed.iter().find(|(known, _)| Some(*known) == id);
        let by_name = followed.iter().find(|(_, name)| name == text);
        // An id is nobody's name; a circle that is gone is still named by it.
        by_id.or(by_name).map(|(id, _)| *id).or(id)
    };
    let name = |circle: &CircleId| {
        let name = names.circle(circle);
        let only = followed.iter().filter(|(_, other)| *other == name).count() == 1;
        if only && find(&name) == Some(*circle) { name } else { circle.to_string() }
    };
    Ok(act(Circles { find: &find, name: &name }))
}

/// Refuses a file, and has the ledger say so.
pub(super) async fn refused(
    runtime: &Runtime,
    caller: &Caller,
    (about, problem): (&str, Problem),
) -> Refusal {
    let note = Note {
        about: about.to_owned(),
        who: caller.name.clone(),
        code: Some(problem.code.to_owned()),
        text: formats::problem::shown(&problem.message),
    };
    match runtime.write(Command::Administer(Administer::Note(note))).await {
        Ok(_) => problem.into(),
        Err(error) => error.into(),
    }
}
