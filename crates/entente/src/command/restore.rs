//! `entente restore`: a backup back into an empty folder, as a node that has not served yet.

use super::failure::{Ended, Exit, Failure, Outcome};
use super::here::Here;
use super::lock::Lock;
use super::output::{counted, json, line, remark};
use super::progress::{Progress, Unit};
use crate::backup::{Place, check_target, put_back};
use crate::config::{Folder, private_folder};
use clap::Args;
use formats::problem::Problem;
use std::path::{Path, PathBuf};

/// Make a node of a backup again, in a new folder
#[derive(Args, Debug)]
pub(crate) struct Restore {
    /// The file that `entente backup` wrote
    file: PathBuf,
    /// The old folder: what it erased since is erased again
    #[arg(long, value_name = "DIR")]
    erasures: Option<PathBuf>,
}

impl Restore {
    pub(crate) fn run(self, here: &Here) -> Ended {
        let folder = here.folder();
        check_target(&folder)?;
        if !self.file.is_file() {
            return Err(Failure::input(format!("{} is no file", self.file.display()))
                .hint("`entente backup FILE` makes one"));
        }
        let old = self.erasures.as_deref().map(Old::take).transpose()?;
        let made = make_folder(folder.path())?;
        let lock = Lock::take(&folder)?;
        let restored = self.restore(here, &folder, old.as_ref());
        drop(lock);
        if restored.is_err() {
            // Nothing was in it before.
            clear(folder.path(), made);
        }
        let place = restored?;
        if here.json {
            json(&place)?;
        } else {
            self.tell(here, &place)?;
        }
        Ok(Outcome::Done)
    }

    fn restore(&self, here: &Here, folder: &Folder, old: Option<&Old>) -> Result<Place, Failure> {
        let snapshots = old.map(|old| old.folder.snapshots()).transpose()?;
        let mut bar: Option<(&'static str, Progress)> = None;
        let mut shown = |work: &'static str, done: u64, total: u64| {
            if bar.as_ref().is_none_or(|(known, _)| *known != work) {
                let unit = if old.is_some() && work != "restoring" {
                    Unit::Items("entries")
                } else {
                    Unit::Bytes
                };
                bar = Some((work, Progress::new(here, work, unit, Some(total))));
            }
            if let Some((_, bar)) = &bar {
                bar.reach(done);
            }
        };
        let place = put_back(&self.file, folder, snapshots.as_ref(), &mut shown);
        place.map_err(|problem: Problem| {
            let taken = problem.code == "E-RESTORE-006";
            let exit = if taken { Exit::Configuration } else { Exit::Input };
            Failure { exit, ..problem.into() }
        })
    }

    fn tell(&self, here: &Here, place: &Place) -> Result<(), Failure> {
        let data = here.data.display();
        let Place { name, head, backup, partners, erased, .. } = place;
        let entries = counted(head.unsigned_abs(), "entry", "entries");
        line(&format!("{name} is restored in {data} as it was on {backup}: {entries}"))?;
        if self.erasures.is_some() {
            line(&format!("  {erased} of them were erased since, and are erased again"))?;
        }
        match partners {
            0 => {}
            1 => line("  its numbering begins anew: one partner will notice, and read all again")?,
            _ => line(&format!(
                "  its numbering begins anew: {partners} partners will notice, and read all again"
            ))?,
        }
        line("What came after the backup is gone here until somebody sends it again:")?;
        line("  tokens made or revoked since then: make them, and revoke them, again")?;
        line("  partners that joined since then: invite them again")?;
        line("  settings of circles, labels and partners: compare them with what you know")?;
        if self.erasures.is_none() {
            remark(
                "note: recalls since the backup come back from partners as they link up; if the",
            );
            remark("      old folder still exists, restore with --erasures OLD-DIR instead");
        }
        remark("The old folder must never serve again: two nodes with one key harm each other.");
        line(&format!("Next: entente serve --data {data}"))
    }
}

/// The node's old folder, which nobody else uses as long as this lives.
struct Old {
    folder: Folder,
    _lock: Lock,
}

impl Old {
    fn take(path: &Path) -> Result<Self, Failure> {
        let folder = Folder::new(path);
        folder.seed()?;
        Ok(Self { _lock: Lock::take(&folder)?, folder })
    }
}

/// Makes the folder unless it is there; true when it was not.
fn make_folder(path: &Path) -> Result<bool, Failure> {
    if path.is_dir() {
        return Ok(false);
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let above = parent.map_or(Ok(()), std::fs::create_dir_all);
    above.and_then(|()| private_folder(path)).map_err(|error| Failure::file(path, &error))?;
    Ok(true)
}

/// Takes back what an unfinished restore wrote into a folder that was empty before it.
fn clear(path: &Path, made: bool) {
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    for entry in entries {
        let path = entry.path();
        // What cannot be removed stays, and is named when somebody tries again.
        if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) }
            .ok();
    }
    if made {
        std::fs::remove_dir(path).ok();
    }
}
