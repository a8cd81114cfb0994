//! Which entries a word about records means: places in the log alone, since what it means may be
//! erased with the very same commit, or was let go of before. It names nothing and judges nothing.

use crate::log::Seq;
use crate::{Reading, StoreError, Tx, sql};
use model::id::Digest;

pub(super) const TABLES: &str = "
CREATE TABLE meant (word INTEGER NOT NULL, subject INTEGER NOT NULL,
  PRIMARY KEY (word, subject)) STRICT, WITHOUT ROWID;
CREATE TABLE let_go (mac BLOB NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (mac, seq)) STRICT, WITHOUT ROWID;
";

impl Tx<'_> {
    /// Remembers that the word in one place of the log means the entry in another.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_meant(&mut self, word: Seq, subject: Seq) -> Result<(), StoreError> {
        const PUT: &str = "INSERT OR IGNORE INTO meant (word, subject) VALUES (?1, ?2)";
        sql::execute(&self.handle().conn, PUT, (word, subject)).map(drop)
    }

    /// Remembers the place of an entry that is erased and not recalled, under the keyed digest of
    /// what it was: a word may mean it later.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_let_go(&mut self, mac: &Digest, seq: Seq) -> Result<(), StoreError> {
        const PUT: &str = "INSERT OR IGNORE INTO let_go (mac, seq) VALUES (?1, ?2)";
        sql::execute(&self.handle().conn, PUT, (mac.as_bytes(), seq)).map(drop)
    }
}

impl Reading<'_> {
    /// The entries that a word means, by their places; none for what is no such word.
    ///
    /// # Errors
    /// When the database fails.
    pub fn meant_by(&self, word: Seq) -> Result<Vec<Seq>, StoreError> {
        const SQL: &str = "SELECT subject FROM meant WHERE word = ?1 ORDER BY subject";
        sql::all(&self.handle.conn, SQL, (word,), |row| Ok(row.get(0)?))
    }

    /// The places of what was let go of under this keyed digest.
    ///
    /// # Errors
    /// When the database fails.
    pub fn let_go(&self, mac: &Digest) -> Result<Vec<Seq>, StoreError> {
        const SQL: &str = "SELECT seq FROM let_go WHERE mac = ?1 ORDER BY seq";
        sql::all(&self.handle.conn, SQL, (mac.as_bytes(),), |row| Ok(row.get(0)?))
    }
}
