//! Which entries a word about records means: places in the log alone, since what it means may be
//! erased with the very same commit, or was let go of before. It names nothing and judges nothing.

use crate::log::Seq;
use crate::{Reading, StoreError, Tx, sql};
use model::id::Digest;

/// `let_go` has places under the outlet that a record went by, 0 where that was not asked; and
/// `meant_gone` which words mean what was let go of, without a row for each place.
pub(super) const TABLES: &str = "
CREATE TABLE meant (word INTEGER NOT NULL, subject INTEGER NOT NULL,
  PRIMARY KEY (word, subject)) STRICT, WITHOUT ROWID;
CREATE TABLE let_go (mac BLOB NOT NULL, outlet INTEGER NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (mac, outlet, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE meant_gone (word INTEGER NOT NULL, mac BLOB NOT NULL,
  PRIMARY KEY (word, mac)) STRICT, WITHOUT ROWID;
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
    /// what it was and the number of an outlet that it went by, or 0: a word may mean it later.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_let_go(&mut self, mac: &Digest, outlet: i64, seq: Seq) -> Result<(), StoreError> {
        const PUT: &str = "INSERT OR IGNORE INTO let_go (mac, outlet, seq) VALUES (?1, ?2, ?3)";
        sql::execute(&self.handle().conn, PUT, (mac.as_bytes(), outlet, seq)).map(drop)
    }

    /// Remembers that the word in one place of the log means what was let go of under this keyed
    /// digest, wherever that stood.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_meant_gone(&mut self, word: Seq, mac: &Digest) -> Result<(), StoreError> {
        const PUT: &str = "INSERT OR IGNORE INTO meant_gone (word, mac) VALUES (?1, ?2)";
        sql::execute(&self.handle().conn, PUT, (word, mac.as_bytes())).map(drop)
    }
}

impl Reading<'_> {
    /// The entries that a word means, by their places; none for what is no such word.
    ///
    /// # Errors
    /// When the database fails.
    pub fn meant_by(&self, word: Seq) -> Result<Vec<Seq>, StoreError> {
        const SQL: &str = "SELECT subject FROM meant WHERE word = ?1 UNION SELECT l.seq
            FROM meant_gone g JOIN let_go l ON l.mac = g.mac WHERE g.word = ?1 ORDER BY 1";
        sql::all(&self.handle.conn, SQL, (word,), |row| Ok(row.get(0)?))
    }

    /// Whether a word means anything that is or was held here; that never changes after the commit
    /// that brought the word.
    ///
    /// # Errors
    /// When the database fails.
    pub fn means_anything(&self, word: Seq) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT 1 WHERE EXISTS (SELECT 1 FROM meant WHERE word = ?1)
            OR EXISTS (SELECT 1 FROM meant_gone WHERE word = ?1)";
        sql::exists(&self.handle.conn, SQL, (word,))
    }

    /// Whether anything was let go of under this keyed digest.
    ///
    /// # Errors
    /// When the database fails.
    pub fn was_let_go(&self, mac: &Digest) -> Result<bool, StoreError> {
        sql::exists(&self.handle.conn, "SELECT 1 FROM let_go WHERE mac = ?1", (mac.as_bytes(),))
    }

    /// What was let go of under this keyed digest: outlets, or 0, and places.
    ///
    /// # Errors
    /// When the database fails.
    pub fn let_go(&self, mac: &Digest) -> Result<Vec<(i64, Seq)>, StoreError> {
        const SQL: &str = "SELECT outlet, seq FROM let_go WHERE mac = ?1 ORDER BY outlet, seq";
        sql::all(&self.handle.conn, SQL, (mac.as_bytes(),), |row| Ok((row.get(0)?, row.get(1)?)))
    }
}
