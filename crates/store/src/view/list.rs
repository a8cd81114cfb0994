//! What a view is, and the list of them. How one is built anew stands in `rebuild`.

use super::target::Target;
use super::{circles, esteem, expiry, kinds, references, rules, text, things, values, watched};
use crate::StoreError;
use crate::log::Seq;
use model::facts::{Facts, Rule, Value};
use model::id::ThingId;
use uuid::Uuid;

/// What a body says, as views take it.
#[derive(Clone, Debug, Default)]
pub struct Content {
    /// Its facts.
    pub facts: Facts,
    /// Its values in normal form.
    pub values: Vec<Value>,
    /// Those of them that prove it alone, so that live matching watches them.
    pub watched: Vec<Value>,
    /// The rule by which it is found, where its values do not prove it.
    pub rule: Option<Rule>,
}

/// Reads a body anew.
pub type FactsOf<'f> = dyn FnMut(&ThingId, &[u8]) -> Content + 'f;

/// Another entry of the same thing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Earlier {
    pub(crate) seq: Seq,
    pub(crate) body_of: Option<Seq>,
    pub(crate) same_version: bool,
}

/// An entry of the log as views take it.
pub(crate) struct Entry<'a> {
    pub(crate) seq: Seq,
    pub(crate) kind: u32,
    pub(crate) circle: u32,
    pub(crate) thing: Uuid,
    /// Earlier entries of the same thing, the newest first, not all of them; later ones as well
    /// when the view is being built.
    pub(crate) earlier: &'a [Earlier],
    pub(crate) facts: &'a Facts,
    /// In normal form.
    pub(crate) values: &'a [Value],
    /// Those of them that live matching watches.
    pub(crate) watched: &'a [Value],
    /// The rule that live matching evaluates.
    pub(crate) rule: Option<&'a Rule>,
}

/// An entry that is being erased.
pub(crate) struct Gone {
    pub(crate) seq: Seq,
    pub(crate) kind: u32,
    pub(crate) circle: u32,
    pub(crate) thing: Uuid,
    /// What its body says; nothing where the body cannot be read, and `rebuild` then forgets it.
    pub(crate) content: Content,
}

/// What every view can do.
pub(crate) trait View: Sync {
    /// Its name for people.
    fn name(&self) -> &'static str;
    /// The statements that make its tables; the name of each begins with `view_`.
    fn tables(&self) -> &'static str;
    /// The names of its tables.
    fn table_names(&self) -> Vec<&'static str> {
        let tables = self.tables().split("TABLE ").skip(1);
        tables.map(|rest| rest.split([' ', '(']).next().unwrap_or_default()).collect()
    }
    /// Takes a new entry.
    fn apply(&self, to: &Target<'_>, entry: &Entry<'_>) -> Result<(), StoreError>;
    /// Forgets an entry.
    fn erase(&self, to: &Target<'_>, gone: &Gone) -> Result<(), StoreError>;
    /// Questions for all that it holds in one schema, the entry's place first: what a check
    /// compares with the same questions over a view made anew.
    fn rows(&self, schema: &str) -> Vec<String>;
    /// What must be made before the questions can be asked.
    fn before_rows(&self, _schema: &str) -> Option<String> {
        None
    }
    /// Questions for the places of entries at which it and the log contradict each other, where
    /// the comparison of rows cannot tell. `{}` stands for the schema.
    fn doubts(&self) -> &'static [&'static str] {
        &[]
    }
}

/// All views, in the order in which they take an entry.
pub(crate) static ALL: [&dyn View; 10] = [
    &things::Things,
    &kinds::Kinds,
    &circles::Circles,
    &values::Values,
    &watched::Watched,
    &rules::Rules,
    &expiry::Expiry,
    &esteem::Esteem,
    &references::References,
    &text::Text,
];

/// The names of the views, as [`crate::Store::rebuild`] takes them.
#[must_use]
pub fn views() -> Vec<&'static str> {
    ALL.iter().map(|view| view.name()).collect()
}
