//! A partner card as a TOML file, both ways: `card show` prints what `card set` reads.

use super::bounds::{Circles, print_give, print_take, read_give, read_take};
use super::strict::{Codes, Entry, Strict, parse, quoted, quoted_list};
use formats::problem::Problem;
use model::card::{Card, Quota};
use model::circle::valid_name;
use model::limits::BOUND_NAMES_MAX;
use std::collections::BTreeSet;
use std::fmt::Write as _;

const CODES: Codes = Codes { unknown: "E-CARD-001", wrong: "E-CARD-002", missing: "E-CARD-003" };

pub(super) const RELATION: &str = "\"partner\", \"client\", \"vendor\" or \"own\"";
pub(super) const COUNTRY: &str = "a country code of two capital letters, such as \"FR\"";
pub(super) const SECTOR: &str = "a sector in small letters and hyphens, such as \"energy\"";

/// Reads a card. What it leaves out is as on a card that nobody wrote.
///
/// # Errors
/// When anything in it is unknown, of another type, or names what is not there.
pub(crate) fn read_card(text: &str, circles: Circles<'_>) -> Result<Card, Problem> {
    let (table, mut strict) = parse(text, CODES)?;
    let mut card = Card::default();
    let known = ["relation", "country", "sector", "clients", "give", "take"];
    for entry in strict.known(table.get_ref(), "", &known) {
        match &*entry.key {
            "relation" => card.relation = strict.text(&entry, RELATION).unwrap_or(card.relation),
            "country" => card.country = strict.text(&entry, COUNTRY),
            "sector" => card.sector = strict.text(&entry, SECTOR),
            "clients" => card.clients = clients(&mut strict, &entry),
            "give" => {
                if let Some(table) = strict.table(&entry) {
                    let base = (card.give.clone(), circles);
                    card.give = read_give(&mut strict, table, "give", base);
                }
            }
            _ => {
                if let Some(table) = strict.table(&entry) {
                    let base = (card.take.clone(), circles);
                    card.take = read_take(&mut strict, table, "take", base);
                }
            }
        }
    }
    strict.end()?;
    Ok(card)
}

/// Names of tokens by which clients read.
pub(super) fn clients(strict: &mut Strict<'_>, entry: &Entry<'_>) -> BTreeSet<String> {
    let read = |_: &mut Strict<'_>, text: &str| valid_name(text).then(|| text.to_owned());
    strict.list(entry, ("names of tokens", BOUND_NAMES_MAX), read).unwrap_or_default()
}

/// A card as a file.
pub(crate) fn print_card(card: &Card, circles: Circles<'_>) -> String {
    let mut text = format!("relation = {}\n", quoted(card.relation.as_str()));
    if let Some(country) = card.country {
        writeln!(text, "country = {}", quoted(&country.to_string())).ok();
    }
    if let Some(sector) = &card.sector {
        writeln!(text, "sector = {}", quoted(&sector.to_string())).ok();
    }
    if !card.clients.is_empty() {
        writeln!(text, "clients = {}", quoted_list(card.clients.iter().cloned())).ok();
    }
    text.push_str("\n# What it may get, of what circle and label allow\n[give]\n");
    text.push_str(&print_give(&card.give, circles));
    text.push_str("\n# What is taken from it\n[take]\n");
    text.push_str(&print_take(&card.take, "take", circles));
    if card.take.quota == Quota::NONE {
        text.push_str("# [take.quota]: records_per_hour, bytes_per_hour, records_held\n");
    }
    text
}

#[cfg(test)]
mod tests;
