//! Rule C: numbers are given at send, per reader. An outlet is an ordered list of what was sent to
//! one reader, kept as segments of runs of log entries; nothing is stored per record and reader.
//!
//! Nothing here opens a body; pages and batches do that, and decide again when they do.

use crate::apply::{Moment, Node};
use crate::kept_back::KeptBack;
use crate::outbox;
use crate::release::Lens;
use crate::restore;
use crate::state::partner_reader;
use model::bounds::Give;
use model::id::{CircleId, NodeId};
use model::kind::{ALERTS, CIRCLE, KEYS, Kind, WORDS};
use model::label::Tlp;
use model::limits::{
    AUDIENCE_IDLE_SECONDS, BATCH_RECORDS_MAX, BATCH_RECORDS_SENT, LATEST_KEPT_SECONDS,
    LINK_AHEAD_MAX, LINK_CREDIT_MAX, LOOKS_MAX, SCAN_ENTRIES_MAX,
};
use model::time::Instant;
use model::tree::Frontier;
use policy::decide::{by_row, holds_for};
use policy::{Capacity, Classes, Placed, Reader, Rule};
use std::collections::{BTreeSet, HashSet};
use store::{Light, Outlet, Reading, Rescan, Runs, Segment, Seq, Stand, StoreError};

/// In which look an entry is found. For one entry that never changes, or it would be found in two
/// or in none.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Turn {
    /// With the words: ours, lists, keys, and what takes back something that is or was here.
    Word,
    /// With alerts and decisions.
    Alert,
    /// In the order of the log. Among it are others' words about nothing that was ever here: a flood
    /// of them must not stand before a recall.
    Log,
}

impl Turn {
    fn of(reading: &Reading<'_>, light: &Light) -> Result<Self, StoreError> {
        let kind = reading.kind_of(light.kind_id)?;
        let kind = kind.as_str();
        if ALERTS.contains(&kind) {
            return Ok(Self::Alert);
        }
        let word = WORDS.contains(&kind)
            && (light.via_id == 0
                || [CIRCLE, KEYS].contains(&kind)
                || reading.means_anything(light.seq)?);
        Ok(if word { Self::Word } else { Self::Log })
    }

    /// Up to where an outlet has been looked through for it.
    fn reached(self, outlet: &Outlet) -> Seq {
        match self {
            Self::Word => outlet.urgent.max(outlet.scanned),
            Self::Alert => outlet.alerts.max(outlet.scanned),
            Self::Log => outlet.scanned,
        }
    }
}

/// The setting that keeps the latest instant that was seen: each minute, and where the clock was set
/// back since.
const LATEST: &str = "latest-instant";

/// The latest instant that the store tells of: what was kept, when somebody read last, and when the
/// newest entry was written. By these a node that crashed knows the time that it saw.
///
/// # Errors
/// When the store cannot be read.
pub(crate) fn latest(reading: &Reading<'_>) -> Result<Instant, StoreError> {
    let kept = reading.setting(LATEST)?.and_then(|bytes| bytes.try_into().ok());
    let kept = Instant::from_micros(kept.map_or(0, i64::from_be_bytes));
    let read = reading.outlets()?.into_iter().map(|outlet| outlet.last_read).max();
    let newest = reading.light(reading.head()?)?.map(|light| light.at);
    Ok([read, newest].into_iter().flatten().fold(kept, Instant::max))
}

/// The name of the outlet for a partner.
#[must_use]
pub fn link_key(partner: &NodeId) -> String {
    format!("link:{partner}")
}

/// Whose link an outlet of this name serves, also one of an earlier life of the numbering.
#[must_use]
pub fn link_of(key: &str) -> Option<NodeId> {
    let link =
        key.strip_prefix("over:").map_or(key, |over| over.split_once(':').map_or("", |p| p.1));
    link.strip_prefix("link:")?.parse().ok()
}

/// The name of the outlet for the tokens with equal rights in a circle.
#[must_use]
pub fn audience_key(circle: &CircleId, capacity: Capacity) -> String {
    let rights = match capacity {
        Capacity::Own => "own",
        Capacity::Token { client: true, .. } => "client",
        Capacity::Token { red: true, .. } => "red",
        Capacity::Token { red: false, .. } | Capacity::Partner { .. } => "plain",
    };
    format!("taxii:{circle}:{rights}")
}

/// The names of the outlets for all tokens of a circle.
pub(crate) fn audience_keys(circle: &CircleId) -> [String; 4] {
    ["plain", "red", "client", "own"].map(|rights| format!("taxii:{circle}:{rights}"))
}

/// A place that the log never has: where an audience saw an entry before it was withheld.
const NOWHERE: Seq = 0;

/// Entries that one step of a look reads at least.
const SCAN_STEP_MIN: usize = 64;

/// What one look over the log found for an outlet.
struct Found {
    entries: Vec<Seq>,
    /// Under embargo for this reader: to be looked at again at its end.
    later: Vec<(Seq, Instant)>,
    /// The look ended before the end of the log.
    unfinished: bool,
    /// How many entries are taken at most.
    most: usize,
    /// That is all that the partner takes ahead: to look on would find nothing that may be numbered.
    by_room: bool,
}

impl Found {
    fn nothing() -> Self {
        let most = BATCH_RECORDS_MAX;
        Self { entries: Vec::new(), later: Vec::new(), unfinished: false, most, by_room: false }
    }

    /// From here on at most so many entries, beside those of urgent kinds that are found already.
    fn bound(&mut self, room: usize) {
        let all = self.entries.len().saturating_add(room);
        (self.most, self.by_room) = (all.min(BATCH_RECORDS_MAX), all < BATCH_RECORDS_MAX);
    }

    /// How many more are taken.
    fn room(&self) -> usize {
        self.most.saturating_sub(self.entries.len())
    }

    /// Whether nothing more is taken.
    fn is_full(&mut self) -> bool {
        let full = self.entries.len() >= self.most;
        self.unfinished |= full && !self.by_room;
        full
    }
}

/// How far a partner has come in what is kept for it, by its own word, and how much more it takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    /// The number that it asked for last.
    pub after: u64,
    /// How many entries may be numbered beyond that.
    pub credit: u64,
}

/// How a look at some entries of a widening ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Looking {
    /// There may be more.
    On,
    /// There is no room for more.
    Full,
    /// That was the last.
    Ended,
}

/// The eyes with which an outlet is filled.
pub(crate) struct Eyes<'a> {
    pub(crate) reading: Reading<'a>,
    reader: Reader,
    now: Instant,
    classes: Classes,
    /// What people keep from this reader.
    kept_back: KeptBack,
    /// The reader was told to forget something, or may have to be.
    withdrawn: bool,
    /// What was appended here later than this is in the outbox still.
    outbox: Option<Instant>,
}

impl<'a> Eyes<'a> {
    pub(crate) fn new(
        reading: Reading<'a>,
        outlet: &Outlet,
        reader: Reader,
        now: Instant,
    ) -> Result<Self, StoreError> {
        let own = reader.capacity == Capacity::Own;
        Ok(Self {
            outbox: if own { None } else { outbox::waits_after(&reading, now)? },
            reader,
            now,
            classes: Classes::default(),
            kept_back: KeptBack::of(&reading, &outlet.key)?,
            withdrawn: reading.has_withdrawn(outlet.id)?,
            reading,
        })
    }

    /// Looks at `step` entries of a widening.
    fn look_again(
        &mut self,
        outlet: &Outlet,
        (rescan, step): (&mut Rescan, usize),
        found: &mut Found,
    ) -> Result<Looking, StoreError> {
        let after = rescan.from - 1;
        let lights = match rescan.circle {
            Some(circle) => self.reading.scan_circle(circle, after, rescan.upto, step)?,
            None => self.reading.scan(after, rescan.upto, step)?,
        };
        let (Some(first), Some(last)) = (lights.first(), lights.last()) else {
            return Ok(Looking::Ended);
        };
        let over = self.reading.segments_over(outlet.id, (first.seq, last.seq))?;
        let numbered: HashSet<Seq> = over.iter().flat_map(|segment| segment.runs.iter()).collect();
        for light in &lights {
            rescan.from = light.seq;
            if found.is_full() {
                return Ok(Looking::Full);
            }
            // What the ordinary look has not reached yet is left to it.
            let reached = light.seq <= Turn::of(&self.reading, light)?.reached(outlet);
            let fresh = reached && !found.entries.contains(&light.seq);
            if fresh && self.opens((outlet, &numbered), rescan, light)? {
                self.sift(light, found)?;
            }
        }
        rescan.from = last.seq + 1;
        Ok(if lights.len() < step { Looking::Ended } else { Looking::On })
    }

    /// Whether an entry is in the outbox still. All behind it waits as well: order is kept.
    fn is_in_outbox(&self, light: Option<&Light>) -> Result<bool, StoreError> {
        let Some(light) = light.filter(|_| self.outbox.is_some()) else { return Ok(false) };
        outbox::is_waiting(&self.reading, light, self.outbox)
    }

    /// The rule that denies an entry, if one does.
    pub(crate) fn rule(&mut self, light: &Light) -> Result<Option<Rule>, StoreError> {
        if self.reader.capacity == Capacity::Own {
            return Ok((!self
                .reader
                .circles
                .contains(&self.reading.label(light.label_id)?.circle))
            .then_some(Rule::NotInCircle));
        }
        let label = self.reading.label(light.label_id)?;
        let kind = &self.reading.kind_of(light.kind_id)?;
        let denied = self.classes.denied(&label, &self.reader);
        if let Some(rule) = denied.filter(|rule| holds_for(*rule, kind)) {
            return Ok(Some(rule));
        }
        let signer = self.reading.node_of(light.signer_id)?.unwrap_or(self.reader.node);
        let via = self.reading.node_of(light.via_id)?;
        let placed = Placed { label: &label, kind, signer, via, hop: light.hop };
        Ok(by_row(&placed, &self.reader, self.now))
    }

    /// Whether a widening gives an entry a number: it has none, or each that it had was taken back
    /// (decision 0013). When a partner's words were compared, what was closed to it until then may
    /// have been sent bare: that is numbered anew, and what it holds already it knows again.
    fn opens(
        &self,
        (outlet, numbered): (&Outlet, &HashSet<Seq>),
        rescan: &Rescan,
        light: &Light,
    ) -> Result<bool, StoreError> {
        let stand = match numbered.contains(&light.seq) {
            true if self.withdrawn => self.reading.stand(outlet.id, light.seq)?,
            true => Stand::Given(0),
            false => Stand::Never,
        };
        let closed = self.reading.label(light.label_id)?.effective_tlp() > Tlp::Green;
        Ok(match stand {
            Stand::Never | Stand::Withdrawn => true,
            Stand::Given(_) => outlet.key.starts_with("link:") && rescan.circle.is_none() && closed,
        })
    }

    /// Whether a word about a record goes to this reader because that record went there.
    pub(crate) fn follows(&self, light: &Light) -> Result<bool, StoreError> {
        if !self.reading.kind_of(light.kind_id)?.is_word() {
            return Ok(false);
        }
        let Some(row) = self.reading.row(light.seq)? else { return Ok(false) };
        let lens = Lens { reader: self.reader.clone(), now: self.now };
        Ok(lens.decide_sent(&self.reading, &row)?.released)
    }

    /// Sorts entries into released now, later, and never.
    fn sift(&mut self, light: &Light, found: &mut Found) -> Result<(), StoreError> {
        if light.erased || self.kept_back.rule(&self.reading, light)?.is_some() {
            return Ok(());
        }
        match self.rule(light)? {
            // Deleted before it was numbered: it is as if it had never been there.
            None if light.hidden => {}
            None => found.entries.push(light.seq),
            Some(_) if !light.hidden && self.follows(light)? => found.entries.push(light.seq),
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
            "red" => Capacity::Token { red: true, client: false },
            "plain" => Capacity::Token { red: false, client: false },
            "client" => Capacity::Token { red: false, client: true },
            _ => return Ok(None),
        };
        let circle: Option<CircleId> = circle.parse().ok();
        let followed = circle.filter(|circle| self.circles.by_id(circle).is_some());
        Ok(followed.map(|circle| Reader {
            node: self.me.node(),
            capacity,
            circles: BTreeSet::from([circle]),
            give: Give::whole(),
            bounds: Vec::new(),
            waits: false,
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
        let room = self.room(&moment.tx.reading(), &outlet)?;
        let mut unfinished = true;
        for _ in 0..LOOKS_MAX {
            let found = Self::look(moment, &mut outlet, &reader, room)?;
            let some = !found.entries.is_empty();
            if some {
                // A partner's segments end where its batches do: there the tree needs no look back.
                let most = if proven { BATCH_RECORDS_SENT } else { found.entries.len() };
                for entries in found.entries.chunks(most) {
                    Self::put_numbered(
                        moment,
                        &mut outlet,
                        entries,
                        self.circles.policies.version,
                    )?;
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

    /// How many entries may be numbered for a partner now, beside those of urgent kinds: what has a
    /// number is sent before all that comes later, so a recall would wait behind it (decision 0012).
    fn room(&self, reading: &Reading<'_>, outlet: &Outlet) -> Result<usize, StoreError> {
        let Some(partner) = link_of(&outlet.key) else { return Ok(usize::MAX) };
        let Asked { after, credit } = match self.asked.get(&partner) {
            Some(asked) => *asked,
            // It has not asked since this node started: what it has signed for, it has.
            None => {
                let newest = reading.held_receipts(outlet.id, 1)?;
                let after = newest.first().map_or(0, |receipt| receipt.size);
                Asked { after, credit: LINK_AHEAD_MAX }
            }
        };
        let ahead = outlet.next.saturating_sub(after);
        Ok(usize::try_from(credit.saturating_sub(ahead)).unwrap_or(usize::MAX))
    }

    /// Numbers for a partner that wants what comes from `after` on, and takes `credit` entries
    /// ahead. True when there is more that it may be given.
    pub(crate) fn number_for_partner(
        &mut self,
        moment: &mut Moment<'_, '_>,
        partner: NodeId,
        (after, credit): (u64, u64),
    ) -> Result<bool, StoreError> {
        if Self::partner(&moment.tx.reading(), &partner)?.is_some() {
            let credit = credit.clamp(1, LINK_CREDIT_MAX);
            self.asked.insert(partner, Asked { after, credit });
        }
        self.number_for_reader(moment, &link_key(&partner))
    }

    /// Numbers for a reader who is here now, and remembers that it was.
    pub(crate) fn number_for_reader(
        &mut self,
        moment: &mut Moment<'_, '_>,
        key: &str,
    ) -> Result<bool, StoreError> {
        let narrowing = self.narrow_step(moment, key)?;
        let unfinished = self.number(moment, key)? || narrowing;
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
        let lately = self.here_since();
        if moment.now < self.latest {
            Self::keep_latest(moment, self.latest)?;
        }
        for outlet in moment.tx.reading().outlets()? {
            if outlet.last_read >= lately {
                self.number(moment, &outlet.key)?;
            }
        }
        Ok(())
    }

    /// Who read later than this is here. It is counted from the latest instant of all: by a clock that
    /// was set back, who has been away for long would have read lately, and would be given numbers
    /// by a commit that it must not hear of.
    pub(crate) fn here_since(&self) -> Instant {
        self.latest.plus_seconds(-AUDIENCE_IDLE_SECONDS)
    }

    /// Keeps the latest instant once a minute, for a crash while nobody reads and nothing is written.
    pub(crate) fn keep_time(&mut self, moment: &mut Moment<'_, '_>) -> Result<(), StoreError> {
        if self.latest < self.kept.plus_seconds(LATEST_KEPT_SECONDS) {
            return Ok(());
        }
        // Also where it cannot be written: a full disk is not to stop each tick.
        self.kept = self.latest;
        Self::keep_latest(moment, self.latest)
    }

    /// Keeps the latest instant over a restart; once while the clock is behind it.
    pub(crate) fn keep_latest(
        moment: &mut Moment<'_, '_>,
        latest: Instant,
    ) -> Result<(), StoreError> {
        let bytes = latest.micros().to_be_bytes();
        if moment.tx.reading().setting(LATEST)?.is_none_or(|kept| kept != bytes) {
            moment.tx.put_setting(LATEST, &bytes)?;
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
            alerts: 0,
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
        room: usize,
    ) -> Result<Found, StoreError> {
        let mut found = Found::nothing();
        let rescans = moment.tx.reading().rescans(outlet.id, moment.now)?;
        {
            let reading = moment.tx.reading();
            let head = reading.head()?;
            let mut eyes = Eyes::new(reading, outlet, reader.clone(), moment.now)?;
            look_urgent(&mut eyes, outlet, head, &mut found)?;
            found.bound(room);
            look_for_alerts(&mut eyes, outlet, head, &mut found)?;
        }
        let widened = !rescans.is_empty();
        for rescan in rescans {
            Self::look_again(moment, outlet, reader, rescan, &mut found)?;
        }
        if widened && moment.tx.reading().rescans(outlet.id, moment.now)?.is_empty() {
            moment.tx.delete_doubted(outlet.id)?;
        }
        {
            let reading = moment.tx.reading();
            let head = reading.head()?;
            let mut eyes = Eyes::new(reading, outlet, reader.clone(), moment.now)?;
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
        if found.is_full() {
            return Ok(());
        }
        let reading = moment.tx.reading();
        let mut eyes = Eyes::new(reading, outlet, reader.clone(), moment.now)?;
        let mut looked = 0;
        let looking = loop {
            // No more is read than there is room for.
            let step = found.room().max(SCAN_STEP_MIN);
            looked += step;
            match eyes.look_again(outlet, (&mut rescan, step), found)? {
                Looking::On if looked < SCAN_ENTRIES_MAX => {}
                end @ (Looking::On | Looking::Full | Looking::Ended) => break end,
            }
        };
        if looking == Looking::Ended {
            return moment.tx.delete_rescan(rescan.id);
        }
        found.unfinished |= looking == Looking::On;
        moment.tx.put_rescan(&rescan)?;
        Ok(())
    }

    /// Gives the numbers of one segment, durable with the commit that the caller makes.
    fn put_numbered(
        moment: &mut Moment<'_, '_>,
        outlet: &mut Outlet,
        entries: &[Seq],
        policy_version: u64,
    ) -> Result<(), StoreError> {
        let runs: Runs = entries.iter().copied().collect();
        if outlet.key.starts_with("link:") {
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
            policy_version,
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
        let reached = outlet.scanned.max(outlet.urgent).max(outlet.alerts);
        let upto = upto.unwrap_or(reached).min(reached);
        Self::doubt_rest(moment, outlet.id)?;
        if upto >= from {
            let (outlet, due) = (outlet.id, Instant::from_micros(0));
            moment.tx.put_rescan(&Rescan { id: 0, outlet, circle, from, upto, due })?;
        }
        Ok(())
    }
}

/// The next entries of these kinds, at most so many, and up to where there are no more of them.
fn of_kinds(
    reading: &Reading<'_>,
    kinds: &[&str],
    (after, head): (Seq, Seq),
    most: usize,
) -> Result<(Vec<Light>, Seq), StoreError> {
    let mut lights = Vec::new();
    for name in kinds {
        let Ok(kind) = name.parse::<Kind>() else { continue };
        lights.extend(reading.scan_kind(&kind, after, head, most)?);
    }
    lights.sort_unstable_by_key(|light| light.seq);
    lights.truncate(most);
    let full = lights.len() >= most;
    let upto = lights.last().filter(|_| full).map_or(head, |light| light.seq);
    Ok((lights, upto))
}

/// Words that have not been looked at, as many as there are.
fn look_urgent(
    eyes: &mut Eyes<'_>,
    outlet: &mut Outlet,
    head: Seq,
    found: &mut Found,
) -> Result<(), StoreError> {
    let from = Turn::Word.reached(outlet);
    let (lights, upto) = of_kinds(&eyes.reading, &WORDS, (from, head), SCAN_ENTRIES_MAX)?;
    for light in &lights {
        if Turn::of(&eyes.reading, light)? == Turn::Word {
            eyes.sift(light, found)?;
        }
    }
    found.unfinished |= upto < head;
    outlet.urgent = upto;
    Ok(())
}

/// Alerts and decisions that have not been looked at, as far as there is room for them.
fn look_for_alerts(
    eyes: &mut Eyes<'_>,
    outlet: &mut Outlet,
    head: Seq,
    found: &mut Found,
) -> Result<(), StoreError> {
    let from = Turn::Alert.reached(outlet);
    let (lights, upto) = of_kinds(&eyes.reading, &ALERTS, (from, head), SCAN_ENTRIES_MAX)?;
    for light in &lights {
        if found.is_full() {
            return Ok(());
        }
        eyes.sift(light, found)?;
        outlet.alerts = light.seq;
    }
    found.unfinished |= upto < head;
    outlet.alerts = upto;
    Ok(())
}

/// The log itself, from where the last look ended.
fn look_on(
    eyes: &mut Eyes<'_>,
    outlet: &mut Outlet,
    head: Seq,
    found: &mut Found,
) -> Result<(), StoreError> {
    if outlet.scanned == head || found.is_full() {
        return Ok(());
    }
    // While it waits, nobody reads ten thousand entries behind it at each commit.
    let next = eyes.reading.light(outlet.scanned.saturating_add(1))?;
    if eyes.is_in_outbox(next.as_ref())? {
        return Ok(());
    }
    let mut looked = 0;
    while looked < SCAN_ENTRIES_MAX {
        // Most partners may have most records: no more is read than there is room for.
        let step = found.room().max(SCAN_STEP_MIN);
        let lights = eyes.reading.scan(outlet.scanned, head, step)?;
        for light in &lights {
            if found.is_full() || eyes.is_in_outbox(Some(light))? {
                return Ok(());
            }
            // What went before has its number.
            let before = Turn::of(&eyes.reading, light)?.reached(outlet);
            if light.seq > before {
                eyes.sift(light, found)?;
            }
            outlet.scanned = light.seq;
        }
        if lights.len() < step {
            outlet.scanned = head;
            return Ok(());
        }
        looked += step;
    }
    found.unfinished = true;
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
