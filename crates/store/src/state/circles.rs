//! Circles as this node stands to them: which version it accepted, which one is offered.

use crate::{Reading, StoreError, Tx, sql};
use model::id::{CircleId, NodeId};
use rusqlite::{Row, params};
use uuid::Uuid;

pub(super) const TABLES: &str = "
CREATE TABLE circle (circle BLOB PRIMARY KEY, convener BLOB NOT NULL, accepted TEXT, offered TEXT,
  auto_accept INTEGER NOT NULL) STRICT;
";

/// A circle as this node stands to it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CircleState {
    /// The circle.
    pub circle: CircleId,
    /// Whose signed member lists count.
    pub convener: NodeId,
    /// The body of the version that is in force here.
    pub accepted: Option<String>,
    /// The body of a newer version that waits for a person.
    pub offered: Option<String>,
    /// Newer versions come into force by themselves.
    pub auto_accept: bool,
}

fn read(row: &Row<'_>) -> Result<CircleState, StoreError> {
    Ok(CircleState {
        circle: CircleId::new(Uuid::from_bytes(row.get(0)?)),
        convener: NodeId::new(row.get(1)?),
        accepted: row.get(2)?,
        offered: row.get(3)?,
        auto_accept: row.get(4)?,
    })
}

impl Tx<'_> {
    /// Adds a circle, or replaces what is known of it.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_circle(&mut self, state: &CircleState) -> Result<(), StoreError> {
        const PUT: &str = "INSERT INTO circle (circle, convener, accepted, offered, auto_accept)
            VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (circle) DO UPDATE SET convener = excluded.convener,
            accepted = excluded.accepted, offered = excluded.offered,
            auto_accept = excluded.auto_accept";
        let row = params![
            state.circle.uuid().into_bytes(),
            state.convener.as_bytes(),
            state.accepted,
            state.offered,
            state.auto_accept,
        ];
        sql::execute(&self.handle().conn, PUT, row).map(drop)
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT circle, convener, accepted, offered, auto_accept FROM circle ", $rest)
    };
}

impl Reading<'_> {
    /// All circles by id.
    ///
    /// # Errors
    /// When the database fails.
    pub fn circles(&self) -> Result<Vec<CircleState>, StoreError> {
        sql::all(&self.handle.conn, select!("ORDER BY circle"), (), read)
    }

    /// One circle.
    ///
    /// # Errors
    /// When the database fails.
    pub fn circle(&self, circle: &CircleId) -> Result<Option<CircleState>, StoreError> {
        let key = (circle.uuid().into_bytes(),);
        sql::first(&self.handle.conn, select!("WHERE circle = ?1"), key, read)
    }
}
