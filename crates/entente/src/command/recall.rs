//! `entente recall`: what this node signed is taken back everywhere; then waits a little for the
//! partners' receipts.

use super::client::{Client, encoded, read, wait};
use super::failure::{Ended, Failure, Outcome};
use super::here::Here;
use super::output::{json, line, plain};
use super::recalls::RecallAct;
use super::table::Table;
use super::when::{second, second_or_dash};
use crate::http::api::recall::{BEFORE, RecalledView, Recalling};
use bytes::Bytes;
use clap::{Args, ValueEnum};
use http::Method;
use std::time::Duration;

/// Take back, everywhere and for good, what this node signed
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Recall {
    #[command(subcommand)]
    act: Option<RecallAct>,
    /// Its id, such as indicator--…
    #[arg(required = true)]
    id: Option<String>,
    /// Why: read by all to whom the record went
    #[arg(long, value_name = "TEXT", required = true)]
    reason: Option<String>,
    /// erase, or stop (kept, never used)
    #[arg(long, default_value = "erase", hide_possible_values = true)]
    mode: Mode,
    /// Seconds to wait for the partners' receipts
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    wait: u64,
}

/// How far a recall has come, a line for each partner.
pub(super) fn print(states: Vec<RecalledView>) -> Result<(), Failure> {
    let headings = ["PARTNER", "STATE", "RECEIPT", "OBEYED", "AT", "PASSED ON", "WHY"];
    let mut table = Table::new(&headings);
    for one in states {
        let told = one.told_by.map(|who| format!("told by {who}"));
        let why = plain(&reason(one.reason.or(told), &one.state));
        let late = if one.overdue { format!("{}, overdue", one.state) } else { one.state };
        let at = one.through_at.or(one.purged_at).or(one.applied_at);
        let passed = one.forwarded.map_or_else(|| "-".to_owned(), |count| count.to_string());
        let obeyed = one.obeyed.unwrap_or_else(|| "-".to_owned());
        let (receipt, at) = (second_or_dash(one.at.as_ref()), second_or_dash(at.as_ref()));
        table.row([one.partner, late, receipt, obeyed, at, passed, why]);
    }
    table.print("no partner had it")
}

/// Why a recall stands as it does, as far as anybody knows.
pub(super) fn reason(told: Option<String>, state: &str) -> String {
    let gone = state == "unreachable";
    let known = if gone { "a partner no more: tell it by other ways" } else { "-" };
    told.unwrap_or_else(|| known.to_owned())
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
    pub(crate) fn run(mut self, here: &Here) -> Ended {
        if let Some(act) = self.act.take() {
            return act.run(here);
        }
        let id = self.id.clone().unwrap_or_default();
        let (states, before) = wait(self.ask(here))?;
        if here.json {
            json(&states)?;
            return Ok(Outcome::Done);
        }
        match before {
            Some(at) => line(&format!("{id} is recalled already, since {}", second(&at)))?,
            None => line(&format!("{id} is recalled"))?,
        }
        print(states)?;
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
            id: self.id.clone().unwrap_or_default(),
            reason: self.reason.clone().unwrap_or_default(),
            mode: Some(mode.to_owned()),
        };
        let body =
            serde_json::to_vec(&wanted).map_err(|error| Failure::input(error.to_string()))?;
        let body = Some(("application/json", Bytes::from(body)));
        let reply = client.send(Method::POST, "/api/v1/recall", body).await?;
        let before = reply.headers.get(BEFORE).and_then(|at| at.to_str().ok()).map(str::to_owned);
        let mut states: Vec<RecalledView> = read(&reply.body)?;
        let path = format!("/api/v1/recall/{}", encoded(&wanted.id));
        for _ in 0..self.wait.saturating_mul(10) {
            let ended = |state: &RecalledView| {
                matches!(
                    state.state.as_str(),
                    "receipted" | "refused" | "unreachable" | "to be told" | "told"
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
