//! `entente who`: which partners would be sent a thing, and why not the others.

use super::client::{Client, encoded, wait};
use super::failure::{Ended, Outcome};
use super::here::Here;
use super::output::json;
use super::table::Table;
use super::when::second;
use crate::http::api::who::WhoView;
use clap::Args;

/// Who would be sent it, and by which rule
#[derive(Args, Debug)]
pub(crate) struct Who {
    /// Its id, such as indicator--…
    id: String,
}

impl Who {
    pub(crate) fn run(self, here: &Here) -> Ended {
        let path = format!("/api/v1/who/{}", encoded(&self.id));
        let told: Vec<WhoView> = wait(async { Client::new(here)?.get(&path).await })?;
        if here.json {
            json(&told)?;
            return Ok(Outcome::Done);
        }
        let mut table = Table::new(&["PARTNER", "RELEASED", "REASON", "CIRCLE", "VERSION"]);
        for line in told {
            let released = match line.from {
                Some(at) => format!("when it leaves the outbox, {}", second(&at)),
                None => if line.released { "yes" } else { "no" }.to_owned(),
            };
            table.row([line.partner, released, line.reason, line.circle, line.version]);
        }
        table.print("there are no partners")?;
        Ok(Outcome::Done)
    }
}
