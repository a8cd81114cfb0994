//! The serial numbers of feeds, which rise only with what the feed says. It renders no feed.

use super::settings;
use crate::{Reading, StoreError, Tx, sql};
use model::id::Digest;

pub(super) const TABLES: &str = "
CREATE TABLE serials (feed BLOB PRIMARY KEY, serial INTEGER NOT NULL, digest BLOB NOT NULL)
  STRICT, WITHOUT ROWID;
CREATE INDEX serials_by_serial ON serials (serial);
";

/// Under which the two numbers of [`Numbered`] are kept.
const NUMBERED: &str = "store.serials";

/// How many feeds have a number that is kept, and how high those went that are forgotten.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Numbered {
    /// Feeds whose number is kept.
    pub feeds: u32,
    /// The highest number that was forgotten with its feed; 0 for none.
    pub forgotten: u32,
}

impl Tx<'_> {
    /// Keeps a feed's number and the digest of what it says under it. The caller counts new ones
    /// with [`Tx::put_numbered`].
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

    /// Forgets the feed with the lowest number, and says which number that was.
    ///
    /// # Errors
    /// When the database fails.
    pub fn forget_lowest_serial(&mut self) -> Result<Option<u32>, StoreError> {
        const SQL: &str = "DELETE FROM serials WHERE feed =
            (SELECT feed FROM serials ORDER BY serial, feed LIMIT 1) RETURNING serial";
        sql::first(&self.handle().conn, SQL, (), |row| Ok(row.get(0)?))
    }

    /// Keeps how many feeds are numbered, and how high the forgotten ones went.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_numbered(&mut self, numbered: Numbered) -> Result<(), StoreError> {
        let both = [numbered.feeds.to_be_bytes(), numbered.forgotten.to_be_bytes()];
        settings::put(self.handle(), NUMBERED, both.as_flattened())
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

    /// How many feeds are numbered, and how high the forgotten ones went. It counts no rows.
    ///
    /// # Errors
    /// When the database fails, or holds something else there.
    pub fn numbered_feeds(&self) -> Result<Numbered, StoreError> {
        let Some(both) = self.setting(NUMBERED)? else { return Ok(Numbered::default()) };
        let (&[feeds, forgotten], []) = both.as_chunks::<4>() else {
            return Err(StoreError::damaged("the count of numbered feeds"));
        };
        let [feeds, forgotten] = [feeds, forgotten].map(u32::from_be_bytes);
        Ok(Numbered { feeds, forgotten })
    }
}
