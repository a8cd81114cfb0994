//! A node's policy: what no card may exceed, for all partners and for those of a relation, country
//! or sector, and what a person is asked about. It travels nowhere.
//!
//! All of it is met with a card's own bounds, so that no line of a policy can ever give more than
//! the card does (decision 0014). It decides about no record.

use crate::bounds::Bounds;
use crate::card::{Card, CountryCode, Relation, Sector, read_clients};
use crate::limits::{
    BACKFILL_ASKS_ABOVE, OUTBOX_SECONDS_MAX, POLICY_SECTIONS_MAX, SECTOR_BYTES_MAX,
};
use crate::lines::{LineReader, LineWriter, ReadLinesError};
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

const FORM: &str = "entente/policy/1";

/// Whether something is done at once, or a person is asked first.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Ask {
    /// At once.
    Go,
    /// A person is asked.
    #[default]
    Ask,
}

impl Ask {
    /// `ask`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Go => "go",
            Self::Ask => "ask",
        }
    }
}

/// A word that is neither.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("neither go nor ask")]
pub struct ParseAskError;

impl FromStr for Ask {
    type Err = ParseAskError;

    fn from_str(text: &str) -> Result<Self, ParseAskError> {
        match text {
            "go" => Ok(Self::Go),
            "ask" => Ok(Self::Ask),
            _ => Err(ParseAskError),
        }
    }
}

/// The part of a policy that bounds.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Section {
    /// What holds for everybody.
    Everybody,
    /// What holds for partners of this relation.
    Relation(Relation),
    /// What holds for the partner's country.
    Country,
    /// What holds for the partner's sector.
    Sector,
}

/// A node's policy.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Policy {
    /// What it was made from, for people: `community`. Letters and hyphens.
    pub preset: String,
    /// Seconds that what is published here waits before it is sent; 0 sends at once.
    pub outbox_seconds: u32,
    /// Whether the first share with a partner waits for a person.
    pub first_share: Ask,
    /// Whether an act that opens much waits for a person.
    pub widening: Ask,
    /// How many records one act may open before a person is asked.
    pub ask_above: u64,
    /// What no card may exceed.
    pub bounds: Bounds,
    /// What no card of this relation may exceed.
    pub relation: BTreeMap<Relation, Bounds>,
    /// What no card with this country may exceed.
    pub country: BTreeMap<CountryCode, Bounds>,
    /// What no card with this sector may exceed.
    pub sector: BTreeMap<Sector, Bounds>,
    /// Names of tokens that are clients: they are not given AMBER+STRICT.
    pub clients: BTreeSet<String>,
}

impl Default for Policy {
    /// The policy of a node that nobody gave another: the preset `community`. What circle and label
    /// allow flows; vendors get GREEN and clients AMBER; a person is asked where much is opened.
    fn default() -> Self {
        let up_to = |ceiling| {
            let whole = Bounds::default();
            Bounds { give: crate::bounds::Give { ceiling, ..whole.give }, ..whole }
        };
        Self {
            preset: "community".to_owned(),
            outbox_seconds: 0,
            first_share: Ask::Go,
            widening: Ask::Ask,
            ask_above: BACKFILL_ASKS_ABOVE,
            bounds: Bounds::default(),
            relation: BTreeMap::from([
                (Relation::Vendor, up_to(crate::label::Tlp::Green)),
                (Relation::Client, up_to(crate::label::Tlp::Amber)),
            ]),
            country: BTreeMap::new(),
            sector: BTreeMap::new(),
            clients: BTreeSet::new(),
        }
    }
}

impl Policy {
    /// What is left when a policy cannot be read: what anyone may have, and a person is asked.
    #[must_use]
    pub fn least() -> Self {
        Self {
            preset: "unreadable".to_owned(),
            ask_above: 0,
            bounds: Bounds::least(),
            relation: BTreeMap::new(),
            ..Self::default()
        }
    }

    /// What bounds a card, each with its section, the widest first.
    #[must_use]
    pub fn sections(&self, card: &Card) -> Vec<(Section, &Bounds)> {
        let relation = self.relation.get(&card.relation);
        let country = card.country.and_then(|country| self.country.get(&country));
        let sector = card.sector.as_ref().and_then(|sector| self.sector.get(sector));
        let sections = [
            (Section::Everybody, Some(&self.bounds)),
            (Section::Relation(card.relation), relation),
            (Section::Country, country),
            (Section::Sector, sector),
        ];
        sections.into_iter().filter_map(|(name, bounds)| Some((name, bounds?))).collect()
    }

    /// What the partner with this card may get, and what is taken from it: the card, met with every
    /// section that holds for it. Never more than the card says.
    #[must_use]
    pub fn effective(&self, card: &Card) -> Bounds {
        let card_says = Bounds { give: card.give.clone(), take: card.take.clone() };
        self.sections(card).into_iter().fold(card_says, |all, (_, bounds)| all.meet(bounds))
    }

    /// The policy's text.
    #[must_use]
    pub fn write(&self) -> String {
        let text = LineWriter::new(FORM)
            .line("preset", &self.preset)
            .line("outbox-seconds", &self.outbox_seconds.to_string())
            .line("first-share", self.first_share.as_str())
            .line("widening", self.widening.as_str())
            .line("ask-above", &self.ask_above.to_string());
        let text = self.clients.iter().fold(text, |text, client| text.line("client", client));
        let mut text = self.bounds.write(text);
        for (relation, bounds) in &self.relation {
            text = bounds.write(text.line("relation", relation.as_str()));
        }
        for (country, bounds) in &self.country {
            text = bounds.write(text.line("country", &country.to_string()));
        }
        for (sector, bounds) in &self.sector {
            text = bounds.write(text.line("sector", &sector.to_string()));
        }
        text.finish()
    }

    /// Reads a policy; unknown lines are refused, since a forgotten restriction would widen.
    ///
    /// # Errors
    /// When it does not follow the form, or exceeds a bound.
    pub fn read(text: &str) -> Result<Self, ReadLinesError> {
        let mut lines = LineReader::new(text, FORM)?;
        let policy = Self {
            preset: lines.required("preset")?.to_owned(),
            outbox_seconds: lines.parsed("outbox-seconds")?,
            first_share: lines.parsed("first-share")?,
            widening: lines.parsed("widening")?,
            ask_above: lines.parsed("ask-above")?,
            clients: read_clients(&mut lines)?,
            bounds: Bounds::read(&mut lines)?,
            relation: read_sections(&mut lines, "relation")?,
            country: read_sections(&mut lines, "country")?,
            sector: read_sections(&mut lines, "sector")?,
        };
        lines.end()?;
        policy.checked()
    }

    /// The policy, unless it exceeds a bound.
    fn checked(self) -> Result<Self, ReadLinesError> {
        let preset = self.preset.as_bytes();
        let plain = preset.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'-');
        if !plain || preset.is_empty() || preset.len() > SECTOR_BYTES_MAX {
            return Err(ReadLinesError::Value("preset"));
        }
        if self.outbox_seconds > OUTBOX_SECONDS_MAX {
            return Err(ReadLinesError::Value("outbox-seconds"));
        }
        Ok(self)
    }
}

fn read_sections<K: FromStr + Ord>(
    lines: &mut LineReader<'_>,
    key: &'static str,
) -> Result<BTreeMap<K, Bounds>, ReadLinesError> {
    let mut sections = BTreeMap::new();
    while let Some(name) = lines.optional_parsed(key)? {
        let bounds = Bounds::read(lines)?;
        let again = sections.insert(name, bounds).is_some();
        if again || sections.len() > POLICY_SECTIONS_MAX {
            return Err(ReadLinesError::Value(key));
        }
    }
    Ok(sections)
}

#[cfg(test)]
mod tests;
