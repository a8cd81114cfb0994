//! Statuses of what tools posted, as long as they are kept. Their text is the caller's; it is packed,
//! since it repeats the ids of all that was posted.

use crate::{Reading, StoreError, Tx, sql};
use model::id::CircleId;
use model::limits::DOCUMENT_BYTES_MAX;
use model::time::Instant;
use uuid::Uuid;

pub(super) const TABLES: &str = "
CREATE TABLE status (id TEXT PRIMARY KEY, owner TEXT NOT NULL, circle BLOB NOT NULL,
  at INTEGER NOT NULL, size INTEGER NOT NULL, text BLOB NOT NULL) STRICT;
CREATE INDEX status_at ON status (at);
";

/// The status of one request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StatusRow {
    /// Its id.
    pub id: String,
    /// The name of the token that asked.
    pub owner: String,
    /// Where it posted.
    pub circle: CircleId,
    /// When.
    pub at: Instant,
    /// What to answer.
    pub text: Vec<u8>,
}

/// As for bodies: above it the ratio hardly grows.
const LEVEL: i32 = 3;

fn unpack(size: i64, packed: &[u8]) -> Result<Vec<u8>, StoreError> {
    let size = usize::try_from(size).ok().filter(|size| *size <= DOCUMENT_BYTES_MAX);
    let size = size.ok_or_else(|| StoreError::damaged("the size of a status"))?;
    zstd::bulk::decompress(packed, size).map_err(StoreError::Packing)
}

impl Tx<'_> {
    /// Keeps a status, or replaces the one with this id.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_status(&mut self, status: &StatusRow) -> Result<(), StoreError> {
        const PUT: &str = "INSERT INTO status (id, owner, circle, at, size, text)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO UPDATE SET owner = excluded.owner,
            circle = excluded.circle, at = excluded.at, size = excluded.size, text = excluded.text";
        let (circle, at) = (status.circle.uuid().into_bytes(), status.at.micros());
        let packed = zstd::bulk::compress(&status.text, LEVEL).map_err(StoreError::Packing)?;
        let size = sql::limit(status.text.len());
        let row = (&status.id, &status.owner, circle, at, size, packed);
        sql::execute(&self.handle().conn, PUT, row).map(drop)
    }

    /// Removes the statuses from before this instant and says how many.
    ///
    /// # Errors
    /// When the database fails.
    pub fn prune_statuses(&mut self, before: Instant) -> Result<usize, StoreError> {
        const DELETE: &str = "DELETE FROM status WHERE at < ?1";
        sql::execute(&self.handle().conn, DELETE, (before.micros(),))
    }
}

impl Reading<'_> {
    /// The status with this id.
    ///
    /// # Errors
    /// When the database fails.
    pub fn status(&self, id: &str) -> Result<Option<StatusRow>, StoreError> {
        const SQL: &str = "SELECT owner, circle, at, size, text FROM status WHERE id = ?1";
        sql::first(&self.handle.conn, SQL, (id,), |row| {
            Ok(StatusRow {
                id: id.to_owned(),
                owner: row.get(0)?,
                circle: CircleId::new(Uuid::from_bytes(row.get(1)?)),
                at: Instant::from_micros(row.get(2)?),
                text: unpack(row.get(3)?, row.get_ref(4)?.as_blob().unwrap_or_default())?,
            })
        })
    }
}
