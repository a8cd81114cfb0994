//! `entente search`: words or a value, newest first.

use super::client::{Client, encoded, wait};
use super::failure::{Ended, Failure, Outcome};
use super::here::Here;
use super::output::json;
use super::table::Table;
use super::when::second;
use crate::http::api::search::FoundView;
use clap::Args;

/// Search by words, by a value (domain, URL, hash) or by id
#[derive(Args, Debug)]
pub(crate) struct Search {
    /// Words, or one value
    #[arg(required = true, value_name = "WORDS|VALUE")]
    words: Vec<String>,
    /// With a partner's eyes: only what it is released
    #[arg(long = "as", value_name = "PARTNER")]
    partner: Option<String>,
}

impl Search {
    pub(crate) fn run(self, here: &Here) -> Ended {
        if self.words.iter().all(|word| word.trim().is_empty()) {
            return Err(
                Failure::input("nothing to search for").hint("give words, one value or an id")
            );
        }
        let mut path = format!("/api/v1/search?q={}", encoded(&self.words.join(" ")));
        if let Some(partner) = &self.partner {
            path.extend(["&as=", &encoded(partner)]);
        }
        let found: Vec<FoundView> = wait(async { Client::new(here)?.get(&path).await })?;
        if here.json {
            json(&found)?;
            return Ok(Outcome::Done);
        }
        let mut table = Table::new(&["CAME", "TLP", "CIRCLE", "SIGNER", "ID", "TITLE"]);
        for record in found {
            let how = if record.how == "carries" { " (carries)" } else { "" };
            table.row([
                second(&record.at),
                record.tlp.to_uppercase(),
                record.circle,
                format!("{}{how}", record.signer),
                record.id,
                record.title,
            ]);
        }
        table.print("nothing found")?;
        Ok(Outcome::Done)
    }
}
