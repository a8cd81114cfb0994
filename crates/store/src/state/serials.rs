//! The serial numbers of feeds, which rise only with what the feed says. It renders no feed.

use crate::{Reading, StoreError, Tx, sql};
use model::id::Digest;

pub(super) const TABLES: &str = "
CREATE TABLE serials (feed BLOB PRIMARY KEY, serial INTEGER NOT NULL, digest BLOB NOT NULL)
  STRICT, WITHOUT ROWID;
";

impl Tx<'_> {
    /// Keeps a feed's number and the digest of what it says under it.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_serial(
        &mut self,
        feed: &Digest,
        serial: u32,
        digest: &Digest,
    ) -> Result<(), StoreError> {
        const PUT: &str = "INSERT INTO serials (feed, serial, digest) VALUES (?1, ?2, ?3)
            ON CONFLICT (feed) DO UPDATE SET serial = excluded.serial, digest = excluded.digest";
        let row = (feed.as_bytes(), serial, digest.as_bytes());
        sql::execute(&self.handle().conn, PUT, row).map(drop)
    }
}

impl Reading<'_> {
    /// A feed's number, and the digest of what it says under it.
    ///
    /// # Errors
    /// When the database fails.
    pub fn serial(&self, feed: &Digest) -> Result<Option<(u32, Digest)>, StoreError> {
        const SQL: &str = "SELECT serial, digest FROM serials WHERE feed = ?1";
        sql::first(&self.handle.conn, SQL, (feed.as_bytes(),), |row| {
            Ok((row.get(0)?, Digest::new(row.get(1)?)))
        })
    }

    /// How many feeds have a number.
    ///
    /// # Errors
    /// When the database fails.
    pub fn serials(&self) -> Result<usize, StoreError> {
        let count = sql::first(&self.handle.conn, "SELECT count(*) FROM serials", (), |row| {
            Ok(row.get::<_, i64>(0)?)
        })?;
        Ok(count.and_then(|count| usize::try_from(count).ok()).unwrap_or(0))
    }
}
