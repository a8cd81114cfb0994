//! Who may have what, written down a second time: small, obvious, and without `policy::decide`.
//!
//! It deliberately reads only signed headers, statements in the log, followed member lists and the
//! list of partners; never a decision or a label that the node derived.

use super::held::{self, Held};
use super::run::Breach;
use super::script::{Item, Mark, Post};
use super::site::Site;
use model::bounds::Give;
use model::card::Card;
use model::circle::Circle;
use model::id::{CircleId, NodeId, ThingId};
use model::label::{Label, Tlp};
use model::limits::HOPS_MAX;
use model::policy::Policy;
use model::record::Authorship;
use model::time::Instant;
use node::outlet::{link_key, link_of};
use node::token::Caller;
use node::{Partner, PartnerState, Reading};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Who reads.
#[derive(Debug, Clone)]
pub(super) enum Eyes {
    Partner(NodeId),
    Token { circles: BTreeSet<CircleId>, red: bool },
}

/// Whom a node knows.
#[derive(Debug)]
pub(super) struct Known {
    /// The lists that it follows.
    circles: BTreeMap<CircleId, Circle>,
    /// Removed partners are absent.
    partners: BTreeMap<NodeId, Terms>,
}

/// On what terms a node gives to a partner.
#[derive(Debug)]
struct Terms {
    /// The words were compared.
    confirmed: bool,
    /// Nothing stricter, by its card and by the policy.
    ceiling: Tlp,
    /// Personal data as well, by its card and by the policy.
    personal: bool,
}

impl Terms {
    fn of(partner: &Partner, policy: Option<&Policy>) -> Self {
        let give = Card::read(&partner.card).map_or_else(|_| Give::least(), |card| card.give);
        let bounds = policy.map(|policy| &policy.bounds.give);
        Self {
            confirmed: partner.state == PartnerState::Confirmed,
            ceiling: bounds.map_or(give.ceiling, |all| all.ceiling.min(give.ceiling)),
            personal: give.personal && bounds.is_none_or(|all| all.personal),
        }
    }
}

/// The policy in force, as its text says it.
pub(super) fn policy(reading: &Reading<'_>) -> Result<Option<Policy>, Breach> {
    let text = reading.setting("policy")?.unwrap_or_default();
    Ok(std::str::from_utf8(&text).ok().and_then(|text| Policy::read(text).ok()))
}

impl Known {
    pub(super) fn of(reading: &Reading<'_>) -> Result<Self, Breach> {
        let lines = node::read::circles(reading)?.into_iter().filter(|line| line.accepted);
        let circles = lines.map(|line| (line.circle.id, line.circle)).collect();
        let partners = reading.partners()?.into_iter();
        let partners = partners.filter(|partner| partner.state != PartnerState::Removed);
        let policy = policy(reading)?;
        let partners = partners.map(|p| (p.node, Terms::of(&p, policy.as_ref()))).collect();
        Ok(Self { circles, partners })
    }
}

/// One node's state, as the oracle sees it.
pub(super) struct Oracle<'a> {
    site: &'a Site,
    now: Instant,
    known: Rc<Known>,
}

impl<'a> Oracle<'a> {
    pub(super) fn of(site: &'a Site, at: i64) -> Result<Self, Breach> {
        Ok(Self { site, now: site.clock(at), known: site.known()? })
    }

    /// The circle's list that the node follows.
    pub(super) fn circle(&self, id: &CircleId) -> Option<&Circle> {
        self.known.circles.get(id)
    }

    pub(super) fn is_partner(&self, node: &NodeId) -> bool {
        self.known.partners.contains_key(node)
    }

    /// Whether the node's own tool has hidden it, or its signer had it stopped.
    fn hidden(&self, held: &Held) -> bool {
        let reading = self.site.store.reading();
        reading.is_hidden(held.circle(), held.seq).unwrap_or(true)
    }

    /// Whether a reader may have a record now.
    pub(super) fn may(&self, held: &Held, eyes: &Eyes) -> bool {
        let there = !held.erased && !self.hidden(held) && !held::recalled(&self.site.held, held);
        there && self.gives(held, eyes)
    }

    /// Whether a reader may have a record of this place, hops and label, if it is there.
    pub(super) fn gives(&self, held: &Held, eyes: &Eyes) -> bool {
        let kept_back = match eyes {
            Eyes::Partner(partner) => self.site.kept_back.contains(&(*partner, held.leaf)),
            Eyes::Token { .. } => false,
        };
        !kept_back && self.allows(held, &held::label(&self.site.held, held), eyes)
    }

    /// Whether a record is there to be given to anybody.
    pub(super) fn is_there(&self, held: &Held) -> bool {
        !held.erased && !self.hidden(held)
    }

    /// Whether a record has a number in what the node keeps for a partner, in any life of that.
    pub(super) fn numbered(&self, held: &Held, eyes: &Eyes) -> bool {
        let Eyes::Partner(partner) = eyes else { return false };
        let reading = self.site.store.reading();
        let outlets = reading.outlets().unwrap_or_default().into_iter();
        let mut links = outlets.filter(|one| link_of(&one.key) == Some(*partner));
        links.any(|one| reading.place_of(one.id, held.seq).is_ok_and(|place| place.is_some()))
    }

    /// Whether it has one in this life of the numbering: of thousands of worlds, each asks often.
    pub(super) fn numbered_now(&self, held: &Held, eyes: &Eyes) -> bool {
        let Eyes::Partner(partner) = eyes else { return false };
        let reading = self.site.store.reading();
        let link = reading.outlet(&link_key(partner)).ok().flatten();
        link.is_some_and(|one| {
            reading.place_of(one.id, held.seq).is_ok_and(|place| place.is_some())
        })
    }

    /// Whether a word takes back something that the node has numbered for a partner: then it goes
    /// there too, whatever its label says.
    pub(super) fn follows(&self, word: &Held, eyes: &Eyes) -> bool {
        let takes_back = matches!(word.says, held::Says::Recall(_) | held::Says::Relabel(..));
        let about = |one: &&Held| word.is_word_on(one) || word.is_relabel_of(one);
        takes_back
            && !word.erased
            && self.site.held.iter().filter(about).any(|one| self.numbered(one, eyes))
    }

    /// Whether a reader might have had a record under any label that it ever had, from anybody.
    pub(super) fn might(&self, held: &Held, eyes: &Eyes) -> bool {
        let held = &Held { via: None, hop: 0, ..held.clone() };
        let label = held::label(&self.site.held, held);
        let all = Tlp::ALL.into_iter().filter(|tlp| *tlp >= self.loosest(held));
        all.map(|tlp| Label { tlp, ..label.clone() }).any(|label| self.allows(held, &label, eyes))
    }

    fn loosest(&self, held: &Held) -> Tlp {
        let words = self.site.held.iter().filter_map(|other| match &other.says {
            held::Says::Relabel(subject, tlp)
                if held.is(other.circle(), &other.header.signer, subject) =>
            {
                Some(*tlp)
            }
            held::Says::Nothing
            | held::Says::Relabel(..)
            | held::Says::Recall(..)
            | held::Says::Withdraw(..) => None,
        });
        words.min().unwrap_or(Tlp::Red).min(held.header.label.tlp)
    }

    fn allows(&self, held: &Held, label: &Label, eyes: &Eyes) -> bool {
        if label.embargo.is_some_and(|until| until > self.now) {
            return false;
        }
        let red = label.unknown || label.tlp == Tlp::Red;
        match eyes {
            Eyes::Token { circles, red: reads_red } => {
                circles.contains(&label.circle) && (!red || *reads_red)
            }
            Eyes::Partner(partner) => {
                let list = self.known.circles.get(&label.circle);
                let member = list.is_some_and(|circle| circle.member(partner).is_some());
                let free = matches!(label.tlp, Tlp::Clear | Tlp::Green) && !label.unknown;
                let Some(terms) = self.known.partners.get(partner) else { return false };
                let strict = if label.unknown { Tlp::Red } else { label.tlp };
                let trusted = (terms.confirmed || free) && strict <= terms.ceiling;
                let named = match &label.to {
                    Some(names) => names.contains(partner),
                    None => !red,
                };
                let back = held.header.signer == *partner || held.via == Some(*partner);
                let relayed = held.via.is_some();
                let hops = if label.unknown { 0 } else { label.hops };
                let reach = !relayed || (!red && held.hop < hops);
                let personal = !label.personal || terms.personal;
                member && trusted && named && !back && reach && personal
            }
        }
    }

    /// What must come of a submission: for each object its label, and what is answered.
    pub(super) fn expected(
        &self,
        post: &Post,
        circle: &CircleId,
        names: Option<&BTreeSet<NodeId>>,
        caller: &Caller,
    ) -> Option<Vec<Expected>> {
        let list = self.known.circles.get(circle)?;
        let default = caller.submitter.default.unwrap_or(list.default);
        let mut labels: Vec<Label> = Vec::new();
        for item in &post.items {
            let mut label = own(item, default, post.tlp, *circle);
            label.to = names.cloned();
            label.hops = post.hops.unwrap_or(label.hops).min(HOPS_MAX);
            label.embargo = post.until.map(|until| self.site.clock(until - self.site.off));
            labels.push(label);
        }
        self.close(&post.items, &mut labels, caller);
        let mut taken: Vec<(u64, String, &Item)> = Vec::new();
        let mut expected = Vec::new();
        for (item, label) in post.items.iter().zip(labels) {
            let axes = Axes::of(&label);
            let fate = if axes.tlp > list.ceiling {
                Fate::Refused
            } else {
                self.fate(item, circle, caller, &taken)
            };
            if fate == Fate::Accepted {
                taken.push((item.thing, super::canary::version(item.version), item));
            }
            expected.push(Expected { axes, label, fate });
        }
        Some(expected)
    }

    fn fate(
        &self,
        item: &Item,
        circle: &CircleId,
        caller: &Caller,
        taken: &[(u64, String, &Item)],
    ) -> Fate {
        let (body, version) = (super::canary::body(item), super::canary::version(item.version));
        let how = Authorship::Carries(caller.submitter.intake);
        let before = self.site.held.iter().filter(|held| {
            held.header.authorship == how
                && held.header.signer == self.site.id
                && held.circle() == circle
                && held.thing().to_string() == super::canary::id(item.thing)
                && held.header.version == version
                && !held.erased
                && !self.hidden(held)
        });
        let bodies = before.map(|held| held.body.clone());
        let mates = taken.iter().filter(|(thing, v, _)| *thing == item.thing && *v == version);
        let mates = mates.map(|(_, _, mate)| super::canary::body(mate).into_bytes());
        match bodies.chain(mates).next() {
            // Whoever brought what was recalled is told; partners would refuse it all the same.
            None if self.took_back(circle, how, (&super::canary::id(item.thing), &version)) => {
                Fate::Refused
            }
            None => Fate::Accepted,
            Some(known) if known == body.as_bytes() => Fate::Duplicate,
            Some(_) => Fate::Refused,
        }
    }

    /// Whether this node recalled a version that came by this intake.
    fn took_back(
        &self,
        circle: &CircleId,
        how: Authorship,
        (thing, version): (&str, &str),
    ) -> bool {
        self.site.held.iter().any(|held| match &held.says {
            held::Says::Recall(subject) => {
                held.header.signer == self.site.id
                    && held.circle() == circle
                    && subject.authorship == how
                    && subject.thing.to_string() == thing
                    && subject.version == version
            }
            held::Says::Nothing | held::Says::Relabel(..) | held::Says::Withdraw(..) => false,
        })
    }

    /// Rule B in other words: raise labels until no object is freer than what it names.
    fn close(&self, items: &[Item], labels: &mut [Label], caller: &Caller) {
        loop {
            let mut changed = false;
            for (place, item) in items.iter().enumerate() {
                for thing in &item.refs {
                    let mut copies = self.readable(*thing, caller);
                    // An object that names itself is a copy of what it names.
                    let mates = items.iter().zip(labels.iter());
                    let mates = mates.filter(|(mate, _)| mate.thing == *thing);
                    copies.extend(mates.map(|(_, label)| Axes::of(label)));
                    let Some(least) = copies.into_iter().reduce(Axes::freest) else { continue };
                    let Some(label) = labels.get_mut(place) else { continue };
                    let joined = Axes::of(label).strictest(least);
                    if joined != Axes::of(label) {
                        label.tlp = joined.tlp;
                        label.to = joined.to;
                        label.personal = joined.personal;
                        changed = true;
                    }
                }
            }
            if !changed {
                return;
            }
        }
    }

    /// The labels of the copies that a submitter reads or handed in.
    fn readable(&self, thing: u64, caller: &Caller) -> Vec<Axes> {
        let reader = &caller.submitter.reader;
        let red = matches!(reader.capacity, node::Capacity::Token { red: true, .. });
        let eyes = Eyes::Token { circles: reader.circles.clone(), red };
        let Ok(thing) = super::canary::id(thing).parse::<ThingId>() else { return Vec::new() };
        let copies = self.site.held.iter().filter(|held| *held.thing() == thing && !held.erased);
        let labels = copies.map(|held| (held, held::label(&self.site.held, held)));
        labels
            .filter(|(held, label)| {
                held.header.authorship == Authorship::Carries(caller.submitter.intake)
                    || self.allows(held, label, &eyes)
            })
            .map(|(_, label)| Axes::of(&label))
            .collect()
    }
}

/// What is answered about one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Accepted,
    Duplicate,
    Refused,
}

/// What must come of one object.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    pub(super) axes: Axes,
    pub(super) label: Label,
    pub(super) fate: Fate,
}

/// The axes on which labels join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Axes {
    pub(super) tlp: Tlp,
    to: Option<BTreeSet<NodeId>>,
    personal: bool,
}

impl Axes {
    /// An unknown marking reads as RED, and RED that names nobody is for nobody.
    pub(super) fn of(label: &Label) -> Self {
        let tlp = if label.unknown { Tlp::Red } else { label.tlp };
        let nobody = label.to.is_none() && tlp == Tlp::Red;
        let to = if nobody { Some(BTreeSet::new()) } else { label.to.clone() };
        Self { tlp, to, personal: label.personal }
    }

    fn strictest(self, other: Self) -> Self {
        let to = match (self.to, other.to) {
            (Some(a), Some(b)) => Some(a.into_iter().filter(|name| b.contains(name)).collect()),
            (one, None) | (None, one) => one,
        };
        Self { tlp: self.tlp.max(other.tlp), to, personal: self.personal || other.personal }
    }

    fn freest(self, other: Self) -> Self {
        let to = match (self.to, other.to) {
            (Some(a), Some(b)) => Some(a.into_iter().chain(b).collect()),
            (_, None) | (None, _) => None,
        };
        Self { tlp: self.tlp.min(other.tlp), to, personal: self.personal && other.personal }
    }
}

/// What an object's own markings and the terms ask for.
fn own(item: &Item, default: Tlp, least: Option<Tlp>, circle: CircleId) -> Label {
    let tlps = item.marks.iter().filter_map(|mark| match mark {
        // TLP 1 has no AMBER+STRICT.
        Mark::One(Tlp::AmberStrict) => Some(Tlp::Amber),
        Mark::One(tlp) | Mark::Two(tlp) | Mark::Part(tlp) => Some(*tlp),
        Mark::Unknown | Mark::Personal => None,
    });
    let tlp = tlps.max().unwrap_or(default).max(least.unwrap_or(Tlp::Clear));
    let mut label = Label::new(tlp, circle);
    label.unknown = item.marks.contains(&Mark::Unknown);
    label.personal = item.marks.contains(&Mark::Personal);
    label
}
