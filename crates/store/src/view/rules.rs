//! The view of the rules that live matching evaluates, in the log's order. It compiles none, and
//! does not decide which of two versions is evaluated: the caller looks.

use super::list::{Entry, Gone, View};
use super::target::Target;
use crate::log::Seq;
use crate::{Reading, StoreError, sql};
use model::facts::{Language, Rule};

pub(super) struct Rules;

impl View for Rules {
    fn name(&self) -> &'static str {
        "rules"
    }

    fn tables(&self) -> &'static str {
        "CREATE TABLE view_rules (seq INTEGER PRIMARY KEY,
          language INTEGER NOT NULL, text TEXT NOT NULL) STRICT;"
    }

    fn apply(&self, to: &Target<'_>, entry: &Entry<'_>) -> Result<(), StoreError> {
        const INSERT: &str = "INSERT INTO view_rules (seq, language, text) VALUES (?1, ?2, ?3)";
        let Some(Rule { language, text }) = entry.rule else { return Ok(()) };
        to.execute(INSERT, (entry.seq, code(*language), text)).map(drop)
    }

    fn erase(&self, to: &Target<'_>, gone: &Gone) -> Result<(), StoreError> {
        to.execute("DELETE FROM view_rules WHERE seq = ?1", (gone.seq,)).map(drop)
    }

    fn rows(&self, schema: &str) -> Vec<String> {
        vec![format!("SELECT seq, language, text FROM {schema}.view_rules")]
    }
}

const fn code(language: Language) -> u8 {
    match language {
        Language::Stix => 0,
        Language::Sigma => 1,
    }
}

impl Reading<'_> {
    /// Hands the rules above `after`, up to and with `upto`, to `each`, ascending, at most `limit`;
    /// says where to go on.
    ///
    /// # Errors
    /// When the database fails.
    pub fn rules(
        &self,
        (after, upto): (Seq, Seq),
        limit: usize,
        each: &mut dyn FnMut(Seq, Rule),
    ) -> Result<Option<Seq>, StoreError> {
        const SQL: &str = "SELECT seq, language, text FROM view_rules
            WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3";
        let mut statement = self.handle.conn.prepare_cached(SQL)?;
        let mut rows = statement.query((after, upto, sql::limit(limit)))?;
        let (mut taken, mut last) = (0_usize, None);
        while let Some(row) = rows.next()? {
            let seq = row.get(0)?;
            let stix = row.get::<_, u8>(1)? == code(Language::Stix);
            let language = if stix { Language::Stix } else { Language::Sigma };
            each(seq, Rule { language, text: row.get(2)? });
            (taken, last) = (taken + 1, Some(seq));
        }
        Ok(last.filter(|_| taken >= limit))
    }
}
