//! `entente recall`: what this node signed is taken back everywhere; then waits a little for the
//! partners' receipts.

use super::client::{Client, encoded, read, wait};
use super::failure::{Ended, Failure, Outcome};
use super::here::Here;
use super::output::{json, line, plain};
use super::table::Table;
use super::when::{second, second_or_dash};
use crate::http::api::recall::{BEFORE, RecalledView, Recalling};
use bytes::Bytes;
use clap::{Args, ValueEnum};
use http::Method;
use std::time::Duration;

/// Take back, everywhere and for good, what this node signed
#[derive(Args, Debug)]
pub(crate) struct Recall {
    /// Its id, such as indicator--…
    id: String,
    /// Why: read by all to whom the record went
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
        let (states, before) = wait(self.ask(here))?;
        if here.json {
            json(&states)?;
            return Ok(Outcome::Done);
        }
        match before {
            Some(at) => line(&format!("{} is recalled already, since {}", self.id, second(&at)))?,
            None => line(&format!("{} is recalled", self.id))?,
        }
        let mut table = Table::new(&["PARTNER", "STATE", "RECEIPT", "WHY"]);
        for state in states {
            let late =
                if state.overdue { format!("{}, overdue", state.state) } else { state.state };
            let why = state.reason.unwrap_or_else(|| "-".to_owned());
            table.row([state.partner, late, second_or_dash(state.at.as_ref()), plain(&why)]);
        }
        table.print("no partner had it")?;
        Ok(Outcome::Done)
    }

    /// The partners' states, and when it was recalled if that was before.
    async fn ask(&self, here: &Here) -> Result<(Vec<RecalledView>, Option<String>), Failure> {
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
        let body =
            serde_json::to_vec(&wanted).map_err(|error| Failure::input(error.to_string()))?;
        let body = Some(("application/json", Bytes::from(body)));
        let reply = client.send(Method::POST, "/api/v1/recall", body).await?;
        let before = reply.headers.get(BEFORE).and_then(|at| at.to_str().ok()).map(str::to_owned);
        let mut states: Vec<RecalledView> = read(&reply.body)?;
        let path = format!("/api/v1/recall/{}", encoded(&self.id));
        for _ in 0..self.wait.saturating_mul(10) {
            let ended = |state: &RecalledView| {
                matches!(
                    state.state.as_str(),
                    "receipted" | "refused" | "unreachable" | "to be told"
                )
            };
            if states.iter().all(ended) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            states = client.get(&path).await?;
        }
        Ok((states, before))
    }
}
