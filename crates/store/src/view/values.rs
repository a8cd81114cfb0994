//! The view of observable values: which entries carry one. It keeps hashes, never the values, and
//! knows no normal form: values come normalised.

use super::keyed::{self, Key, Keyed, keyed};
use super::list::{Entry, Gone, View};
use super::target::Target;
use crate::log::Seq;
use crate::{Reading, StoreError, sql};
use model::facts::{Value, ValueKind};

const KEYED: Keyed = keyed!("view_value");

pub(super) struct Values;

impl View for Values {
    fn name(&self) -> &'static str {
        "values"
    }

    fn tables(&self) -> &'static str {
        KEYED.tables
    }

    fn apply(&self, to: &Target<'_>, entry: &Entry<'_>) -> Result<(), StoreError> {
        KEYED.insert(to, keys(entry.values), entry.seq)
    }

    fn erase(&self, to: &Target<'_>, gone: &Gone) -> Result<(), StoreError> {
        KEYED.erase(to, &keys(&gone.content.values), gone.seq)
    }

    fn rows(&self, schema: &str) -> Vec<String> {
        keyed::rows("view_value", schema)
    }
}

fn keys(values: &[Value]) -> Vec<Key> {
    values.iter().map(|value| key(value.kind, &value.text)).collect()
}

fn key(kind: ValueKind, normal: &str) -> Key {
    keyed::key(&[&[kind.code()], normal.as_bytes()])
}

impl Reading<'_> {
    /// The entries that carry a value in its normal form, below `before`, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn by_value(
        &self,
        kind: ValueKind,
        normal: &str,
        before: Option<Seq>,
        limit: usize,
    ) -> Result<Vec<Seq>, StoreError> {
        KEYED.newest(self.handle, key(kind, normal), (before, sql::limit(limit)))
    }
}
