//! What feeds for other tools are made of: the values of one circle's indicators, as one reader may
//! have them now. It renders none, knows no list of good values, and opens a body only where one is
//! asked for.

use crate::dispute::{Esteem, Worth, confidence, esteem};
use crate::release::{Lens, Released};
use crate::watch::{INDICATOR, order, versions};
use detect::suffix::is_suffix;
use model::facts::ValueKind;
use model::id::{CircleId, NodeId, ThingId};
use model::kind::Kind;
use model::label::{Pap, Tlp};
use model::limits::{
    FEED_LABELLED_MAX, FEED_PAGE_ROWS, FEED_PREFIX_V4_BITS_MIN, FEED_PREFIX_V6_BITS_MIN,
    FEED_STRIDE_ENTRIES,
};
use model::record::Authorship;
use model::time::Instant;
use serde::Deserialize;
use std::collections::{HashMap, HashSet};
use store::{Listed, Reading, Row, Seq, StoreError, Terms};
use uuid::Uuid;

/// Which bodies a feed has beside values.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Bodies {
    /// None.
    None,
    /// All.
    All,
    /// Only those of rules, and nothing that a value proves.
    Rules,
}

/// What a feed is to hold.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Indicators of this circle.
    pub circle: CircleId,
    /// Values of these kinds; empty for all.
    pub kinds: Vec<ValueKind>,
    /// The strictest PAP.
    pub pap_max: Pap,
    /// The strictest TLP.
    pub tlp_max: Tlp,
    /// The least confidence, as it is now.
    pub min_confidence: u8,
    /// What is left of each one's confidence is shown.
    pub weighed: bool,
    /// Not older than this.
    pub not_before: Option<Instant>,
    /// Begun between these two, the second exclusive.
    pub begun: Option<(Instant, Instant)>,
    /// Only the indicator of this UUID.
    pub only: Option<Uuid>,
    /// With one of these labels or types; empty for all.
    pub labels: Vec<String>,
    /// Which bodies as well.
    pub bodies: Bodies,
    /// It is acted upon: what would strike far more than was meant stays out.
    pub acts: bool,
}

/// Why there is no feed.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// More bodies than `FEED_LABELLED_MAX` would be opened to look at their labels.
    #[error("too many indicators to choose from by label")]
    Labels,
}

/// An indicator in a feed.
#[derive(Debug)]
pub struct FeedEntry<'e> {
    /// Its place in the log, for the node's own use; never shown.
    pub seq: Seq,
    /// Its UUID.
    pub id: Uuid,
    /// Who signed it.
    pub signer: NodeId,
    /// What it says of its own worth.
    pub terms: Terms,
    /// What is left of its confidence now, as far as this reader may know; only where it is asked
    /// for.
    pub confidence: Option<u8>,
    /// Its traffic light.
    pub tlp: Tlp,
    /// What may be done with it.
    pub pap: Option<Pap>,
    /// Its values that are wanted; whether names below are meant as well.
    pub values: Vec<(ValueKind, &'e str, bool)>,
    /// The indicator itself, opened for this reader; only where bodies are asked for.
    pub body: Option<Released>,
}

/// What a decision depends on.
type Key = (u32, u32, u32, u32, u8);

/// What is decided for all rows alike in that.
#[derive(Clone, Copy, Debug)]
struct Class {
    sees: bool,
    tlp: Tlp,
    pap: Option<Pap>,
    signer: NodeId,
}

/// A feed while it is read, page by page.
#[derive(Debug)]
pub struct Feeding {
    lens: Lens,
    wanted: Wanted,
    classes: HashMap<Key, Class>,
    /// The indicators of which anybody said anything, once they are asked for.
    regarded: Option<HashSet<[u8; 16]>>,
    holds_until: Option<Instant>,
    opened: usize,
}

/// A record that a feed takes, with its body where bodies are wanted.
struct Taken(Option<Released>);

impl Feeding {
    /// Begins with nothing read.
    #[must_use]
    pub fn new(lens: Lens, wanted: Wanted) -> Self {
        let classes = HashMap::new();
        Self { lens, wanted, classes, regarded: None, holds_until: None, opened: 0 }
    }

    /// Until when what was read stays as it is by time alone; `None` for ever.
    #[must_use]
    pub const fn holds_until(&self) -> Option<Instant> {
        self.holds_until
    }

    /// Hands the entries above `after` to `each`, in the order of the log; says where to go on. The
    /// caller reads each page with a snapshot of its own.
    ///
    /// # Errors
    /// When the store cannot be read, or too many bodies would have to be.
    pub fn page(
        &mut self,
        reading: &Reading<'_>,
        after: Seq,
        each: &mut dyn FnMut(FeedEntry<'_>),
    ) -> Result<Option<Seq>, FeedError> {
        // Which version is the newest is true for this snapshot only.
        let mut newest = HashMap::new();
        let (only, begun) = (self.wanted.only, self.wanted.begun);
        let mut take = |listed: Listed<'_>| -> Result<(), StoreError> {
            if let Some(entry) = self.entry(reading, &listed, &mut newest)? {
                each(entry);
            }
            Ok(())
        };
        let next = match (only, begun) {
            // The few entries about one thing are found by its name.
            (Some(uuid), _) => {
                for seq in reading.by_thing(&ThingId { kind: Kind::ours(INDICATOR), uuid })? {
                    reading.listed_at(seq, &mut take)?;
                }
                None
            }
            (None, Some(begun)) => {
                let (head, far) = (reading.head()?, after.saturating_add(FEED_STRIDE_ENTRIES));
                let stretch = (after, far.min(head));
                let next = reading.listed_begun(stretch, begun, FEED_PAGE_ROWS, &mut take)?;
                (next < head).then_some(next)
            }
            (None, None) => reading.listed(after, FEED_PAGE_ROWS, &mut take)?,
        };
        if self.opened > FEED_LABELLED_MAX { Err(FeedError::Labels) } else { Ok(next) }
    }

    /// The entry, if this reader has it in this feed.
    fn entry<'e>(
        &mut self,
        reading: &Reading<'_>,
        listed: &Listed<'e>,
        newest: &mut HashMap<[u8; 16], HashSet<Seq>>,
    ) -> Result<Option<FeedEntry<'e>>, StoreError> {
        let Listed { light, thing, rival, terms, values } = *listed;
        let Some(class) = self.class(reading, listed)? else { return Ok(None) };
        let wanted = &self.wanted;
        let tame = class.pap.is_none_or(|pap| pap <= wanted.pap_max);
        if !class.sees || light.hidden || class.tlp > wanted.tlp_max || !tame {
            return Ok(None);
        }
        let now = self.lens.now;
        let early = terms.since.is_some_and(|since| since > now);
        if early || terms.until.is_some_and(|until| until <= now) {
            self.changes_at(terms.since.filter(|_| early));
            return Ok(None);
        }
        let old = wanted.not_before.is_some_and(|from| terms.since.is_some_and(|at| at < from));
        let found: Vec<_> = values
            .filter(|(kind, text)| wanted.takes(*kind, text))
            .map(|(kind, text)| (kind, text, kind == ValueKind::Domain && !is_suffix(text)))
            .collect();
        let ruled = wanted.bodies != Bodies::None && wanted.kinds.is_empty();
        let mut all = values;
        let kind = all.next().map(|(kind, _)| kind);
        if old || (found.is_empty() && !ruled) || (wanted.bodies == Bodies::Rules && kind.is_some())
        {
            return Ok(None);
        }
        if rival && !self.is_newest(reading, (light.seq, thing), newest)? {
            return Ok(None);
        }
        let left = self.left(reading, (light.seq, thing), (terms, kind))?;
        if left.is_some_and(|left| left < self.wanted.min_confidence) {
            return Ok(None);
        }
        self.changes_at(terms.until);
        let body = self.body(reading, light.seq)?;
        let Some(Taken(body)) = body else { return Ok(None) };
        Ok(Some(FeedEntry {
            seq: light.seq,
            id: Uuid::from_bytes(thing),
            signer: class.signer,
            terms,
            confidence: left,
            tlp: class.tlp,
            pap: class.pap,
            values: found,
            body,
        }))
    }

    /// The class of a row, decided once; `None` where the row is gone.
    fn class(
        &mut self,
        reading: &Reading<'_>,
        listed: &Listed<'_>,
    ) -> Result<Option<Class>, StoreError> {
        let light = listed.light;
        let key = (light.label_id, light.signer_id, light.via_id, light.kind_id, light.hop);
        if let Some(known) = self.classes.get(&key) {
            return Ok(Some(*known));
        }
        let Some(row) = reading.row(light.seq)? else { return Ok(None) };
        let here = row.label.circle == self.wanted.circle && is_indicator(&row.thing.kind);
        let sees = here && self.lens.sees(&row);
        if here && !sees {
            self.changes_at(row.label.embargo.filter(|end| *end > self.lens.now));
        }
        let class =
            Class { sees, tlp: row.label.effective_tlp(), pap: row.label.pap, signer: row.signer };
        self.classes.insert(key, class);
        Ok(Some(class))
    }

    /// Whether an entry is the newest version that its signer placed in the circle, of those that
    /// this reader may have. All of a thing are looked at once.
    fn is_newest(
        &self,
        reading: &Reading<'_>,
        (seq, thing): (Seq, [u8; 16]),
        newest: &mut HashMap<[u8; 16], HashSet<Seq>>,
    ) -> Result<bool, StoreError> {
        if let Some(known) = newest.get(&thing) {
            return Ok(known.contains(&seq));
        }
        let Some(row) = reading.row(seq)? else { return Ok(false) };
        let visible = |other: &Row| {
            other.label.circle == self.wanted.circle && !other.hidden && self.lens.sees(other)
        };
        let mut best: HashMap<(NodeId, Authorship), Row> = HashMap::new();
        for other in versions(reading, &row.thing, visible)? {
            let held = best.entry((other.signer, other.authorship));
            let held = held.or_insert_with(|| other.clone());
            if order(&other) > order(held) {
                *held = other;
            }
        }
        let best: HashSet<Seq> = best.into_values().map(|row| row.seq).collect();
        let is = best.contains(&seq);
        newest.insert(thing, best);
        Ok(is)
    }

    /// What is left of its confidence, where that is asked for: what others make of it counts as far
    /// as this reader may know of it, so that no list tells of a sighting that is withheld.
    fn left(
        &mut self,
        reading: &Reading<'_>,
        (seq, thing): (Seq, [u8; 16]),
        (terms, kind): (Terms, Option<ValueKind>),
    ) -> Result<Option<u8>, StoreError> {
        if !self.wanted.weighed && self.wanted.min_confidence == 0 {
            return Ok(None);
        }
        let known = match &self.regarded {
            Some(known) => known.contains(&thing),
            None => {
                let mut known = HashSet::new();
                reading.regarded(&mut |thing| {
                    known.insert(thing);
                })?;
                self.regarded.insert(known).contains(&thing)
            }
        };
        let uuid = Uuid::from_bytes(thing);
        let said =
            if known { esteem(reading, &uuid, Some(&self.lens))? } else { Esteem::default() };
        let signed = match terms.since {
            Some(since) => since,
            None => reading.row(seq)?.map_or(self.lens.now, |row| row.signed),
        };
        Ok(Some(confidence(&Worth { terms, kind, signed }, &said, self.lens.now)))
    }

    /// What of its body the feed takes; nothing where its labels are not wanted.
    fn body(&mut self, reading: &Reading<'_>, seq: Seq) -> Result<Option<Taken>, StoreError> {
        let chosen = !self.wanted.labels.is_empty();
        let shown = self.wanted.bodies != Bodies::None;
        if !chosen && !shown {
            return Ok(Some(Taken(None)));
        }
        if chosen {
            self.opened += 1;
            if self.opened > FEED_LABELLED_MAX {
                return Ok(None);
            }
        }
        let Some((_, body)) = self.lens.body(reading, seq)? else { return Ok(None) };
        if chosen {
            let said: Said = serde_json::from_slice(body.bytes()).unwrap_or_default();
            let mut all = said.labels.iter().chain(&said.indicator_types);
            if !all.any(|label| self.wanted.labels.contains(label)) {
                return Ok(None);
            }
        }
        Ok(Some(Taken(shown.then_some(body))))
    }

    fn changes_at(&mut self, at: Option<Instant>) {
        if let Some(at) = at {
            self.holds_until = Some(self.holds_until.map_or(at, |known| known.min(at)));
        }
    }
}

/// By what people choose indicators.
#[derive(Default, Deserialize)]
struct Said {
    #[serde(default)]
    labels: Vec<String>,
    #[serde(default)]
    indicator_types: Vec<String>,
}

impl Wanted {
    fn takes(&self, kind: ValueKind, text: &str) -> bool {
        let kinds = self.kinds.is_empty() || self.kinds.contains(&kind);
        kinds && !(self.acts && is_wide(kind, text))
    }
}

fn is_indicator(kind: &Kind) -> bool {
    kind.as_str() == INDICATOR
}

/// Whether to act upon a value would strike strangers: a suffix of names, a network as large as a
/// country's.
fn is_wide(kind: ValueKind, text: &str) -> bool {
    let bits = |least: u8| {
        let length = text.split_once('/').and_then(|(_, length)| length.parse::<u8>().ok());
        length.is_some_and(|length| length < least)
    };
    match kind {
        ValueKind::Domain => is_suffix(text),
        ValueKind::Ipv4 => bits(FEED_PREFIX_V4_BITS_MIN),
        ValueKind::Ipv6 => bits(FEED_PREFIX_V6_BITS_MIN),
        ValueKind::Url
        | ValueKind::Email
        | ValueKind::Md5
        | ValueKind::Sha1
        | ValueKind::Sha256
        | ValueKind::Sha512
        | ValueKind::OtherHash
        | ValueKind::FileName
        | ValueKind::Mutex
        | ValueKind::RegistryKey
        | ValueKind::Asn
        | ValueKind::Mac
        | ValueKind::Cve
        | ValueKind::Account
        | ValueKind::UserAgent
        | ValueKind::CertSerial
        | ValueKind::Ja3
        | ValueKind::Ja4
        | ValueKind::FilePath => false,
    }
}
