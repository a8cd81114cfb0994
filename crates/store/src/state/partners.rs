//! Partners and the invitations by which they come. It dials nobody.

use super::tokens::{pack_circles, unpack_circles};
use crate::{Reading, StoreError, Tx, sql};
use model::id::{CircleId, Digest, NodeId};
use model::seal::PublicKey;
use model::time::Instant;
use rusqlite::{Row, params};

pub(super) const TABLES: &str = "
CREATE TABLE partner (node BLOB PRIMARY KEY, name TEXT NOT NULL UNIQUE, key BLOB NOT NULL,
  address TEXT, state INTEGER NOT NULL, words TEXT NOT NULL, card TEXT NOT NULL,
  added INTEGER NOT NULL, removed_us INTEGER) STRICT;
CREATE TABLE invitation (hash BLOB PRIMARY KEY, circles BLOB NOT NULL, trusted INTEGER NOT NULL,
  expires INTEGER NOT NULL, used INTEGER NOT NULL) STRICT;
";

/// How far a partner has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PartnerState {
    /// It used an invitation; the words are not compared yet.
    Joined,
    /// The words were compared, or the code travelled safely.
    Confirmed,
    /// It was removed; the row stays so that its records keep a name.
    Removed,
}

impl PartnerState {
    const fn code(self) -> u8 {
        match self {
            Self::Joined => 0,
            Self::Confirmed => 1,
            Self::Removed => 2,
        }
    }

    fn from_code(code: u8) -> Result<Self, StoreError> {
        match code {
            0 => Ok(Self::Joined),
            1 => Ok(Self::Confirmed),
            2 => Ok(Self::Removed),
            _ => Err(StoreError::damaged("a partner's state")),
        }
    }
}

/// A partner.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Partner {
    /// Its node.
    pub node: NodeId,
    /// Its name here, for people.
    pub name: String,
    /// Its key now.
    pub key: PublicKey,
    /// `host:port` that we dial; `None` when only it dials.
    pub address: Option<String>,
    /// How far it has come.
    pub state: PartnerState,
    /// The six words to compare.
    pub words: String,
    /// The text of its card, as `model::card` prints it.
    pub card: String,
    /// When it came.
    pub added: Instant,
    /// When it said that it has removed us; `None` while it talks to us.
    pub removed_us: Option<Instant>,
}

/// An invitation that is out.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Invitation {
    /// The digest of its secret.
    pub secret_hash: Digest,
    /// The circles that it opens.
    pub circles: Vec<CircleId>,
    /// The code travelled safely: no words need be compared.
    pub trusted: bool,
    /// From when it is void.
    pub expires: Instant,
    /// Somebody came by it.
    pub used: bool,
}

fn read(row: &Row<'_>) -> Result<Partner, StoreError> {
    Ok(Partner {
        node: NodeId::new(row.get(0)?),
        name: row.get(1)?,
        key: PublicKey::new(row.get(2)?),
        address: row.get(3)?,
        state: PartnerState::from_code(row.get(4)?)?,
        words: row.get(5)?,
        card: row.get(6)?,
        added: Instant::from_micros(row.get(7)?),
        removed_us: row.get::<_, Option<i64>>(8)?.map(Instant::from_micros),
    })
}

impl Tx<'_> {
    /// Adds a partner, or replaces what is known of this node.
    ///
    /// # Errors
    /// When another partner has the same name, or the database fails.
    pub fn put_partner(&mut self, partner: &Partner) -> Result<(), StoreError> {
        const PUT: &str =
            "INSERT INTO partner (node, name, key, address, state, words, card, added, removed_us)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            ON CONFLICT (node) DO UPDATE SET name = excluded.name, key = excluded.key,
            address = excluded.address, state = excluded.state, words = excluded.words,
            card = excluded.card, added = excluded.added, removed_us = excluded.removed_us";
        let row = params![
            partner.node.as_bytes(),
            partner.name,
            partner.key.as_bytes(),
            partner.address,
            partner.state.code(),
            partner.words,
            partner.card,
            partner.added.micros(),
            partner.removed_us.map(Instant::micros),
        ];
        sql::execute(&self.handle().conn, PUT, row).map(drop)
    }

    /// Adds an invitation, or replaces the one with this secret.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_invitation(&mut self, invitation: &Invitation) -> Result<(), StoreError> {
        const PUT: &str = "INSERT INTO invitation (hash, circles, trusted, expires, used)
            VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (hash) DO UPDATE SET circles = excluded.circles,
            trusted = excluded.trusted, expires = excluded.expires, used = excluded.used";
        let row = params![
            invitation.secret_hash.as_bytes(),
            pack_circles(&invitation.circles),
            invitation.trusted,
            invitation.expires.micros(),
            invitation.used,
        ];
        sql::execute(&self.handle().conn, PUT, row).map(drop)
    }

    /// Uses an invitation up; false when there is none with this secret or it was used before.
    ///
    /// # Errors
    /// When the database fails.
    pub fn use_invitation(&mut self, secret_hash: &Digest) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE invitation SET used = 1 WHERE hash = ?1 AND used = 0";
        Ok(sql::execute(&self.handle().conn, SQL, (secret_hash.as_bytes(),))? > 0)
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT node, name, key, address, state, words, card, added, removed_us FROM partner ",
            $rest
        )
    };
}

impl Reading<'_> {
    /// All partners by name, removed ones too.
    ///
    /// # Errors
    /// When the database fails.
    pub fn partners(&self) -> Result<Vec<Partner>, StoreError> {
        sql::all(&self.handle.conn, select!("ORDER BY name"), (), read)
    }

    /// The partner with this node.
    ///
    /// # Errors
    /// When the database fails.
    pub fn partner(&self, node: &NodeId) -> Result<Option<Partner>, StoreError> {
        sql::first(&self.handle.conn, select!("WHERE node = ?1"), (node.as_bytes(),), read)
    }

    /// The invitation whose secret has this digest, used or not.
    ///
    /// # Errors
    /// When the database fails.
    pub fn invitation(&self, secret_hash: &Digest) -> Result<Option<Invitation>, StoreError> {
        const SQL: &str = "SELECT circles, trusted, expires, used FROM invitation WHERE hash = ?1";
        sql::first(&self.handle.conn, SQL, (secret_hash.as_bytes(),), |row| {
            let circles: Vec<u8> = row.get(0)?;
            Ok(Invitation {
                secret_hash: *secret_hash,
                circles: unpack_circles(&circles),
                trusted: row.get(1)?,
                expires: Instant::from_micros(row.get(2)?),
                used: row.get(3)?,
            })
        })
    }
}
