//! `entente preview`: what a partner would be sent, what it has, and why not the rest; and what is
//! held back from everybody. It changes nothing.

use super::client::{Client, encoded, wait};
use super::failure::{Ended, Failure, Outcome};
use super::here::Here;
use super::output::{json, line, plain, records};
use super::table::Table;
use super::when::second;
use crate::http::api::held::HeldView;
use crate::http::api::preview::PreviewView;
use clap::Args;

/// What a partner would receive, and why not the rest
#[derive(Args, Debug)]
pub(crate) struct Preview {
    /// The partner
    #[arg(required_unless_present = "held", value_name = "PARTNER")]
    partner: Option<String>,
    /// Name a few records of each line
    #[arg(long, conflicts_with = "held")]
    ids: bool,
    /// What was handed in here and no partner gets; why
    #[arg(long, conflicts_with = "partner")]
    held: bool,
}

impl Preview {
    pub(crate) fn run(self, here: &Here) -> Ended {
        match self.partner {
            Some(partner) => {
                let ids = if self.ids { "?ids=1" } else { "" };
                let path = format!("/api/v1/preview/{}{ids}", encoded(&partner));
                let lines: Vec<PreviewView> = wait(async { Client::new(here)?.get(&path).await })?;
                if here.json { json(&lines)? } else { print(&partner, &lines)? }
            }
            None => {
                let held: HeldView = wait(async { Client::new(here)?.get("/api/v1/held").await })?;
                if here.json { json(&held)? } else { print_held(held)? }
            }
        }
        Ok(Outcome::Done)
    }
}

fn print(asked: &str, lines: &[PreviewView]) -> Result<(), Failure> {
    let name = lines.first().map_or(asked, |line| &line.partner);
    let of = |released: bool| lines.iter().filter(move |line| line.released == released);
    let sum = |count: fn(&PreviewView) -> u64| of(true).map(count).sum::<u64>();
    line(&format!(
        "{} gets {}: {} to be sent, {} on the way, {} received",
        plain(name),
        sum(|line| line.count),
        sum(|line| line.waiting),
        sum(|line| line.sent),
        sum(|line| line.has),
    ))?;
    let mut gets = Table::new(&["CIRCLE", "KIND", "TO BE SENT", "ON THE WAY", "RECEIVED"]);
    for line in of(true) {
        let counts = [line.waiting, line.sent, line.has].map(|count| count.to_string());
        let [waiting, sent, has] = counts;
        gets.row([line.circle.clone(), line.kind.clone(), waiting, sent, has]);
    }
    gets.print("nothing would be sent")?;
    samples(of(true))?;
    line("")?;
    line(&format!("It does not get {}:", of(false).map(|line| line.count).sum::<u64>()))?;
    let mut rest = Table::new(&["CIRCLE", "KIND", "RECORDS", "HAD BEFORE", "WHY NOT"]);
    for line in of(false) {
        let had = line.has.saturating_add(line.sent);
        let had = if had == 0 { "-".to_owned() } else { had.to_string() };
        let count = line.count.to_string();
        rest.row([line.circle.clone(), line.kind.clone(), count, had, line.reason.clone()]);
    }
    rest.print("nothing is withheld from it")?;
    samples(of(false))
}

fn samples<'a>(lines: impl Iterator<Item = &'a PreviewView>) -> Result<(), Failure> {
    for line in lines.filter(|line| !line.samples.is_empty()) {
        super::output::line(&format!("  {} {}:", plain(&line.circle), plain(&line.kind)))?;
        for id in &line.samples {
            super::output::line(&format!("    {}", plain(id)))?;
        }
    }
    Ok(())
}

fn print_held(held: HeldView) -> Result<(), Failure> {
    let alone = held.alone;
    let mut table = Table::new(&["CIRCLE", "KIND", "RECORDS", "WHY NOBODY GETS THEM"]);
    for line in held.lines {
        table.row([line.circle, line.kind, line.count.to_string(), line.reasons.join("; ")]);
    }
    table.print("nothing is held back from a confirmed partner")?;
    if alone > 0 {
        line(&format!("{} in circles that no confirmed partner is a member of", records(alone)))?;
    }
    if held.records.is_empty() {
        return Ok(());
    }
    line("")?;
    let mut table = Table::new(&["CAME", "TLP", "CIRCLE", "ID", "MADE STRICTER BY"]);
    for record in held.records {
        let by = match (record.because_of, record.because_tlp) {
            (Some(id), Some(tlp)) => format!("{id} (TLP:{})", tlp.to_uppercase()),
            (id, _) => id.unwrap_or_else(|| "-".to_owned()),
        };
        table.row([second(&record.at), record.tlp.to_uppercase(), record.circle, record.id, by]);
    }
    table.print("")
}
