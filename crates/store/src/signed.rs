//! What one node has signed of all that is held. Asked when a node that was restored wants its own
//! back, so seldom that no index is kept for it: each question reads the log on from a place.

use crate::log::{ERASED, Seq};
use crate::{Reading, StoreError, sql};
use model::id::NodeId;

impl Reading<'_> {
    /// At most `limit` entries above `after` that this node signed and that are still there,
    /// ascending.
    ///
    /// # Errors
    /// When the database fails.
    pub fn signed_by(
        &self,
        signer: &NodeId,
        after: Seq,
        limit: usize,
    ) -> Result<Vec<Seq>, StoreError> {
        const SQL: &str = "SELECT seq FROM log WHERE seq > ?1 AND signer = ?2 AND flags & ?3 = 0
            ORDER BY seq LIMIT ?4";
        let conn = &self.handle.conn;
        let Some(signer) = self.handle.names.find(conn, signer)? else { return Ok(Vec::new()) };
        sql::all(conn, SQL, (after, signer, ERASED, sql::limit(limit)), |row| Ok(row.get(0)?))
    }
}
