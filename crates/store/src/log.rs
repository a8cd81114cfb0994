//! The log: its table, its rows, append and scan. The header's text is rebuilt from its columns.
//!
//! Nothing is ever removed from it: erasing leaves a stub with the leaf.

use crate::open::Handle;
use crate::runs::Runs;
use crate::write::NewEntry;
use crate::{StoreError, sql};
use model::id::{CircleId, Digest, IntakeId, NodeId, ThingId};
use model::label::Label;
use model::record::{Authorship, Header, Parts};
use model::seal::Signature;
use model::time::Instant;
use std::sync::Arc;
use uuid::Uuid;

/// A place in the log, counted from 1 without gaps.
pub type Seq = i64;

/// Another record of the same thing exists.
pub(crate) const RIVAL: i64 = 1;
/// The row is a stub.
pub(crate) const ERASED: i64 = 2;
/// Hidden in its circle, as the state's table of hidden entries says: it spares a page a look
/// there for each of its rows.
pub(crate) const HIDDEN: i64 = 4;

/// The columns that leaf and signature cover; the row's own digest covers the others.
pub(crate) const PROVEN: [&str; 3] = ["salt", "signature", "body"];

/// What scans read stands first: SQLite stops there and never touches the body's pages. The index
/// has what a decision depends on: `tally` counts it. An erased entry is not in it.
pub(crate) const TABLE: &str = "
CREATE TABLE log (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  label INTEGER NOT NULL,
  signer INTEGER NOT NULL,
  via INTEGER NOT NULL,
  hop INTEGER NOT NULL,
  circle INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  signed INTEGER NOT NULL,
  signed_label INTEGER,
  intake BLOB,
  thing BLOB,
  version TEXT,
  extra TEXT,
  leaf BLOB NOT NULL,
  salt BLOB,
  signature BLOB,
  size INTEGER,
  dict INTEGER,
  body_of INTEGER,
  body BLOB
) STRICT;
CREATE INDEX log_class ON log (label, kind, signer, via, hop, flags) WHERE flags & 2 = 0;
";

/// An entry of the log without its body.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "three marks, each on its own")]
pub struct Row {
    /// Its place.
    pub seq: Seq,
    /// When it was appended, by this node's clock.
    pub at: Instant,
    /// The partner that it came from; `None` when it was made here.
    pub via: Option<NodeId>,
    /// Hops that it has taken since its signer.
    pub hop: u8,
    /// Whose key signed it.
    pub signer: NodeId,
    /// Wrote or carries.
    pub authorship: Authorship,
    /// What it is about; of an erased entry only the kind remains, with the nil UUID.
    pub thing: ThingId,
    /// The thing's version; empty when erased.
    pub version: String,
    /// When the signer signed, by its own clock.
    pub signed: Instant,
    /// The label that release goes by (lines of a newer form make it RED).
    pub label: Arc<Label>,
    /// The number of that label.
    pub label_id: u32,
    /// The salted leaf.
    pub leaf: Digest,
    /// Only the stub is left.
    pub erased: bool,
    /// Another record of the same thing exists.
    pub rival: bool,
    /// Deleted from its collection, or stopped by its signer.
    pub hidden: bool,
}

/// An entry as a scan sees it: numbers only.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "three marks, each on its own")]
pub struct Light {
    /// Its place.
    pub seq: Seq,
    /// When it was appended, by this node's clock.
    pub at: Instant,
    /// The number of its effective label.
    pub label_id: u32,
    /// The number of its signer.
    pub signer_id: u32,
    /// The number of the partner that it came from, 0 when it was made here.
    pub via_id: u32,
    /// Hops that it has taken since its signer.
    pub hop: u8,
    /// The number of its circle.
    pub circle_id: u32,
    /// The number of its kind.
    pub kind_id: u32,
    /// Another record of the same thing exists.
    pub rival: bool,
    /// Only the stub is left.
    pub erased: bool,
    /// Deleted from its collection, or stopped by its signer.
    pub hidden: bool,
}

macro_rules! light_columns {
    () => {
        "l.seq, l.at, l.flags, l.label, l.signer, l.via, l.hop, l.circle, l.kind"
    };
}
macro_rules! row_columns {
    () => {
        concat!(light_columns!(), ", l.signed, l.intake, l.thing, l.version, l.leaf")
    };
}
pub(crate) use light_columns;

const ROW: &str = concat!("SELECT ", row_columns!(), " FROM log l WHERE l.seq = ?1");
const ROW_AND_BODY: &str = concat!(
    "SELECT ",
    row_columns!(),
    ", l.size, l.dict, l.body_of, l.body FROM log l WHERE l.seq = ?1"
);
const PARTS: &str = concat!(
    "SELECT ",
    row_columns!(),
    ", l.size, l.dict, l.body_of, l.body, l.signed_label, l.extra, l.salt, l.signature",
    " FROM log l WHERE l.seq = ?1"
);
const BODY: &str = "SELECT size, dict, body_of, body FROM log WHERE seq = ?1";
const LIGHT: &str = concat!("SELECT ", light_columns!(), " FROM log l WHERE l.seq = ?1");
const SCAN: &str = concat!(
    "SELECT ",
    light_columns!(),
    " FROM log l WHERE l.seq > ?1 AND l.seq <= ?2 ORDER BY l.seq LIMIT ?3"
);
/// Where the body's columns begin in `ROW_AND_BODY` and `PARTS`.
const BODY_AT: usize = 14;

/// Reads the columns of `light_columns`.
pub(crate) fn read_light(row: &rusqlite::Row<'_>) -> Result<Light, StoreError> {
    let flags: i64 = row.get(2)?;
    Ok(Light {
        seq: row.get(0)?,
        at: Instant::from_micros(row.get(1)?),
        label_id: row.get(3)?,
        signer_id: row.get(4)?,
        via_id: row.get(5)?,
        hop: row.get(6)?,
        circle_id: row.get(7)?,
        kind_id: row.get(8)?,
        rival: flags & RIVAL != 0,
        erased: flags & ERASED != 0,
        hidden: flags & HIDDEN != 0,
    })
}

fn read_row(handle: &Handle, row: &rusqlite::Row<'_>) -> Result<Row, StoreError> {
    let light = read_light(row)?;
    let Handle { conn, names, .. } = handle;
    let via = match light.via_id {
        0 => None,
        id => Some(names.known(conn, id)?),
    };
    let intake: Option<[u8; 8]> = row.get(10)?;
    let uuid: Option<[u8; 16]> = row.get(11)?;
    let version: Option<String> = row.get(12)?;
    Ok(Row {
        seq: light.seq,
        at: light.at,
        via,
        hop: light.hop,
        signer: names.known(conn, light.signer_id)?,
        authorship: intake.map_or(Authorship::Wrote, |id| Authorship::Carries(IntakeId::new(id))),
        thing: ThingId {
            kind: names.known(conn, light.kind_id)?,
            uuid: uuid.map_or(Uuid::nil(), Uuid::from_bytes),
        },
        version: version.unwrap_or_default(),
        signed: Instant::from_micros(row.get(9)?),
        label: names.known(conn, light.label_id)?,
        label_id: light.label_id,
        leaf: Digest::new(row.get(13)?),
        erased: light.erased,
        rival: light.rival,
        hidden: light.hidden,
    })
}

/// Reads size, dictionary, `body_of` and body from four columns; `None` when erased.
fn read_body(
    handle: &Handle,
    row: &rusqlite::Row<'_>,
    from: usize,
) -> Result<Option<Vec<u8>>, StoreError> {
    if let Some(bytes) = row.get_ref(from + 3)?.as_blob_or_null().map_err(not_a_blob)? {
        let unpacked = handle.packer.unpack(row.get(from + 1)?, row.get(from)?, bytes);
        return unpacked.map(Some);
    }
    match row.get::<_, Option<Seq>>(from + 2)? {
        None => Ok(None),
        // One step is enough: a body is never borrowed from a borrower.
        Some(owner) => sql::first(&handle.conn, BODY, (owner,), |row| {
            let bytes = row.get_ref(3)?.as_blob().map_err(not_a_blob)?;
            handle.packer.unpack(row.get(1)?, row.get(0)?, bytes)
        }),
    }
}

fn not_a_blob(_: rusqlite::types::FromSqlError) -> StoreError {
    StoreError::damaged("a body is not where its row says")
}

/// The highest place, 0 when the log is empty.
pub(crate) fn head(handle: &Handle) -> Result<Seq, StoreError> {
    let found = sql::first(&handle.conn, "SELECT max(seq) FROM log", (), |row| {
        Ok(row.get::<_, Option<Seq>>(0)?)
    })?;
    Ok(found.flatten().unwrap_or(0))
}

/// One entry.
pub(crate) fn row(handle: &Handle, seq: Seq) -> Result<Option<Row>, StoreError> {
    sql::first(&handle.conn, ROW, (seq,), |row| read_row(handle, row))
}

/// One entry's numbers.
pub(crate) fn light(handle: &Handle, seq: Seq) -> Result<Option<Light>, StoreError> {
    sql::first(&handle.conn, LIGHT, (seq,), read_light)
}

/// One entry's body.
pub(crate) fn body(handle: &Handle, seq: Seq) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(sql::first(&handle.conn, BODY, (seq,), |row| read_body(handle, row, 0))?.flatten())
}

/// One entry with its body, unless it is erased.
pub(crate) fn row_and_body(
    handle: &Handle,
    seq: Seq,
) -> Result<Option<(Row, Vec<u8>)>, StoreError> {
    let found = sql::first(&handle.conn, ROW_AND_BODY, (seq,), |row| {
        let Some(body) = read_body(handle, row, BODY_AT)? else { return Ok(None) };
        Ok(Some((read_row(handle, row)?, body)))
    })?;
    Ok(found.flatten())
}

/// One entry, and as it was signed, unless it is erased.
pub(crate) fn row_and_parts(handle: &Handle, seq: Seq) -> Result<Option<(Row, Parts)>, StoreError> {
    let found = sql::first(&handle.conn, PARTS, (seq,), |row| {
        let entry = read_row(handle, row)?;
        Ok(read_parts(handle, row, &entry)?.map(|parts| (entry, parts)))
    })?;
    Ok(found.flatten())
}

/// What was signed, from the columns of `PARTS`; `None` when erased.
fn read_parts(
    handle: &Handle,
    row: &rusqlite::Row<'_>,
    entry: &Row,
) -> Result<Option<Parts>, StoreError> {
    let Some(body) = read_body(handle, row, BODY_AT)? else { return Ok(None) };
    let signed_label: Option<u32> = row.get(BODY_AT + 4)?;
    let extra: Option<String> = row.get(BODY_AT + 5)?;
    let label = match signed_label {
        None => entry.label.clone(),
        Some(id) => handle.names.known(&handle.conn, id)?,
    };
    let header = Header {
        signer: entry.signer,
        authorship: entry.authorship,
        thing: entry.thing.clone(),
        version: entry.version.clone(),
        signed: entry.signed,
        label: Arc::unwrap_or_clone(label),
        extra: extra.unwrap_or_default(),
    };
    let salt: [u8; 16] = row.get(BODY_AT + 6)?;
    let signature = Signature::new(row.get(BODY_AT + 7)?);
    Ok(Some(Parts { head: header.write(), body, salt, signature }))
}

/// An entry as a check reads it: its place, whether its row fits its digest, and what it holds.
pub(crate) type Read = (Seq, bool, Result<(Row, Result<Option<Parts>, StoreError>), StoreError>);

/// Hands the entries above `after`, up to and with `upto`, to `each`, ascending. It ends with what
/// SQLite cannot step over; `covered` are the columns of the row's digest.
///
/// # Errors
/// When the database fails, or a page is damaged.
pub(crate) fn walk(
    handle: &Handle,
    covered: &str,
    (after, upto): (Seq, Seq),
    each: &mut dyn FnMut(Read),
) -> Result<(), StoreError> {
    let (columns, rest) = PARTS.split_at(PARTS.find(" FROM").unwrap_or(0));
    let rest = rest.replace("l.seq = ?1", "l.seq > ?1 AND l.seq <= ?2 ORDER BY l.seq");
    let sql = format!("{columns}, l.sum IS row_sum({covered}){rest}");
    let mut statement = handle.conn.prepare_cached(&sql)?;
    let mut rows = statement.query((after, upto))?;
    while let Some(row) = rows.next()? {
        let entry = read_row(handle, row).map(|entry| {
            let parts = read_parts(handle, row, &entry);
            (entry, parts)
        });
        each((row.get(0)?, row.get(BODY_AT + 8)?, entry));
    }
    Ok(())
}

/// Entries above `after` up to and with `upto`, ascending.
pub(crate) fn scan(
    handle: &Handle,
    after: Seq,
    upto: Seq,
    limit: usize,
) -> Result<Vec<Light>, StoreError> {
    sql::all(&handle.conn, SCAN, (after, upto, sql::limit(limit)), read_light)
}

/// One entry's leaf.
pub(crate) fn leaf(handle: &Handle, seq: Seq) -> Result<Option<Digest>, StoreError> {
    const LEAF: &str = "SELECT leaf FROM log WHERE seq = ?1";
    sql::first(&handle.conn, LEAF, (seq,), |row| Ok(Digest::new(row.get(0)?)))
}

/// The leaves of all entries of these runs, in their order.
pub(crate) fn leaves(handle: &Handle, runs: &Runs) -> Result<Vec<Digest>, StoreError> {
    const LEAVES: &str = "SELECT leaf FROM log WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq";
    let mut leaves = Vec::new();
    for (first, count) in runs.as_slice() {
        let last = first.saturating_add(i64::from(*count) - 1);
        let read =
            sql::all(&handle.conn, LEAVES, (first, last), |row| Ok(Digest::new(row.get(0)?)))?;
        if read.len() != usize::try_from(*count).unwrap_or(usize::MAX) {
            return Err(StoreError::damaged(format!("leaves from {first} to {last}")));
        }
        leaves.extend(read);
    }
    Ok(leaves)
}

/// The numbers of an entry's names.
pub(crate) struct Numbers {
    pub(crate) kind: u32,
    pub(crate) circle: u32,
}

/// Interns the names of a header that views use.
pub(crate) fn numbers(handle: &Handle, header: &Header) -> Result<Numbers, StoreError> {
    let kind = handle.names.intern(&handle.conn, &header.thing.kind)?;
    let circle: CircleId = header.label.circle;
    Ok(Numbers { kind, circle: handle.names.intern(&handle.conn, &circle)? })
}

const INSERT: &str = "INSERT INTO log (at, flags, label, signer, via, hop, circle, kind, signed,
  signed_label, intake, thing, version, extra, leaf, salt, signature, size, dict, body_of, body)
  VALUES (?1, 0, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,
  ?20)";

/// Appends the row itself; `body_of` is the entry that already keeps this body.
pub(crate) fn insert(
    handle: &Handle,
    new: &NewEntry<'_>,
    numbers: &Numbers,
    body_of: Option<Seq>,
) -> Result<Seq, StoreError> {
    let Handle { conn, names, packer, .. } = handle;
    let header = new.record.header();
    let via = new.via.map_or(Ok(0), |node| names.intern(conn, &node))?;
    let intake = match header.authorship {
        Authorship::Wrote => None,
        Authorship::Carries(intake) => Some(intake),
    };
    let extra = Some(header.extra.as_str()).filter(|extra| !extra.is_empty());
    let signed_label = names.intern_label(conn, &header.label)?;
    // Lines of a newer form make the effective label another than the signed one; keep both.
    let (label, signed_label) = match extra {
        Some(_) => (names.intern_label(conn, &header.effective_label())?, Some(signed_label)),
        None => (signed_label, None),
    };
    let packed = match body_of {
        Some(_) => None,
        None => Some(packer.pack(new.record.body())?),
    };
    let mut statement = conn.prepare_cached(INSERT)?;
    statement.execute(rusqlite::params![
        new.at.micros(),
        label,
        names.intern(conn, &header.signer)?,
        via,
        new.hop,
        numbers.circle,
        numbers.kind,
        header.signed.micros(),
        signed_label,
        intake.as_ref().map(IntakeId::as_bytes),
        header.thing.uuid.as_bytes(),
        header.version,
        extra,
        new.record.leaf().as_bytes(),
        new.record.salt(),
        new.record.signature().as_bytes(),
        packed.as_ref().map(|packed| sql::limit(packed.size)),
        packed.as_ref().map(|packed| packed.dict),
        body_of,
        packed.as_ref().map(|packed| packed.bytes.as_slice()),
    ])?;
    Ok(conn.last_insert_rowid())
}
