//! The view of the rules that live matching evaluates, in the log's order. It compiles none.

use super::list::{Entry, Gone, View};
use super::target::Target;
use crate::StoreError;

pub(super) struct Rules;

impl View for Rules {
    fn name(&self) -> &'static str {
        "rules"
    }

    fn tables(&self) -> &'static str {
        "CREATE TABLE view_rules (seq INTEGER PRIMARY KEY, rival INTEGER NOT NULL,
          language INTEGER NOT NULL, text TEXT NOT NULL) STRICT;"
    }

    fn apply(&self, _to: &Target<'_>, _entry: &Entry<'_>) -> Result<(), StoreError> {
        Ok(())
    }

    fn erase(&self, to: &Target<'_>, gone: &Gone) -> Result<(), StoreError> {
        to.execute("DELETE FROM view_rules WHERE seq = ?1", (gone.seq,)).map(drop)
    }

    fn rows(&self, schema: &str) -> Vec<String> {
        vec![format!("SELECT seq, language, text FROM {schema}.view_rules")]
    }
}
