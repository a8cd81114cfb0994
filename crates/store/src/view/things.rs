//! The view of things: which entries are about one, and which entries have a rival.
//! It does not rank rivals.

use super::keyed::{self, Keyed, keyed, thing_key};
use super::list::{Earlier, Entry, Gone, View};
use super::target::Target;
use crate::log::{RIVAL, Seq};
use crate::open::Handle;
use crate::{Reading, StoreError, sql};
use model::id::{NodeId, ThingId};
use rusqlite::Row;
use uuid::Uuid;

/// Earlier entries looked at for an equal body: a thing with thousands of versions must not make
/// each new one slower.
const EARLIER_MAX: i64 = 64;

/// Its name; the marks in the log are its own.
pub(crate) const NAME: &str = "things";

const KEYED: Keyed = keyed!("view_thing");

/// Whether the mark of entry `l` is not what the view gives, in the schema that is named.
macro_rules! wrongly_marked {
    ($schema:literal) => {
        concat!(
            "(l.flags & 1) <> ((l.flags & 2) = 0 AND EXISTS (SELECT 1 FROM (SELECT key, seq FROM ",
            $schema,
            "view_thing UNION ALL SELECT key, seq FROM ",
            $schema,
            "view_thing_settling UNION ALL SELECT key, seq FROM ",
            $schema,
            "view_thing_recent) v CROSS JOIN ",
            $schema,
            "log o ON o.seq = v.seq WHERE v.key = thing_key(l.kind, l.thing) AND v.seq <> l.seq",
            " AND o.thing = l.thing AND o.kind = l.kind))"
        )
    };
}

pub(super) struct Things;

impl View for Things {
    fn name(&self) -> &'static str {
        NAME
    }

    fn tables(&self) -> &'static str {
        KEYED.tables
    }

    fn apply(&self, to: &Target<'_>, entry: &Entry<'_>) -> Result<(), StoreError> {
        to.handle.absent.set(None);
        KEYED.insert(to, vec![thing_key(entry.kind, entry.thing.as_bytes())], entry.seq)?;
        if to.is_fresh() {
            return Ok(());
        }
        // Where there were two before, they are marked already.
        if let [only] = entry.earlier {
            mark(to.handle, only.seq)?;
        }
        if entry.earlier.is_empty() { Ok(()) } else { mark(to.handle, entry.seq) }
    }

    fn erase(&self, to: &Target<'_>, gone: &Gone) -> Result<(), StoreError> {
        KEYED.erase(to, &[thing_key(gone.kind, gone.thing.as_bytes())], gone.seq)?;
        if to.is_fresh() {
            return Ok(());
        }
        let left = newest(to.handle, (gone.kind, &gone.thing), 2)?;
        if let [alone] = left.as_slice() {
            let sql = "UPDATE log SET flags = flags & ~?2 WHERE seq = ?1";
            to.execute(sql, (alone, RIVAL))?;
        }
        Ok(())
    }

    fn rows(&self, schema: &str) -> Vec<String> {
        keyed::rows("view_thing", schema)
    }

    fn doubts(&self) -> &'static [&'static str] {
        &[concat!("SELECT l.seq FROM {}.log l WHERE ", wrongly_marked!("{}."))]
    }
}

/// The statement that puts the marks of entries above ?1, up to and with ?2, right.
pub(crate) const MARK_RIGHT: &str = concat!(
    "UPDATE log AS l SET flags = (flags | 1) - (flags & 1) WHERE l.seq > ?1 AND l.seq <= ?2 AND ",
    wrongly_marked!("")
);

fn mark(handle: &Handle, seq: Seq) -> Result<(), StoreError> {
    let sql = "UPDATE log SET flags = flags | ?2 WHERE seq = ?1";
    sql::execute(&handle.conn, sql, (seq, RIVAL)).map(drop)
}

/// The newest entries of a thing, the newest first, with what `read` takes of them: `body_of` and
/// version.
fn newest_with<T>(
    handle: &Handle,
    (kind, thing): (u32, &Uuid),
    limit: i64,
    mut read: impl FnMut(Seq, &Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    const LOOK: &str =
        "SELECT body_of, version FROM log WHERE seq = ?1 AND thing = ?2 AND kind = ?3";
    let key = thing_key(kind, thing.as_bytes());
    let under = KEYED.newest(handle, key, (None, limit))?;
    handle.absent.set(under.is_empty().then_some(key));
    let mut found = Vec::with_capacity(under.len());
    for seq in under {
        let about = (seq, thing.as_bytes(), kind);
        found.extend(sql::first(&handle.conn, LOOK, about, |row| read(seq, row))?);
    }
    Ok(found)
}

fn newest(handle: &Handle, thing: (u32, &Uuid), limit: i64) -> Result<Vec<Seq>, StoreError> {
    newest_with(handle, thing, limit, |seq, _| Ok(seq))
}

/// Earlier entries of a thing, the newest first, at most `EARLIER_MAX`; for the writer.
pub(crate) fn earlier(
    handle: &Handle,
    thing: &ThingId,
    kind: u32,
    version: &str,
) -> Result<Vec<Earlier>, StoreError> {
    if handle.absent.get() == Some(thing_key(kind, thing.uuid.as_bytes())) {
        return Ok(Vec::new());
    }
    newest_with(handle, (kind, &thing.uuid), EARLIER_MAX, |seq, row| {
        let same_version = row.get_ref(1)?.as_str_or_null().ok().flatten() == Some(version);
        Ok(Earlier { seq, body_of: row.get(0)?, same_version })
    })
}

/// Entries that use the body of this one, ascending.
pub(crate) fn borrowers(handle: &Handle, gone: &Gone) -> Result<Vec<Seq>, StoreError> {
    let borrows = newest_with(handle, (gone.kind, &gone.thing), -1, |seq, row| {
        Ok((row.get::<_, Option<Seq>>(0)? == Some(gone.seq)).then_some(seq))
    });
    let mut borrows: Vec<Seq> = borrows?.into_iter().flatten().collect();
    borrows.reverse();
    Ok(borrows)
}

impl Reading<'_> {
    /// The entries about a thing, ascending.
    ///
    /// # Errors
    /// When the database fails.
    pub fn by_thing(&self, thing: &ThingId) -> Result<Vec<Seq>, StoreError> {
        let Some(kind) = self.kind_id(&thing.kind)? else { return Ok(Vec::new()) };
        let mut found = newest(self.handle, (kind, &thing.uuid), -1)?;
        found.reverse();
        Ok(found)
    }

    /// The entries about one version of a thing by one signer, ascending; and how many entries about
    /// the thing there are, whoever signed which version.
    ///
    /// # Errors
    /// When the database fails.
    pub fn of_version(
        &self,
        thing: &ThingId,
        version: &str,
        signer: &NodeId,
    ) -> Result<(Vec<Seq>, usize), StoreError> {
        // One walk inside the database: a thing may have thousands of versions.
        const LIKE: &str = concat!(
            "SELECT l.seq FROM (",
            keyed::under!("view_thing"),
            ") v CROSS JOIN log l ON l.seq = v.seq WHERE l.thing = ?2 AND l.kind = ?3",
            " AND l.signer = ?4 AND l.version = ?5 ORDER BY l.seq"
        );
        const ALL: &str = concat!("SELECT count(*) FROM (", keyed::under!("view_thing"), ")");
        let Some(kind) = self.kind_id(&thing.kind)? else { return Ok((Vec::new(), 0)) };
        let key = thing_key(kind, thing.uuid.as_bytes());
        let conn = &self.handle.conn;
        let all = sql::first(conn, ALL, (key,), |row| Ok(row.get::<_, i64>(0)?))?.unwrap_or(0);
        self.handle.absent.set((all == 0).then_some(key));
        let Some(signer) = self.node_id(signer)?.filter(|_| all > 0) else {
            return Ok((Vec::new(), usize::try_from(all).unwrap_or(0)));
        };
        let like = (key, thing.uuid.as_bytes(), kind, signer, version);
        let found = sql::all(conn, LIKE, like, |row| Ok(row.get(0)?))?;
        Ok((found, usize::try_from(all).unwrap_or(usize::MAX)))
    }
}
