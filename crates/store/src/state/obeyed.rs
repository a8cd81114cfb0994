//! Recalls until they are obeyed: what this node still has to say to who sent it one, how far those
//! have come to whom its recalls went, and whom a person told. Places in the log and nodes, no ids
//! of what was recalled. It decides nothing.

use crate::log::Seq;
use crate::{Reading, StoreError, Tx, purge, sql};
use model::id::{IntakeId, NodeId};
use model::obeyed::Stage;
use model::time::Instant;
use rusqlite::{Row, params};

/// `owed.look` is 0 when there is nothing to say, 1 when it has to be looked at, 2 when it waits for
/// the purge. `said` is the rank of a stage, 0 for none.
pub(super) const TABLES: &str = "
CREATE TABLE owed (recall INTEGER NOT NULL, giver BLOB NOT NULL, first INTEGER NOT NULL,
  said INTEGER NOT NULL, look INTEGER NOT NULL, since INTEGER NOT NULL,
  PRIMARY KEY (recall, giver)) STRICT, WITHOUT ROWID;
CREATE INDEX owed_look ON owed (look, recall, giver) WHERE look > 0;
CREATE TABLE awaited (recall INTEGER NOT NULL, partner BLOB NOT NULL, said INTEGER NOT NULL,
  passed INTEGER NOT NULL, since INTEGER NOT NULL, applied INTEGER, purged INTEGER,
  through INTEGER, done INTEGER NOT NULL, told INTEGER NOT NULL,
  PRIMARY KEY (recall, partner)) STRICT, WITHOUT ROWID;
CREATE INDEX awaited_open ON awaited (since, said) WHERE done = 0 AND told = 0;
CREATE TABLE told (recall INTEGER NOT NULL, reader BLOB NOT NULL, who TEXT NOT NULL,
  at INTEGER NOT NULL, PRIMARY KEY (recall, reader)) STRICT, WITHOUT ROWID;
";

/// What is owed to who sent a recall: a word on how far this node has come with it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Owed {
    /// The recall's place in the log.
    pub recall: Seq,
    /// Who sent it.
    pub giver: NodeId,
    /// Who sent it first hears of those behind this node, too.
    pub first: bool,
    /// What it was told already.
    pub said: Option<Stage>,
    /// When it was applied here.
    pub since: Instant,
}

/// How far a partner has come with a recall of what it had from here, by its own word.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Awaited {
    /// The recall's place in the log.
    pub recall: Seq,
    /// The partner.
    pub partner: NodeId,
    /// The furthest that it said.
    pub said: Option<Stage>,
    /// To how many it passed the recall on, by its word.
    pub passed: u64,
    /// When the recall was made, or came here.
    pub since: Instant,
    /// When it says that it applied it.
    pub applied: Option<Instant>,
    /// When it says that it purged it.
    pub purged: Option<Instant>,
    /// When it says that all behind it have come as far.
    pub through: Option<Instant>,
    /// Nothing more is awaited of it.
    pub done: bool,
    /// A person told it by other ways.
    pub told: bool,
}

/// Whom a person told of a recall.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Told {
    /// Who told it.
    pub who: String,
    /// When.
    pub at: Instant,
}

fn rank(stage: Option<Stage>) -> u8 {
    stage.map_or(0, Stage::rank)
}

fn owed(row: &Row<'_>) -> Result<Owed, StoreError> {
    Ok(Owed {
        recall: row.get(0)?,
        giver: NodeId::new(row.get(1)?),
        first: row.get(2)?,
        said: Stage::of_rank(row.get(3)?),
        since: Instant::from_micros(row.get(4)?),
    })
}

fn awaited(row: &Row<'_>) -> Result<Awaited, StoreError> {
    let at = |micros: Option<i64>| micros.map(Instant::from_micros);
    Ok(Awaited {
        recall: row.get(0)?,
        partner: NodeId::new(row.get(1)?),
        said: Stage::of_rank(row.get(2)?),
        passed: sql::unsigned(row.get(3)?)?,
        since: Instant::from_micros(row.get(4)?),
        applied: at(row.get(5)?),
        purged: at(row.get(6)?),
        through: at(row.get(7)?),
        done: row.get(8)?,
        told: row.get(9)?,
    })
}

macro_rules! awaited {
    ($rest:literal) => {
        concat!(
            "SELECT recall, partner, said, passed, since, applied, purged, through, done, told
             FROM awaited WHERE ",
            $rest
        )
    };
}

macro_rules! late {
    () => {
        "done = 0 AND told = 0 AND since < ?1 AND (said = 0 OR since < ?2)"
    };
}

impl Tx<'_> {
    /// A recall came from a partner, perhaps again: it is to hear how far this node is. Who sent it
    /// first stays the first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn owe(&mut self, recall: Seq, giver: &NodeId, now: Instant) -> Result<(), StoreError> {
        const PUT: &str = "INSERT INTO owed (recall, giver, first, said, look, since)
            VALUES (?1, ?2, NOT EXISTS (SELECT 1 FROM owed WHERE recall = ?1), 0, 1, ?3)
            ON CONFLICT (recall, giver) DO UPDATE SET said = 0, look = 1";
        let row = (recall, giver.as_bytes(), now.micros());
        sql::execute(&self.handle().conn, PUT, row).map(drop)
    }

    /// Remembers what was said, and whether more will be once the purge is through.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_owed(&mut self, owed: &Owed, waits: bool) -> Result<(), StoreError> {
        const PUT: &str = "UPDATE owed SET said = ?3, look = ?4 WHERE recall = ?1 AND giver = ?2";
        let look = if waits { 2 } else { 0 };
        let row = (owed.recall, owed.giver.as_bytes(), rank(owed.said), look);
        sql::execute(&self.handle().conn, PUT, row).map(drop)
    }

    /// Who sent a recall first is to be looked at again: those behind this node have come further.
    /// Whether there is somebody.
    ///
    /// # Errors
    /// When the database fails.
    pub fn look_at_owed(&mut self, recall: Seq) -> Result<bool, StoreError> {
        const PUT: &str = "UPDATE owed SET look = 1 WHERE recall = ?1 AND first = 1 AND look = 0";
        Ok(sql::execute(&self.handle().conn, PUT, (recall,))? > 0)
    }

    /// Keeps how far a partner has come with a recall.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_awaited(&mut self, line: &Awaited) -> Result<(), StoreError> {
        const PUT: &str = "INSERT OR REPLACE INTO awaited (recall, partner, said, passed, since,
            applied, purged, through, done, told) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        let row = params![
            line.recall,
            line.partner.as_bytes(),
            rank(line.said),
            sql::signed(line.passed)?,
            line.since.micros(),
            line.applied.map(Instant::micros),
            line.purged.map(Instant::micros),
            line.through.map(Instant::micros),
            line.done,
            line.told,
        ];
        sql::execute(&self.handle().conn, PUT, row).map(drop)
    }

    /// Notes that a person told a reader of a recall; the first note stays.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_told(
        &mut self,
        recall: Seq,
        reader: &IntakeId,
        told: &Told,
    ) -> Result<(), StoreError> {
        const PUT: &str =
            "INSERT OR IGNORE INTO told (recall, reader, who, at) VALUES (?1, ?2, ?3, ?4)";
        let row = (recall, reader.as_bytes(), &told.who, told.at.micros());
        sql::execute(&self.handle().conn, PUT, row).map(drop)
    }

    /// Whether something that was erased may still be in a file.
    ///
    /// # Errors
    /// When the database fails.
    pub fn is_purge_wanted(&self) -> Result<bool, StoreError> {
        purge::is_wanted(self.handle())
    }
}

impl Reading<'_> {
    /// At most `limit` words that are owed and can be said; those that wait for the purge only when
    /// it is through.
    ///
    /// # Errors
    /// When the database fails.
    pub fn owed_now(&self, purged: bool, limit: usize) -> Result<Vec<Owed>, StoreError> {
        const SQL: &str = "SELECT recall, giver, first, said, since FROM owed
            WHERE look > 0 AND look <= ?1 ORDER BY look, recall, giver LIMIT ?2";
        let most = if purged { 2 } else { 1 };
        sql::all(&self.handle.conn, SQL, (most, sql::limit(limit)), owed)
    }

    /// The partners that had what a recall takes back.
    ///
    /// # Errors
    /// When the database fails.
    pub fn awaited(&self, recall: Seq) -> Result<Vec<Awaited>, StoreError> {
        const SQL: &str = awaited!("recall = ?1 ORDER BY partner");
        sql::all(&self.handle.conn, SQL, (recall,), awaited)
    }

    /// How far a partner has come with a recall, if it had what that takes back.
    ///
    /// # Errors
    /// When the database fails.
    pub fn awaited_of(&self, recall: Seq, partner: &NodeId) -> Result<Option<Awaited>, StoreError> {
        const SQL: &str = awaited!("recall = ?1 AND partner = ?2");
        sql::first(&self.handle.conn, SQL, (recall, partner.as_bytes()), awaited)
    }

    /// At most `limit` of what is awaited longer than it should be, oldest first: the recall was
    /// made before `said_nothing` and nothing was said, or before `said_less`.
    ///
    /// # Errors
    /// When the database fails.
    pub fn awaited_late(
        &self,
        (said_nothing, said_less): (Instant, Instant),
        limit: usize,
    ) -> Result<Vec<Awaited>, StoreError> {
        const SQL: &str =
            concat!(awaited!(""), late!(), " ORDER BY since, recall, partner LIMIT ?3");
        let key = (said_nothing.micros(), said_less.micros(), sql::limit(limit));
        sql::all(&self.handle.conn, SQL, key, awaited)
    }

    /// How much is awaited longer than it should be; see [`Reading::awaited_late`].
    ///
    /// # Errors
    /// When the database fails.
    pub fn count_late(&self, said_nothing: Instant, said_less: Instant) -> Result<u64, StoreError> {
        const SQL: &str = concat!("SELECT count(*) FROM awaited WHERE ", late!());
        let key = (said_nothing.micros(), said_less.micros());
        let found = sql::first(&self.handle.conn, SQL, key, |row| sql::unsigned(row.get(0)?))?;
        Ok(found.unwrap_or(0))
    }

    /// Who told a reader of a recall, and when.
    ///
    /// # Errors
    /// When the database fails.
    pub fn told(&self, recall: Seq, reader: &IntakeId) -> Result<Option<Told>, StoreError> {
        const SQL: &str = "SELECT who, at FROM told WHERE recall = ?1 AND reader = ?2";
        sql::first(&self.handle.conn, SQL, (recall, reader.as_bytes()), |row| {
            Ok(Told { who: row.get(0)?, at: Instant::from_micros(row.get(1)?) })
        })
    }
}
