//! The view of what live matching watches: the values that prove an entry alone, in the log's
//! order, so that an index of millions is filled without opening a body. It does not decide which
//! of two rivals is watched: it marks both, and the caller looks. A mark may outlive the rival.

use super::list::{Entry, Gone, View};
use super::target::Target;
use crate::log::{self, Light, Seq};
use crate::{Reading, StoreError, sql};
use model::facts::{Value, ValueKind};
use model::kind::Kind;
use model::time::Instant;
use rusqlite::Params;

/// Kind and length before each value.
const HEAD_BYTES: usize = 3;

pub(super) struct Watched;

impl View for Watched {
    fn name(&self) -> &'static str {
        "watched"
    }

    fn tables(&self) -> &'static str {
        "CREATE TABLE view_watched (seq INTEGER PRIMARY KEY, rival INTEGER NOT NULL,
          found BLOB NOT NULL, stated INTEGER, since INTEGER, until INTEGER) STRICT;"
    }

    fn apply(&self, to: &Target<'_>, entry: &Entry<'_>) -> Result<(), StoreError> {
        const INSERT: &str = "INSERT INTO view_watched
            (seq, rival, found, stated, since, until) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        const MARK: &str = "UPDATE view_watched SET rival = 1 WHERE seq = ?1";
        // While the view is rebuilt, the entry itself and later ones are among them.
        let mut others = entry.earlier.iter().filter(|earlier| earlier.seq != entry.seq);
        let (first, second) = (others.next(), others.next());
        // Where there were two before, they are marked already.
        if let (Some(only), None) = (first, second) {
            to.execute(MARK, (only.seq,))?;
        }
        // A rule is found without values, but holds and ends like any other indicator.
        if entry.watched.is_empty() && entry.rule.is_none() {
            return Ok(());
        }
        let facts = entry.facts;
        let since = facts.valid_from.or(facts.modified).or(facts.created);
        let (since, until) = (since.map(Instant::micros), facts.valid_until.map(Instant::micros));
        let found = packed(entry.watched);
        let row = (entry.seq, first.is_some(), found, facts.confidence, since, until);
        to.execute(INSERT, row).map(drop)
    }

    fn erase(&self, to: &Target<'_>, gone: &Gone) -> Result<(), StoreError> {
        const DELETE: &str = "DELETE FROM view_watched WHERE seq = ?1";
        to.execute(DELETE, (gone.seq,)).map(drop)
    }

    fn rows(&self, schema: &str) -> Vec<String> {
        vec![format!("SELECT seq, found, stated, since, until FROM {schema}.view_watched")]
    }

    /// A mark may stay when its rival has gone, but not be missing.
    fn doubts(&self) -> &'static [&'static str] {
        &["SELECT v.seq FROM {}.view_watched v CROSS JOIN {}.log l ON l.seq = v.seq
            WHERE v.rival NOT IN (0, 1) OR (v.rival = 0 AND l.flags & 1)"]
    }
}

/// Kind, length and text of each value; one that is too long for the index is left out.
fn packed(values: &[Value]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(values.iter().map(|v| HEAD_BYTES + v.text.len()).sum());
    for value in values {
        let Ok(length) = u16::try_from(value.text.len()) else { continue };
        bytes.push(value.kind.code());
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(value.text.as_bytes());
    }
    bytes
}

/// An entry that has a rival, borrowed from the page that the database has open.
#[derive(Clone, Copy, Debug)]
pub struct Rival<'r> {
    /// Its place.
    pub seq: Seq,
    /// The number of its signer.
    pub signer_id: u32,
    /// The number of its circle.
    pub circle_id: u32,
    /// The intake that it came by, where its signer carries it.
    pub intake: Option<&'r [u8]>,
    /// The UUID of its thing.
    pub thing: &'r [u8],
    /// Its version.
    pub version: &'r str,
}

/// What a watched entry says of its own worth.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Terms {
    /// Its author's confidence, 0 to 100.
    pub stated: Option<u8>,
    /// From when it holds, or else since when it is as it is.
    pub since: Option<Instant>,
    /// Until when it holds, exclusive.
    pub until: Option<Instant>,
}

/// A watched entry with what a decision on it needs, borrowed from the page that the database has
/// open.
#[derive(Clone, Copy, Debug)]
pub struct Listed<'r> {
    /// Its numbers.
    pub light: Light,
    /// The UUID of its thing.
    pub thing: [u8; 16],
    /// It may have a rival.
    pub rival: bool,
    /// What it says of its own worth.
    pub terms: Terms,
    /// Its values; none where a rule alone finds it.
    pub values: WatchedValues<'r>,
}

/// The values of one entry, borrowed from the page that the database has open.
#[derive(Clone, Copy, Debug)]
pub struct WatchedValues<'r>(&'r [u8]);

impl<'r> Iterator for WatchedValues<'r> {
    type Item = (ValueKind, &'r str);

    /// Ends at what it cannot read: a page that is damaged is found by `verify`.
    fn next(&mut self) -> Option<Self::Item> {
        let (head, rest) = self.0.split_first_chunk::<HEAD_BYTES>()?;
        let [code, low, high] = *head;
        let (text, rest) = rest.split_at_checked(u16::from_le_bytes([low, high]).into())?;
        self.0 = rest;
        let kind = ValueKind::ALL.get(usize::from(code))?;
        Some((*kind, std::str::from_utf8(text).ok()?))
    }
}

/// A question for watched entries with what a decision on them needs.
macro_rules! listed {
    ($which:literal) => {
        concat!(
            "SELECT ",
            log::light_columns!(),
            ", l.thing, v.rival, v.stated, v.since, v.until, v.found
            FROM view_watched v CROSS JOIN log l ON l.seq = v.seq WHERE ",
            $which
        )
    };
}

impl Reading<'_> {
    /// Hands the watched entries above `after`, up to and with `upto`, to `each`, ascending, at
    /// most `limit`; says where to go on. `true` means that the entry may have a rival.
    ///
    /// # Errors
    /// When the database fails.
    pub fn watched(
        &self,
        (after, upto): (Seq, Seq),
        limit: usize,
        each: &mut dyn FnMut(Seq, bool, WatchedValues<'_>),
    ) -> Result<Option<Seq>, StoreError> {
        const SQL: &str = "SELECT seq, rival, found FROM view_watched
            WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3";
        let mut statement = self.handle.conn.prepare_cached(SQL)?;
        let mut rows = statement.query((after, upto, sql::limit(limit)))?;
        let (mut taken, mut last) = (0_usize, None);
        while let Some(row) = rows.next()? {
            let seq = row.get(0)?;
            let found = row.get_ref(2)?.as_blob();
            let found = found.map_err(|_| StoreError::damaged("watched values are no bytes"))?;
            each(seq, row.get(1)?, WatchedValues(found));
            (taken, last) = (taken + 1, Some(seq));
        }
        Ok(last.filter(|_| taken >= limit))
    }

    /// Hands the watched entries above `after` to `each` with their numbers, ascending; looks at
    /// `limit` at most, and says where to go on. Erased ones are not among them.
    ///
    /// # Errors
    /// When the database fails.
    pub fn listed(
        &self,
        after: Seq,
        limit: usize,
        each: &mut dyn FnMut(Listed<'_>) -> Result<(), StoreError>,
    ) -> Result<Option<Seq>, StoreError> {
        const SQL: &str = listed!("v.seq > ?1 ORDER BY v.seq LIMIT ?2");
        let (taken, last) = self.list(SQL, (after, sql::limit(limit)), each)?;
        Ok(last.filter(|_| taken >= limit))
    }

    /// The same of those that began between two instants, the second exclusive; what says no
    /// beginning began in 1970. The others are passed over without a look at the log: up to and with
    /// `upto`, which is where to go on when it is the answer.
    ///
    /// # Errors
    /// When the database fails.
    pub fn listed_begun(
        &self,
        (after, upto): (Seq, Seq),
        (from, to): (Instant, Instant),
        limit: usize,
        each: &mut dyn FnMut(Listed<'_>) -> Result<(), StoreError>,
    ) -> Result<Seq, StoreError> {
        const SQL: &str = listed!(
            "v.seq > ?1 AND v.seq <= ?2 AND coalesce(v.since, 0) >= ?3
            AND coalesce(v.since, 0) < ?4 ORDER BY v.seq LIMIT ?5"
        );
        let asked = (after, upto, from.micros(), to.micros(), sql::limit(limit));
        let (taken, last) = self.list(SQL, asked, each)?;
        Ok(last.filter(|_| taken >= limit).unwrap_or(upto))
    }

    /// Hands one entry to `each`, if it is watched.
    ///
    /// # Errors
    /// When the database fails.
    pub fn listed_at(
        &self,
        seq: Seq,
        each: &mut dyn FnMut(Listed<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        const SQL: &str = listed!("v.seq = ?1");
        self.list(SQL, (seq,), each).map(drop)
    }

    /// How many rows a query of `listed!` gave, and the last.
    fn list<P: Params>(
        &self,
        sql: &str,
        params: P,
        each: &mut dyn FnMut(Listed<'_>) -> Result<(), StoreError>,
    ) -> Result<(usize, Option<Seq>), StoreError> {
        let mut statement = self.handle.conn.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        let (mut taken, mut last) = (0_usize, None);
        while let Some(row) = rows.next()? {
            let light = log::read_light(row)?;
            (taken, last) = (taken + 1, Some(light.seq));
            let thing: Option<[u8; 16]> = row.get(9)?;
            let Some(thing) = thing.filter(|_| !light.erased) else { continue };
            let found = row.get_ref(14)?.as_blob();
            let found = found.map_err(|_| StoreError::damaged("watched values are no bytes"))?;
            let time = |at: Option<i64>| at.map(Instant::from_micros);
            let terms = Terms {
                stated: row.get(11)?,
                since: time(row.get(12)?),
                until: time(row.get(13)?),
            };
            let values = WatchedValues(found);
            each(Listed { light, thing, rival: row.get(10)?, terms, values })?;
        }
        Ok((taken, last))
    }

    /// The terms of a watched entry; `None` when it is not watched.
    ///
    /// # Errors
    /// When the database fails.
    pub fn terms(&self, seq: Seq) -> Result<Option<Terms>, StoreError> {
        const SQL: &str = "SELECT stated, since, until FROM view_watched WHERE seq = ?1";
        sql::first(&self.handle.conn, SQL, (seq,), |row| {
            Ok(Terms {
                stated: row.get(0)?,
                since: row.get::<_, Option<i64>>(1)?.map(Instant::from_micros),
                until: row.get::<_, Option<i64>>(2)?.map(Instant::from_micros),
            })
        })
    }

    /// How many entries are watched, and how many of them may have a rival: reads the whole view.
    ///
    /// # Errors
    /// When the database fails.
    pub fn watched_count(&self) -> Result<(usize, usize), StoreError> {
        const SQL: &str = "SELECT count(*), coalesce(sum(rival), 0) FROM view_watched";
        let counts = sql::first(&self.handle.conn, SQL, (), |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
        })?;
        let (count, rivals) = counts.unwrap_or_default();
        let number = |count| usize::try_from(count).unwrap_or(0);
        Ok((number(count), number(rivals)))
    }

    /// Hands every entry of a kind that has a rival to `each`: those above `after`, up to and with
    /// `upto`, ascending, without stubs. Reads that stretch of the log.
    ///
    /// # Errors
    /// When the database fails.
    pub fn rivals(
        &self,
        kind: &Kind,
        (after, upto): (Seq, Seq),
        each: &mut dyn FnMut(Rival<'_>),
    ) -> Result<(), StoreError> {
        const SQL: &str = "SELECT seq, signer, circle, intake, thing, version FROM log
            WHERE seq > ?1 AND seq <= ?2 AND kind = ?3 AND flags & 3 = 1 ORDER BY seq";
        let Some(kind) = self.kind_id(kind)? else { return Ok(()) };
        let torn = |_| StoreError::damaged("an entry without its thing or version");
        let mut statement = self.handle.conn.prepare_cached(SQL)?;
        let mut rows = statement.query((after, upto, kind))?;
        while let Some(row) = rows.next()? {
            each(Rival {
                seq: row.get(0)?,
                signer_id: row.get(1)?,
                circle_id: row.get(2)?,
                intake: row.get_ref(3)?.as_blob_or_null().map_err(torn)?,
                thing: row.get_ref(4)?.as_blob().map_err(torn)?,
                version: row.get_ref(5)?.as_str().map_err(torn)?,
            });
        }
        Ok(())
    }
}
