//! Un-release: what a partner was sent and may have no more is taken back from it, by the numbers
//! that it was sent under. One pass over an outlet, in steps, decides with today's reader; so a
//! stricter label, a list without the member, a card and a policy all come here.
//!
//! It knows no reason and no change, compares nothing with before, and tells nothing to tokens: their
//! pages decide again by themselves.

use crate::apply::{Moment, Node};
use crate::outlet::Eyes;
use model::facts::Facts;
use model::id::{CircleId, NodeId, ThingId};
use model::kind::{Kind, RELABEL, WITHDRAW_RANGE};
use model::label::{Label, Tlp};
use model::ledger::ledger_of;
use model::limits::{NARROW_LOOKS_MAX, WITHDRAWN_RANGES_MAX};
use model::statement::WithdrawRange;
use model::time::Instant;
use policy::{Reader, Rule};
use std::collections::BTreeSet;
use store::{Light, Narrowing, Outlet, Reading, Seq, StoreError};

/// Segments read at once: a segment has one batch at most.
const SEGMENTS: usize = 16;

/// Numbers as a statement has them: the first and how many, ascending.
#[derive(Debug, Default)]
pub(crate) struct Ranges(Vec<(u64, u64)>);

impl Ranges {
    /// Adds a number above all that there are; false when there is no room for it.
    fn push(&mut self, number: u64) -> bool {
        let full = self.0.len() >= WITHDRAWN_RANGES_MAX;
        match self.0.last_mut() {
            Some((first, count)) if first.saturating_add(*count) == number => *count += 1,
            Some(_) | None if full => return false,
            Some(_) | None => self.0.push((number, 1)),
        }
        true
    }
}

impl FromIterator<u64> for Ranges {
    /// Of numbers in any order; what one statement has no room for is left out.
    fn from_iter<I: IntoIterator<Item = u64>>(numbers: I) -> Self {
        let mut numbers: Vec<u64> = numbers.into_iter().collect();
        numbers.sort_unstable();
        numbers.dedup();
        let mut ranges = Self::default();
        for number in numbers {
            if !ranges.push(number) {
                break;
            }
        }
        ranges
    }
}

/// Where it is kept that a former member of a circle was left what it was sent there.
fn left_key(member: &NodeId, circle: &CircleId) -> String {
    format!("left-there.{member}.{circle}")
}

/// The circles of which a partner was left what it had.
fn left(reading: &Reading<'_>, member: &NodeId) -> Result<BTreeSet<CircleId>, StoreError> {
    let prefix = format!("left-there.{member}.");
    let settings = reading.settings(&prefix)?.into_iter();
    let held = settings.filter(|(_, value)| !value.is_empty());
    Ok(held.filter_map(|(key, _)| key.strip_prefix(&prefix)?.parse().ok()).collect())
}

impl Node {
    /// A member that is about to be removed from a circle is left what it was sent there.
    pub(crate) fn leave_there(
        moment: &mut Moment<'_, '_>,
        circle: &CircleId,
        member: &NodeId,
    ) -> Result<(), StoreError> {
        moment.tx.put_setting(&left_key(member, circle), &[1])
    }

    /// It is a member again: what it has is decided as everybody's is.
    pub(crate) fn leave_no_more(
        moment: &mut Moment<'_, '_>,
        circle: &CircleId,
        member: &NodeId,
    ) -> Result<(), StoreError> {
        let key = left_key(member, circle);
        if moment.tx.reading().setting(&key)?.is_some_and(|value| !value.is_empty()) {
            moment.tx.put_setting(&key, &[])?;
        }
        Ok(())
    }

    /// Somebody may have less than before: all that an outlet ever numbered is decided anew, in steps
    /// from now on. A pass that is under way begins again. Nothing to do for what is no link.
    pub(crate) fn narrowed(moment: &mut Moment<'_, '_>, key: &str) -> Result<(), StoreError> {
        if !key.starts_with("link:") {
            return Ok(());
        }
        if let Some(outlet) = moment.tx.reading().outlet(key)?.filter(|outlet| outlet.next > 0) {
            let pass = Narrowing { next: 0, upto: outlet.next };
            moment.tx.put_narrowing(outlet.id, Some(pass))?;
        }
        Ok(())
    }

    /// One step of an outlet's pass, if there is one; whether there are more.
    // CRASH: what is told, what is remembered as told and how far the pass is are one commit.
    pub(crate) fn narrow_step(
        &mut self,
        moment: &mut Moment<'_, '_>,
        key: &str,
    ) -> Result<bool, StoreError> {
        let reading = moment.tx.reading();
        let Some(outlet) = reading.outlet(key)? else { return Ok(false) };
        let Some(pass) = reading.narrowing(outlet.id)? else { return Ok(false) };
        // Who is no partner cannot be told; the pass goes on if it ever is one again.
        let Some(reader) = self.outlet_reader(&reading, key)? else { return Ok(false) };
        let to = reader.node;
        let (ranges, next) = lost(reading, &outlet, reader, pass)?;
        self.tell_withdrawn(moment, &outlet, to, ranges)?;
        let rest = (next < pass.upto).then_some(Narrowing { next, ..pass });
        moment.tx.put_narrowing(outlet.id, rest)?;
        Ok(rest.is_some())
    }

    /// A step for a partner that is away, so that its withdrawals are ready when it comes.
    pub(crate) fn narrow_on(&mut self, moment: &mut Moment<'_, '_>) -> Result<(), StoreError> {
        let mut stepped = false;
        for key in moment.tx.reading().narrowings()? {
            if self.outlet_reader(&moment.tx.reading(), &key)?.is_none() {
                continue;
            }
            if stepped {
                self.hurried = true;
                break;
            }
            self.hurried |= self.narrow_step(moment, &key)?;
            stepped = true;
        }
        Ok(())
    }

    /// One entry is withheld from an outlet's reader from now on: what it was sent is taken back.
    pub(crate) fn withdraw_entry(
        &mut self,
        moment: &mut Moment<'_, '_>,
        key: &str,
        entries: &[Seq],
    ) -> Result<u64, StoreError> {
        let reading = moment.tx.reading();
        let Some(outlet) = reading.outlet(key)?.filter(|_| key.starts_with("link:")) else {
            return Ok(0);
        };
        let Some(reader) = self.outlet_reader(&reading, key)? else { return Ok(0) };
        let mut numbers = Vec::new();
        for seq in entries {
            for number in reading.numbers_of(outlet.id, *seq)? {
                if !reading.is_withdrawn(outlet.id, number)? {
                    numbers.push(number);
                }
            }
        }
        let told = u64::try_from(numbers.len()).unwrap_or(u64::MAX);
        for numbers in numbers.chunks(WITHDRAWN_RANGES_MAX) {
            let ranges = numbers.iter().copied().collect();
            self.tell_withdrawn(moment, &outlet, reader.node, ranges)?;
        }
        Ok(told)
    }

    /// Somebody may have more again while a pass is not through: what the pass has not reached may
    /// have been sent bare meanwhile, and nobody can tell.
    pub(crate) fn doubt_rest(moment: &mut Moment<'_, '_>, outlet: i64) -> Result<(), StoreError> {
        match moment.tx.reading().narrowing(outlet)? {
            Some(pass) => moment.tx.put_doubted(outlet, pass.next, pass.upto),
            None => Ok(()),
        }
    }

    /// Signs the word about these numbers, to this partner alone. It says nothing but numbers of a
    /// list that this partner holds; its circle is this node's own, which no other reader sees.
    fn tell_withdrawn(
        &mut self,
        moment: &mut Moment<'_, '_>,
        outlet: &Outlet,
        to: NodeId,
        Ranges(ranges): Ranges,
    ) -> Result<(), StoreError> {
        if ranges.is_empty() {
            return Ok(());
        }
        for range in &ranges {
            moment.tx.put_withdrawn(outlet.id, *range)?;
        }
        let body = WithdrawRange { epoch: outlet.epoch, ranges }.write();
        let uuid = uuid::Builder::from_random_bytes(moment.bytes()).into_uuid();
        let thing = ThingId { kind: Kind::ours(WITHDRAW_RANGE), uuid };
        let circle = ledger_of(&self.me.node());
        let label = Label { to: Some([to].into()), hops: 0, ..Label::new(Tlp::Green, circle) };
        self.state(moment, thing, "1".to_owned(), label, (body, &Facts::default()))?;
        Ok(())
    }
}

/// The next numbers of a pass under which something stands that the reader may not have, and the
/// number to go on with.
fn lost(
    reading: Reading<'_>,
    outlet: &Outlet,
    reader: Reader,
    pass: Narrowing,
) -> Result<(Ranges, u64), StoreError> {
    // Whether it may have it has nothing to do with when: an embargo that ended has ended.
    let left = left(&reading, &reader.node)?;
    let mut eyes = Eyes::new(reading, outlet, reader, Instant::from_micros(i64::MAX))?;
    let end = pass.upto.min(pass.next.saturating_add(NARROW_LOOKS_MAX));
    let (mut ranges, mut next) = (Ranges::default(), pass.next);
    while next < end {
        let segments = reading.segments(outlet.id, next, SEGMENTS)?;
        if segments.is_empty() {
            return Ok((ranges, pass.upto));
        }
        for segment in segments {
            let mut number = segment.first;
            for (start, length) in segment.runs.as_slice() {
                let (count, last) = (usize::try_from(*length).unwrap_or(0), i64::from(*length));
                for light in reading.scan(start - 1, start + last - 1, count)? {
                    let meant = number >= next && number < end;
                    if meant
                        && is_lost(&mut eyes, &left, &light)?
                        && !reading.is_withdrawn(outlet.id, number)?
                        && !ranges.push(number)
                    {
                        return Ok((ranges, number));
                    }
                    number += 1;
                }
            }
            next = number.max(next);
        }
    }
    Ok((ranges, next.min(end)))
}

/// Whether an entry is there and its reader may not have it. What takes something back is not taken
/// back itself; what was erased or deleted had a word of its own. A freer traffic light is: it may
/// have been sent bare, and must come again when its record does.
fn is_lost(
    eyes: &mut Eyes<'_>,
    left: &BTreeSet<CircleId>,
    light: &Light,
) -> Result<bool, StoreError> {
    let kind = eyes.reading.kind_of(light.kind_id)?;
    let stays = kind.is_word() && (kind.as_str() != RELABEL || eyes.follows(light)?);
    if light.erased || light.hidden || stays {
        return Ok(false);
    }
    let rule = eyes.rule(light)?;
    if rule == Some(Rule::NotInCircle)
        && !left.is_empty()
        && left.contains(&eyes.reading.label(light.label_id)?.circle)
    {
        return Ok(false);
    }
    Ok(rule.is_some_and(|rule| !matches!(rule, Rule::BackToSource | Rule::Embargo)))
}
