//! No leak: no canary in a reader's bytes without a release; and twin worlds look the same.
//!
//! It deliberately searches the bytes, not the structures that made them.

use super::Stream;
use super::truth::{Fact, Truth};
use crate::outcome::{Check, Stats, Violation};
use crate::small::label::{ANYONE, Tlp};
use crate::small::link::{Content, Wire};
use crate::small::record::canaries;
use crate::small::release::{Reader, Rights};
use std::collections::{BTreeMap, BTreeSet};

/// What left in one stream, and when.
pub(in crate::small) type Streams = BTreeMap<Stream, Vec<(u64, String)>>;

impl Truth {
    /// Bytes went to a partner.
    pub(in crate::small) fn to_partner(
        &self,
        from: u8,
        to: u8,
        bytes: &str,
    ) -> Result<(), Violation> {
        for canary in canaries(bytes) {
            let rule = match self.facts.get(&canary) {
                Some(fact) => self.withheld_from_partner(from, to, fact),
                None => Some("nobody knows it"),
            };
            self.judge(canary, rule, Reader::Partner(to), from)?;
        }
        Ok(())
    }

    /// Bytes went to a local audience.
    pub(in crate::small) fn to_audience(
        &self,
        node: u8,
        (audience, rights): (u8, &Rights),
        bytes: &str,
    ) -> Result<(), Violation> {
        for canary in canaries(bytes) {
            let rule = match self.facts.get(&canary) {
                Some(fact) => self.withheld_from_audience(rights, fact),
                None => Some("nobody knows it"),
            };
            self.judge(canary, rule, Reader::Audience(audience), node)?;
        }
        Ok(())
    }

    fn judge(&self, canary: u64, rule: Option<&str>, to: Reader, at: u8) -> Result<(), Violation> {
        let Some(rule) = rule else { return Ok(()) };
        let fact = self.facts.get(&canary);
        let detail = format!("canary {canary:x} left node {at} for {to:?}, but {rule}: {fact:?}");
        Err(self.broken(Check::Leak, detail))
    }

    /// The first rule that withholds a record from a partner; the signer's hops included.
    pub(super) fn withheld_from_partner(&self, from: u8, to: u8, fact: &Fact) -> Option<&str> {
        let list = self.accepted.get(&(from, fact.circle)).copied().unwrap_or(0);
        let member = |node: u8| (list >> node) & 1 == 1;
        let card = self.cards.get(&(from, to))?;
        let named = fact.axes.named != ANYONE;
        let red = fact.axes.tlp == Tlp::Red;
        let rules = [
            (!member(from), "the sender is not in the circle"),
            (!member(to), "the reader is not in the circle"),
            (fact.axes.tlp > card.ceiling, "it is above the card's ceiling"),
            (fact.axes.personal && !card.personal, "it is personal data"),
            (fact.until > self.now, "it is under embargo"),
            (named && (fact.axes.named >> to) & 1 == 0, "others are named"),
            (red && !named, "it is RED and nobody is named"),
            (red && from != fact.origin, "it is RED and relayed"),
            (from != fact.origin && fact.hops == 0, "it has no hops left"),
            (to == fact.origin, "the reader signed it"),
            (self.kept_back.contains(&(from, to, fact.canary)), "a person withdrew it there"),
        ];
        rules.into_iter().find_map(|(broken, rule)| broken.then_some(rule))
    }

    /// The first rule that withholds a record from an audience.
    pub(super) fn withheld_from_audience(&self, rights: &Rights, fact: &Fact) -> Option<&str> {
        let red = fact.axes.tlp == Tlp::Red;
        let rules = [
            ((rights.circles >> fact.circle) & 1 == 0, "it is in another circle"),
            (red && !rights.red, "it is RED"),
            (!red && fact.axes.tlp > rights.ceiling, "it is above the ceiling"),
            (fact.until > self.now, "it is under embargo"),
        ];
        rules.into_iter().find_map(|(broken, rule)| broken.then_some(rule))
    }

    /// No relay passes on more hops than the signer gave.
    pub(in crate::small) fn hops(&self, from: u8, lines: &[Wire]) -> Result<(), Violation> {
        for line in lines {
            let Content::Record { record, hops } = &line.content else { continue };
            let Some(fact) = self.facts.get(&record.canary) else { continue };
            let most = fact.hops.checked_sub(u8::from(from != fact.origin));
            if most.is_none_or(|most| *hops > most) {
                let detail = format!("node {from} passes on {hops} hops of {fact:?}");
                return Err(self.broken(Check::Leak, detail));
            }
        }
        Ok(())
    }
}

/// Compares a world with its twin: who was released no secret must see the same bytes at the
/// same instants.
pub(in crate::small) fn twins(
    seed: u64,
    (plain, twin): (&Streams, &Streams),
    privy: &BTreeSet<Stream>,
    stats: &mut Stats,
) -> Result<(), Violation> {
    let names: BTreeSet<&Stream> = plain.keys().chain(twin.keys()).collect();
    for name in names.into_iter().filter(|name| !privy.contains(name)) {
        let empty = Vec::new();
        let one = plain.get(name).unwrap_or(&empty);
        let other = twin.get(name).unwrap_or(&empty);
        stats.add("twin streams compared", 1);
        stats.add("twin bytes compared", one.iter().map(|(_, bytes)| bytes.len()).sum());
        let differ = one.iter().zip(other).find(|(one, other)| one != other);
        if differ.is_some() || one.len() != other.len() {
            let at = differ.map_or(0, |(one, _)| one.0);
            let detail = format!("{name:?} shows that there are secrets: {differ:#?}");
            return Err(Violation { check: Check::Leak, seed, at, detail });
        }
    }
    Ok(())
}
