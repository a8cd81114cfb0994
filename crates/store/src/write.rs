//! The writing transaction: append to the log, then to each view in the list; erase likewise.
//!
//! It checks no signature and no right. A new view never edits this file.

use crate::log::{self, ERASED, Light, RIVAL, Seq};
use crate::open::Handle;
use crate::state::held;
use crate::view::{self, Entry, FactsOf, Gone, Target};
use crate::{Reading, StoreError, purge, sql};
use model::facts::{Facts, Rule, Value};
use model::id::NodeId;
use model::record::Sealed;
use model::time::Instant;
use std::collections::BTreeMap;

/// What is appended to the log.
#[derive(Clone, Copy, Debug)]
pub struct NewEntry<'a> {
    /// The record, its signature made here or checked.
    pub record: &'a Sealed,
    /// What its body says.
    pub facts: &'a Facts,
    /// The observable values of the body in their normal form.
    pub values: &'a [Value],
    /// Those of them that prove the record alone: live matching watches them.
    pub watched: &'a [Value],
    /// The rule by which live matching finds it, where its values do not prove it.
    pub rule: Option<&'a Rule>,
    /// Now.
    pub at: Instant,
    /// The partner that it came from; `None` when it was made here.
    pub via: Option<NodeId>,
    /// Hops that it has taken since its signer.
    pub hop: u8,
}

/// What became of a new entry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Appended {
    /// Its place.
    pub seq: Seq,
    /// Another record of the same thing exists.
    pub rival: bool,
}

/// A transaction that writes. Dropped without [`Tx::commit`] it leaves nothing.
#[derive(Debug)]
pub struct Tx<'s> {
    handle: &'s Handle,
    open: bool,
    /// By how much the numbers of records held from partners change.
    held: BTreeMap<NodeId, i64>,
}

impl<'s> Tx<'s> {
    pub(crate) fn begin(handle: &'s Handle) -> Result<Self, StoreError> {
        sql::execute(&handle.conn, "BEGIN IMMEDIATE", ())?;
        handle.names.begin();
        handle.absent.set(None);
        Ok(Self { handle, open: true, held: BTreeMap::new() })
    }

    /// The connection, for the writers of state.
    pub(crate) const fn handle(&self) -> &'s Handle {
        self.handle
    }

    /// Reads what is committed and what this transaction has written.
    #[must_use]
    pub const fn reading(&self) -> Reading<'_> {
        Reading { handle: self.handle }
    }

    /// Appends an entry to the log and to all views.
    ///
    /// A body that an earlier entry of the same thing and version holds is stored once.
    ///
    /// # Errors
    /// When the database fails; the transaction should then be dropped.
    pub fn append(&mut self, new: &NewEntry<'_>) -> Result<Appended, StoreError> {
        let handle = self.handle;
        let header = new.record.header();
        let numbers = log::numbers(handle, header)?;
        let earlier = view::things::earlier(handle, &header.thing, numbers.kind, &header.version)?;
        let body_of = self.holder(&earlier, new.record.body())?;
        let seq = log::insert(handle, new, &numbers, body_of)?;
        if let Some(partner) = new.via {
            *self.held.entry(partner).or_default() += 1;
        }
        let entry = Entry {
            seq,
            kind: numbers.kind,
            circle: numbers.circle,
            thing: header.thing.uuid,
            earlier: &earlier,
            facts: new.facts,
            values: new.values,
            watched: new.watched,
            rule: new.rule,
        };
        for (place, view) in view::ALL.iter().enumerate() {
            view.apply(&Target::used(handle), &entry)?;
            if handle.beside.get() == Some(place) {
                view.apply(&Target::fresh(handle), &entry)?;
            }
        }
        Ok(Appended { seq, rival: !earlier.is_empty() })
    }

    /// The earlier entry of this version that holds exactly this body.
    fn holder(&self, earlier: &[view::Earlier], body: &[u8]) -> Result<Option<Seq>, StoreError> {
        for entry in earlier.iter().filter(|entry| entry.same_version) {
            if log::body(self.handle, entry.seq)?.is_some_and(|held| held == body) {
                return Ok(Some(entry.body_of.unwrap_or(entry.seq)));
            }
        }
        Ok(None)
    }

    /// Erases an entry and asks for the purge that follows; see [`Tx::strip`].
    ///
    /// # Errors
    /// When the log has no such entry, or the database fails.
    pub fn erase(&mut self, seq: Seq, facts_of: &mut FactsOf<'_>) -> Result<(), StoreError> {
        if self.strip(seq, facts_of)? { self.want_purge() } else { Ok(()) }
    }

    /// Asks for a purge: who strips many entries asks once, for it costs the same.
    ///
    /// # Errors
    /// When the database fails.
    pub fn want_purge(&mut self) -> Result<(), StoreError> {
        purge::want(self.handle)
    }

    /// Erases an entry: body, salt, signature, version, thing and what views hold of it go; its
    /// place and its leaf stay. Gives whether it was there still. [`crate::Store::purge`] finishes,
    /// once it is asked for.
    ///
    /// # Errors
    /// When the log has no such entry, or the database fails.
    pub fn strip(&mut self, seq: Seq, facts_of: &mut FactsOf<'_>) -> Result<bool, StoreError> {
        let conn = &self.handle.conn;
        let light = log::light(self.handle, seq)?.ok_or(StoreError::NoSuchEntry(seq))?;
        if light.erased {
            return Ok(false);
        }
        let gone = self.gone(&light, facts_of)?;
        hand_over_body(self.handle, &gone)?;
        for (place, view) in view::ALL.iter().enumerate() {
            view.erase(&Target::used(self.handle), &gone)?;
            if self.handle.beside.get() == Some(place) {
                view.erase(&Target::fresh(self.handle), &gone)?;
            }
        }
        const STUB: &str = "UPDATE log SET flags = (flags & ~?2) | ?3, thing = NULL, \
            version = NULL, extra = NULL, salt = NULL, signature = NULL, size = NULL, \
            dict = NULL, body_of = NULL, body = NULL WHERE seq = ?1";
        sql::execute(conn, STUB, (seq, RIVAL, ERASED))?;
        if light.via_id != 0 {
            let partner = self.handle.names.known(conn, light.via_id)?;
            *self.held.entry(partner).or_default() -= 1;
        }
        Ok(true)
    }

    /// What views are told of an entry that goes.
    fn gone(&self, light: &Light, facts_of: &mut FactsOf<'_>) -> Result<Gone, StoreError> {
        let seq = light.seq;
        let row = log::row(self.handle, seq)?.ok_or(StoreError::NoSuchEntry(seq))?;
        let body = match log::body(self.handle, seq) {
            Err(error) if !error.is_damage() => return Err(error),
            // A damaged body must not keep its entry from being erased.
            body => body.ok().flatten(),
        };
        let content = body.map(|body| facts_of(&row.thing, &body)).unwrap_or_default();
        let (kind, circle) = (light.kind_id, light.circle_id);
        Ok(Gone { seq, kind, circle, thing: row.thing.uuid, content })
    }

    /// Records held that came from this partner, those of this transaction included.
    ///
    /// # Errors
    /// When the database fails.
    pub fn held_from(&self, partner: &NodeId) -> Result<u64, StoreError> {
        let before = self.reading().held_from(partner)?;
        let change = self.held.get(partner).copied().unwrap_or(0);
        Ok(before.saturating_add_signed(change))
    }

    /// Makes all of it durable: when this returns, it is on the disk.
    ///
    /// # Errors
    /// [`StoreError::Failed`], after which nobody knows what the disk holds: stop the node.
    pub fn commit(mut self) -> Result<(), StoreError> {
        for (partner, change) in std::mem::take(&mut self.held) {
            held::change(self.handle, &partner, change)?;
        }
        match sql::execute(&self.handle.conn, "COMMIT", ()) {
            Ok(_) => {
                self.open = false;
                self.handle.names.keep();
                Ok(())
            }
            Err(StoreError::Sqlite(error)) => Err(StoreError::Failed(error)),
            Err(error) => Err(error),
        }
    }
}

impl Drop for Tx<'_> {
    fn drop(&mut self) {
        if self.open {
            // SQLite may have rolled back by itself; that is no failure here.
            sql::execute(&self.handle.conn, "ROLLBACK", ()).ok();
            self.handle.names.forget();
        }
    }
}

/// Gives a body that others borrow to the first of them.
fn hand_over_body(handle: &Handle, gone: &Gone) -> Result<(), StoreError> {
    let borrowers = view::things::borrowers(handle, gone)?;
    let Some((heir, others)) = borrowers.split_first() else { return Ok(()) };
    const GIVE: &str = "UPDATE log SET body_of = NULL, (size, dict, body) = \
        (SELECT size, dict, body FROM log WHERE seq = ?2) WHERE seq = ?1";
    sql::execute(&handle.conn, GIVE, (heir, gone.seq))?;
    for other in others {
        let sql = "UPDATE log SET body_of = ?2 WHERE seq = ?1";
        sql::execute(&handle.conn, sql, (other, heir))?;
    }
    Ok(())
}
