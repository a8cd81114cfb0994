//! Rebuilding views from the log: what a body says is read anew, as if it had just come. It never
//! touches the log or the state.

use crate::accept::values_of;
use model::circle::Circle;
use model::facts::{Facts, Value};
use model::id::ThingId;
use model::kind::CIRCLE;
use store::{Store, StoreError};

/// The names of the views.
#[must_use]
pub fn views() -> Vec<&'static str> {
    store::views()
}

/// Drops a view and fills it from the log; gives the entries taken.
///
/// # Errors
/// When there is no such view or the store fails; the view is then as it was.
pub fn rebuild(store: &mut Store, view: &str) -> Result<u64, StoreError> {
    store.rebuild(view, &mut facts_of)
}

fn facts_of(thing: &ThingId, body: &[u8]) -> (Facts, Vec<Value>) {
    if thing.kind.is_stix() {
        let facts = formats::stix::read(body).map(|read| read.facts).unwrap_or_default();
        let values = values_of(&facts);
        return (facts, values);
    }
    let text = std::str::from_utf8(body).unwrap_or_default();
    let title = match thing.kind.as_str() {
        CIRCLE => Circle::read(text).ok().map(|circle| circle.name),
        _ => None,
    };
    (Facts { title, ..Facts::default() }, Vec::new())
}
