//! Rebuilding views from the log: what a body says is read anew, as if it had just come. It never
//! touches the log or the state.

use crate::values::Values;
use model::circle::Circle;
use model::facts::Facts;
use model::id::ThingId;
use model::kind::CIRCLE;
use store::{Content, Rebuild, Store, StoreError};

/// The names of the views.
#[must_use]
pub fn views() -> Vec<&'static str> {
    store::views()
}

/// Builds a view anew from the log, without a pause; gives entries taken, and entries that could
/// not be read. `each` hears how many are looked at, of how many.
///
/// # Errors
/// When there is no such view or the store fails; the view is then as it was.
pub fn rebuild(
    store: &Store,
    view: &str,
    each: &mut dyn FnMut(u64, u64),
) -> Result<(u64, u64), StoreError> {
    store.rebuild(view, &mut facts_of, each)
}

/// One slice of [`Store::begin_rebuild`]; true when all is done.
///
/// # Errors
/// When the store fails; the view in use is then as it was.
pub fn slice(
    store: &Store,
    work: &mut Rebuild,
    over: &mut dyn FnMut() -> bool,
) -> Result<bool, StoreError> {
    store.rebuild_slice(work, &mut facts_of, over)
}

/// What a body says, as views take it when it comes and when it is read again.
pub(crate) fn facts_of(thing: &ThingId, body: &[u8]) -> Content {
    if thing.kind.is_stix() {
        let facts = formats::stix::read(body).map(|read| read.facts).unwrap_or_default();
        let Values { all: values, watched, rule } = Values::of(&facts);
        return Content { facts, values, watched, rule };
    }
    let text = std::str::from_utf8(body).unwrap_or_default();
    let title = match thing.kind.as_str() {
        CIRCLE => Circle::read(text).ok().map(|circle| circle.name),
        _ => crate::audit::title_of(&thing.kind, text),
    };
    Content { facts: Facts { title, ..Facts::default() }, ..Content::default() }
}
