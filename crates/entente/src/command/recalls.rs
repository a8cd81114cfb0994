//! `entente recalls`: what this node took back, how far each partner says that it has obeyed, and
//! who is yet to be told by a person. It recalls nothing.

use super::client::{Client, encoded, wait};
use super::failure::{Ended, Failure, Outcome};
use super::here::Here;
use super::output::{json, line, plain};
use super::recall::print;
use super::table::Table;
use super::when::second;
use crate::http::api::recall::{RecallView, RecalledView, TellingView};
use clap::{Args, Subcommand};

/// What was recalled, and how far partners have obeyed
#[derive(Args, Debug)]
pub(crate) struct Recalls {
    /// One recalled id: how far each partner is
    id: Option<String>,
    /// Only what a partner has not obeyed in time
    #[arg(long, conflicts_with = "id")]
    overdue: bool,
    /// What had matched here before anybody recalled it
    #[arg(long, conflicts_with_all = ["id", "overdue"])]
    here: bool,
}

/// Acts about a recall that was said.
#[derive(Debug, Subcommand)]
pub(crate) enum RecallAct {
    /// Note that you told a reader or partner
    Told(Told),
}

/// Who was told.
#[derive(Args, Debug)]
pub(crate) struct Told {
    /// The recalled id
    id: String,
    /// The name, as `entente recalls ID` has it
    reader: String,
    /// How, for the ledger
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    why: String,
}

impl RecallAct {
    pub(crate) fn run(self, here: &Here) -> Ended {
        let Self::Told(Told { id, reader, why }) = self;
        let path = format!("/api/v1/recalls/{}/told", encoded(&id));
        let telling = TellingView { reader: reader.clone(), why };
        let states: Vec<RecalledView> =
            wait(async { Client::new(here)?.post(&path, &telling).await })?;
        if here.json {
            json(&states)?;
        } else {
            line(&format!("noted: {reader} was told that {id} is recalled"))?;
        }
        Ok(Outcome::Done)
    }
}

impl Recalls {
    pub(crate) fn run(self, here: &Here) -> Ended {
        if self.here {
            return super::depended::print(here);
        }
        if let Some(id) = &self.id {
            let path = format!("/api/v1/recalls/{}", encoded(id));
            let states: Vec<RecalledView> = wait(async { Client::new(here)?.get(&path).await })?;
            if here.json {
                json(&states)?;
            } else {
                print(states)?;
            }
            return Ok(Outcome::Done);
        }
        let mut recalls = wait(all(here))?;
        recalls.retain(|recall| !self.overdue || recall.overdue > 0);
        let found = self.overdue && !recalls.is_empty();
        let outcome = if found { Outcome::Found } else { Outcome::Done };
        if here.json {
            json(&recalls)?;
            return Ok(outcome);
        }
        let headings = ["RECALLED", "SINCE", "HAD IT", "OBEYED", "OVERDUE", "TO BE TOLD", "WHY"];
        let mut table = Table::new(&headings);
        for one in recalls {
            table.row([
                one.id,
                second(&one.since),
                one.partners.to_string(),
                one.done.to_string(),
                one.overdue.to_string(),
                one.to_be_told.to_string(),
                plain(&one.reason),
            ]);
        }
        table.print(if self.overdue { "no recall is overdue" } else { "nothing was recalled" })?;
        Ok(outcome)
    }
}

/// Page by page, so that no answer of the node is large.
async fn all(here: &Here) -> Result<Vec<RecallView>, Failure> {
    let (mut client, mut recalls) = (Client::new(here)?, Vec::<RecallView>::new());
    loop {
        let after = recalls.last().map_or(0, |recall| recall.place);
        let page: Vec<RecallView> = client.get(&format!("/api/v1/recalls?after={after}")).await?;
        if page.is_empty() {
            return Ok(recalls);
        }
        recalls.extend(page);
    }
}
