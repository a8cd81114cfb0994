//! What a change would open to which partner and what it would take away, before anything happens:
//! counted by circle and kind, with the rule that decides before and after. It changes nothing.
//!
//! Counts are of what may be sent, never of who reads it there; tokens are not told of. What a person
//! withdrew from a partner is in no count; a past that waits for a word is counted as if it were given.

use crate::cards::shared_already;
use crate::kept_back::denied;
use crate::outlet::link_key;
use crate::release::placed;
use crate::state::{Circles, partner_reader};
use model::card::Card;
use model::circle::Circle;
use model::id::{CircleId, NodeId, ThingId};
use model::kind::Kind;
use model::label::{Label, Tlp};
use model::limits::TALLY_GROUPS_MAX;
use model::policy::Policy;
use model::time::Instant;
use policy::{Decision, Placed, Reader, Rule, decide};
use std::collections::BTreeMap;
use store::{Group, Partner, PartnerState, Reading, Seq, StoreError};

/// A change that somebody thinks of.
#[derive(Clone, Debug)]
pub enum Change {
    /// Another card for a partner.
    Card {
        /// The partner.
        partner: NodeId,
        /// Its card then.
        card: Box<Card>,
    },
    /// Another policy.
    Policy(Box<Policy>),
    /// A partner added to a circle that we convene.
    AddMember {
        /// The circle.
        circle: CircleId,
        /// The partner.
        partner: NodeId,
    },
    /// A partner removed from a circle that we convene.
    RemoveMember {
        /// The circle.
        circle: CircleId,
        /// The partner.
        partner: NodeId,
    },
    /// The version of a circle that is on offer, followed.
    AcceptCircle(CircleId),
    /// A partner whose words were compared.
    Confirm(NodeId),
    /// The first share with a partner, let begin.
    ReleaseFirst(NodeId),
    /// What a person withdrew from a partner, released to it again.
    Lift {
        /// The thing.
        thing: ThingId,
        /// The partner.
        partner: NodeId,
    },
    /// Another traffic light for our own records of a thing.
    Relabel {
        /// The thing.
        thing: ThingId,
        /// Its traffic light then.
        tlp: Tlp,
    },
}

/// What a change does to what one partner may be sent of one circle and kind.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ForeseenLine {
    /// The partner.
    pub partner: NodeId,
    /// Its name here.
    pub name: String,
    /// The circle.
    pub circle: CircleId,
    /// The kind.
    pub kind: Kind,
    /// Records that it may have then and may not now.
    pub gains: u64,
    /// Records that it may have now and may not then.
    pub loses: u64,
    /// Records that would be opened but for an embargo that has not ended; in neither count.
    pub later: u64,
    /// What decides now; of several rules, the one of most records.
    pub before: Decision,
    /// What decides then.
    pub after: Decision,
}

/// All that a change does.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Foreseen {
    /// By partner's name, circle and kind; only where something changes.
    pub lines: Vec<ForeseenLine>,
    /// The last place in the log that was counted.
    pub head: Seq,
    /// Records differ in too many ways for all to be counted: there may be more.
    pub partial: bool,
    /// A record of ours is given a freer traffic light, or one to whom a person withdrew it: that
    /// always asks.
    pub loosens: bool,
}

impl Foreseen {
    /// Records opened, summed over partners.
    #[must_use]
    pub fn gains(&self) -> u64 {
        self.lines.iter().map(|line| line.gains.saturating_add(line.later)).sum()
    }

    /// Records taken away, summed over partners.
    #[must_use]
    pub fn loses(&self) -> u64 {
        self.lines.iter().map(|line| line.loses).sum()
    }
}

/// What decides who may have what: the circles with the policy, and the partners with their cards.
struct World {
    circles: Circles,
    partners: Vec<Partner>,
}

impl World {
    fn load(reading: &Reading<'_>) -> Result<Self, StoreError> {
        Ok(Self { circles: Circles::load(reading)?, partners: reading.partners()? })
    }

    /// The world once the change is made; `None` when it changes nothing that is known here.
    fn changed(&self, reading: &Reading<'_>, change: &Change) -> Result<Option<Self>, StoreError> {
        let (mut circles, mut partners) = (self.circles.clone(), self.partners.clone());
        let known = |node: &NodeId| self.partners.iter().find(|partner| partner.node == *node);
        match change {
            Change::Card { partner, card } => {
                let mut meant = partners.iter_mut().filter(|known| known.node == *partner);
                meant.by_ref().for_each(|known| known.card = card.write());
            }
            Change::Policy(policy) => {
                // Whom something was sent to is not asked about again (`Node::set_policy`).
                for partner in shared_already(reading)? {
                    circles.policies.started.insert(partner);
                }
                circles.policies.policy.clone_from(policy);
            }
            Change::AddMember { circle, partner } => {
                let (Some(circle), Some(partner)) = (circles.by_id(circle), known(partner)) else {
                    return Ok(None);
                };
                let mut next = circle.clone();
                let (key, name) = (partner.key, partner.name.clone());
                if next.member(&partner.node).is_none() {
                    next.members.push(model::circle::Member { key, name });
                }
                circles = circles.with(next);
            }
            Change::RemoveMember { circle, partner } => {
                let Some(circle) = circles.by_id(circle) else { return Ok(None) };
                let mut next = circle.clone();
                next.members.retain(|member| member.node() != *partner);
                circles = circles.with(next);
            }
            Change::AcceptCircle(circle) => {
                let offered = reading.circle(circle)?.and_then(|state| state.offered);
                let Some(next) = offered.and_then(|text| Circle::read(&text).ok()) else {
                    return Ok(None);
                };
                circles = circles.with(next);
            }
            Change::Confirm(node) => {
                let joined = |partner: &&mut Partner| partner.state == PartnerState::Joined;
                let mut meant = partners.iter_mut().filter(|partner| partner.node == *node);
                if let Some(partner) = meant.next().as_mut().filter(|partner| joined(partner)) {
                    partner.state = PartnerState::Confirmed;
                }
            }
            Change::ReleaseFirst(node) => {
                circles.policies.started.insert(*node);
            }
            Change::Relabel { .. } | Change::Lift { .. } => return Ok(None),
        }
        Ok(Some(Self { circles, partners }))
    }

    fn readers(&self) -> BTreeMap<NodeId, (String, Reader)> {
        let readers = self.partners.iter().filter_map(|partner| {
            let reader = partner_reader(partner, &self.circles)?;
            Some((partner.node, (partner.name.clone(), reader)))
        });
        readers.collect()
    }
}

/// What a change would do, counted over the whole log on this snapshot. Words about records (recall,
/// relabelling, withdrawal, member lists) are not counted: they go where their records went.
///
/// # Errors
/// When the store cannot be read.
pub fn foresee(
    reading: &Reading<'_>,
    me: NodeId,
    change: &Change,
    now: Instant,
) -> Result<Foreseen, StoreError> {
    let mut counts = Counts { now, ..Counts::default() };
    let world = World::load(reading)?;
    let before = world.readers();
    if let Change::Relabel { thing, tlp } = change {
        counts.relabel(reading, me, (thing, *tlp), &before)?;
    } else if let Change::Lift { thing, partner } = change {
        counts.lift(reading, thing, (partner, before.get(partner)))?;
    } else if let Some(after) = world.changed(reading, change)? {
        counts.all(reading, &before, &after.readers())?;
    }
    counts.told(reading.head()?, &before)
}

/// What one group of records counts for.
type Tally = BTreeMap<(Decision, Decision), [u64; 3]>;

#[derive(Default)]
struct Counts {
    now: Instant,
    found: BTreeMap<(NodeId, CircleId, Kind), Tally>,
    partial: bool,
    loosens: bool,
}

/// A partner before and after a change.
struct Pair<'r> {
    node: NodeId,
    before: Option<&'r Reader>,
    after: Option<&'r Reader>,
}

/// What is decided for a reader that is none.
const NO_READER: Decision =
    Decision { released: false, rule: Rule::NotInCircle, by: policy::By::Circle };

/// How much of each group a person withdrew from each of these partners.
fn kept_back(
    reading: &Reading<'_>,
    nodes: impl Iterator<Item = NodeId>,
) -> Result<BTreeMap<(NodeId, Group), u64>, StoreError> {
    let mut kept = BTreeMap::new();
    for node in nodes {
        for (group, count) in reading.tally_kept_back(&link_key(&node))? {
            *kept.entry((node, group)).or_default() += count;
        }
    }
    Ok(kept)
}

/// Whether it opens has nothing to do with when: embargoes end by themselves.
const END: Instant = Instant::from_micros(i64::MAX);

impl Counts {
    fn all(
        &mut self,
        reading: &Reading<'_>,
        before: &BTreeMap<NodeId, (String, Reader)>,
        after: &BTreeMap<NodeId, (String, Reader)>,
    ) -> Result<(), StoreError> {
        let nodes: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).collect();
        let of = |readers: &'_ BTreeMap<NodeId, (String, Reader)>, node: &NodeId| {
            readers.get(node).map(|(_, reader)| reader.clone())
        };
        let changed: Vec<_> = nodes
            .into_iter()
            .map(|node| (*node, of(before, node), of(after, node)))
            .filter(|(_, before, after)| before != after)
            .collect();
        if changed.is_empty() {
            return Ok(());
        }
        let (groups, partial) = reading.tally(TALLY_GROUPS_MAX)?;
        self.partial = partial;
        let kept_back = kept_back(reading, changed.iter().map(|(node, _, _)| *node))?;
        for (group, count) in groups.iter().filter(|(group, _)| !group.hidden) {
            let kind = reading.kind_of(group.kind_id)?;
            if kind.is_word() {
                continue;
            }
            let label = reading.label(group.label_id)?;
            let Some(signer) = reading.node_of(group.signer_id)? else { continue };
            let via = reading.node_of(group.via_id)?;
            let placed = Placed { label: &label, kind: &kind, signer, via, hop: group.hop };
            for (node, before, after) in &changed {
                let pair = Pair { node: *node, before: before.as_ref(), after: after.as_ref() };
                let kept = kept_back.get(&(*node, *group)).copied().unwrap_or_default();
                self.count(&pair, (&placed, &placed), count.saturating_sub(kept));
            }
        }
        Ok(())
    }

    /// Our own records of a thing, under their label and under the one that they would have.
    fn relabel(
        &mut self,
        reading: &Reading<'_>,
        me: NodeId,
        (thing, tlp): (&ThingId, Tlp),
        readers: &BTreeMap<NodeId, (String, Reader)>,
    ) -> Result<(), StoreError> {
        for seq in reading.by_thing(thing)? {
            let Some(row) = reading.row(seq)? else { continue };
            if row.signer != me || row.erased || row.hidden {
                continue;
            }
            let label = Label { tlp, unknown: false, ..row.label.as_ref().clone() };
            self.loosens |= tlp < row.label.effective_tlp();
            let (then, now) = (Placed { label: &label, ..placed(&row) }, placed(&row));
            for (node, (_, reader)) in readers {
                if reading.is_kept_back(&link_key(node), seq)? {
                    continue;
                }
                let pair = Pair { node: *node, before: Some(reader), after: Some(reader) };
                self.count(&pair, (&now, &then), 1);
            }
        }
        Ok(())
    }

    /// What a person withdrew from one partner, as if nobody had.
    fn lift(
        &mut self,
        reading: &Reading<'_>,
        thing: &ThingId,
        (node, reader): (&NodeId, Option<&(String, Reader)>),
    ) -> Result<(), StoreError> {
        let Some((_, reader)) = reader else { return Ok(()) };
        for seq in reading.by_thing(thing)? {
            let Some(row) = reading.row(seq)?.filter(|row| !row.erased && !row.hidden) else {
                continue;
            };
            if reading.is_kept_back(&link_key(node), seq)? {
                let after = decide(&placed(&row), reader, END);
                self.add(*node, &placed(&row), (denied(Rule::Withdrawn), after), 1);
            }
        }
        // A person took it back by hand: giving it again is asked about however little it is.
        self.loosens |= !self.found.is_empty();
        Ok(())
    }

    fn count(&mut self, pair: &Pair<'_>, (now, then): (&Placed<'_>, &Placed<'_>), count: u64) {
        let decided = |reader: Option<&Reader>, placed| {
            reader.map_or(NO_READER, |reader| decide(placed, reader, END))
        };
        let decisions = (decided(pair.before, now), decided(pair.after, then));
        self.add(pair.node, now, decisions, count);
    }

    /// Counts so many records that are decided so now and then.
    fn add(
        &mut self,
        node: NodeId,
        now: &Placed<'_>,
        (before, after): (Decision, Decision),
        count: u64,
    ) {
        if before.released == after.released || count == 0 {
            return;
        }
        let embargoed = now.label.embargo.is_some_and(|until| until > self.now);
        let place = match (after.released, embargoed) {
            (true, false) => 0,
            (false, false) => 1,
            (true, true) => 2,
            // Nothing of it was sent, and nothing will be.
            (false, true) => return,
        };
        let key = (node, now.label.circle, now.kind.clone());
        let counts = self.found.entry(key).or_default().entry((before, after)).or_default();
        if let Some(place) = counts.get_mut(place) {
            *place = place.saturating_add(count);
        }
    }

    fn told(
        self,
        head: Seq,
        readers: &BTreeMap<NodeId, (String, Reader)>,
    ) -> Result<Foreseen, StoreError> {
        let mut lines = Vec::new();
        for ((partner, circle, kind), tally) in self.found {
            let sum = |place: usize| {
                let counts = tally.values().filter_map(|counts| counts.get(place));
                counts.fold(0_u64, |sum, count| sum.saturating_add(*count))
            };
            let most = tally.iter().max_by_key(|(_, counts)| counts.iter().sum::<u64>());
            let Some((&(before, after), _)) = most else { continue };
            let name = readers.get(&partner).map_or_else(|| partner.to_string(), |r| r.0.clone());
            let (gains, loses, later) = (sum(0), sum(1), sum(2));
            let line =
                ForeseenLine { partner, name, circle, kind, gains, loses, later, before, after };
            lines.push(line);
        }
        lines.sort_by(|a, b| (&a.name, a.circle, &a.kind).cmp(&(&b.name, b.circle, &b.kind)));
        Ok(Foreseen { lines, head, partial: self.partial, loosens: self.loosens })
    }
}
