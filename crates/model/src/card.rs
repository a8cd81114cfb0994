//! The partner card: what this node's operator has decided about one partner. It travels nowhere.

use crate::label::Tlp;
use crate::lines::{LineReader, LineWriter, ReadLinesError};

const FORM: &str = "entente/card/1";

/// An operator's decisions about one partner.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Card {
    /// Country code, for people.
    pub country: Option<String>,
    /// Sector, for people.
    pub sector: Option<String>,
    /// Nothing above this is sent.
    pub ceiling: Tlp,
    /// Nothing above this is taken.
    pub take_ceiling: Tlp,
    /// Whether records with personal data may be sent.
    pub personal: bool,
    /// What it may cost this node, where that differs from what any partner may.
    pub quota: Quota,
}

/// What one partner may cost; `None` leaves it to what this node allows any partner.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Quota {
    /// Records taken in an hour.
    pub records_per_hour: Option<u64>,
    /// Bytes of records taken in an hour.
    pub bytes_per_hour: Option<u64>,
    /// Records held at once.
    pub records_held: Option<u64>,
}

impl Default for Card {
    /// A confirmed member of a circle: the circle bounds what it gets; no personal data.
    fn default() -> Self {
        Self {
            country: None,
            sector: None,
            ceiling: Tlp::Red,
            take_ceiling: Tlp::Red,
            personal: false,
            quota: Quota::default(),
        }
    }
}

impl Card {
    /// The card's text.
    #[must_use]
    pub fn write(&self) -> String {
        LineWriter::new(FORM)
            .maybe("country", self.country.as_deref())
            .maybe("sector", self.sector.as_deref())
            .line("ceiling", self.ceiling.as_str())
            .line("take-ceiling", self.take_ceiling.as_str())
            .flag("personal", self.personal)
            .maybe("records-per-hour", number(self.quota.records_per_hour).as_deref())
            .maybe("bytes-per-hour", number(self.quota.bytes_per_hour).as_deref())
            .maybe("records-held", number(self.quota.records_held).as_deref())
            .finish()
    }

    /// Reads a card; unknown lines are refused, since a forgotten restriction would widen.
    ///
    /// # Errors
    /// When it does not follow the form.
    pub fn read(text: &str) -> Result<Self, ReadLinesError> {
        let mut lines = LineReader::new(text, FORM)?;
        let card = Self {
            country: lines.optional("country").map(str::to_owned),
            sector: lines.optional("sector").map(str::to_owned),
            ceiling: lines.parsed("ceiling")?,
            take_ceiling: lines.parsed("take-ceiling")?,
            personal: lines.flag("personal"),
            quota: Quota {
                records_per_hour: lines.optional_parsed("records-per-hour")?,
                bytes_per_hour: lines.optional_parsed("bytes-per-hour")?,
                records_held: lines.optional_parsed("records-held")?,
            },
        };
        lines.end()?;
        Ok(card)
    }
}

fn number(number: Option<u64>) -> Option<String> {
    number.map(|number| number.to_string())
}

#[cfg(test)]
mod tests;
