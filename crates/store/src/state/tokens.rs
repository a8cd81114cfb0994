//! Tokens: who may ask this node, and for what. It keeps hashes of secrets, never a secret.

use crate::{Reading, StoreError, Tx, sql};
use model::id::{CircleId, Digest, IntakeId};
use model::label::Tlp;
use model::time::Instant;
use rusqlite::{Row, params};
use uuid::Uuid;

pub(super) const TABLES: &str = "
CREATE TABLE token (name TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE, intake BLOB NOT NULL,
  circles BLOB NOT NULL, rights INTEGER NOT NULL, tlp INTEGER, created INTEGER NOT NULL,
  expires INTEGER, revoked INTEGER) STRICT;
";

/// What a token may do.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Rights(u8);

impl Rights {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// Read what its circles' audience may see.
    pub const READ: Self = Self(1);
    /// Publish into its circles.
    pub const WRITE: Self = Self(2);
    /// Read RED as well.
    pub const RED: Self = Self(4);
    /// Administer the node.
    pub const ADMIN: Self = Self(8);

    /// Both.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of `other` is among them.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The number that stores keep.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The rights of this number; unknown bits grant nothing.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits & 15)
    }
}

/// A token.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Token {
    /// Its name for people.
    pub name: String,
    /// The digest of its secret.
    pub hash: Digest,
    /// The opaque number under which what it posts is carried.
    pub intake: IntakeId,
    /// The first is its home; empty for an administrator's, which has all.
    pub circles: Vec<CircleId>,
    /// What it may do.
    pub rights: Rights,
    /// The traffic light of what it posts without one.
    pub default: Option<Tlp>,
    /// When it was made.
    pub created: Instant,
    /// From when it is void.
    pub expires: Option<Instant>,
    /// When it was revoked.
    pub revoked: Option<Instant>,
}

/// Circles one after the other, sixteen bytes each.
pub(super) fn pack_circles(circles: &[CircleId]) -> Vec<u8> {
    circles.iter().flat_map(|circle| circle.uuid().into_bytes()).collect()
}

/// Reads what `pack_circles` wrote.
pub(super) fn unpack_circles(bytes: &[u8]) -> Vec<CircleId> {
    let uuids = bytes.chunks_exact(16).filter_map(|bytes| Uuid::from_slice(bytes).ok());
    uuids.map(CircleId::new).collect()
}

fn read(row: &Row<'_>) -> Result<Token, StoreError> {
    let circles: Vec<u8> = row.get(3)?;
    let tlp: Option<u8> = row.get(5)?;
    let rank = |rank| Tlp::from_rank(rank).ok_or_else(|| StoreError::damaged("a token's TLP"));
    let instant = |at: Option<i64>| at.map(Instant::from_micros);
    Ok(Token {
        name: row.get(0)?,
        hash: Digest::new(row.get(1)?),
        intake: IntakeId::new(row.get(2)?),
        circles: unpack_circles(&circles),
        rights: Rights::from_bits(row.get(4)?),
        default: tlp.map(rank).transpose()?,
        created: Instant::from_micros(row.get(6)?),
        expires: instant(row.get(7)?),
        revoked: instant(row.get(8)?),
    })
}

impl Tx<'_> {
    /// Adds a token, or replaces the one of this name.
    ///
    /// # Errors
    /// When another token has the same hash, or the database fails.
    pub fn put_token(&mut self, token: &Token) -> Result<(), StoreError> {
        const PUT: &str = "INSERT INTO token (name, hash, intake, circles, rights, tlp, created,
            expires, revoked) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            ON CONFLICT (name) DO UPDATE SET hash = excluded.hash, intake = excluded.intake,
            circles = excluded.circles, rights = excluded.rights, tlp = excluded.tlp,
            created = excluded.created, expires = excluded.expires, revoked = excluded.revoked";
        let row = params![
            token.name,
            token.hash.as_bytes(),
            token.intake.as_bytes(),
            pack_circles(&token.circles),
            token.rights.bits(),
            token.default.map(Tlp::rank),
            token.created.micros(),
            token.expires.map(Instant::micros),
            token.revoked.map(Instant::micros),
        ];
        sql::execute(&self.handle().conn, PUT, row).map(drop)
    }

    /// Revokes a token; false when there is none of this name or it is revoked already.
    ///
    /// # Errors
    /// When the database fails.
    pub fn revoke_token(&mut self, name: &str, at: Instant) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE token SET revoked = ?2 WHERE name = ?1 AND revoked IS NULL";
        Ok(sql::execute(&self.handle().conn, SQL, (name, at.micros()))? > 0)
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT name, hash, intake, circles, rights, tlp, created, expires, revoked",
            " FROM token ",
            $rest
        )
    };
}

impl Reading<'_> {
    /// All tokens by name, revoked ones too.
    ///
    /// # Errors
    /// When the database fails.
    pub fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        sql::all(&self.handle.conn, select!("ORDER BY name"), (), read)
    }

    /// The token whose secret has this digest, revoked or not.
    ///
    /// # Errors
    /// When the database fails.
    pub fn token_by_hash(&self, hash: &Digest) -> Result<Option<Token>, StoreError> {
        sql::first(&self.handle.conn, select!("WHERE hash = ?1"), (hash.as_bytes(),), read)
    }

    /// The token of this name, revoked or not.
    ///
    /// # Errors
    /// When the database fails.
    pub fn token_named(&self, name: &str) -> Result<Option<Token>, StoreError> {
        sql::first(&self.handle.conn, select!("WHERE name = ?1"), (name,), read)
    }
}
