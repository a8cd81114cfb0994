//! Names interned into small integers: nodes, circles, kinds and labels.
//!
//! The cache is shared by all connections and holds committed names only: what a transaction
//! interns stays with it until it commits, so that a rollback leaves no name behind.

use crate::{StoreError, label, sql};
use model::id::{CircleId, NodeId};
use model::kind::Kind;
use model::label::Label;
use model::limits::LABELS_CACHED_BYTES_MAX;
use rusqlite::types::{ToSqlOutput, Value};
use rusqlite::{Connection, Row};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::sync::{Arc, PoisonError, RwLock};
use uuid::Uuid;

/// The tables of names.
pub(crate) const TABLES: &str = "
CREATE TABLE name_node (id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE) STRICT;
CREATE TABLE name_circle (id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE) STRICT;
CREATE TABLE name_kind (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE name_label (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
";

/// Names of one sort that are kept in memory. A partner may invent labels and kinds without end;
/// beyond this the cache starts anew and is filled from the tables.
const CACHED_MAX: usize = 65_536;

/// Both directions of one sort of names.
#[derive(Debug)]
pub(crate) struct Ids<N> {
    by_id: HashMap<u32, N>,
    by_name: HashMap<N, u32>,
    /// What the names themselves take in memory, roughly.
    bytes: usize,
}

impl<N> Default for Ids<N> {
    fn default() -> Self {
        Self { by_id: HashMap::new(), by_name: HashMap::new(), bytes: 0 }
    }
}

impl<N: Name> Ids<N> {
    fn insert(&mut self, id: u32, name: &N) {
        if self.by_id.len() >= CACHED_MAX || self.bytes >= LABELS_CACHED_BYTES_MAX {
            self.by_id.clear();
            self.by_name.clear();
            self.bytes = 0;
        }
        self.bytes = self.bytes.saturating_add(name.bytes());
        self.by_id.insert(id, name.clone());
        self.by_name.insert(name.clone(), id);
    }

    fn drain_into(&mut self, other: &mut Self) {
        self.by_name.clear();
        self.bytes = 0;
        for (id, name) in self.by_id.drain() {
            other.insert(id, &name);
        }
    }
}

/// All names.
#[derive(Debug, Default)]
pub(crate) struct Table {
    nodes: Ids<NodeId>,
    circles: Ids<CircleId>,
    kinds: Ids<Kind>,
    labels: Ids<Arc<Label>>,
}

/// A sort of names: where it lies in the cache and on disk.
pub(crate) trait Name: Clone + Eq + Hash {
    const FIND: &'static str;
    const READ: &'static str;
    const INSERT: &'static str;
    fn of(table: &Table) -> &Ids<Self>;
    fn of_mut(table: &mut Table) -> &mut Ids<Self>;
    fn column(&self) -> ToSqlOutput<'_>;
    /// What it takes in memory beyond its own few bytes.
    fn bytes(&self) -> usize {
        0
    }
    fn read(row: &Row<'_>) -> Result<Self, StoreError>;
}

macro_rules! statements {
    ($table:literal) => {
        const FIND: &'static str = concat!("SELECT id FROM ", $table, " WHERE name = ?1");
        const READ: &'static str = concat!("SELECT name FROM ", $table, " WHERE id = ?1");
        const INSERT: &'static str = concat!("INSERT INTO ", $table, " (name) VALUES (?1)");
    };
}

impl Name for NodeId {
    statements!("name_node");
    fn of(table: &Table) -> &Ids<Self> {
        &table.nodes
    }
    fn of_mut(table: &mut Table) -> &mut Ids<Self> {
        &mut table.nodes
    }
    fn column(&self) -> ToSqlOutput<'_> {
        self.as_bytes().as_slice().into()
    }
    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self::new(row.get(0)?))
    }
}

impl Name for CircleId {
    statements!("name_circle");
    fn of(table: &Table) -> &Ids<Self> {
        &table.circles
    }
    fn of_mut(table: &mut Table) -> &mut Ids<Self> {
        &mut table.circles
    }
    fn column(&self) -> ToSqlOutput<'_> {
        ToSqlOutput::Owned(Value::Blob(self.uuid().as_bytes().to_vec()))
    }
    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self::new(Uuid::from_bytes(row.get(0)?)))
    }
}

impl Name for Kind {
    statements!("name_kind");
    fn of(table: &Table) -> &Ids<Self> {
        &table.kinds
    }
    fn of_mut(table: &mut Table) -> &mut Ids<Self> {
        &mut table.kinds
    }
    fn column(&self) -> ToSqlOutput<'_> {
        self.as_str().into()
    }
    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        let name: String = row.get(0)?;
        name.parse().map_err(|_| StoreError::damaged("the name of a kind"))
    }
}

impl Name for Arc<Label> {
    statements!("name_label");
    fn of(table: &Table) -> &Ids<Self> {
        &table.labels
    }
    fn of_mut(table: &mut Table) -> &mut Ids<Self> {
        &mut table.labels
    }
    fn column(&self) -> ToSqlOutput<'_> {
        ToSqlOutput::Owned(Value::Text(label::write(self)))
    }
    fn bytes(&self) -> usize {
        let named = self.to.as_ref().map_or(0, BTreeSet::len);
        size_of::<Label>().saturating_add(named.saturating_mul(2 * size_of::<NodeId>()))
    }
    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        let text: String = row.get(0)?;
        label::read(&text).map(Self::new)
    }
}

/// One connection's way to the names.
#[derive(Debug, Default)]
pub(crate) struct Names {
    shared: Arc<RwLock<Table>>,
    /// What the transaction under way has learnt; nobody else sees it.
    fresh: RefCell<Table>,
    writing: Cell<bool>,
}

impl Names {
    /// The names of another connection to the same database.
    pub(crate) fn sibling(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), ..Self::default() }
    }

    /// A transaction begins.
    pub(crate) fn begin(&self) {
        self.writing.set(true);
    }

    /// It committed: what it learnt is true for everyone.
    pub(crate) fn keep(&self) {
        self.writing.set(false);
        let mut fresh = self.fresh.borrow_mut();
        let mut shared = self.shared.write().unwrap_or_else(PoisonError::into_inner);
        fresh.nodes.drain_into(&mut shared.nodes);
        fresh.circles.drain_into(&mut shared.circles);
        fresh.kinds.drain_into(&mut shared.kinds);
        fresh.labels.drain_into(&mut shared.labels);
    }

    /// It was rolled back: what it learnt never was.
    pub(crate) fn forget(&self) {
        self.writing.set(false);
        *self.fresh.borrow_mut() = Table::default();
    }

    fn cached<N: Name, T: Copy>(&self, look: impl Fn(&Ids<N>) -> Option<T>) -> Option<T> {
        let shared = self.shared.read().unwrap_or_else(PoisonError::into_inner);
        let found = look(N::of(&shared));
        drop(shared);
        found.or_else(|| look(N::of(&self.fresh.borrow())))
    }

    fn learn<N: Name>(&self, id: u32, name: &N) {
        if self.writing.get() {
            N::of_mut(&mut self.fresh.borrow_mut()).insert(id, name);
        } else {
            let mut shared = self.shared.write().unwrap_or_else(PoisonError::into_inner);
            N::of_mut(&mut shared).insert(id, name);
        }
    }

    /// The number of a name, if it has one.
    pub(crate) fn find<N: Name>(
        &self,
        conn: &Connection,
        name: &N,
    ) -> Result<Option<u32>, StoreError> {
        if let Some(id) = self.cached::<N, u32>(|ids| ids.by_name.get(name).copied()) {
            return Ok(Some(id));
        }
        let found = sql::first(conn, N::FIND, (name.column(),), |row| Ok(row.get(0)?))?;
        if let Some(id) = found {
            self.learn(id, name);
        }
        Ok(found)
    }

    /// The number of a name, given now if it has none. Only within a transaction.
    pub(crate) fn intern<N: Name>(&self, conn: &Connection, name: &N) -> Result<u32, StoreError> {
        if let Some(id) = self.find(conn, name)? {
            return Ok(id);
        }
        sql::execute(conn, N::INSERT, (name.column(),))?;
        let id = u32::try_from(conn.last_insert_rowid())
            .map_err(|_| StoreError::OutOfRange("names interned"))?;
        self.learn(id, name);
        Ok(id)
    }

    /// The number of a label; looks before it copies.
    pub(crate) fn intern_label(&self, conn: &Connection, label: &Label) -> Result<u32, StoreError> {
        match self.cached::<Arc<Label>, u32>(|ids| ids.by_name.get(label).copied()) {
            Some(id) => Ok(id),
            None => self.intern(conn, &Arc::new(label.clone())),
        }
    }

    /// The name of a number, if there is one.
    pub(crate) fn name<N: Name>(
        &self,
        conn: &Connection,
        id: u32,
    ) -> Result<Option<N>, StoreError> {
        let shared = self.shared.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(name) = N::of(&shared).by_id.get(&id) {
            return Ok(Some(name.clone()));
        }
        drop(shared);
        if let Some(name) = N::of(&self.fresh.borrow()).by_id.get(&id) {
            return Ok(Some(name.clone()));
        }
        let found = sql::first(conn, N::READ, (id,), N::read)?;
        if let Some(name) = &found {
            self.learn(id, name);
        }
        Ok(found)
    }

    /// The name of a number that a row of the log carries.
    pub(crate) fn known<N: Name>(&self, conn: &Connection, id: u32) -> Result<N, StoreError> {
        self.name(conn, id)?.ok_or_else(|| StoreError::damaged("a row names nothing known"))
    }
}
