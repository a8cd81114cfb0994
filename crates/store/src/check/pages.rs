//! What SQLite itself says about its pages, trees and indexes, put into our words: which table it
//! concerns, and so what mends it.

use super::damage::{Damage, Place};
use super::inspect::{Inspection, REAL};
use crate::name::Names;
use crate::view::target::{FRESH, OLD};
use crate::view::{ALL, View};
use crate::{StoreError, open, sql};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// Complaints of one check; a damaged tree alone can give thousands.
const COMPLAINTS_MAX: i64 = 200;

/// SPEC: SQLite file format §1.3: what never changes in the header of our databases: place, bytes.
const HEADER: [(usize, &[u8]); 7] = [
    (0, b"SQLite format 3\0"),
    (16, &[0x20, 0x00]),
    (18, &[2, 2, 0, 64, 32, 32]),
    (44, &[0, 0, 0, 4]),
    (52, &[0; 4]),
    (56, &[0, 0, 0, 1]),
    (64, &[0; 4]),
];

/// Compares the header of the file at `path` with what we write there.
///
/// # Errors
/// When the file cannot be read.
pub fn check_header(path: &Path) -> io::Result<Vec<Damage>> {
    let mut header = Vec::with_capacity(100);
    File::open(path)?.take(100).read_to_end(&mut header)?;
    let unfit = |(at, bytes): &&(usize, &[u8])| {
        header.get(*at..at.saturating_add(bytes.len())) != Some(*bytes)
    };
    let damage = |(at, _): &(usize, &[u8])| {
        Damage::at(Place::Database, format!("its header is not as it was written, at byte {at}"))
    };
    Ok(HEADER.iter().filter(unfit).map(damage).collect())
}

impl Inspection {
    /// Compares the schema with the one that this program makes; true when nothing else can be
    /// asked because it does not fit.
    ///
    /// # Errors
    /// When the database fails; what is damaged is reported to `each` instead.
    pub fn schema(&self, each: &mut dyn FnMut(Damage)) -> Result<bool, StoreError> {
        let made: BTreeMap<_, _> = open::made_schema()?.into_iter().collect();
        let here = match open::schema(&self.handle.conn, REAL) {
            Ok(here) => here,
            Err(error) if error.is_damage() => {
                each(Damage::at(Place::Database, "its schema cannot be read"));
                return Ok(true);
            }
            Err(error) => return Err(error),
        };
        let here: BTreeMap<_, _> = here.into_iter().collect();
        let names: BTreeSet<_> = made.keys().chain(here.keys()).collect();
        let unfit = names.into_iter().filter(|name| made.get(*name) != here.get(*name));
        let mut any = false;
        for name in unfit {
            any = true;
            each(Damage::at(owner(name), "its schema is not as this program makes it"));
        }
        Ok(any)
    }

    /// Walks all pages. It takes as long as reading the file twice.
    ///
    /// # Errors
    /// When the database fails; what is damaged is reported to `each` instead.
    pub fn pages(&self, each: &mut dyn FnMut(Damage)) -> Result<(), StoreError> {
        for Complaint { line, table, .. } in self.complaints()? {
            each(Damage::at(table.as_deref().map_or(Place::Database, owner), line));
        }
        Ok(())
    }

    /// What SQLite says of its pages, each with the tree and the table that it concerns.
    pub(crate) fn complaints(&self) -> Result<Vec<Complaint>, StoreError> {
        let lines = (|| -> Result<Vec<String>, rusqlite::Error> {
            let sql = format!("PRAGMA real.integrity_check({COMPLAINTS_MAX})");
            let mut statement = self.handle.conn.prepare(&sql)?;
            statement.query_map((), |row| row.get(0))?.collect()
        })();
        let lines = match lines.map_err(StoreError::from) {
            Ok(lines) => lines,
            Err(error) if error.is_damage() => {
                let line = format!("its pages cannot be walked: {error}");
                return Ok(vec![Complaint { line, tree: None, table: None }]);
            }
            Err(error) => return Err(error),
        };
        let said = lines.iter().flat_map(|text| text.lines());
        let said: Vec<&str> = said.filter(|l| *l != "ok" && !l.starts_with("***")).collect();
        if said.is_empty() {
            return Ok(Vec::new());
        }
        let trees = self.trees()?;
        let complaints = said.into_iter().map(|line| complaint(line, &trees));
        Ok(complaints.filter(|complaint| !complaint.is_of_leftover()).collect())
    }

    /// The name and the table of each tree, by the number of its root page and by its name.
    fn trees(&self) -> Result<BTreeMap<String, (String, String)>, StoreError> {
        const SQL: &str = "SELECT rootpage, name, tbl_name FROM real.sqlite_schema";
        let mut statement = self.handle.conn.prepare(SQL)?;
        let mut rows = statement.query(())?;
        let mut trees = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let root: Option<i64> = row.get(0)?;
            let tree: (String, String) = (row.get(1)?, row.get(2)?);
            trees.insert(root.unwrap_or(0).to_string(), tree.clone());
            trees.insert(tree.0.clone(), tree);
        }
        Ok(trees)
    }
}

/// What SQLite says of the pages of one view, each table by itself; a node may go on writing.
///
/// # Errors
/// When the database cannot be opened, or fails otherwise than by damage.
pub fn view_pages(path: &Path, view: &str) -> Result<Vec<String>, StoreError> {
    let place = open::Place { path: path.to_owned(), options: crate::Options::default() };
    let handle = open::open_reader(&place, Names::default())?;
    const TABLES: &str = "SELECT name FROM sqlite_schema WHERE type = 'table'";
    let tables = sql::all(&handle.conn, TABLES, (), |row| Ok(row.get::<_, String>(0)?))?;
    let of_view = |table: &String| matches!(owner(table), Place::View(name, _) if name == view);
    let mut said = Vec::new();
    for table in tables.iter().filter(|table| of_view(table)) {
        let question = format!("PRAGMA integrity_check({table})");
        match sql::all(&handle.conn, &question, (), |row| Ok(row.get::<_, String>(0)?)) {
            Ok(lines) => said.extend(lines.into_iter().filter(|line| line != "ok")),
            Err(error) if error.is_damage() => said.push(format!("{table}: {error}")),
            Err(error) => return Err(error),
        }
    }
    Ok(said)
}

/// What SQLite says of its pages.
pub(crate) struct Complaint {
    pub(crate) line: String,
    /// The table or index whose tree it is.
    pub(crate) tree: Option<String>,
    pub(crate) table: Option<String>,
}

impl Complaint {
    /// A building that was cut off while it swept its words away has left an index that is none
    /// any more; nobody reads it, and the next purge goes on.
    fn is_of_leftover(&self) -> bool {
        let left = |table: &String| table.starts_with(FRESH) || table.starts_with(OLD);
        self.line.starts_with("fts5: ") && self.table.as_ref().is_some_and(left)
    }
}

/// SQLite names a tree by its root page, an index or a table by its name.
fn complaint(line: &str, trees: &BTreeMap<String, (String, String)>) -> Complaint {
    let root = line.strip_prefix("Tree ").and_then(|rest| rest.split(' ').next());
    let apart = |c: char| !c.is_alphanumeric() && c != '_';
    let mut words = line.split(apart).filter(|word| word.parse::<u64>().is_err());
    let found = match root {
        Some(root) => trees.get(root),
        None => words.find_map(|word| trees.get(word)),
    };
    let (tree, table) = found.cloned().unzip();
    Complaint { line: line.to_owned(), tree, table }
}

/// What a table belongs to.
pub(crate) fn owner(table: &str) -> Place {
    if table == "log" {
        return Place::Log;
    }
    match ALL.iter().max_by_key(|view| longest(table, **view)) {
        Some(view) if longest(table, *view) > 0 => Place::View(view.name(), None),
        Some(_) | None => Place::State(table.to_owned(), None),
    }
}

/// How much of a table's name is that of one of a view's: those behind a virtual table carry its
/// name and one word more, and `view_value_of` begins with `view_value`, too.
fn longest(table: &str, view: &dyn View) -> usize {
    let whole = |name: &&str| {
        table.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    };
    view.table_names().into_iter().filter(whole).map(str::len).max().unwrap_or(0)
}
