//! What a partner's numbers mean here: which entry of the log each number of its outlet stands for,
//! in runs. It is an outlet read backwards, so that a partner can take back by number what it gave,
//! and so that it is known who else gave the one copy that is kept. It decides nothing.

use crate::log::Seq;
use crate::{Reading, StoreError, Tx, sql};
use model::id::{Epoch, NodeId};
use model::limits::{ARRIVED_RUN_MAX, GIVEN_AT_ONCE_MAX};
use rusqlite::Row;

/// `leaving` has runs of entries that a giver withdrew: who is given by nobody goes, step by step.
pub(super) const TABLES: &str = "
CREATE TABLE arrival (partner BLOB NOT NULL, epoch BLOB NOT NULL, number INTEGER NOT NULL,
  seq INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (partner, epoch, number)) STRICT,
  WITHOUT ROWID;
CREATE INDEX arrival_seq ON arrival (seq, count);
CREATE TABLE leaving (id INTEGER PRIMARY KEY, partner BLOB NOT NULL, seq INTEGER NOT NULL,
  count INTEGER NOT NULL) STRICT;
CREATE INDEX leaving_partner ON leaving (partner, id);
";

/// So many numbers from the first on stand for so many entries.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Run {
    number: i64,
    seq: Seq,
    count: i64,
}

impl Run {
    /// What of it lies within these numbers, the end excluded.
    fn within(&self, from: i64, end: i64) -> Option<Self> {
        let first = self.number.max(from);
        let count = self.number.saturating_add(self.count).min(end).saturating_sub(first);
        let seq = self.seq.saturating_add(first.saturating_sub(self.number));
        (count > 0).then_some(Self { number: first, seq, count })
    }

    /// Whether another one goes on where it ends, and both fit into one row.
    fn joins(&self, next: &Self) -> bool {
        self.number.saturating_add(self.count) == next.number
            && self.seq.saturating_add(self.count) == next.seq
            && self.count.saturating_add(next.count) <= ARRIVED_RUN_MAX
    }

    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self { number: row.get(0)?, seq: row.get(1)?, count: row.get(2)? })
    }
}

/// From where to where so many numbers reach; beyond what a number can be nothing has arrived.
fn span(first: u64, count: u64) -> Option<(i64, i64)> {
    let from = sql::signed(first).ok()?;
    Some((from, from.saturating_add(sql::signed(count).unwrap_or(i64::MAX))))
}

impl Tx<'_> {
    /// Keeps for which entries the numbers of a partner's batch stand; the numbers ascend. What one
    /// of them stood for before is forgotten.
    ///
    /// # Errors
    /// When a number does not fit, or the database fails.
    pub fn put_arrivals(
        &mut self,
        (partner, epoch): (&NodeId, &Epoch),
        entries: &[(u64, Seq)],
    ) -> Result<(), StoreError> {
        let mut runs: Vec<Run> = Vec::new();
        for (number, seq) in entries {
            let next = Run { number: sql::signed(*number)?, seq: *seq, count: 1 };
            match runs.last_mut() {
                Some(last) if last.joins(&next) => last.count += 1,
                Some(_) | None => runs.push(next),
            }
        }
        for run in runs {
            self.put_run((partner, epoch), run)?;
        }
        Ok(())
    }

    fn put_run(&mut self, of: (&NodeId, &Epoch), run: Run) -> Result<(), StoreError> {
        let end = run.number.saturating_add(run.count);
        let near = self.reading().near(of, run.number.saturating_sub(1), end)?;
        if near.iter().any(|known| known.within(run.number, end).is_some()) {
            self.take_runs(of, run.number, end)?;
            return self.insert_run(of, run);
        }
        match near.first().filter(|before| before.joins(&run)) {
            // What trickles in one by one does not get a row each.
            Some(before) => self.insert_run(of, Run { count: before.count + run.count, ..*before }),
            None => self.insert_run(of, run),
        }
    }

    fn insert_run(&mut self, of: (&NodeId, &Epoch), run: Run) -> Result<(), StoreError> {
        const PUT: &str = "INSERT OR REPLACE INTO arrival (partner, epoch, number, seq, count)
            VALUES (?1, ?2, ?3, ?4, ?5)";
        let row = (of.0.as_bytes(), of.1.as_bytes(), run.number, run.seq, run.count);
        sql::execute(&self.handle().conn, PUT, row).map(drop)
    }

    fn take_runs(
        &mut self,
        of: (&NodeId, &Epoch),
        from: i64,
        end: i64,
    ) -> Result<Vec<Run>, StoreError> {
        const DELETE: &str =
            "DELETE FROM arrival WHERE partner = ?1 AND epoch = ?2 AND number = ?3";
        let mut taken = Vec::new();
        for known in self.reading().near(of, from, end)? {
            let Some(part) = known.within(from, end) else { continue };
            let key = (of.0.as_bytes(), of.1.as_bytes(), known.number);
            sql::execute(&self.handle().conn, DELETE, key)?;
            let rest = [known.within(i64::MIN, from), known.within(end, i64::MAX)];
            for rest in rest.into_iter().flatten() {
                self.insert_run(of, rest)?;
            }
            taken.push(part);
        }
        Ok(taken)
    }

    /// Forgets for which entries these numbers of a partner stand; gives the entries in runs.
    ///
    /// # Errors
    /// When the database fails.
    pub fn take_arrivals(
        &mut self,
        of: (&NodeId, &Epoch),
        first: u64,
        count: u64,
    ) -> Result<Vec<(Seq, i64)>, StoreError> {
        let Some((from, end)) = span(first, count) else { return Ok(Vec::new()) };
        let taken = self.take_runs(of, from, end)?;
        Ok(taken.into_iter().map(|run| (run.seq, run.count)).collect())
    }

    /// Forgets that a partner gave an entry in any other life of its numbering than this one, or in
    /// all of them; at most so many numbers at once. Whether there may be more.
    ///
    /// # Errors
    /// When the database fails.
    pub fn forget_giver(
        &mut self,
        seq: Seq,
        partner: &NodeId,
        but: Option<&Epoch>,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT epoch, number, seq, count FROM arrival WHERE seq > ?1 - ?2
            AND seq <= ?1 AND seq + count > ?1 AND partner = ?3 AND epoch IS NOT ?4 LIMIT ?5";
        let life = but.map(Epoch::as_bytes);
        let key = (seq, ARRIVED_RUN_MAX, partner.as_bytes(), life, sql::limit(GIVEN_AT_ONCE_MAX));
        let rows = sql::all(&self.handle().conn, SQL, key, |row| {
            let at = row.get::<_, i64>(1)?.saturating_add(seq.saturating_sub(row.get(2)?));
            Ok((Epoch::new(row.get(0)?), at))
        })?;
        for (epoch, number) in &rows {
            self.take_runs((partner, epoch), *number, number.saturating_add(1))?;
        }
        Ok(rows.len() >= GIVEN_AT_ONCE_MAX)
    }

    /// Remembers entries that a giver withdrew and that are still to be judged.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_leaving(
        &mut self,
        partner: &NodeId,
        (seq, count): (Seq, i64),
    ) -> Result<(), StoreError> {
        const PUT: &str = "INSERT INTO leaving (partner, seq, count) VALUES (?1, ?2, ?3)";
        sql::execute(&self.handle().conn, PUT, (partner.as_bytes(), seq, count)).map(drop)
    }

    /// Takes at most `limit` entries out of those that are still to be judged, the same share of
    /// each giver's and of these the longest waiting first; each with who withdrew it.
    ///
    /// # Errors
    /// When the database fails.
    pub fn take_leaving(&mut self, limit: usize) -> Result<Vec<(NodeId, Seq)>, StoreError> {
        // One step of the index for each giver, however much it withdrew.
        const WHO: &str = "SELECT partner FROM leaving WHERE partner > ?1 ORDER BY partner LIMIT 1";
        let (mut givers, mut last) = (Vec::new(), Vec::new());
        while let Some(giver) =
            sql::first(&self.handle().conn, WHO, (&last,), |row| Ok(NodeId::new(row.get(0)?)))?
        {
            last = giver.as_bytes().to_vec();
            givers.push(giver);
        }
        let (mut taken, mut left) = (Vec::new(), sql::limit(limit));
        for (before, giver) in givers.iter().enumerate() {
            // What one leaves of its share is for those behind it.
            let behind = sql::limit(givers.len().saturating_sub(before)).max(1);
            let entries = self.take_leaving_of(giver, (left / behind).max(1).min(left))?;
            left -= sql::limit(entries.len());
            taken.extend(entries.into_iter().map(|seq| (*giver, seq)));
        }
        Ok(taken)
    }

    fn take_leaving_of(&mut self, giver: &NodeId, limit: i64) -> Result<Vec<Seq>, StoreError> {
        const SQL: &str =
            "SELECT id, seq, count FROM leaving WHERE partner = ?1 ORDER BY id LIMIT ?2";
        const DELETE: &str = "DELETE FROM leaving WHERE id = ?1";
        const CUT: &str = "UPDATE leaving SET seq = ?2, count = ?3 WHERE id = ?1";
        let conn = &self.handle().conn;
        let rows = sql::all(conn, SQL, (giver.as_bytes(), limit), |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Seq>(1)?, row.get::<_, i64>(2)?))
        })?;
        let (mut taken, mut left) = (Vec::new(), limit);
        for (id, seq, count) in rows {
            let now = count.min(left);
            taken.extend((0..now).map(|n| seq.saturating_add(n)));
            left -= now;
            if now == count {
                sql::execute(conn, DELETE, (id,))?;
            } else if now > 0 {
                sql::execute(conn, CUT, (id, seq.saturating_add(now), count - now))?;
            }
        }
        Ok(taken)
    }
}

impl Reading<'_> {
    /// The runs that touch these numbers, by number.
    fn near(&self, of: (&NodeId, &Epoch), from: i64, end: i64) -> Result<Vec<Run>, StoreError> {
        const SQL: &str = "SELECT number, seq, count FROM arrival WHERE partner = ?1
            AND epoch = ?2 AND number > ?3 - ?5 AND number < ?4 AND number + count > ?3
            ORDER BY number";
        let key = (of.0.as_bytes(), of.1.as_bytes(), from, end, ARRIVED_RUN_MAX);
        sql::all(&self.handle.conn, SQL, key, Run::read)
    }

    /// The partners that gave an entry and have not withdrawn it.
    ///
    /// # Errors
    /// When the database fails.
    pub fn givers(&self, seq: Seq) -> Result<Vec<NodeId>, StoreError> {
        const SQL: &str = "SELECT DISTINCT partner FROM arrival
            WHERE seq > ?1 - ?2 AND seq <= ?1 AND seq + count > ?1 ORDER BY partner";
        sql::all(&self.handle.conn, SQL, (seq, ARRIVED_RUN_MAX), |row| Ok(NodeId::new(row.get(0)?)))
    }

    /// The numbers under which a partner gives an entry in this life of its numbering, at most so
    /// many.
    ///
    /// # Errors
    /// When the database fails.
    pub fn given_under(
        &self,
        seq: Seq,
        of: (&NodeId, &Epoch),
        limit: usize,
    ) -> Result<Vec<u64>, StoreError> {
        const SQL: &str = "SELECT number + ?1 - seq FROM arrival WHERE seq > ?1 - ?2 AND seq <= ?1
            AND seq + count > ?1 AND partner = ?3 AND epoch = ?4 LIMIT ?5";
        let key = (seq, ARRIVED_RUN_MAX, of.0.as_bytes(), of.1.as_bytes(), sql::limit(limit));
        sql::all(&self.handle.conn, SQL, key, |row| sql::unsigned(row.get(0)?))
    }

    /// The entries that these numbers of a partner stand for, in runs.
    ///
    /// # Errors
    /// When the database fails.
    pub fn arrivals(
        &self,
        of: (&NodeId, &Epoch),
        first: u64,
        count: u64,
    ) -> Result<Vec<(Seq, i64)>, StoreError> {
        let Some((from, end)) = span(first, count) else { return Ok(Vec::new()) };
        let near = self.near(of, from, end)?;
        let parts = near.iter().filter_map(|run| run.within(from, end));
        Ok(parts.map(|run| (run.seq, run.count)).collect())
    }

    /// Whether entries that a giver withdrew are still to be judged.
    ///
    /// # Errors
    /// When the database fails.
    pub fn is_anything_leaving(&self) -> Result<bool, StoreError> {
        sql::exists(&self.handle.conn, "SELECT 1 FROM leaving", ())
    }
}

#[cfg(test)]
mod tests;
