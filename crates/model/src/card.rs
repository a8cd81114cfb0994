//! The partner card: what this node's operator has decided about one partner. It travels nowhere.

use crate::bounds::{Bounds, Give, Take, lower};
use crate::circle::valid_name;
use crate::label::Tlp;
use crate::limits::{BOUND_NAMES_MAX, SECTOR_BYTES_MAX};
use crate::lines::{LineReader, LineWriter, ReadLinesError};
use crate::question::Answers;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

const FORM: &str = "entente/card/2";
/// Before relation, kinds, circles and size: what it does not name is not bounded.
const FIRST_FORM: &str = "entente/card/1";

/// What a partner is to us; a policy may bound each relation.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Relation {
    /// A sovereign that we exchange with.
    #[default]
    Partner,
    /// Somebody that we serve.
    Client,
    /// Somebody who sells us something.
    Vendor,
    /// Another node of our own.
    Own,
}

/// A word that names no relation.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a relation: partner, client, vendor or own")]
pub struct ParseRelationError;

impl Relation {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Partner, Self::Client, Self::Vendor, Self::Own];

    /// `vendor`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Partner => "partner",
            Self::Client => "client",
            Self::Vendor => "vendor",
            Self::Own => "own",
        }
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Relation {
    type Err = ParseRelationError;

    fn from_str(text: &str) -> Result<Self, ParseRelationError> {
        let found = Self::ALL.into_iter().find(|relation| relation.as_str() == text);
        found.ok_or(ParseRelationError)
    }
}

/// A country by its two capital letters (ISO 3166-1 alpha-2): `FR`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CountryCode([u8; 2]);

/// A text that is no country's code.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a country code: two capital letters, such as FR")]
pub struct ParseCountryError;

impl FromStr for CountryCode {
    type Err = ParseCountryError;

    fn from_str(text: &str) -> Result<Self, ParseCountryError> {
        match text.as_bytes() {
            &[a, b] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => Ok(Self([a, b])),
            _ => Err(ParseCountryError),
        }
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|letter| write!(f, "{}", char::from(*letter)))
    }
}

/// A sector: 1 to `SECTOR_BYTES_MAX` small letters and hyphens, such as `energy`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Sector(String);

/// A text that is no sector's name.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a sector: small letters and hyphens, such as energy or financial-services")]
pub struct ParseSectorError;

impl FromStr for Sector {
    type Err = ParseSectorError;

    fn from_str(text: &str) -> Result<Self, ParseSectorError> {
        let plain = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        if plain && (1..=SECTOR_BYTES_MAX).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseSectorError)
        }
    }
}

impl fmt::Display for Sector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An operator's decisions about one partner.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Card {
    /// What it is to us.
    pub relation: Relation,
    /// Its country, which a policy may bound.
    pub country: Option<CountryCode>,
    /// Its sector, which a policy may bound.
    pub sector: Option<Sector>,
    /// What it may get.
    pub give: Give,
    /// What is taken from it.
    pub take: Take,
    /// Names of tokens of this node by which its clients read here: such a token is not given
    /// AMBER+STRICT. At most `BOUND_NAMES_MAX`.
    pub clients: BTreeSet<String>,
}

/// What one partner may cost; `None` leaves it to what this node allows any partner.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Quota {
    /// Records taken in an hour.
    pub records_per_hour: Option<u64>,
    /// Bytes of records taken in an hour.
    pub bytes_per_hour: Option<u64>,
    /// Records held at once.
    pub records_held: Option<u64>,
}

impl Quota {
    /// No bound.
    pub const NONE: Self =
        Self { records_per_hour: None, bytes_per_hour: None, records_held: None };

    /// The lower of both in everything.
    #[must_use]
    pub fn meet(&self, other: &Self) -> Self {
        Self {
            records_per_hour: lower(self.records_per_hour, other.records_per_hour),
            bytes_per_hour: lower(self.bytes_per_hour, other.bytes_per_hour),
            records_held: lower(self.records_held, other.records_held),
        }
    }

    pub(crate) fn read(lines: &mut LineReader<'_>) -> Result<Self, ReadLinesError> {
        Ok(Self {
            records_per_hour: lines.optional_parsed("records-per-hour")?,
            bytes_per_hour: lines.optional_parsed("bytes-per-hour")?,
            records_held: lines.optional_parsed("records-held")?,
        })
    }
}

impl Default for Card {
    /// A confirmed member of a circle: the circle bounds what it gets; no personal data, no answers.
    fn default() -> Self {
        Self {
            relation: Relation::Partner,
            country: None,
            sector: None,
            give: Give { personal: false, answers: Answers::No, ..Give::whole() },
            take: Take::whole(),
            clients: BTreeSet::new(),
        }
    }
}

impl Card {
    /// The card's text.
    #[must_use]
    pub fn write(&self) -> String {
        let country = self.country.map(|country| country.to_string());
        let text = LineWriter::new(FORM)
            .line("relation", self.relation.as_str())
            .maybe("country", country.as_deref())
            .maybe("sector", self.sector.as_ref().map(|sector| sector.0.as_str()));
        let bounds = Bounds { give: self.give.clone(), take: self.take.clone() };
        let text = bounds.write(text);
        self.clients.iter().fold(text, |text, client| text.line("client", client)).finish()
    }

    /// Reads a card; unknown lines are refused, since a forgotten restriction would widen.
    ///
    /// # Errors
    /// When it does not follow the form.
    pub fn read(text: &str) -> Result<Self, ReadLinesError> {
        if text.starts_with(FIRST_FORM) {
            return Self::read_first(text);
        }
        let mut lines = LineReader::new(text, FORM)?;
        let (relation, country) = (lines.parsed("relation")?, lines.optional_parsed("country")?);
        let sector = lines.optional_parsed("sector")?;
        let Bounds { give, take } = Bounds::read(&mut lines)?;
        let clients = read_clients(&mut lines)?;
        lines.end()?;
        Ok(Self { relation, country, sector, give, take, clients })
    }

    /// The form that cards had first. Country and sector were for people, in any words: only what
    /// is one is kept.
    fn read_first(text: &str) -> Result<Self, ReadLinesError> {
        let mut lines = LineReader::new(text, FIRST_FORM)?;
        let country = lines.optional("country").and_then(|text| text.parse().ok());
        let sector = lines.optional("sector").and_then(|text| text.parse().ok());
        let ceiling: Tlp = lines.parsed("ceiling")?;
        let take_ceiling: Tlp = lines.parsed("take-ceiling")?;
        let personal = lines.flag("personal");
        let quota = Quota::read(&mut lines)?;
        lines.end()?;
        let give = Give { ceiling, personal, answers: Answers::No, ..Give::whole() };
        let take = Take { ceiling: take_ceiling, quota, ..Take::whole() };
        Ok(Self { country, sector, give, take, ..Self::default() })
    }
}

/// Lines `client NAME`, at most `BOUND_NAMES_MAX`.
pub(crate) fn read_clients(lines: &mut LineReader<'_>) -> Result<BTreeSet<String>, ReadLinesError> {
    let mut clients = BTreeSet::new();
    while let Some(name) = lines.optional("client") {
        if !valid_name(name) || clients.len() >= BOUND_NAMES_MAX {
            return Err(ReadLinesError::Value("client"));
        }
        clients.insert(name.to_owned());
    }
    Ok(clients)
}

#[cfg(test)]
mod tests;
