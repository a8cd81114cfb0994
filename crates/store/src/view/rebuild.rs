//! A view built anew from the log, beside the one in use, slice by slice: readers see the old one
//! or the new one whole. What is appended or erased meanwhile is applied to both. Where it is cut
//! off, the old one stays, and what was begun is swept away later.
//!
//! It knows no time: whoever calls says when a slice is over. It mends no page: that is for a node that does not run.

use super::list::{ALL, Entry, FactsOf, View};
use super::target::{FRESH, OLD, PREFIX, Target};
use super::things;
use crate::log::{self, Seq};
use crate::open::Handle;
use crate::{Store, StoreError, sql};
use rusqlite::Connection;

/// Entries of the log that one statement looks at when marks are put right.
const MARK_STEP: i64 = 2_000;
/// Rows of a replaced table that one statement removes.
const SWEEP_ROWS: usize = 128;

/// How far the building of a view has come.
#[derive(Debug)]
pub struct Rebuild {
    view: usize,
    stage: Stage,
    /// The place that was looked at last, and the last one to look at.
    after: Seq,
    upto: Seq,
    /// Entries taken.
    pub taken: u64,
    /// Entries that could not be read; a check names them.
    pub unreadable: u64,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stage {
    /// What an earlier building left is swept away.
    Clear,
    Fill,
    /// The marks in the log are put right.
    Mark,
    /// What was replaced is swept away.
    Sweep,
    Done,
}

impl Rebuild {
    /// Entries looked at, and how many there are to look at.
    #[must_use]
    pub fn progress(&self) -> (u64, u64) {
        (self.after.unsigned_abs(), self.upto.unsigned_abs())
    }
}

/// The view of this name, as a place in the list.
fn named(view: &str) -> Result<usize, StoreError> {
    let found = ALL.iter().position(|known| known.name() == view);
    found.ok_or_else(|| StoreError::UnknownView(view.to_owned()))
}

fn at(view: usize) -> Result<&'static dyn View, StoreError> {
    ALL.get(view).copied().ok_or(StoreError::OutOfRange("a view"))
}

impl Store {
    /// Begins to build a view anew; nothing has happened yet.
    ///
    /// # Errors
    /// When there is no such view, or the database fails.
    pub fn begin_rebuild(&self, view: &str) -> Result<Rebuild, StoreError> {
        let view = named(view)?;
        Ok(Rebuild { view, stage: Stage::Clear, after: 0, upto: 0, taken: 0, unreadable: 0 })
    }

    /// One slice, one transaction: it ends at the latest at the first entry after `over` gives
    /// true. True when all is done; until then the caller must go on, or call [`Store::abandon`].
    ///
    /// # Errors
    /// When the database fails; the view in use is then as it was.
    pub fn rebuild_slice(
        &self,
        work: &mut Rebuild,
        facts_of: &mut FactsOf<'_>,
        over: &mut dyn FnMut() -> bool,
    ) -> Result<bool, StoreError> {
        let tx = self.begin()?;
        let handle = tx.handle();
        let mut next = work.stage;
        match work.stage {
            Stage::Clear => {
                if sweep(handle, over)? {
                    work.upto = log::head(handle)?;
                    make(handle, at(work.view)?)?;
                    next = Stage::Fill;
                }
            }
            Stage::Fill => {
                if fill(handle, work, facts_of, over)? {
                    swap(handle)?;
                    work.after = 0;
                    next = Stage::Mark;
                }
            }
            Stage::Mark => {
                if mark(handle, work, over)? {
                    next = Stage::Sweep;
                }
            }
            Stage::Sweep => {
                if sweep(handle, over)? {
                    next = Stage::Done;
                }
            }
            Stage::Done => {}
        }
        tx.commit()?;
        work.stage = next;
        let beside = (next == Stage::Fill).then_some(work.view);
        self.handle.beside.set(beside);
        // What was replaced may hold what is erased meanwhile.
        self.handle.leftover.set(matches!(next, Stage::Clear | Stage::Mark | Stage::Sweep));
        Ok(next == Stage::Done)
    }

    /// Whether a view is being built beside the one in use.
    #[must_use]
    pub const fn builds_view(&self) -> bool {
        self.handle.beside.get().is_some()
    }

    /// Gives the building up; the view in use stays, and the next purge sweeps the rest away.
    pub fn abandon(&self) {
        self.handle.beside.set(None);
        self.handle.leftover.set(true);
    }

    /// Builds a view anew without a pause; gives entries taken, and entries that were unreadable.
    ///
    /// # Errors
    /// When there is no such view, or the database fails; the view is then as it was.
    pub fn rebuild(
        &self,
        view: &str,
        facts_of: &mut FactsOf<'_>,
        each: &mut dyn FnMut(u64, u64),
    ) -> Result<(u64, u64), StoreError> {
        let mut work = self.begin_rebuild(view)?;
        loop {
            let mut left = 2_000_u32;
            let mut over = || {
                left = left.saturating_sub(1);
                left == 0
            };
            match self.rebuild_slice(&mut work, facts_of, &mut over) {
                Ok(true) => return Ok((work.taken, work.unreadable)),
                Ok(false) => {}
                Err(error) => {
                    self.abandon();
                    return Err(error);
                }
            }
            let (done, total) = work.progress();
            each(done, total);
            self.checkpoint()?;
        }
    }
}

/// Makes the new tables. An index keeps its name when its table is renamed, so every second
/// building gives it the other one.
fn make(handle: &Handle, view: &dyn View) -> Result<(), StoreError> {
    const TAKEN: &str = "SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name GLOB ?1";
    let mut tables = view.tables().replace(PREFIX, FRESH);
    if sql::exists(&handle.conn, TAKEN, (format!("{FRESH}*"),))? {
        tables = tables.replace(&format!("INDEX {FRESH}"), &format!("INDEX {PREFIX}"));
    }
    Ok(handle.conn.execute_batch(&tables)?)
}

fn fill(
    handle: &Handle,
    work: &mut Rebuild,
    facts_of: &mut FactsOf<'_>,
    over: &mut dyn FnMut() -> bool,
) -> Result<bool, StoreError> {
    let (view, to) = (at(work.view)?, Target::fresh(handle));
    while work.after < work.upto {
        work.after += 1;
        match take(&[view], &to, work.after, facts_of) {
            Ok(true) => work.taken += 1,
            Ok(false) => {}
            Err(error) if error.is_damage() => work.unreadable += 1,
            Err(error) => return Err(error),
        }
        if over() {
            break;
        }
    }
    Ok(work.after >= work.upto)
}

/// Has views take an entry of the log; false when it is erased.
pub(crate) fn take(
    views: &[&dyn View],
    to: &Target<'_>,
    seq: Seq,
    facts_of: &mut FactsOf<'_>,
) -> Result<bool, StoreError> {
    let handle = to.handle;
    let Some((row, body)) = log::row_and_body(handle, seq)? else { return Ok(false) };
    let Some(light) = log::light(handle, seq)?.filter(|light| !light.erased) else {
        return Ok(false);
    };
    let content = facts_of(&row.thing, &body);
    let mut others = Vec::new();
    if to.is_fresh() {
        others = things::earlier(handle, &row.thing, light.kind_id, &row.version)?;
        others.retain(|other| other.seq != seq);
    }
    let entry = Entry {
        seq,
        kind: light.kind_id,
        circle: light.circle_id,
        thing: row.thing.uuid,
        earlier: &others,
        facts: &content.facts,
        values: &content.values,
        watched: &content.watched,
        rule: content.rule.as_ref(),
    };
    for view in views {
        view.apply(to, &entry)?;
    }
    Ok(true)
}

/// The new tables take the place of the old ones.
fn swap(handle: &Handle) -> Result<(), StoreError> {
    for fresh in tables(handle, FRESH)? {
        let Some(rest) = fresh.strip_prefix(FRESH) else { continue };
        let rename = |from: &str, to: &str| {
            handle.conn.execute_batch(&format!("ALTER TABLE {from} RENAME TO {to}"))
        };
        let used = format!("{PREFIX}{rest}");
        if sql::exists(&handle.conn, "SELECT 1 FROM sqlite_schema WHERE name = ?1", (&used,))? {
            rename(&used, &format!("{OLD}{rest}"))?;
        }
        rename(&fresh, &used)?;
    }
    Ok(())
}

/// Tables that begin so; those that belong to a virtual table go with it and are left out.
fn tables(handle: &Handle, prefix: &str) -> Result<Vec<String>, StoreError> {
    const SQL: &str = "SELECT name FROM pragma_table_list
        WHERE schema = 'main' AND type <> 'shadow' AND name GLOB ?1 ORDER BY name";
    sql::all(&handle.conn, SQL, (format!("{prefix}*"),), |row| Ok(row.get(0)?))
}

/// The view of things marks rivals in the log: every mark is compared with the view.
fn mark(
    handle: &Handle,
    work: &mut Rebuild,
    over: &mut dyn FnMut() -> bool,
) -> Result<bool, StoreError> {
    while at(work.view)?.name() == things::NAME && work.after < work.upto {
        let upto = work.upto.min(work.after.saturating_add(MARK_STEP));
        sql::execute(&handle.conn, things::MARK_RIGHT, (work.after, upto))?;
        work.after = upto;
        if over() {
            break;
        }
    }
    if at(work.view)?.name() != things::NAME {
        work.after = work.upto;
    }
    Ok(work.after >= work.upto)
}

/// Whether an earlier building left tables.
pub(crate) fn is_left(conn: &Connection) -> Result<bool, StoreError> {
    const LEFT: &str = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND
        (name GLOB 'fresh_view_*' OR name GLOB 'old_view_*')";
    sql::exists(conn, LEFT, ())
}

/// Empties and drops what earlier buildings left, in pieces; true when nothing is left.
pub(crate) fn sweep(handle: &Handle, over: &mut dyn FnMut() -> bool) -> Result<bool, StoreError> {
    for prefix in [FRESH, OLD] {
        for table in tables(handle, prefix)? {
            if !empty(handle, &table, over)? {
                return Ok(false);
            }
            handle.conn.execute_batch(&format!("DROP TABLE {table}"))?;
            if over() {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Removes the rows of a table, or of those behind a virtual one; true when none is left.
fn empty(handle: &Handle, table: &str, over: &mut dyn FnMut() -> bool) -> Result<bool, StoreError> {
    const BEHIND: &str = "SELECT name FROM pragma_table_list WHERE schema = 'main'
        AND type = 'shadow' AND name GLOB ?1 AND name NOT GLOB '*_config'";
    let mut behind: Vec<String> =
        sql::all(&handle.conn, BEHIND, (format!("{table}_*"),), |row| Ok(row.get(0)?))?;
    if behind.is_empty() {
        behind.push(table.to_owned());
    }
    for table in behind {
        let key = "SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk";
        let key = sql::all(&handle.conn, key, (&table,), |row| Ok(row.get::<_, String>(0)?))?;
        let key = key.join(", ");
        let delete = format!(
            "DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} LIMIT {SWEEP_ROWS})"
        );
        while sql::execute(&handle.conn, &delete, ())? > 0 {
            if over() {
                return Ok(false);
            }
        }
    }
    Ok(true)
}
