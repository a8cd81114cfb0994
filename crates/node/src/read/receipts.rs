//! Who got what, when, under which rule, and what they said of it: the numbers of partners' outlets
//! beside the receipts that this node holds. It proves nothing by itself; `proof` makes proofs.
//!
//! For the node's own people alone: what went to one partner is none of another's business.

use crate::link::Receipt;
use crate::release::Lens;
use crate::state::{Circles, partner_reader};
use model::id::{CircleId, Digest, Epoch, NodeId, ThingId};
use model::time::Instant;
use policy::{Reader, Rule};
use store::{HeldReceipt, Outlet, Partner, Reading, Row, Segment, Seq, StoreError};

/// Where an entry of a partner's outlet stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum GivenState {
    /// It has its number; no receipt covers it yet.
    Sent,
    /// The partner signed that it has it and applied it.
    Applied,
    /// The partner signed that it refused it, for this reason.
    Refused(String),
    /// The partner was told to forget it: this node no longer releases it there.
    Withdrawn,
}

impl GivenState {
    /// `sent`, `applied`, `refused` or `withdrawn`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Applied => "applied",
            Self::Refused(_) => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// One entry that was numbered for a partner.
#[derive(Clone, Debug)]
pub struct Given {
    /// The partner's name here.
    pub partner: String,
    /// The partner.
    pub node: NodeId,
    /// What it is about; the nil UUID once it is erased.
    pub thing: ThingId,
    /// The thing's version; empty once it is erased.
    pub version: String,
    /// Where it is placed.
    pub circle: CircleId,
    /// The life of the numbering.
    pub epoch: Epoch,
    /// Its number in the partner's outlet.
    pub number: u64,
    /// When it was numbered, which is when it was sent if the partner was there.
    pub numbered: Instant,
    /// How far it has come.
    pub state: GivenState,
    /// By which rule it was released.
    pub rule: Rule,
    /// Why it would not be released today; `None` when it would.
    pub closed: Option<Rule>,
    /// The place in the log of the policy under which it was numbered; 0 before any was recorded.
    pub policy: u64,
    /// When the receipt came.
    pub at: Option<Instant>,
    /// Its salted leaf.
    pub leaf: Digest,
    /// Only its stub is left here.
    pub erased: bool,
    /// The number of its outlet in this store, to ask on from.
    pub outlet: i64,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub enum About {
    /// Everything about a thing.
    Thing(ThingId),
    /// Everything that one partner, or anyone, was given from this outlet and number on.
    Numbers {
        /// Only this partner.
        partner: Option<NodeId>,
        /// The outlet's number in this store.
        outlet: i64,
        /// The number in it.
        number: u64,
    },
}

/// What partners were given, in the order of their outlets and numbers, at most `limit` lines.
/// Of a thing all is told at once: it has few records, and partners are few.
///
/// # Errors
/// When the store cannot be read.
pub fn receipts(
    reading: &Reading<'_>,
    own: NodeId,
    about: &About,
    limit: usize,
) -> Result<Vec<Given>, StoreError> {
    let partners = reading.partners()?;
    let circles = Circles::load(reading)?;
    let mut outlets = reading.outlets()?;
    outlets.sort_unstable_by_key(|outlet| outlet.id);
    let mut lines = Vec::new();
    for outlet in outlets {
        let Some(partner) = partner_of(&outlet, &partners) else { continue };
        let reader = partner_reader(partner, &circles);
        let answers = Answers::new(reading, outlet.id);
        let mut listing = Listing { reading, partner, reader, outlet: &outlet, answers };
        match about {
            About::Thing(thing) => {
                for seq in places(reading, own, thing)? {
                    lines.extend(listing.at(seq)?);
                }
            }
            About::Numbers { partner: wanted, outlet: from, number } => {
                let other = wanted.is_some_and(|wanted| wanted != partner.node);
                if other || outlet.id < *from {
                    continue;
                }
                let start = if outlet.id == *from { *number } else { 0 };
                listing.from(start, limit, &mut lines)?;
                if lines.len() >= limit {
                    break;
                }
            }
        }
    }
    Ok(lines)
}

/// Whose outlet it is, also one of an earlier life of the numbering.
fn partner_of<'p>(outlet: &Outlet, partners: &'p [Partner]) -> Option<&'p Partner> {
    let node = crate::outlet::link_of(&outlet.key)?;
    partners.iter().find(|partner| partner.node == node)
}

/// The places of a thing in the log; also of what was erased since, as far as the words that erased
/// it are ours.
pub(crate) fn places(
    reading: &Reading<'_>,
    own: NodeId,
    thing: &ThingId,
) -> Result<Vec<Seq>, StoreError> {
    let mut places = reading.by_thing(thing)?;
    for (word, _) in super::recalls(reading, own, thing)? {
        places.extend(reading.meant_by(word.seq)?);
    }
    places.sort_unstable();
    places.dedup();
    Ok(places)
}

/// One partner's outlet, being listed.
struct Listing<'a> {
    reading: &'a Reading<'a>,
    partner: &'a Partner,
    /// `None` once it is a partner no more.
    reader: Option<Reader>,
    outlet: &'a Outlet,
    answers: Answers<'a>,
}

impl Listing<'_> {
    /// The entry of this place, if the partner was given it.
    fn at(&mut self, seq: Seq) -> Result<Option<Given>, StoreError> {
        let Some((segment, index)) = self.reading.place_of(self.outlet.id, seq)? else {
            return Ok(None);
        };
        self.line(&segment, index, seq)
    }

    /// The entries from a number on, until there are `limit` lines.
    fn from(&mut self, start: u64, limit: usize, lines: &mut Vec<Given>) -> Result<(), StoreError> {
        let mut next = start;
        loop {
            let segments = self.reading.segments(self.outlet.id, next, SEGMENTS)?;
            if segments.is_empty() {
                return Ok(());
            }
            for segment in segments {
                for (index, seq) in (0_u32..).zip(segment.runs.iter()) {
                    if segment.first + u64::from(index) < next {
                        continue;
                    }
                    if lines.len() >= limit {
                        return Ok(());
                    }
                    lines.extend(self.line(&segment, index, seq)?);
                }
                next = segment.first + u64::from(segment.count);
            }
        }
    }

    fn line(
        &mut self,
        segment: &Segment,
        index: u32,
        seq: Seq,
    ) -> Result<Option<Given>, StoreError> {
        let Some(row) = self.reading.row(seq)? else { return Ok(None) };
        let number = segment.first + u64::from(index);
        let (state, at) = match self.answers.about(number)? {
            Some((_, at, Some(reason))) => (GivenState::Refused(reason), Some(at)),
            Some((_, at, None)) => (GivenState::Applied, Some(at)),
            None => (GivenState::Sent, None),
        };
        let withdrawn = self.reading.is_withdrawn(self.outlet.id, number)?;
        let state = if withdrawn { GivenState::Withdrawn } else { state };
        let (rule, closed) = self.rules(&row, segment.date);
        Ok(Some(Given {
            partner: self.partner.name.clone(),
            node: self.partner.node,
            thing: row.thing,
            version: row.version,
            circle: row.label.circle,
            epoch: self.outlet.epoch,
            number,
            numbered: segment.date.plus_micros(i64::from(index)),
            state,
            rule,
            closed,
            policy: segment.policy_version,
            at,
            leaf: row.leaf,
            erased: row.erased,
            outlet: self.outlet.id,
        }))
    }

    /// By which rule it was numbered, and by which it would not be today.
    fn rules(&self, row: &Row, at: Instant) -> (Rule, Option<Rule>) {
        let Some(reader) = &self.reader else {
            return (Rule::MemberOfCircle, Some(Rule::NotInCircle));
        };
        let decision = Lens { reader: reader.clone(), now: at }.decide(row);
        if decision.released {
            return (decision.rule, None);
        }
        (Rule::MemberOfCircle, Some(decision.rule))
    }
}

/// Segments that one look fetches.
const SEGMENTS: usize = 64;

/// What a partner said of entries of one outlet. The receipt that was looked at last is kept: whoever
/// goes through an outlet reads each once.
pub(crate) struct Answers<'a> {
    reading: &'a Reading<'a>,
    outlet: i64,
    last: Option<(u64, HeldReceipt, Receipt)>,
    /// From this number on nothing is receipted.
    silent: u64,
}

/// The receipt's text, when it came, and the reason if the entry was refused.
pub(crate) type Answered = (String, Instant, Option<String>);

impl<'a> Answers<'a> {
    pub(crate) const fn new(reading: &'a Reading<'a>, outlet: i64) -> Self {
        Self { reading, outlet, last: None, silent: u64::MAX }
    }

    /// What was said of an entry; `None` when no receipt covers it.
    pub(crate) fn about(&mut self, number: u64) -> Result<Option<Answered>, StoreError> {
        if number >= self.silent {
            return Ok(None);
        }
        let known = self.last.as_ref();
        if !known.is_some_and(|(from, held, _)| (*from..held.size).contains(&number)) {
            let Some(held) = self.reading.held_receipt_over(self.outlet, number)? else {
                self.silent = number;
                return Ok(None);
            };
            let receipt = Receipt::read(&held.text);
            let receipt = receipt.ok_or_else(|| StoreError::Damaged {
                what: format!("the receipt over {} entries", held.size),
            })?;
            self.last = Some((number, held, receipt));
        }
        Ok(self.last.as_ref().map(|(_, held, receipt)| {
            let refused = receipt.refused.iter().find(|entry| entry.o == number);
            (held.text.clone(), held.at, refused.map(|entry| entry.reason.clone()))
        }))
    }
}
