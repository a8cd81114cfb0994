//! Who was a member of a circle that this node follows, and under which key: what they signed of
//! their records still counts. It decides nothing on who may have anything.

use crate::{Reading, StoreError, Tx, sql};
use model::id::{CircleId, NodeId};
use model::limits::FORMER_MEMBERS_MAX;
use model::seal::PublicKey;
use model::time::Instant;
use uuid::Uuid;

pub(super) const TABLES: &str = "
CREATE TABLE former_member (circle BLOB NOT NULL, node BLOB NOT NULL, key BLOB NOT NULL,
  until INTEGER NOT NULL, PRIMARY KEY (circle, node)) STRICT, WITHOUT ROWID;
";

/// Somebody who was a member once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FormerMember {
    /// Of this circle.
    pub circle: CircleId,
    /// The member.
    pub node: NodeId,
    /// The key that the last list with it names.
    pub key: PublicKey,
    /// When this node followed the first list without it.
    pub until: Instant,
}

impl Tx<'_> {
    /// Remembers who is no member any more; beyond the bound the earliest of the circle is dropped.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_former_member(&mut self, former: &FormerMember) -> Result<(), StoreError> {
        const PUT: &str = "INSERT OR REPLACE INTO former_member (circle, node, key, until)
            VALUES (?1, ?2, ?3, ?4)";
        const DROP: &str = "DELETE FROM former_member WHERE circle = ?1 AND node IN (SELECT node
            FROM former_member WHERE circle = ?1 ORDER BY until DESC, node LIMIT -1 OFFSET ?2)";
        let conn = &self.handle().conn;
        let circle = former.circle.uuid().into_bytes();
        let row = (circle, former.node.as_bytes(), former.key.as_bytes(), former.until.micros());
        sql::execute(conn, PUT, row)?;
        sql::execute(conn, DROP, (circle, sql::limit(FORMER_MEMBERS_MAX))).map(drop)
    }

    /// Forgets that somebody was a member once: it is one again.
    ///
    /// # Errors
    /// When the database fails.
    pub fn delete_former_member(
        &mut self,
        circle: &CircleId,
        node: &NodeId,
    ) -> Result<(), StoreError> {
        const DELETE: &str = "DELETE FROM former_member WHERE circle = ?1 AND node = ?2";
        let key = (circle.uuid().into_bytes(), node.as_bytes());
        sql::execute(&self.handle().conn, DELETE, key).map(drop)
    }
}

impl Reading<'_> {
    /// All who were members once, by circle and node.
    ///
    /// # Errors
    /// When the database fails.
    pub fn former_members(&self) -> Result<Vec<FormerMember>, StoreError> {
        const SQL: &str =
            "SELECT circle, node, key, until FROM former_member ORDER BY circle, node";
        sql::all(&self.handle.conn, SQL, (), |row| {
            Ok(FormerMember {
                circle: CircleId::new(Uuid::from_bytes(row.get(0)?)),
                node: NodeId::new(row.get(1)?),
                key: PublicKey::new(row.get(2)?),
                until: Instant::from_micros(row.get(3)?),
            })
        })
    }
}
