//! The view of words: full-text search over titles and texts, the newest first. It keeps no text,
//! ranks nothing, and takes people's words as words, never as a query language.

use super::list::{Entry, Gone, View};
use super::target::Target;
use crate::log::Seq;
use crate::open::Handle;
use crate::{Reading, StoreError, sql};

/// Words of one search; each costs a walk through the index.
const SEARCH_WORDS_MAX: usize = 32;

pub(super) struct Text;

impl View for Text {
    fn name(&self) -> &'static str {
        "text"
    }

    /// SPEC: FTS5 §6.1: of every so many segments one is made. With eight instead of four each
    /// word is rewritten less often, and a search looks into a few segments more.
    fn tables(&self) -> &'static str {
        "CREATE VIRTUAL TABLE view_text USING fts5(title, text, content='', contentless_delete=1,
          detail=full, tokenize='unicode61 remove_diacritics 2');
         INSERT INTO view_text (view_text, rank) VALUES ('automerge', 8);"
    }

    fn apply(&self, to: &Target<'_>, entry: &Entry<'_>) -> Result<(), StoreError> {
        const INSERT: &str = "INSERT INTO view_text (rowid, title, text) VALUES (?1, ?2, ?3)";
        let (title, text) = (entry.facts.title.as_deref(), entry.facts.text.as_deref());
        if title.is_none() && text.is_none() {
            return Ok(());
        }
        to.execute(INSERT, (entry.seq, title, text)).map(drop)
    }

    /// The words stay in the index's pages until [`merge`] has rewritten them.
    fn erase(&self, to: &Target<'_>, gone: &Gone) -> Result<(), StoreError> {
        to.execute("DELETE FROM view_text WHERE rowid = ?1", (gone.seq,)).map(drop)
    }

    fn rows(&self, schema: &str) -> Vec<String> {
        vec![
            format!("SELECT doc, term, col, \"offset\" FROM temp.{schema}_words"),
            format!("SELECT id, sz FROM {schema}.view_text_docsize"),
        ]
    }

    /// What the index remembers of itself; another number there changes how it merges.
    fn doubts(&self) -> &'static [&'static str] {
        &["SELECT 1 FROM (SELECT group_concat(k || v, ' ') AS held FROM
            (SELECT k, v FROM {}.view_text_config ORDER BY k)) WHERE held IS NOT 'automerge8 version4'"]
    }

    fn before_rows(&self, schema: &str) -> Option<String> {
        Some(format!(
            "CREATE VIRTUAL TABLE temp.{schema}_words USING fts5vocab({schema}, view_text, instance)"
        ))
    }
}

/// Rewrites up to `pages` pages of the index without what was deleted; true when all is done.
pub(crate) fn merge(handle: &Handle, begin: bool, pages: i64) -> Result<bool, StoreError> {
    const MERGE: &str = "INSERT INTO view_text (view_text, rank) VALUES ('merge', ?1)";
    let before = handle.conn.total_changes();
    // A negative number puts all segments into one merge; positive ones continue it.
    sql::execute(&handle.conn, MERGE, (if begin { -pages } else { pages },))?;
    // SPEC: FTS5 §6.8: less than two changes means that there was nothing left to merge.
    Ok(handle.conn.total_changes().saturating_sub(before) < 2)
}

/// Each word in quotation marks: whatever a person types is a word to look for.
fn quoted(words: &str) -> String {
    let mut query = String::with_capacity(words.len() + 8);
    for word in words.split_whitespace().take(SEARCH_WORDS_MAX) {
        if !word.chars().any(char::is_alphanumeric) {
            continue;
        }
        query.push('"');
        query.extend(word.chars().map(|c| if matches!(c, '"' | '\0') { ' ' } else { c }));
        query.push_str("\" ");
    }
    query
}

impl Reading<'_> {
    /// The entries whose title or text has all these words, below `before`, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn search(
        &self,
        words: &str,
        before: Option<Seq>,
        limit: usize,
    ) -> Result<Vec<Seq>, StoreError> {
        const SQL: &str = "SELECT rowid FROM view_text WHERE view_text MATCH ?1 AND rowid < ?2
            ORDER BY rowid DESC LIMIT ?3";
        let query = quoted(words);
        if query.is_empty() {
            return Ok(Vec::new());
        }
        let key = (query, before.unwrap_or(Seq::MAX), sql::limit(limit));
        sql::all(&self.handle.conn, SQL, key, |row| Ok(row.get(0)?))
    }
}
