//! Mending pages of a database that no node uses. A view whose pages are damaged is cut out, never
//! emptied: a wrong number on its pages may name a page of the log. All the rest is written anew.
//!
//! What the log or the state has lost it cannot bring back; it then changes nothing.

use crate::check::owner;
use crate::open::made_schema;
use crate::view::ALL;
use crate::{Inspection, Options, Place, Store, StoreError};
use std::collections::BTreeSet;
use std::path::Path;

impl Store {
    /// Mends what SQLite complains about in the database at `path`, and gives the views that are
    /// empty now and must be rebuilt. When there is nothing to complain about, nothing is changed.
    ///
    /// It needs as much room on the disk as the database has, and nobody else may have it open.
    ///
    /// # Errors
    /// When the log or a table of the state is damaged, or the database fails.
    pub fn mend(path: &Path, options: &Options) -> Result<Vec<&'static str>, StoreError> {
        let (mut views, mut trees, mut any) = (BTreeSet::new(), BTreeSet::new(), false);
        for complaint in Inspection::open(path, true)?.complaints()? {
            any = true;
            match complaint.table.as_deref().map_or(Place::Database, owner) {
                Place::View(name, _) => drop(views.insert(name)),
                Place::Database => {}
                Place::Entry(_) | Place::Log | Place::State(..) | Place::Frame(_) => {
                    trees.insert(complaint.tree.unwrap_or_default());
                }
            }
        }
        if !any {
            return Ok(Vec::new());
        }
        let indexes = indexes(&trees)?;
        let store = Self::open(path, options)?;
        let conn = &store.handle.conn;
        conn.pragma_update(None, "writable_schema", true)?;
        const CUT: &str = "DELETE FROM sqlite_schema WHERE tbl_name GLOB ?1 OR name = ?1";
        for view in ALL.iter().filter(|view| views.contains(view.name())) {
            for table in view.table_names() {
                conn.execute(CUT, (table,))?;
                conn.execute(CUT, (format!("{table}_*"),))?;
            }
        }
        for (name, _) in &indexes {
            conn.execute(CUT, (name,))?;
        }
        conn.execute_batch("PRAGMA writable_schema = RESET; VACUUM;")?;
        for (_, sql) in &indexes {
            conn.execute_batch(sql)?;
        }
        for view in ALL.iter().filter(|view| views.contains(view.name())) {
            conn.execute_batch(view.tables())?;
        }
        // What is in order costs little to be put in order again.
        conn.execute_batch("REINDEX")?;
        store.close()?;
        Ok(views.into_iter().collect())
    }
}

/// The statements that make these indexes; anything else that is damaged cannot be mended.
fn indexes(trees: &BTreeSet<String>) -> Result<Vec<(String, String)>, StoreError> {
    let made = made_schema()?;
    let mut indexes = Vec::new();
    for tree in trees {
        let found = made.iter().find(|(name, sql)| name == tree && sql.contains(" INDEX "));
        // The index of a key has no statement of its own; it is made anew where it stands.
        let own = tree.starts_with("sqlite_autoindex_");
        match found {
            Some(index) => indexes.push(index.clone()),
            None if own => {}
            None => {
                let what = format!("table {tree}: put it back from a backup");
                return Err(StoreError::damaged(what));
            }
        }
    }
    Ok(indexes)
}
