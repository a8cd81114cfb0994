//! Sources: what this node pulls, how far each has come, and what became of it. It pulls nothing and
//! decides no time; the secret of a source never leaves through `Debug`.

use crate::{Reading, StoreError, Tx, sql};
use model::id::{CircleId, IntakeId};
use model::label::Tlp;
use model::time::Instant;
use rusqlite::{Row, params};
use std::fmt;
use uuid::Uuid;

pub(super) const TABLES: &str = "
CREATE TABLE source (intake BLOB PRIMARY KEY, name TEXT NOT NULL, kind INTEGER NOT NULL,
  url TEXT NOT NULL, circle BLOB NOT NULL, tlp INTEGER, every INTEGER NOT NULL, secret TEXT,
  added INTEGER NOT NULL, removed INTEGER,
  etag TEXT, modified TEXT, added_after INTEGER, next TEXT,
  asked INTEGER, last INTEGER, success INTEGER, not_before INTEGER,
  failures INTEGER NOT NULL, code TEXT, message TEXT, hint TEXT, refusal TEXT,
  accepted INTEGER NOT NULL, duplicate INTEGER NOT NULL, refused INTEGER NOT NULL)
  STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX source_name ON source (name) WHERE removed IS NULL;
";

/// What a source speaks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SourceKind {
    /// A file at a URL: a plain list, CSV, or a STIX document.
    List,
    /// A TAXII 2.1 collection.
    Taxii,
}

impl SourceKind {
    const fn code(self) -> u8 {
        match self {
            Self::List => 0,
            Self::Taxii => 1,
        }
    }

    fn from_code(code: u8) -> Result<Self, StoreError> {
        match code {
            0 => Ok(Self::List),
            1 => Ok(Self::Taxii),
            _ => Err(StoreError::damaged("a source's kind")),
        }
    }
}

/// What a source is shown to be let in. Its `Debug` tells nothing.
#[derive(Clone, Eq, PartialEq)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// How far a source has been read; committed together with what was read.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Position {
    /// A list's `ETag`, as it was spelt.
    pub etag: Option<String>,
    /// A list's `Last-Modified`, as it was spelt.
    pub modified: Option<String>,
    /// The date up to which a collection was read.
    pub added_after: Option<Instant>,
    /// How a collection goes on, where its server gives no dates.
    pub next: Option<String>,
}

/// Why the last pull failed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PullError {
    /// A stable code.
    pub code: String,
    /// What happened.
    pub message: String,
    /// What to do about it; may be empty.
    pub hint: String,
}

/// What became of a source's pulls.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Pulls {
    /// Somebody asked for a pull, and none has begun since.
    pub asked: Option<Instant>,
    /// When the last pull that has ended began.
    pub last: Option<Instant>,
    /// When the last successful pull ended.
    pub success: Option<Instant>,
    /// The server asked not to be asked before.
    pub not_before: Option<Instant>,
    /// Failures since the last success.
    pub failures: u32,
    /// The last failure, while there was no success since.
    pub error: Option<PullError>,
    /// One object that was refused in the last pull that brought any such, in words.
    pub refusal: Option<String>,
    /// Objects accepted, ever.
    pub accepted: u64,
    /// Objects that were there already, ever.
    pub duplicate: u64,
    /// Objects refused, ever.
    pub refused: u64,
}

/// A source.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Source {
    /// The opaque number under which what it brings is carried.
    pub intake: IntakeId,
    /// Its name for people, unique among those that are not removed.
    pub name: String,
    /// What it speaks.
    pub kind: SourceKind,
    /// Where it is.
    pub url: String,
    /// Where what it brings is placed.
    pub circle: CircleId,
    /// The traffic light of what comes without one.
    pub default: Option<Tlp>,
    /// Seconds between two pulls.
    pub every: u32,
    /// What it is shown to let us in.
    pub secret: Option<Secret>,
    /// When it was added.
    pub added: Instant,
    /// When it was removed; the row stays, so that adding it again brings nothing twice.
    pub removed: Option<Instant>,
    /// How far it has been read.
    pub position: Position,
    /// What became of its pulls.
    pub pulls: Pulls,
}

macro_rules! columns {
    () => {
        "intake, name, kind, url, circle, tlp, every, secret, added, removed, etag, modified, \
         added_after, next, asked, last, success, not_before, failures, code, message, hint, \
         refusal, accepted, duplicate, refused"
    };
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT ", columns!(), " FROM source ", $rest)
    };
}

fn read(row: &Row<'_>) -> Result<Source, StoreError> {
    let tlp: Option<u8> = row.get("tlp")?;
    let rank = |rank| Tlp::from_rank(rank).ok_or_else(|| StoreError::damaged("a source's TLP"));
    let instant = |name: &str| -> Result<Option<Instant>, StoreError> {
        Ok(row.get::<_, Option<i64>>(name)?.map(Instant::from_micros))
    };
    let secret: Option<String> = row.get("secret")?;
    Ok(Source {
        intake: IntakeId::new(row.get("intake")?),
        name: row.get("name")?,
        kind: SourceKind::from_code(row.get("kind")?)?,
        url: row.get("url")?,
        circle: CircleId::new(Uuid::from_bytes(row.get("circle")?)),
        default: tlp.map(rank).transpose()?,
        every: row.get("every")?,
        secret: secret.map(Secret),
        added: Instant::from_micros(row.get("added")?),
        removed: instant("removed")?,
        position: Position {
            etag: row.get("etag")?,
            modified: row.get("modified")?,
            added_after: instant("added_after")?,
            next: row.get("next")?,
        },
        pulls: Pulls {
            asked: instant("asked")?,
            last: instant("last")?,
            success: instant("success")?,
            not_before: instant("not_before")?,
            failures: row.get("failures")?,
            error: error(row)?,
            refusal: row.get("refusal")?,
            accepted: sql::unsigned(row.get("accepted")?)?,
            duplicate: sql::unsigned(row.get("duplicate")?)?,
            refused: sql::unsigned(row.get("refused")?)?,
        },
    })
}

fn error(row: &Row<'_>) -> Result<Option<PullError>, StoreError> {
    let code: Option<String> = row.get("code")?;
    let Some(code) = code else { return Ok(None) };
    let text = |name: &str| -> Result<String, StoreError> {
        Ok(row.get::<_, Option<String>>(name)?.unwrap_or_default())
    };
    Ok(Some(PullError { code, message: text("message")?, hint: text("hint")? }))
}

impl Tx<'_> {
    /// Adds a source, or replaces the one of this intake.
    ///
    /// # Errors
    /// When another source that is not removed has this name, or the database fails.
    pub fn put_source(&mut self, source: &Source) -> Result<(), StoreError> {
        const PUT: &str = concat!(
            "INSERT INTO source (",
            columns!(),
            ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, \
             ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26)"
        );
        let micros = |at: Option<Instant>| at.map(Instant::micros);
        let (position, pulls) = (&source.position, &source.pulls);
        let error = pulls.error.as_ref();
        let row = params![
            source.intake.as_bytes(),
            source.name,
            source.kind.code(),
            source.url,
            source.circle.uuid().into_bytes(),
            source.default.map(Tlp::rank),
            source.every,
            source.secret.as_ref().map(|secret| &secret.0),
            source.added.micros(),
            micros(source.removed),
            position.etag,
            position.modified,
            micros(position.added_after),
            position.next,
            micros(pulls.asked),
            micros(pulls.last),
            micros(pulls.success),
            micros(pulls.not_before),
            pulls.failures,
            error.map(|error| &error.code),
            error.map(|error| &error.message),
            error.map(|error| &error.hint),
            pulls.refusal,
            sql::signed(pulls.accepted)?,
            sql::signed(pulls.duplicate)?,
            sql::signed(pulls.refused)?,
        ];
        let conn = &self.handle().conn;
        sql::execute(conn, "DELETE FROM source WHERE intake = ?1", (source.intake.as_bytes(),))?;
        sql::execute(conn, PUT, row).map(drop)
    }
}

impl Reading<'_> {
    /// All sources by name, removed ones too.
    ///
    /// # Errors
    /// When the database fails.
    pub fn sources(&self) -> Result<Vec<Source>, StoreError> {
        sql::all(&self.handle.conn, select!("ORDER BY name, added"), (), read)
    }

    /// The source of this name that is not removed.
    ///
    /// # Errors
    /// When the database fails.
    pub fn source_named(&self, name: &str) -> Result<Option<Source>, StoreError> {
        let one = select!("WHERE name = ?1 AND removed IS NULL");
        sql::first(&self.handle.conn, one, (name,), read)
    }

    /// The source of this intake, removed or not.
    ///
    /// # Errors
    /// When the database fails.
    pub fn source(&self, intake: &IntakeId) -> Result<Option<Source>, StoreError> {
        let one = select!("WHERE intake = ?1");
        sql::first(&self.handle.conn, one, (intake.as_bytes(),), read)
    }
}
