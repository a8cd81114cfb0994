//! The view of references: which entries refer to a thing, held here or not.

use super::keyed::{self, Key, Keyed, keyed, thing_key};
use super::list::{Entry, Gone, View};
use super::target::Target;
use crate::log::Seq;
use crate::{Reading, StoreError, sql};
use model::id::ThingId;
use model::kind::Kind;

const KEYED: Keyed = keyed!("view_reference");

pub(super) struct References;

impl View for References {
    fn name(&self) -> &'static str {
        "references"
    }

    fn tables(&self) -> &'static str {
        KEYED.tables
    }

    fn apply(&self, to: &Target<'_>, entry: &Entry<'_>) -> Result<(), StoreError> {
        KEYED.insert(to, keys(to, &entry.facts.refs)?, entry.seq)
    }

    fn erase(&self, to: &Target<'_>, gone: &Gone) -> Result<(), StoreError> {
        KEYED.erase(to, &keys(to, &gone.content.facts.refs)?, gone.seq)
    }

    fn rows(&self, schema: &str) -> Vec<String> {
        keyed::rows("view_reference", schema)
    }
}

fn keys(to: &Target<'_>, things: &[ThingId]) -> Result<Vec<Key>, StoreError> {
    let key = |thing: &ThingId| {
        let kind = to.handle.names.intern(&to.handle.conn, &thing.kind)?;
        Ok(thing_key(kind, thing.uuid.as_bytes()))
    };
    things.iter().map(key).collect()
}

impl Reading<'_> {
    /// The entries of one kind whose bodies refer to a thing, the newest first, at most `limit`;
    /// reads over the others.
    ///
    /// # Errors
    /// When the database fails.
    pub fn referring_of(
        &self,
        thing: &ThingId,
        of: &Kind,
        limit: usize,
    ) -> Result<Vec<Seq>, StoreError> {
        const SQL: &str = concat!(
            "SELECT r.seq FROM (",
            keyed::under!("view_reference"),
            ") r JOIN log ON log.seq = r.seq WHERE log.kind = ?2 ORDER BY r.seq DESC LIMIT ?3"
        );
        let (Some(kind), Some(of)) = (self.kind_id(&thing.kind)?, self.kind_id(of)?) else {
            return Ok(Vec::new());
        };
        let key = thing_key(kind, thing.uuid.as_bytes());
        sql::all(&self.handle.conn, SQL, (key, of, sql::limit(limit)), |row| Ok(row.get(0)?))
    }

    /// The entries before `before` whose bodies refer to a thing, the newest first, at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub fn referring(
        &self,
        thing: &ThingId,
        before: Option<Seq>,
        limit: usize,
    ) -> Result<Vec<Seq>, StoreError> {
        let Some(kind) = self.kind_id(&thing.kind)? else { return Ok(Vec::new()) };
        let key = thing_key(kind, thing.uuid.as_bytes());
        KEYED.newest(self.handle, key, (before, sql::limit(limit)))
    }
}
