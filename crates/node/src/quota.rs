//! What one partner may cost: records and bytes in an hour, records held. Pure bookkeeping in the
//! writer's memory; rates are counted anew after a restart, what is held is counted by the store.
//!
//! Over a rate, a batch is not taken and nothing changes: the partner keeps it and comes again. Over
//! what may be held, each record is refused by name, and its receipt says so.

use crate::apply::Node;
use formats::problem::Problem;
use model::card::Quota;
use model::id::NodeId;
use model::limits::PARTNERS_MAX;
use model::time::Instant;
use std::collections::BTreeMap;

const HOUR_MICROS: i64 = 3_600_000_000;

/// What any partner may cost, unless its card says otherwise.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Allowance {
    /// Records taken in an hour.
    pub records_per_hour: u64,
    /// Bytes of records taken in an hour.
    pub bytes_per_hour: u64,
    /// Records held at once.
    pub records_held: u64,
    /// Different labels brought, ever.
    pub labels: u64,
}

impl Default for Allowance {
    /// No bound.
    fn default() -> Self {
        Self {
            records_per_hour: u64::MAX,
            bytes_per_hour: u64::MAX,
            records_held: u64::MAX,
            labels: u64::MAX,
        }
    }
}

impl Allowance {
    /// What a partner with this card may cost.
    #[must_use]
    pub fn under(self, card: Quota) -> Self {
        Self {
            records_per_hour: card.records_per_hour.unwrap_or(self.records_per_hour),
            bytes_per_hour: card.bytes_per_hour.unwrap_or(self.bytes_per_hour),
            records_held: card.records_held.unwrap_or(self.records_held),
            labels: self.labels,
        }
    }
}

/// What a batch would cost.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Cost {
    pub(crate) records: u64,
    pub(crate) bytes: u64,
}

/// What each partner has cost lately.
#[derive(Clone, Debug, Default)]
pub(crate) struct Quotas {
    any: Allowance,
    spent: BTreeMap<NodeId, Spent>,
    /// Records of the batch at hand that may still be held.
    room: u64,
}

/// How much is owed for: it shrinks as time passes, by one hour's allowance an hour.
#[derive(Clone, Copy, Debug)]
struct Spent {
    records: u64,
    bytes: u64,
    at: Instant,
}

impl Quotas {
    /// What a partner whose card and policy say this may cost.
    pub(crate) fn of(&self, card: Quota) -> Allowance {
        self.any.under(card)
    }

    /// Says how many records of the next batch may be held.
    pub(crate) const fn room(&mut self, records: u64) {
        self.room = records;
    }

    /// Takes the place of one record, if there is one.
    pub(crate) const fn place(&mut self) -> bool {
        let free = self.room > 0;
        self.room = self.room.saturating_sub(1);
        free
    }

    /// How many different labels any partner may bring.
    pub(crate) const fn labels(&self) -> u64 {
        self.any.labels
    }

    /// Takes more work than a record usually is into account, after it was done: the partner's next
    /// batch waits for it.
    pub(crate) fn charge(&mut self, partner: &NodeId, records: usize) {
        if let Some(spent) = self.spent.get_mut(partner) {
            let records = u64::try_from(records).unwrap_or(u64::MAX);
            spent.records = spent.records.saturating_add(records);
        }
    }

    /// Takes a batch into account, unless more than an hour's allowance is owed for already: then
    /// it gives the seconds after which it would be taken. A batch larger than an hour's allowance
    /// is taken once nothing is owed: otherwise it would be lost for ever.
    pub(crate) fn spend(
        &mut self,
        partner: NodeId,
        allowed: Allowance,
        cost: Cost,
        now: Instant,
    ) -> Result<(), u64> {
        let spent = self.spent.entry(partner).or_insert(Spent { records: 0, bytes: 0, at: now });
        // A clock that was set back forgives nothing and charges nothing.
        let passed = now.micros().saturating_sub(spent.at.micros()).max(0);
        spent.records = spent.records.saturating_sub(in_time(allowed.records_per_hour, passed));
        spent.bytes = spent.bytes.saturating_sub(in_time(allowed.bytes_per_hour, passed));
        spent.at = now;
        let wait = wait(spent.records, cost.records, allowed.records_per_hour).max(wait(
            spent.bytes,
            cost.bytes,
            allowed.bytes_per_hour,
        ));
        if wait > 0 {
            return Err(wait);
        }
        spent.records = spent.records.saturating_add(cost.records);
        spent.bytes = spent.bytes.saturating_add(cost.bytes);
        if self.spent.len() > PARTNERS_MAX {
            self.spent.retain(|_, spent| spent.records > 0 || spent.bytes > 0);
        }
        Ok(())
    }
}

/// What an hourly allowance comes to in so many microseconds.
fn in_time(per_hour: u64, micros: i64) -> u64 {
    let product = u128::from(per_hour).saturating_mul(u128::from(micros.unsigned_abs()));
    u64::try_from(product / u128::from(HOUR_MICROS.unsigned_abs())).unwrap_or(u64::MAX)
}

/// Seconds until `more` can be added to what is owed; 0 when it can be now.
fn wait(owed: u64, more: u64, per_hour: u64) -> u64 {
    if owed == 0 && per_hour > 0 {
        return 0;
    }
    let over = owed.saturating_add(more).saturating_sub(per_hour).min(owed);
    if over == 0 && per_hour > 0 {
        return 0;
    }
    let seconds = u128::from(over) * 3_600 / u128::from(per_hour.max(1));
    u64::try_from(seconds).unwrap_or(u64::MAX).clamp(1, 3_600)
}

/// The answer to a batch that has to wait; the partner keeps it.
#[must_use]
pub fn later(seconds: u64) -> Problem {
    let message = format!("over this partner's hourly quota here; come again in {seconds} s");
    Problem::error("E-QUOTA-001", message).hint("nothing is lost: the batch stays with its sender")
}

/// The refusal of a record beyond what may be held.
pub(crate) fn full() -> Problem {
    Problem::error("E-QUOTA-002", "as many records of this partner are held as its quota allows")
}

/// The refusal of a record of which there are more rivals or versions than anybody needs.
pub(crate) fn crowded() -> Problem {
    let message =
        "as many records of this version, or versions of this thing, are held as one may be";
    Problem::error("E-QUOTA-002", message)
}

/// The refusal of a record under a label that is one too many.
pub(crate) fn labelled() -> Problem {
    let message = "more different labels (recipients, embargoes) than one partner may bring";
    Problem::error("E-QUOTA-003", message)
}

impl Node {
    /// The node that allows any partner so much.
    #[must_use]
    pub fn allowing(mut self, any: Allowance) -> Self {
        self.limit(any);
        self
    }

    /// Allows any partner so much from now on; what each has cost lately stays.
    pub const fn limit(&mut self, any: Allowance) {
        self.quotas.any = any;
    }

    /// What a partner whose card and policy say this may cost.
    #[must_use]
    pub fn allowance(&self, card: Quota) -> Allowance {
        self.quotas.of(card)
    }
}

#[cfg(test)]
mod tests;
