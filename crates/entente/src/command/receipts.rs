//! `entente receipts`: who was given what, when, under which rule, and what they said of it; and
//! the proof of one such line as a file.

use super::client::{Client, encoded, wait};
use super::failure::{Ended, Exit, Failure, Outcome};
use super::here::Here;
use super::output::{json, line, plain};
use super::recall::{print as states_of_a_recall, reason};
use super::table::Table;
use super::when::{second, second_or_dash};
use crate::http::api::receipts::{OverdueView, ReceiptView, ReceiptsView};
use clap::{ArgGroup, Args};
use http::Method;
use serde::Serialize;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Who got what, when, under which rule
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("asked").args(["id", "partner", "overdue"]).required(true).multiple(true))]
pub(crate) struct Receipts {
    /// Only of this thing, such as indicator--…
    id: Option<String>,
    /// Only what this partner was given
    #[arg(long, value_name = "NAME")]
    partner: Option<String>,
    /// Recalls that some partner has not receipted in time
    #[arg(long, conflicts_with = "proof")]
    overdue: bool,
    /// Write the proof that the partner was given it
    #[arg(long, value_name = "FILE", requires = "id", requires = "partner")]
    proof: Option<PathBuf>,
    /// The proof of this version, not of the newest
    #[arg(long, value_name = "V", requires = "proof")]
    version: Option<String>,
}

/// A line of `--json`: an entry of a partner's, or a reader without receipts.
#[derive(Serialize)]
#[serde(untagged)]
enum Line {
    Receipt(Box<ReceiptView>),
    Reader(crate::http::api::receipts::ReaderView),
}

impl Receipts {
    pub(crate) fn run(self, here: &Here) -> Ended {
        if self.overdue {
            return self.overdue(here);
        }
        match &self.proof {
            Some(path) => self.prove(path, here),
            None => self.list(here),
        }
    }

    /// The question's pairs.
    fn pairs(&self) -> String {
        let pair = |name: &str, value: &Option<String>| {
            value.as_ref().map(|value| format!("&{name}={}", encoded(value))).unwrap_or_default()
        };
        let id = pair("id", &self.id);
        format!("{id}{}{}", pair("partner", &self.partner), pair("version", &self.version))
    }

    fn overdue(&self, here: &Here) -> Ended {
        let path = format!("/api/v1/receipts?overdue=1{}", self.pairs());
        let late: Vec<OverdueView> = wait(async { Client::new(here)?.get(&path).await })?;
        let outcome = if late.is_empty() { Outcome::Done } else { Outcome::Found };
        if here.json {
            json(&late)?;
            return Ok(outcome);
        }
        let mut table = Table::new(&["RECALLED", "PARTNER", "STATE", "OBEYED", "SINCE", "WHY"]);
        for one in late {
            let why = plain(&reason(one.reason, &one.state));
            let obeyed = one.obeyed.unwrap_or_else(|| "-".to_owned());
            table.row([one.id, one.partner, one.state, obeyed, second(&one.since), why]);
        }
        table.print("every recall is obeyed, or not yet overdue")?;
        Ok(outcome)
    }

    fn prove(&self, path: &Path, here: &Here) -> Ended {
        let asked = format!("/api/v1/receipts/proof?{}", self.pairs().trim_start_matches('&'));
        let reply = wait(async { Client::new(here)?.send(Method::GET, &asked, None).await })?;
        let wrong = |error: std::io::Error| {
            Failure::new(Exit::Input, format!("{}: {error}", path.display()))
        };
        let mut file = std::fs::File::create(path).map_err(wrong)?;
        file.write_all(&[&reply.body, &b"\n"[..]].concat()).map_err(wrong)?;
        if here.json {
            json(&serde_json::json!({ "proof": path.display().to_string() }))?;
        } else {
            line(&format!("{} proves it; `entente verify` checks it", path.display()))?;
        }
        Ok(Outcome::Done)
    }

    /// Fetches page by page, so that no answer of the node is large, and prints one document.
    fn list(&self, here: &Here) -> Ended {
        let (mut lines, mut after) = (Vec::new(), None::<String>);
        wait(async {
            let mut client = Client::new(here)?;
            loop {
                let from = after.as_ref().map(|after| format!("&after={after}"));
                let path = format!("{}{}", self.pairs(), from.unwrap_or_default());
                let path = format!("/api/v1/receipts?{}", path.trim_start_matches('&'));
                let page: ReceiptsView = client.get(&path).await?;
                let receipts = page.receipts.into_iter().map(Box::new).map(Line::Receipt);
                lines.extend(receipts.chain(page.readers.into_iter().map(Line::Reader)));
                after = page.after;
                if after.is_none() {
                    return Ok::<(), Failure>(());
                }
            }
        })?;
        if here.json {
            json(&lines)?;
            return Ok(Outcome::Done);
        }
        let headings = ["WHO", "THING", "VERSION", "NUMBER", "STATE", "SENT", "RECEIPT", "RULE"];
        let mut table = Table::new(&headings);
        for one in lines {
            match one {
                Line::Receipt(one) => table.row(self.row(*one)),
                Line::Reader(one) => {
                    let (sent, dash) = (second(&one.first), || "-".to_owned());
                    let thing = self.id.clone().unwrap_or_else(dash);
                    let state = "read".to_owned();
                    let rule = "a token without receipts".to_owned();
                    table.row([one.reader, thing, dash(), dash(), state, sent, dash(), rule]);
                }
            }
        }
        table.print("nobody was given it")?;
        self.recalled(here)?;
        Ok(Outcome::Done)
    }

    /// One entry. Of what is erased here only the kind is left, and what was asked for.
    fn row(&self, one: ReceiptView) -> [String; 8] {
        let receipt = second_or_dash(one.receipted.as_ref());
        let state = one.reason.map_or(one.state, |why| format!("refused: {why}"));
        let sent = second(&one.sent);
        let kind = one.id.split("--").next().unwrap_or_default();
        let (id, version, state) = if one.erased {
            let id = self.id.clone().unwrap_or_else(|| format!("{kind} (erased)"));
            (id, "-".to_owned(), format!("{state}; erased here since"))
        } else {
            (one.id, one.version, state)
        };
        let (who, number, rule) = (one.partner, one.number.to_string(), one.rule);
        [who, id, version, number, plain(&state), sent, receipt, rule]
    }

    /// Of what was recalled: how far that has come with whom. What partners said of the record itself
    /// is above, and says nothing of it.
    fn recalled(&self, here: &Here) -> Result<(), Failure> {
        let Some(id) = &self.id else { return Ok(()) };
        let path = format!("/api/v1/recall/{}", encoded(id));
        let states = match wait(async { Client::new(here)?.get(&path).await }) {
            Ok(states) => states,
            // It was not recalled.
            Err(failure) if failure.code == "E-API-404" => return Ok(()),
            Err(failure) => return Err(failure),
        };
        line("")?;
        line("It is recalled:")?;
        states_of_a_recall(states)
    }
}
