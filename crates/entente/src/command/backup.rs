//! `entente backup`: the node in one file, whether it runs or not.

use super::client::{Client, wait};
use super::failure::{Ended, Exit, Failure, Outcome};
use super::here::Here;
use super::lock::Lock;
use super::output::{counted, json, line};
use super::progress::{Progress, Unit};
use super::work::follow;
use crate::backup::{BackupView, make_offline, target};
use crate::http::api::backup::BackupWanted;
use crate::maintain::WorkView;
use clap::Args;
use formats::problem::Problem;
use std::path::PathBuf;

/// Write the whole node into one file, also while it runs
#[derive(Args, Debug)]
pub(crate) struct Backup {
    /// The file; it holds the node's key, so keep it as you keep the key
    ///
    /// A node that runs writes it itself, on its own machine.
    file: PathBuf,
}

impl Backup {
    pub(crate) fn run(self, here: &Here) -> Ended {
        let file = std::path::absolute(&self.file).map_err(|e| Failure::file(&self.file, &e))?;
        let made = if here.url.is_some() { wait(ask(here, file))? } else { self.near(here, file)? };
        if here.json {
            json(&made)?;
            return Ok(Outcome::Done);
        }
        let BackupView { file, bytes, head, at } = made;
        let megabytes = bytes.div_ceil(1 << 20);
        let entries = counted(head.unsigned_abs(), "entry", "entries");
        line(&format!("{}: {entries} as of {at}, {megabytes} MiB", file.display()))?;
        line("It holds the node's key and tokens: keep it as you keep them.")?;
        Ok(Outcome::Done)
    }

    /// The node of this machine: asked when it runs, opened when it doesn't.
    fn near(&self, here: &Here, file: PathBuf) -> Result<BackupView, Failure> {
        let folder = here.folder();
        // Before the lock: a folder without a node must not become one by looking.
        folder.seed()?;
        let lock = match Lock::take(&folder) {
            Err(failure) if failure.exit == Exit::Later => return wait(ask(here, file)),
            taken => taken?,
        };
        let bar = Progress::new(here, "copying", Unit::Bytes, Some(0));
        let made = make_offline(&folder, target(&file)?, &mut |done, total| {
            bar.expect(total);
            bar.reach(done);
        });
        drop((bar, lock));
        Ok(made.map_err(Problem::from)?)
    }
}

async fn ask(here: &Here, file: PathBuf) -> Result<BackupView, Failure> {
    let mut client = Client::new(here)?;
    let begun: WorkView = client.post("/api/v1/backup", &BackupWanted { file }).await?;
    let bar = Progress::new(here, "copying", Unit::Bytes, Some(0));
    follow(&mut client, begun.number, &bar).await
}
