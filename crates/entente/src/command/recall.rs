//! `entente recall`: what this node signed is taken back everywhere; then waits a little for the
//! partners' receipts.

use super::client::{Client, encoded, wait};
use super::failure::{Ended, Failure, Outcome};
use super::here::Here;
use super::output::{json, line};
use super::table::Table;
use super::when::second_or_dash;
use crate::http::api::recall::{RecalledView, Recalling};
use clap::{Args, ValueEnum};
use std::time::Duration;

/// Take back, everywhere and for good, what this node signed
#[derive(Args, Debug)]
pub(crate) struct Recall {
    /// Its id, such as indicator--…
    id: String,
    /// Why, for the people at the partners
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// erase, or stop (kept, never used)
    #[arg(long, default_value = "erase", hide_possible_values = true)]
    mode: Mode,
    /// Seconds to wait for the partners' receipts
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    wait: u64,
}

/// What partners are to do with it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Mode {
    /// Erase it
    Erase,
    /// Keep it, never use it
    Stop,
}

impl Recall {
    pub(crate) fn run(self, here: &Here) -> Ended {
        let states = wait(self.ask(here))?;
        if here.json {
            json(&states)?;
            return Ok(Outcome::Done);
        }
        line(&format!("{} is recalled", self.id))?;
        let mut table = Table::new(&["PARTNER", "STATE", "RECEIPT"]);
        for state in states {
            table.row([state.partner, state.state, second_or_dash(state.at.as_ref())]);
        }
        table.print("no partner had it")?;
        Ok(Outcome::Done)
    }

    async fn ask(&self, here: &Here) -> Result<Vec<RecalledView>, Failure> {
        let mut client = Client::new(here)?;
        let mode = match self.mode {
            Mode::Erase => "erase",
            Mode::Stop => "stop",
        };
        let wanted = Recalling {
            id: self.id.clone(),
            reason: self.reason.clone(),
            mode: Some(mode.to_owned()),
        };
        let mut states: Vec<RecalledView> = client.post("/api/v1/recall", &wanted).await?;
        let path = format!("/api/v1/recall/{}", encoded(&self.id));
        for _ in 0..self.wait.saturating_mul(10) {
            if states.iter().all(|state| state.state == "receipted") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            states = client.get(&path).await?;
        }
        Ok(states)
    }
}
