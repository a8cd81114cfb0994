//! What a view is, the list of them, and their rebuilding from the log.

use super::{circles, kinds, references, text, things, values};
use crate::log::Seq;
use crate::open::Handle;
use crate::{Store, StoreError};
use model::facts::{Facts, Value};
use model::id::ThingId;
use uuid::Uuid;

/// Entries read between two looks at the log while a view is rebuilt.
const STEP: usize = 1_000;

/// Reads a body anew: its facts, and its values in normal form.
pub type FactsOf<'f> = dyn FnMut(&ThingId, &[u8]) -> (Facts, Vec<Value>) + 'f;

/// An earlier entry of the same thing.
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
    /// Earlier entries of the same thing, the newest first, not all of them.
    pub(crate) earlier: &'a [Earlier],
    pub(crate) facts: &'a Facts,
    /// In normal form.
    pub(crate) values: &'a [Value],
}

/// An entry that is being erased.
pub(crate) struct Gone {
    pub(crate) seq: Seq,
    pub(crate) kind: u32,
    pub(crate) circle: u32,
    pub(crate) thing: Uuid,
}

/// What every view can do.
pub(crate) trait View: Sync {
    /// Its name for people.
    fn name(&self) -> &'static str;
    /// The statements that make its tables.
    fn tables(&self) -> &'static str;
    /// The statements that drop them, and take back what it has marked in the log.
    fn drop_tables(&self) -> &'static str;
    /// Takes a new entry.
    fn apply(&self, handle: &Handle, entry: &Entry<'_>) -> Result<(), StoreError>;
    /// Forgets an entry.
    fn erase(&self, handle: &Handle, gone: &Gone) -> Result<(), StoreError>;
}

/// All views, in the order in which they take an entry.
pub(crate) static ALL: [&dyn View; 6] = [
    &things::Things,
    &kinds::Kinds,
    &circles::Circles,
    &values::Values,
    &references::References,
    &text::Text,
];

/// The names of the views, as [`Store::rebuild`] takes them.
#[must_use]
pub fn views() -> Vec<&'static str> {
    ALL.iter().map(|view| view.name()).collect()
}

impl Store {
    /// Drops one view and fills it from the log, in one transaction; gives the entries taken.
    ///
    /// # Errors
    /// When there is no such view, a body does not unpack, or the database fails; the view is
    /// then as it was.
    pub fn rebuild(&mut self, view: &str, facts_of: &mut FactsOf<'_>) -> Result<u64, StoreError> {
        let found = ALL.iter().find(|known| known.name() == view);
        let view = found.ok_or_else(|| StoreError::UnknownView(view.to_owned()))?;
        let tx = self.begin()?;
        tx.handle().conn.execute_batch(view.drop_tables())?;
        tx.handle().conn.execute_batch(view.tables())?;
        let (mut after, mut taken) = (0, 0);
        loop {
            let lights = tx.reading().scan(after, Seq::MAX, STEP)?;
            let Some(last) = lights.last() else { break };
            after = last.seq;
            for light in lights.iter().filter(|light| !light.erased) {
                let Some((row, body)) = tx.reading().row_and_body(light.seq)? else { continue };
                let (facts, values) = facts_of(&row.thing, &body);
                let (thing, version) = (&row.thing, &row.version);
                let earlier = things::earlier(tx.handle(), thing, light.kind_id, version)?;
                let entry = Entry {
                    seq: row.seq,
                    kind: light.kind_id,
                    circle: light.circle_id,
                    thing: thing.uuid,
                    earlier: &earlier,
                    facts: &facts,
                    values: &values,
                };
                view.apply(tx.handle(), &entry)?;
                taken += 1;
            }
        }
        tx.commit()?;
        Ok(taken)
    }
}
