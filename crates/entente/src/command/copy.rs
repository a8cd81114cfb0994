//! `entente copy`: a releasable copy of a record: what would have to go, and after a yes the new
//! record without it.

use super::client::{Client, wait};
use super::failure::{Ended, Exit, Failure, Outcome};
use super::here::Here;
use super::output::{json, line, plain, remark};
use super::table::Table;
use crate::http::api::copy::{CopyAsked, CopyView};
use clap::Args;
use model::label::Tlp;
use std::io::IsTerminal as _;

/// Make a copy that shares less; show first what would go
#[derive(Args, Debug)]
pub(crate) struct Copy {
    /// Its id, such as report--…
    id: String,
    /// For this partner alone, as strict as it may get it
    #[arg(long = "for", value_name = "PARTNER")]
    partner: Option<String>,
    /// Under this traffic light
    ///
    /// Without it AMBER+STRICT, for all members.
    #[arg(long, value_name = "T")]
    tlp: Option<Tlp>,
    /// Into this circle instead of the original's
    #[arg(long, value_name = "NAME")]
    circle: Option<String>,
    /// Publish it without asking
    #[arg(long, conflicts_with = "dry_run")]
    yes: bool,
    /// Show what would have to go; change nothing
    #[arg(long)]
    dry_run: bool,
}

const PATH: &str = "/api/v1/copy";

impl Copy {
    pub(crate) fn run(self, here: &Here) -> Ended {
        let Self { id, partner, tlp, circle, yes, dry_run } = self;
        let tlp = tlp.map(|tlp| tlp.to_string());
        let asked = CopyAsked { id, partner, tlp, circle, dry_run: !yes };
        let shown: CopyView = wait(async { Client::new(here)?.post(PATH, &asked).await })?;
        if here.json && (yes || dry_run) {
            json(&shown)?;
            return Ok(Outcome::Done);
        }
        print(&shown)?;
        if shown.published || dry_run {
            return Ok(Outcome::Done);
        }
        if here.json || !std::io::stdin().is_terminal() {
            let hint = "read what it keeps, then add --yes; --dry-run only shows it";
            return Err(Failure::new(Exit::Refused, "the copy was not published").hint(hint));
        }
        remark("Publish it? [y/N]");
        let mut answer = String::new();
        let read = std::io::stdin().read_line(&mut answer);
        read.map_err(|error| Failure::input(error.to_string()))?;
        if !matches!(answer.trim(), "y" | "yes") {
            return Err(Failure::new(Exit::Refused, "nothing was published"));
        }
        let asked = CopyAsked { dry_run: false, ..asked };
        let made: CopyView = wait(async { Client::new(here)?.post(PATH, &asked).await })?;
        line(&format!("published as {}", plain(&made.id)))?;
        Ok(Outcome::Done)
    }
}

fn print(copy: &CopyView) -> Result<(), Failure> {
    let (of, circle) = (plain(&copy.of), plain(&copy.circle));
    line(&format!("A copy of {of} as TLP:{} in {circle}", copy.tlp.to_uppercase()))?;
    let mut table = Table::new(&["GOES", "BECAUSE"]);
    for removed in &copy.removed {
        table.row([removed.path.clone(), removed.because.clone()]);
    }
    table.print("nothing has to go")?;
    for property in &copy.mentions {
        line(&format!("note: `{}` names something that went", plain(property)))?;
    }
    let words = if copy.words == 1 { "1 word is" } else { &format!("{} words are", copy.words) };
    line(&format!("Read the text: {words} kept as it stands."))?;
    if copy.published {
        line(&format!("published as {}", plain(&copy.id)))?;
    }
    Ok(())
}
