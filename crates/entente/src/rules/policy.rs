//! This node's policy as a TOML file, both ways: `policy show` prints what `policy set` reads.

use super::bounds::{Circles, print_give, print_take, read_give, read_take};
use super::card::{COUNTRY, RELATION, SECTOR, clients};
use super::strict::{Codes, Entry, Strict, parse, quoted, quoted_list};
use crate::config::{duration, print_duration};
use formats::problem::Problem;
use model::bounds::{Bounds, Give, Take};
use model::limits::{OUTBOX_SECONDS_MAX, POLICY_SECTIONS_MAX, SECTOR_BYTES_MAX};
use model::policy::{Ask, Policy};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::str::FromStr;
use std::time::Duration;

const CODES: Codes =
    Codes { unknown: "E-POLICY-001", wrong: "E-POLICY-002", missing: "E-POLICY-002" };

const ASK: &str = "\"go\" or \"ask\"";

/// Reads a policy. What it leaves out bounds nothing, and asks.
///
/// # Errors
/// When anything in it is unknown, of another type, or names what is not there.
pub(crate) fn read_policy(text: &str, circles: Circles<'_>) -> Result<Policy, Problem> {
    let (table, mut strict) = parse(text, CODES)?;
    let mut policy = Policy {
        preset: "own".to_owned(),
        first_share: Ask::Ask,
        widening: Ask::Ask,
        ask_above: 0,
        relation: BTreeMap::new(),
        ..Policy::default()
    };
    let known = [
        "preset",
        "outbox",
        "first_share",
        "widening",
        "ask_above",
        "clients",
        "give",
        "take",
        "relation",
        "country",
        "sector",
    ];
    for entry in strict.known(table.get_ref(), "", &known) {
        line(&mut strict, &entry, &mut policy, circles);
    }
    strict.end()?;
    Ok(policy)
}

fn line(strict: &mut Strict<'_>, entry: &Entry<'_>, policy: &mut Policy, circles: Circles<'_>) {
    match &*entry.key {
        "preset" => policy.preset = preset(strict, entry),
        "outbox" => policy.outbox_seconds = outbox(strict, entry),
        "first_share" => {
            policy.first_share = strict.text(entry, ASK).unwrap_or(policy.first_share);
        }
        "widening" => policy.widening = strict.text(entry, ASK).unwrap_or(policy.widening),
        "ask_above" => policy.ask_above = strict.number(entry).unwrap_or(policy.ask_above),
        "clients" => policy.clients = clients(strict, entry),
        "give" => {
            if let Some(table) = strict.table(entry) {
                let base = (Give::whole(), circles);
                policy.bounds.give = read_give(strict, table, "give", base);
            }
        }
        "take" => {
            if let Some(table) = strict.table(entry) {
                let base = (Take::whole(), circles);
                policy.bounds.take = read_take(strict, table, "take", base);
            }
        }
        "relation" => policy.relation = sections(strict, entry, RELATION, circles),
        "country" => policy.country = sections(strict, entry, COUNTRY, circles),
        _ => policy.sector = sections(strict, entry, SECTOR, circles),
    }
}

fn preset(strict: &mut Strict<'_>, entry: &Entry<'_>) -> String {
    let expected = "a name in small letters and hyphens";
    let name: String = strict.text(entry, expected).unwrap_or_default();
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    if !plain || name.len() > SECTOR_BYTES_MAX {
        strict.wrong(entry, expected);
    }
    name
}

fn outbox(strict: &mut Strict<'_>, entry: &Entry<'_>) -> u32 {
    let text: String = strict.text(entry, "a duration, such as \"10m\"").unwrap_or_default();
    let seconds = duration(&text).and_then(|duration| u32::try_from(duration.as_secs()).ok());
    if let Some(seconds) = seconds.filter(|seconds| *seconds <= OUTBOX_SECONDS_MAX) {
        return seconds;
    }
    if !text.is_empty() {
        let most = print_duration(Duration::from_secs(u64::from(OUTBOX_SECONDS_MAX)));
        strict.wrong(entry, &format!("a duration up to {most}, such as \"10m\""));
    }
    0
}

/// The tables below `[relation]`, `[country]` or `[sector]`, each with its own `give` and `take`.
fn sections<K: FromStr + Ord>(
    strict: &mut Strict<'_>,
    entry: &Entry<'_>,
    expected: &str,
    circles: Circles<'_>,
) -> BTreeMap<K, Bounds> {
    let mut sections = BTreeMap::new();
    let Some(table) = strict.table(entry) else { return sections };
    for named in strict.any(table, &entry.name) {
        let Ok(key) = named.key.parse::<K>() else {
            strict.wrong(&named, &format!("[{}.X], where X is {expected}", entry.name));
            continue;
        };
        let Some(table) = strict.table(&named) else { continue };
        let mut bounds = Bounds::default();
        for side in strict.known(table, &named.name, &["give", "take"]) {
            let Some(table) = strict.table(&side) else { continue };
            if side.key == "give" {
                let base = (bounds.give.clone(), circles);
                bounds.give = read_give(strict, table, &side.name, base);
            } else {
                let base = (bounds.take.clone(), circles);
                bounds.take = read_take(strict, table, &side.name, base);
            }
        }
        sections.insert(key, bounds);
    }
    if sections.len() > POLICY_SECTIONS_MAX {
        strict.wrong(entry, &format!("at most {POLICY_SECTIONS_MAX} tables"));
    }
    sections
}

/// A policy as a file.
pub(crate) fn print_policy(policy: &Policy, circles: Circles<'_>) -> String {
    let outbox = print_duration(Duration::from_secs(u64::from(policy.outbox_seconds)));
    let mut text = format!("preset = {}\n", quoted(&policy.preset));
    writeln!(text, "outbox = {}", quoted(&outbox)).ok();
    writeln!(text, "first_share = {}", quoted(policy.first_share.as_str())).ok();
    writeln!(text, "widening = {}", quoted(policy.widening.as_str())).ok();
    writeln!(text, "ask_above = {}", policy.ask_above).ok();
    if !policy.clients.is_empty() {
        writeln!(text, "clients = {}", quoted_list(policy.clients.iter().cloned())).ok();
    }
    let Bounds { give, take } = &policy.bounds;
    text.push_str("\n# What no partner gets more than, whatever its card says\n[give]\n");
    text.push_str(&print_give(give, circles));
    text.push_str("\n# What is taken from no partner beyond this\n[take]\n");
    text.push_str(&print_take(take, "take", circles));
    for (relation, bounds) in &policy.relation {
        text.push_str(&section(&format!("relation.{relation}"), bounds, circles));
    }
    for (country, bounds) in &policy.country {
        text.push_str(&section(&format!("country.{country}"), bounds, circles));
    }
    for (sector, bounds) in &policy.sector {
        text.push_str(&section(&format!("sector.{sector}"), bounds, circles));
    }
    text
}

/// The tables of one relation, country or sector; what bounds nothing is left out.
fn section(name: &str, bounds: &Bounds, circles: Circles<'_>) -> String {
    let mut text = String::new();
    if bounds.give != Give::whole() || bounds.take == Take::whole() {
        write!(text, "\n[{name}.give]\n{}", print_give(&bounds.give, circles)).ok();
    }
    if bounds.take != Take::whole() {
        let take = format!("{name}.take");
        write!(text, "\n[{take}]\n{}", print_take(&bounds.take, &take, circles)).ok();
    }
    text
}

#[cfg(test)]
mod tests;
