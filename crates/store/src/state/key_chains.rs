//! What nodes said about their own keys, statement by statement, and how much of this node's own chain
//! each partner knows. It believes nothing itself: what is put here was checked.

use crate::{Reading, StoreError, Tx, sql};
use model::id::NodeId;
use model::seal::PublicKey;

pub(super) const TABLES: &str = "
CREATE TABLE key_chain (node BLOB PRIMARY KEY, chain TEXT NOT NULL, last TEXT NOT NULL) STRICT,
  WITHOUT ROWID;
CREATE TABLE key_of (key BLOB PRIMARY KEY, node BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE key_heard (node BLOB PRIMARY KEY, number INTEGER NOT NULL) STRICT, WITHOUT ROWID;
";

impl Tx<'_> {
    /// Keeps a node's chain, its last statement, and that these keys are its own; what was kept of
    /// it gives way.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_key_chain(
        &mut self,
        node: &NodeId,
        (chain, last): (&str, &str),
        keys: &[PublicKey],
    ) -> Result<(), StoreError> {
        const PUT: &str = "INSERT INTO key_chain (node, chain, last) VALUES (?1, ?2, ?3)
            ON CONFLICT (node) DO UPDATE SET chain = excluded.chain, last = excluded.last";
        const FORGET: &str = "DELETE FROM key_of WHERE node = ?1";
        // Whoever had a key first keeps it: a node that claims another's key gains nothing.
        const NAME: &str = "INSERT OR IGNORE INTO key_of (key, node) VALUES (?1, ?2)";
        let conn = &self.handle().conn;
        sql::execute(conn, PUT, (node.as_bytes(), chain, last))?;
        sql::execute(conn, FORGET, (node.as_bytes(),))?;
        for key in keys {
            sql::execute(conn, NAME, (key.as_bytes(), node.as_bytes()))?;
        }
        Ok(())
    }

    /// Remembers how much of this node's own chain another knows: the number of a statement.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_key_heard(&mut self, node: &NodeId, number: u32) -> Result<(), StoreError> {
        const PUT: &str = "INSERT INTO key_heard (node, number) VALUES (?1, ?2)
            ON CONFLICT (node) DO UPDATE SET number = excluded.number";
        sql::execute(&self.handle().conn, PUT, (node.as_bytes(), number)).map(drop)
    }
}

impl Reading<'_> {
    /// A node's chain, if it ever said anything.
    ///
    /// # Errors
    /// When the database fails.
    pub fn key_chain(&self, node: &NodeId) -> Result<Option<String>, StoreError> {
        const SQL: &str = "SELECT chain FROM key_chain WHERE node = ?1";
        sql::first(&self.handle.conn, SQL, (node.as_bytes(),), |row| Ok(row.get(0)?))
    }

    /// A node's last statement.
    ///
    /// # Errors
    /// When the database fails.
    pub fn last_keys(&self, node: &NodeId) -> Result<Option<String>, StoreError> {
        const SQL: &str = "SELECT last FROM key_chain WHERE node = ?1";
        sql::first(&self.handle.conn, SQL, (node.as_bytes(),), |row| Ok(row.get(0)?))
    }

    /// The last statements of all nodes that ever made one.
    ///
    /// # Errors
    /// When the database fails.
    pub fn all_last_keys(&self) -> Result<Vec<String>, StoreError> {
        const SQL: &str = "SELECT last FROM key_chain ORDER BY node";
        sql::all(&self.handle.conn, SQL, (), |row| Ok(row.get(0)?))
    }

    /// The node that said that a key is its own.
    ///
    /// # Errors
    /// When the database fails.
    pub fn node_of_key(&self, key: &PublicKey) -> Result<Option<NodeId>, StoreError> {
        const SQL: &str = "SELECT node FROM key_of WHERE key = ?1";
        sql::first(&self.handle.conn, SQL, (key.as_bytes(),), |row| Ok(NodeId::new(row.get(0)?)))
    }

    /// How much of this node's own chain another knows; 0 when it never said.
    ///
    /// # Errors
    /// When the database fails.
    pub fn key_heard(&self, node: &NodeId) -> Result<u32, StoreError> {
        const SQL: &str = "SELECT number FROM key_heard WHERE node = ?1";
        let number = sql::first(&self.handle.conn, SQL, (node.as_bytes(),), |row| Ok(row.get(0)?))?;
        Ok(number.unwrap_or(0))
    }
}
