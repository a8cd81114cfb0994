//! The view of what others make of indicators: who sighted one, how often and when, and who has an
//! opinion of one. It weighs nothing, and decides not who may know of it.

use super::list::{Entry, Gone, View};
use super::target::Target;
use crate::log::Seq;
use crate::{Reading, StoreError, sql};
use model::facts::Facts;
use model::time::Instant;

const INDICATOR: &str = "stix/indicator";
const SIGHTING: &str = "stix/sighting";
const OPINION: &str = "stix/opinion";

pub(super) struct Esteem;

/// A word about an indicator.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Regard {
    /// It was seen.
    Sighting,
    /// It is right, or wrong.
    Opinion,
}

/// A sighting, as it counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Sighted {
    /// The sighting's place in the log.
    pub seq: Seq,
    /// The UUID of the indicator.
    pub of: [u8; 16],
    /// When it came here.
    pub at: Instant,
    /// How often, where it says so.
    pub count: Option<u64>,
    /// The first time, where it says so.
    pub first: Option<Instant>,
    /// The last time, where it says so.
    pub last: Option<Instant>,
}

impl View for Esteem {
    fn name(&self) -> &'static str {
        "esteem"
    }

    fn tables(&self) -> &'static str {
        "CREATE TABLE view_esteem (thing BLOB NOT NULL, opinion INTEGER NOT NULL,
          seq INTEGER NOT NULL, count INTEGER, first INTEGER, last INTEGER,
          PRIMARY KEY (thing, opinion, seq)) STRICT, WITHOUT ROWID;"
    }

    fn apply(&self, to: &Target<'_>, entry: &Entry<'_>) -> Result<(), StoreError> {
        const INSERT: &str = "INSERT OR IGNORE INTO view_esteem
            (thing, opinion, seq, count, first, last) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let Some(regard) = regard(to, entry.kind, entry.facts)? else { return Ok(()) };
        let Facts { count, first_seen, last_seen, .. } = entry.facts;
        let count = count.map(|count| i64::try_from(count).unwrap_or(i64::MAX));
        let (first, last) = (first_seen.map(Instant::micros), last_seen.map(Instant::micros));
        for thing in indicators(entry.facts) {
            to.execute(INSERT, (thing, code(regard), entry.seq, count, first, last))?;
        }
        Ok(())
    }

    fn erase(&self, to: &Target<'_>, gone: &Gone) -> Result<(), StoreError> {
        const DELETE: &str =
            "DELETE FROM view_esteem WHERE thing = ?1 AND opinion = ?2 AND seq = ?3";
        let Some(regard) = regard(to, gone.kind, &gone.content.facts)? else { return Ok(()) };
        for thing in indicators(&gone.content.facts) {
            to.execute(DELETE, (thing, code(regard), gone.seq))?;
        }
        Ok(())
    }

    fn rows(&self, schema: &str) -> Vec<String> {
        vec![format!("SELECT seq, thing, opinion, count, first, last FROM {schema}.view_esteem")]
    }
}

/// Which word an entry of this kind is; most are none.
fn regard(to: &Target<'_>, kind: u32, facts: &Facts) -> Result<Option<Regard>, StoreError> {
    if facts.refs.is_empty() {
        return Ok(None);
    }
    let handle = to.handle;
    let kind: model::kind::Kind = handle.names.known(&handle.conn, kind)?;
    Ok(match kind.as_str() {
        SIGHTING => Some(Regard::Sighting),
        OPINION => Some(Regard::Opinion),
        _ => None,
    })
}

/// The indicators that a body refers to.
fn indicators(facts: &Facts) -> impl Iterator<Item = &[u8; 16]> {
    let things = facts.refs.iter().filter(|thing| thing.kind.as_str() == INDICATOR);
    things.map(|thing| thing.uuid.as_bytes())
}

const fn code(regard: Regard) -> u8 {
    match regard {
        Regard::Sighting => 0,
        Regard::Opinion => 1,
    }
}

impl Reading<'_> {
    /// The words of one sort about an indicator, the newest first, at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub fn regards(
        &self,
        thing: &[u8; 16],
        regard: Regard,
        limit: usize,
    ) -> Result<Vec<Seq>, StoreError> {
        const SQL: &str = "SELECT seq FROM view_esteem
            WHERE thing = ?1 AND opinion = ?2 ORDER BY seq DESC LIMIT ?3";
        let asked = (thing, code(regard), sql::limit(limit));
        sql::all(&self.handle.conn, SQL, asked, |row| Ok(row.get(0)?))
    }

    /// Hands every indicator of which anybody said anything to `each`, once.
    ///
    /// # Errors
    /// When the database fails.
    pub fn regarded(&self, each: &mut dyn FnMut([u8; 16])) -> Result<(), StoreError> {
        const SQL: &str = "SELECT DISTINCT thing FROM view_esteem";
        let mut statement = self.handle.conn.prepare_cached(SQL)?;
        let mut rows = statement.query(())?;
        while let Some(row) = rows.next()? {
            each(row.get(0)?);
        }
        Ok(())
    }

    /// Hands the sightings that came since `from` to `each`, of one indicator or of all.
    ///
    /// # Errors
    /// When the database fails.
    pub fn sighted(
        &self,
        of: Option<&[u8; 16]>,
        from: Instant,
        each: &mut dyn FnMut(Sighted) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        const ALL: &str = "SELECT v.seq, v.thing, l.at, v.count, v.first, v.last
            FROM view_esteem v CROSS JOIN log l ON l.seq = v.seq
            WHERE ?1 IS NULL AND v.opinion = 0 AND l.at >= ?2";
        const ONE: &str = "SELECT v.seq, v.thing, l.at, v.count, v.first, v.last
            FROM view_esteem v CROSS JOIN log l ON l.seq = v.seq
            WHERE v.thing = ?1 AND v.opinion = 0 AND l.at >= ?2";
        let sql = if of.is_some() { ONE } else { ALL };
        let mut statement = self.handle.conn.prepare_cached(sql)?;
        let mut rows = statement.query((of, from.micros()))?;
        let time = |at: Option<i64>| at.map(Instant::from_micros);
        while let Some(row) = rows.next()? {
            each(Sighted {
                seq: row.get(0)?,
                of: row.get(1)?,
                at: Instant::from_micros(row.get(2)?),
                count: row.get::<_, Option<i64>>(3)?.and_then(|count| count.try_into().ok()),
                first: time(row.get(4)?),
                last: time(row.get(5)?),
            })?;
        }
        Ok(())
    }
}
