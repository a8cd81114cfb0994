//! `entente retention`: what goes by its age, and how much of it is due.

use super::client::{Client, wait};
use super::failure::{Ended, Outcome};
use super::here::Here;
use super::output::{counted, json, line};
use super::table::Table;
use crate::http::api::retention::RuleView;
use clap::Args;

/// Show what goes by its age, as `[retention]` says
#[derive(Args, Debug)]
pub(crate) struct Retention {
    /// Count what is due now; nothing is erased by asking
    #[arg(long)]
    dry_run: bool,
}

impl Retention {
    pub(crate) fn run(self, here: &Here) -> Ended {
        let query = if self.dry_run { "?count=1" } else { "" };
        let path = format!("/api/v1/retention{query}");
        let rules: Vec<RuleView> = wait(async { Client::new(here)?.get(&path).await })?;
        if here.json {
            json(&rules)?;
            return Ok(Outcome::Done);
        }
        let none = rules.iter().all(|rule| rule.days.is_none());
        let mut table = Table::new(&["RULE", "AFTER", "DUE NOW"]);
        for RuleView { rule, days, due } in rules {
            let after =
                days.map_or_else(|| "never".to_owned(), |days| counted(days, "day", "days"));
            table.row([rule, after, due.map_or_else(|| "-".to_owned(), |due| due.to_string())]);
        }
        table.print("")?;
        if none {
            line("Everything is kept. [retention] in entente.toml sets ages in days.")?;
        }
        Ok(Outcome::Done)
    }
}
