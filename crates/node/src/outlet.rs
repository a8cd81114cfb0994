//! Rule C: numbers are given at send, per reader. An outlet is an ordered list of what was sent to
//! one reader, kept as segments of runs of log entries; nothing is stored per record and reader.
//!
//! Nothing here opens a body; pages and batches do that, and decide again when they do.

use crate::apply::{Moment, Node};
use crate::restore;
use crate::state::partner_reader;
use model::id::{CircleId, NodeId};
use model::kind::{CIRCLE, Kind, RECALL, RELABEL, WITHDRAW};
use model::label::Tlp;
use model::limits::{
    AUDIENCE_IDLE_SECONDS, BATCH_RECORDS_MAX, BATCH_RECORDS_SENT, LOOKS_MAX, SCAN_ENTRIES_MAX,
};
use model::time::Instant;
use model::tree::Frontier;
use policy::decide::by_row;
use policy::{Capacity, Classes, Placed, Reader, Rule};
use std::collections::BTreeSet;
use store::{Light, Outlet, Reading, Rescan, Runs, Segment, Seq, StoreError};

/// The kinds that go before any backfill, in the order in which they are looked for.
const URGENT: [&str; 6] = [CIRCLE, RELABEL, RECALL, WITHDRAW, "cap/alert", "entente/decision"];

/// The name of the outlet for a partner.
#[must_use]
pub fn link_key(partner: &NodeId) -> String {
    format!("link:{partner}")
}

/// The name of the outlet for the tokens with equal rights in a circle.
#[must_use]
pub fn audience_key(circle: &CircleId, capacity: Capacity) -> String {
    let rights = match capacity {
        Capacity::Own => "own",
        Capacity::Token { red: true } => "red",
        Capacity::Token { red: false } | Capacity::Partner { .. } => "plain",
    };
    format!("taxii:{circle}:{rights}")
}

/// A place that the log never has: where an audience saw an entry before it was withheld.
const NOWHERE: Seq = 0;

/// What one look over the log found for an outlet.
struct Found {
    entries: Vec<Seq>,
    /// Under embargo for this reader: to be looked at again at its end.
    later: Vec<(Seq, Instant)>,
    /// The look ended before the end of the log.
    unfinished: bool,
}

/// The eyes with which an outlet is filled.
struct Eyes<'a> {
    reading: Reading<'a>,
    reader: Reader,
    now: Instant,
    classes: Classes,
}

impl Eyes<'_> {
    fn rule(&mut self, light: &Light) -> Result<Option<Rule>, StoreError> {
        if self.reader.capacity == Capacity::Own {
            return Ok((!self
                .reader
                .circles
                .contains(&self.reading.label(light.label_id)?.circle))
            .then_some(Rule::NotInCircle));
        }
        let label = self.reading.label(light.label_id)?;
        if let Some(rule) = self.classes.denied(&label, &self.reader) {
            return Ok(Some(rule));
        }
        let signer = self.reading.node_of(light.signer_id)?.unwrap_or(self.reader.node);
        let via = self.reading.node_of(light.via_id)?;
        Ok(by_row(&Placed { label: &label, signer, via, hop: light.hop }, &self.reader, self.now))
    }

    /// Somebody who was shut out may have been sent a bare leaf under its number: what opens to a
    /// partner is numbered anew, and what it holds already it knows again. When only its words were
    /// compared, that is nothing that it could have had before.
    fn opens_again(
        &self,
        outlet: &Outlet,
        rescan: &Rescan,
        light: &Light,
    ) -> Result<bool, StoreError> {
        let closed = self.reading.label(light.label_id)?.effective_tlp() > Tlp::Green;
        Ok(outlet.key.starts_with("link:") && (rescan.circle.is_some() || closed))
    }

    /// Sorts entries into released now, later, and never.
    fn sift(&mut self, light: &Light, found: &mut Found) -> Result<(), StoreError> {
        if light.erased {
            return Ok(());
        }
        match self.rule(light)? {
            // Deleted before it was numbered: it is as if it had never been there.
            None if light.hidden => {}
            None => found.entries.push(light.seq),
            Some(Rule::Embargo) => {
                let end = self.reading.label(light.label_id)?.embargo.unwrap_or(self.now);
                found.later.push((light.seq, end));
            }
            Some(_) => {}
        }
        Ok(())
    }
}

impl Node {
    /// Who reads an outlet; `None` when the name is unknown or the partner is gone.
    pub(crate) fn outlet_reader(
        &self,
        reading: &Reading<'_>,
        key: &str,
    ) -> Result<Option<Reader>, StoreError> {
        if let Some(node) = key.strip_prefix("link:") {
            let Ok(node) = node.parse() else { return Ok(None) };
            let partner = Self::partner(reading, &node)?;
            return Ok(partner.and_then(|partner| partner_reader(&partner, &self.circles)));
        }
        let Some((circle, rights)) = key.strip_prefix("taxii:").and_then(|k| k.split_once(':'))
        else {
            return Ok(None);
        };
        let capacity = match rights {
            "own" => Capacity::Own,
            "red" => Capacity::Token { red: true },
            "plain" => Capacity::Token { red: false },
            _ => return Ok(None),
        };
        let circle: Option<CircleId> = circle.parse().ok();
        let followed = circle.filter(|circle| self.circles.by_id(circle).is_some());
        Ok(followed.map(|circle| Reader {
            node: self.me.node(),
            capacity,
            circles: BTreeSet::from([circle]),
            ceiling: Tlp::Red,
            personal: true,
        }))
    }

    /// Numbers what an outlet lacks: one segment for a partner; for an audience as much as one
    /// command may take. True when there is more.
    pub(crate) fn number(
        &mut self,
        moment: &mut Moment<'_, '_>,
        key: &str,
    ) -> Result<bool, StoreError> {
        let Some(reader) = self.outlet_reader(&moment.tx.reading(), key)? else {
            return Ok(false);
        };
        let mut outlet = match moment.tx.reading().outlet(key)? {
            Some(outlet) => outlet,
            None => Self::new_outlet(moment, key, self.me.epoch)?,
        };
        let proven = key.starts_with("link:");
        let mut unfinished = true;
        for _ in 0..LOOKS_MAX {
            let found = Self::look(moment, &mut outlet, &reader)?;
            let some = !found.entries.is_empty();
            if some {
                // A partner's segments end where its batches do: there the tree needs no look back.
                let most = if proven { BATCH_RECORDS_SENT } else { found.entries.len() };
                for entries in found.entries.chunks(most) {
                    Self::put_numbered(moment, &mut outlet, entries, proven)?;
                }
            }
            unfinished = found.unfinished;
            if !unfinished || (some && proven) {
                break;
            }
        }
        moment.tx.put_outlet(&outlet)?;
        Ok(unfinished)
    }

    /// Numbers for a reader who is here now, and remembers that it was.
    pub(crate) fn number_for_reader(
        &mut self,
        moment: &mut Moment<'_, '_>,
        key: &str,
    ) -> Result<bool, StoreError> {
        let unfinished = self.number(moment, key)?;
        if let Some(outlet) = moment.tx.reading().outlet(key)? {
            moment.tx.put_outlet(&Outlet { last_read: moment.now, ..outlet })?;
        }
        Ok(unfinished)
    }

    /// Numbers for everybody who read lately: called once at the end of a batch that appended, in
    /// the same transaction, so that one commit makes entries and their numbers durable.
    ///
    /// # Errors
    /// When the store fails.
    pub fn settle(&mut self, moment: &mut Moment<'_, '_>) -> Result<(), StoreError> {
        let lately = moment.now.plus_seconds(-AUDIENCE_IDLE_SECONDS);
        for outlet in moment.tx.reading().outlets()? {
            if outlet.last_read >= lately {
                self.number(moment, &outlet.key)?;
            }
        }
        Ok(())
    }

    fn new_outlet(
        moment: &mut Moment<'_, '_>,
        key: &str,
        epoch: model::id::Epoch,
    ) -> Result<Outlet, StoreError> {
        let mut outlet = Outlet {
            id: 0,
            key: key.to_owned(),
            epoch,
            next: 0,
            scanned: 0,
            urgent: 0,
            last_date: restore::floor(&moment.tx.reading())?,
            last_read: moment.now,
            frontier: Vec::new(),
        };
        outlet.id = moment.tx.put_outlet(&outlet)?;
        Ok(outlet)
    }

    /// Looks for entries to number: urgent ones first, then what a widening brought, then the log.
    fn look(
        moment: &mut Moment<'_, '_>,
        outlet: &mut Outlet,
        reader: &Reader,
    ) -> Result<Found, StoreError> {
        let mut found = Found { entries: Vec::new(), later: Vec::new(), unfinished: false };
        let rescans = moment.tx.reading().rescans(outlet.id, moment.now)?;
        {
            let reading = moment.tx.reading();
            let head = reading.head()?;
            let mut eyes = Eyes {
                reading,
                reader: reader.clone(),
                now: moment.now,
                classes: Classes::default(),
            };
            look_urgent(&mut eyes, outlet, head, &mut found)?;
        }
        for rescan in rescans {
            Self::look_again(moment, outlet, reader, rescan, &mut found)?;
        }
        {
            let reading = moment.tx.reading();
            let head = reading.head()?;
            let mut eyes = Eyes {
                reading,
                reader: reader.clone(),
                now: moment.now,
                classes: Classes::default(),
            };
            look_on(&mut eyes, outlet, head, &mut found)?;
        }
        for (seq, due) in std::mem::take(&mut found.later) {
            let (outlet, circle, from, upto) = (outlet.id, None, seq, seq);
            moment.tx.put_rescan(&Rescan { id: 0, outlet, circle, from, upto, due })?;
        }
        Ok(found)
    }

    /// Works on one pending widening; what is numbered already is left alone.
    fn look_again(
        moment: &mut Moment<'_, '_>,
        outlet: &Outlet,
        reader: &Reader,
        mut rescan: Rescan,
        found: &mut Found,
    ) -> Result<(), StoreError> {
        let room = BATCH_RECORDS_MAX.saturating_sub(found.entries.len());
        if room == 0 {
            found.unfinished = true;
            return Ok(());
        }
        let reading = moment.tx.reading();
        let after = rescan.from - 1;
        let lights = match rescan.circle {
            Some(circle) => reading.scan_circle(circle, after, rescan.upto, SCAN_ENTRIES_MAX)?,
            None => reading.scan(after, rescan.upto, SCAN_ENTRIES_MAX)?,
        };
        let ended = lights.len() < SCAN_ENTRIES_MAX;
        let mut eyes =
            Eyes { reading, reader: reader.clone(), now: moment.now, classes: Classes::default() };
        let mut stopped = None;
        for light in &lights {
            if found.entries.len() >= BATCH_RECORDS_MAX {
                stopped = Some(light.seq);
                break;
            }
            // What the ordinary look has not reached yet is left to it.
            let urgent = eyes.reading.kind_of(light.kind_id)?.is_urgent();
            let reached = light.seq <= if urgent { outlet.urgent } else { outlet.scanned };
            let fresh = reached && !found.entries.contains(&light.seq);
            let numbered = is_numbered(&eyes.reading, outlet, light.seq)?;
            if fresh && (!numbered || eyes.opens_again(outlet, &rescan, light)?) {
                eyes.sift(light, found)?;
            }
        }
        let last = lights.last().map_or(rescan.upto, |light| light.seq);
        match (stopped, ended) {
            (None, true) => moment.tx.delete_rescan(rescan.id)?,
            (Some(seq), _) => rescan.from = seq,
            (None, false) => rescan.from = last + 1,
        }
        if stopped.is_some() || !ended {
            found.unfinished = true;
            moment.tx.put_rescan(&rescan)?;
        }
        Ok(())
    }

    /// Gives the numbers of one segment, durable with the commit that the caller makes.
    fn put_numbered(
        moment: &mut Moment<'_, '_>,
        outlet: &mut Outlet,
        entries: &[Seq],
        proven: bool,
    ) -> Result<(), StoreError> {
        let runs: Runs = entries.iter().copied().collect();
        if proven {
            let mut frontier = Frontier::decode(&outlet.frontier).unwrap_or_default();
            for leaf in moment.tx.reading().leaves(&runs)? {
                frontier.push(leaf.as_bytes());
            }
            outlet.frontier = frontier.encode();
        }
        let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
        // Strictly increasing, and never in the past: no reader who asks "since my last visit"
        // can miss an entry.
        let date = moment.now.max(outlet.last_date.plus_micros(1));
        moment.tx.put_segment(&Segment {
            outlet: outlet.id,
            first: outlet.next,
            count,
            date,
            runs,
            policy_version: 0,
            frontier: outlet.frontier.clone(),
        })?;
        outlet.next += u64::from(count);
        outlet.last_date = date.plus_micros(i64::from(count) - 1);
        Ok(())
    }

    /// An entry opens to an outlet's reader that was withheld from it: it is numbered now, also when
    /// it had a number before it was withheld. An audience no longer sees it at the old place; a
    /// partner's numbers are proven and stay.
    pub(crate) fn open_again(
        moment: &mut Moment<'_, '_>,
        key: &str,
        circle: CircleId,
        seq: Seq,
    ) -> Result<(), StoreError> {
        if !key.starts_with("link:")
            && let Some(outlet) = moment.tx.reading().outlet(key)?
            && let Some((segment, _)) = moment.tx.reading().place_of(outlet.id, seq)?
        {
            let runs = segment.runs.iter().map(|other| if other == seq { NOWHERE } else { other });
            let runs = runs.collect();
            moment.tx.put_segment(&Segment { runs, ..segment })?;
        }
        Self::widen(moment, key, Some(circle), (seq, Some(seq)))
    }

    /// Asks an outlet to look again at a circle (or at everything): somebody may have more now.
    pub(crate) fn widen(
        moment: &mut Moment<'_, '_>,
        key: &str,
        circle: Option<CircleId>,
        (from, upto): (Seq, Option<Seq>),
    ) -> Result<(), StoreError> {
        let Some(outlet) = moment.tx.reading().outlet(key)? else { return Ok(()) };
        let upto = upto
            .unwrap_or(outlet.scanned.max(outlet.urgent))
            .min(outlet.scanned.max(outlet.urgent));
        if upto >= from {
            let (outlet, due) = (outlet.id, Instant::from_micros(0));
            moment.tx.put_rescan(&Rescan { id: 0, outlet, circle, from, upto, due })?;
        }
        Ok(())
    }
}

/// Entries of urgent kinds that have not been looked at.
fn look_urgent(
    eyes: &mut Eyes<'_>,
    outlet: &mut Outlet,
    head: Seq,
    found: &mut Found,
) -> Result<(), StoreError> {
    let mut lights = Vec::new();
    for name in URGENT {
        let Ok(kind) = name.parse::<Kind>() else { continue };
        lights.extend(eyes.reading.scan_kind(&kind, outlet.urgent, head, SCAN_ENTRIES_MAX)?);
    }
    lights.sort_unstable_by_key(|light| light.seq);
    lights.truncate(SCAN_ENTRIES_MAX);
    for light in &lights {
        eyes.sift(light, found)?;
    }
    outlet.urgent = if lights.len() < SCAN_ENTRIES_MAX {
        head
    } else {
        found.unfinished = true;
        lights.last().map_or(head, |light| light.seq)
    };
    Ok(())
}

/// The log itself, from where the last look ended.
fn look_on(
    eyes: &mut Eyes<'_>,
    outlet: &mut Outlet,
    head: Seq,
    found: &mut Found,
) -> Result<(), StoreError> {
    let lights = eyes.reading.scan(outlet.scanned, head, SCAN_ENTRIES_MAX)?;
    for light in &lights {
        if found.entries.len() >= BATCH_RECORDS_MAX {
            found.unfinished = true;
            return Ok(());
        }
        let urgent = eyes.reading.kind_of(light.kind_id)?.is_urgent();
        if !urgent || light.seq > outlet.urgent {
            eyes.sift(light, found)?;
        }
        outlet.scanned = light.seq;
    }
    if lights.len() < SCAN_ENTRIES_MAX {
        outlet.scanned = head;
    } else {
        found.unfinished = true;
    }
    Ok(())
}

/// Whether an outlet has given this entry a number already.
pub(crate) fn is_numbered(
    reading: &Reading<'_>,
    outlet: &Outlet,
    seq: Seq,
) -> Result<bool, StoreError> {
    Ok(reading.place_of(outlet.id, seq)?.is_some())
}
