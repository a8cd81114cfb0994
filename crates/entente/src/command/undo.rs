//! `entente undo`: what came from one partner alone since a time is taken out.

use super::client::{Client, wait};
use super::failure::{Ended, Exit, Failure, Outcome};
use super::here::Here;
use super::output::{counted, json, line, remark};
use super::progress::{Progress, Unit};
use super::when::past;
use super::work::follow;
use crate::http::api::undo::{Undoing, UndoneView};
use crate::maintain::WorkView;
use clap::Args;
use std::io::IsTerminal as _;

/// Take out all that came from one partner alone since a time
///
/// It is erased here, withdrawn from who had it from here, and kept away. What others gave as well
/// stays. The partnership goes on: `entente partner remove` ends it.
#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "flags of the command line, each on its own")]
pub(crate) struct UndoPartner {
    /// The partner's name or node id; it may be gone
    #[arg(long, value_name = "NAME")]
    partner: String,
    /// A date, an instant, or a span such as 3d
    #[arg(long, value_name = "TIME", required_unless_present = "forget")]
    since: Option<String>,
    /// Let what was taken out come again
    #[arg(long, conflicts_with = "since")]
    forget: bool,
    /// Only count
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

impl UndoPartner {
    pub(crate) fn run(self, here: &Here) -> Ended {
        let since = self.since.as_deref().map(past).transpose()?.map(|since| since.to_string());
        let wanted = |dry_run| Undoing {
            partner: self.partner.clone(),
            since: since.clone(),
            forget: self.forget,
            dry_run,
        };
        let seen: UndoneView =
            wait(async { Client::new(here)?.post("/api/v1/undo", &wanted(true)).await })?;
        let (records, partner) = (seen.records, &self.partner);
        let would = match &since {
            Some(since) => format!(
                "{} from {partner} alone since {since}; {}, since others gave the same",
                counted(records, "record came", "records came"),
                counted(seen.kept, "stays", "stay")
            ),
            None => format!(
                "{} taken out with what came from {partner}, and may come again; {partner} is \
                 asked for all that it has sent",
                counted(records, "record was", "records were")
            ),
        };
        if self.dry_run {
            if here.json {
                json(&seen)?;
            } else {
                line(&would)?;
            }
            return Ok(Outcome::Done);
        }
        if !self.yes {
            ask_first(&would, if self.forget { "let them in" } else { "take them out" })?;
        }
        let done = wait(async {
            let mut client = Client::new(here)?;
            let begun: WorkView = client.post("/api/v1/undo", &wanted(false)).await?;
            let doing = if self.forget { "forgetting" } else { "taking out" };
            let bar = Progress::new(here, doing, Unit::Items("records"), Some(0));
            follow::<UndoneView>(&mut client, begun.number, &bar).await
        })?;
        if here.json {
            json(&done)?;
        } else if self.forget {
            line(&format!("{} may come again", counted(done.records, "record", "records")))?;
        } else {
            let out = counted(done.records, "record was", "records were");
            line(&format!("{out} taken out of what came from {}", self.partner))?;
        }
        Ok(Outcome::Done)
    }
}

/// What is erased does not come back by itself: a person says yes.
fn ask_first(would: &str, what: &str) -> Result<(), Failure> {
    if !std::io::stdin().is_terminal() {
        let failure = Failure::new(Exit::Refused, would.to_owned());
        return Err(failure.hint(format!("to {what}, add --yes")));
    }
    remark(would);
    remark(&format!("Type yes to {what}:"));
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(|error| Failure::input(error.to_string()))?;
    match answer.trim() {
        "yes" | "y" => Ok(()),
        _ => Err(Failure::new(Exit::Refused, "nothing was done")),
    }
}
