//! Who is told of matches outside this node: webhooks, and a syslog server. How each fares stands in
//! its row. It sends nothing; what lets us in never leaves through `Debug`.

use super::sources::Secret;
use crate::{Reading, StoreError, Tx, sql};
use model::id::CircleId;
use model::time::Instant;
use rusqlite::{Row, params};
use uuid::Uuid;

pub(super) const TABLES: &str = "
CREATE TABLE receivers (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
  url TEXT NOT NULL, wording INTEGER NOT NULL, circle BLOB, red INTEGER NOT NULL,
  secret TEXT, key TEXT, added INTEGER NOT NULL,
  waiting INTEGER NOT NULL, bytes INTEGER NOT NULL, sent INTEGER NOT NULL,
  dropped INTEGER NOT NULL, dropped_at INTEGER,
  failures INTEGER NOT NULL, last INTEGER, success INTEGER, error TEXT, hint TEXT) STRICT;
";

/// In which words a match is told.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub enum Wording {
    /// Our own, as matches are kept at home.
    #[default]
    Json,
    /// OCSF's Detection Finding.
    Ocsf,
    /// An alert in ECS.
    Ecs,
    /// A line of CEF.
    Cef,
    /// A bundle of STIX 2.1 with a sighting.
    Stix,
}

impl Wording {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Json, Self::Ocsf, Self::Ecs, Self::Stix, Self::Cef];

    const fn code(self) -> u8 {
        match self {
            Self::Json => 0,
            Self::Ocsf => 1,
            Self::Ecs => 2,
            Self::Cef => 3,
            Self::Stix => 4,
        }
    }

    fn from_code(code: u8) -> Result<Self, StoreError> {
        let found = Self::ALL.into_iter().find(|one| one.code() == code);
        found.ok_or_else(|| StoreError::damaged("the words of a receiver"))
    }

    /// `ocsf`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Ocsf => "ocsf",
            Self::Ecs => "ecs",
            Self::Cef => "cef",
            Self::Stix => "stix",
        }
    }
}

impl std::str::FromStr for Wording {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let found = Self::ALL.into_iter().find(|one| one.as_str() == text);
        found.ok_or("use json, ocsf, ecs, stix or cef")
    }
}

/// Who is told of matches.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Receiver {
    /// Its number, drawn: never given again.
    pub id: i64,
    /// Its name for people.
    pub name: String,
    /// Where it is: `https:`, `http:`, `udp:`, `tcp:` or `tls:`.
    pub url: String,
    /// In which words it is told.
    pub wording: Wording,
    /// Only of matches in this circle.
    pub circle: Option<CircleId>,
    /// Also of what is TLP:RED.
    pub red: bool,
    /// What findings are signed with; a webhook has one.
    pub secret: Option<Secret>,
    /// What it is shown to let us in.
    pub key: Option<Secret>,
    /// When it was added.
    pub added: Instant,
    /// Findings that wait for it.
    pub waiting: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Findings that it took, ever.
    pub sent: u64,
    /// Findings that were given up, ever.
    pub dropped: u64,
    /// When the last one was.
    pub dropped_at: Option<Instant>,
    /// Failures since the last success.
    pub failures: u32,
    /// When it was last tried.
    pub last: Option<Instant>,
    /// When it last took something.
    pub success: Option<Instant>,
    /// The last failure, with its code, while there was no success since.
    pub error: Option<String>,
    /// What to do about it; may be empty.
    pub hint: String,
}

macro_rules! columns {
    () => {
        "id, name, url, wording, circle, red, secret, key, added, waiting, bytes, sent, dropped, \
         dropped_at, failures, last, success, error, hint"
    };
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT ", columns!(), " FROM receivers ", $rest)
    };
}

fn read(row: &Row<'_>) -> Result<Receiver, StoreError> {
    let instant = |name: &str| -> Result<Option<Instant>, StoreError> {
        Ok(row.get::<_, Option<i64>>(name)?.map(Instant::from_micros))
    };
    let circle: Option<[u8; 16]> = row.get("circle")?;
    Ok(Receiver {
        id: row.get("id")?,
        name: row.get("name")?,
        url: row.get("url")?,
        wording: Wording::from_code(row.get("wording")?)?,
        circle: circle.map(|bytes| CircleId::new(Uuid::from_bytes(bytes))),
        red: row.get("red")?,
        secret: row.get::<_, Option<String>>("secret")?.map(Secret),
        key: row.get::<_, Option<String>>("key")?.map(Secret),
        added: Instant::from_micros(row.get("added")?),
        waiting: sql::unsigned(row.get("waiting")?)?,
        bytes: sql::unsigned(row.get("bytes")?)?,
        sent: sql::unsigned(row.get("sent")?)?,
        dropped: sql::unsigned(row.get("dropped")?)?,
        dropped_at: instant("dropped_at")?,
        failures: row.get("failures")?,
        last: instant("last")?,
        success: instant("success")?,
        error: row.get("error")?,
        hint: row.get::<_, Option<String>>("hint")?.unwrap_or_default(),
    })
}

impl Tx<'_> {
    /// Adds a receiver, or replaces the one of this number.
    ///
    /// # Errors
    /// When another one has this name, or the database fails.
    pub fn put_receiver(&mut self, receiver: &Receiver) -> Result<(), StoreError> {
        const DELETE: &str = "DELETE FROM receivers WHERE id = ?1";
        const PUT: &str = concat!(
            "INSERT INTO receivers (",
            columns!(),
            ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, \
             ?17, ?18, ?19)"
        );
        let micros = |at: Option<Instant>| at.map(Instant::micros);
        let row = params![
            receiver.id,
            receiver.name,
            receiver.url,
            receiver.wording.code(),
            receiver.circle.map(|circle| circle.uuid().into_bytes()),
            receiver.red,
            receiver.secret.as_ref().map(|secret| &secret.0),
            receiver.key.as_ref().map(|key| &key.0),
            receiver.added.micros(),
            sql::signed(receiver.waiting)?,
            sql::signed(receiver.bytes)?,
            sql::signed(receiver.sent)?,
            sql::signed(receiver.dropped)?,
            micros(receiver.dropped_at),
            receiver.failures,
            micros(receiver.last),
            micros(receiver.success),
            receiver.error,
            receiver.hint,
        ];
        let conn = &self.handle().conn;
        sql::execute(conn, DELETE, (receiver.id,))?;
        sql::execute(conn, PUT, row).map(drop)
    }

    /// Forgets a receiver with everything that waits for it.
    ///
    /// # Errors
    /// When the database fails.
    pub fn drop_receiver(&mut self, id: i64) -> Result<(), StoreError> {
        let conn = &self.handle().conn;
        sql::execute(conn, "DELETE FROM outgoing WHERE receiver = ?1", (id,))?;
        sql::execute(conn, "DELETE FROM receivers WHERE id = ?1", (id,)).map(drop)
    }
}

impl Reading<'_> {
    /// All receivers by name.
    ///
    /// # Errors
    /// When the database fails.
    pub fn receivers(&self) -> Result<Vec<Receiver>, StoreError> {
        sql::all(&self.handle.conn, select!("ORDER BY name"), (), read)
    }

    /// The receiver of this number.
    ///
    /// # Errors
    /// When the database fails.
    pub fn receiver(&self, id: i64) -> Result<Option<Receiver>, StoreError> {
        sql::first(&self.handle.conn, select!("WHERE id = ?1"), (id,), read)
    }
}
