//! `entente rebuild`: views built anew from the log, whether the node runs or not.

use super::client::{Client, wait};
use super::failure::{Ended, Exit, Failure, Outcome};
use super::here::Here;
use super::lock::Lock;
use super::output::{counted, json, line};
use super::progress::{Progress, Unit};
use super::work::follow;
use crate::http::api::rebuild::RebuildWanted;
use crate::maintain::WorkView;
use crate::rebuild::{RebuiltView, offline, wanted};
use clap::Args;

/// Build views anew from the log
///
/// A node that runs goes on meanwhile. Where pages of the database are damaged it must not run;
/// the database is then written anew.
#[derive(Args, Debug)]
pub(crate) struct Rebuild {
    /// The view; all of them when none is named
    view: Option<String>,
}

impl Rebuild {
    pub(crate) fn run(self, here: &Here) -> Ended {
        let done = if here.url.is_some() { wait(self.ask(here))? } else { self.near(here)? };
        let lost: u64 = done.iter().map(|view| view.unreadable).max().unwrap_or(0);
        let outcome = if lost > 0 { Outcome::Found } else { Outcome::Done };
        if here.json {
            json(&done)?;
            return Ok(outcome);
        }
        for RebuiltView { view, entries, .. } in done {
            line(&format!("{view}: {}", counted(entries, "entry", "entries")))?;
        }
        if lost > 0 {
            line(&format!(
                "{} could not be read: entente verify tells which",
                counted(lost, "entry", "entries")
            ))?;
        }
        Ok(outcome)
    }

    /// The node of this machine: asked when it runs, opened when it doesn't.
    fn near(&self, here: &Here) -> Result<Vec<RebuiltView>, Failure> {
        let folder = here.folder();
        // Before the lock: a folder without a node must not become one by looking.
        folder.seed()?;
        let views = wanted(self.view.as_deref())?;
        let lock = match Lock::take(&folder) {
            Err(failure) if failure.exit == Exit::Later => return wait(self.ask(here)),
            taken => taken?,
        };
        let bar = Progress::new(here, "rebuilding", Unit::Items("entries"), Some(0));
        let done = offline(&folder, views, &mut |_, done, total| {
            bar.expect(total);
            bar.reach(done);
        });
        drop((bar, lock));
        Ok(done?)
    }

    async fn ask(&self, here: &Here) -> Result<Vec<RebuiltView>, Failure> {
        let mut client = Client::new(here)?;
        let wanted = RebuildWanted { view: self.view.clone() };
        let begun: WorkView = client.post("/api/v1/rebuild", &wanted).await?;
        let bar = Progress::new(here, "rebuilding", Unit::Items("entries"), Some(0));
        follow(&mut client, begun.number, &bar).await
    }
}
