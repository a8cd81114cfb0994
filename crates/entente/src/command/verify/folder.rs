//! A node's folder against itself: the small files, the write-ahead log, the database. It changes
//! nothing; whatever is damaged is a finding and no failure.

use super::run::{Verified, Wrong};
use crate::command::failure::{Exit, Failure};
use crate::command::here::Here;
use crate::command::lock::Lock;
use crate::command::progress::{Progress, Unit};
use crate::config::Folder;
use model::limits::FINDINGS_MAX;
use node::proof::{self, Finding};
use node::{Damage, Inspection, Place, StoreError, check_header, check_wal};
use std::path::Path;

/// What came up so far.
struct Report {
    problems: Vec<Wrong>,
    /// Beyond [`FINDINGS_MAX`].
    more: u64,
}

impl Report {
    fn add(&mut self, wrong: Wrong) {
        if self.problems.len() < FINDINGS_MAX {
            self.problems.push(wrong);
        } else {
            self.more += 1;
        }
    }

    fn damage(&mut self, file: &str, Damage { place, what }: Damage) {
        let (seq, view) = match &place {
            Place::Entry(seq) => (Some(*seq), None),
            Place::View(name, seq) => (*seq, Some(*name)),
            Place::Database | Place::Log | Place::State(..) | Place::Frame(_) => (None, None),
        };
        let mend = mend(&place);
        let (file, place) = (file.to_owned(), place.to_string());
        self.add(Wrong { file, place, seq, view, thing: "-".to_owned(), message: what, mend });
    }

    fn finding(&mut self, finding: &Finding) {
        let place = Place::Entry(finding.seq);
        self.add(Wrong {
            file: STORE.to_owned(),
            place: place.to_string(),
            seq: Some(finding.seq),
            view: None,
            thing: finding.thing.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string),
            message: finding.fault.to_string(),
            mend: mend(&place),
        });
    }

    fn file(&mut self, path: &Path, what: String) {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let mend = "put it back from a backup: entente restore".to_owned();
        let (place, thing) = ("the file".to_owned(), "-".to_owned());
        self.add(Wrong { file: name, place, seq: None, view: None, thing, message: what, mend });
    }
}

/// The names of the files, as people see them in the folder.
const STORE: &str = "store.db";
const WAL: &str = "store.db-wal";

/// The next command to type.
fn mend(place: &Place) -> String {
    match place {
        Place::View(name, _) => format!("entente rebuild {name}"),
        Place::Database => "stop the node, then: entente rebuild".to_owned(),
        Place::Entry(_) => "a backup (entente restore), or a partner that has it".to_owned(),
        Place::Log | Place::State(..) => "a backup: entente restore".to_owned(),
        Place::Frame(_) => {
            "a backup (entente restore); after a power cut: entente serve".to_owned()
        }
    }
}

/// Checks a folder.
pub(super) fn check(path: &Path, here: &Here) -> Result<Verified, Failure> {
    let folder = Folder::new(path);
    let store = folder.store();
    if !store.exists() {
        return Err(crate::config::ConfigError::NoNode(path.to_owned()).into());
    }
    let mut report = Report { problems: Vec::new(), more: 0 };
    // A node that runs is writing the write-ahead log; nobody else could say what is right.
    let lock = match Lock::take(&folder) {
        Err(failure) if failure.exit == Exit::Later => None,
        lock => lock.ok(),
    };
    if lock.is_some() {
        let damages = check_wal(&store).map_err(|error| Failure::file(&store, &error))?;
        damages.into_iter().for_each(|damage| report.damage(WAL, damage));
    }
    let damages = check_header(&store).map_err(|error| Failure::file(&store, &error))?;
    damages.into_iter().for_each(|damage| report.damage(STORE, damage));
    let walked = match database((&folder, lock.is_some()), &mut report, here) {
        Err(error) if error.is_damage() => {
            let what = error.to_string();
            report.damage(STORE, Damage { place: Place::Database, what });
            for unsound in folder.unsound(None)? {
                report.file(&unsound.path, unsound.what);
            }
            proof::Walked::default()
        }
        walked => walked?,
    };
    drop(lock);
    if report.more > 0 {
        let what = format!("{} more findings", report.more);
        report.problems.push(Wrong::record(&store, "-".to_owned(), what));
    }
    let ok = report.problems.is_empty();
    let (entries, erased) = (walked.entries, walked.erased);
    Ok(Verified { ok, entries, erased, problems: report.problems })
}

fn database(
    (folder, alone): (&Folder, bool),
    report: &mut Report,
    here: &Here,
) -> Result<proof::Walked, StoreError> {
    let inspection = Inspection::open(&folder.store(), alone)?;
    if inspection.schema(&mut |damage| report.damage(STORE, damage))? {
        return Ok(proof::Walked::default());
    }
    for unsound in folder.unsound(Some(&inspection.reading()))? {
        report.file(&unsound.path, unsound.what);
    }
    proof::inspect(&inspection, &mut |damage| report.damage(STORE, damage))?;
    let Ok(own) = folder.public() else { return Ok(proof::Walked::default()) };
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let head = inspection.head();
    let records = Some(head.unsigned_abs());
    let progress = Progress::new(here, "checking", Unit::Items("records"), records);
    proof::verify(&inspection.reading(), &own, (head, threads), &mut |step| match step {
        proof::Step::Found(finding) => report.finding(&finding),
        proof::Step::Reached(seq) => progress.reach(seq.unsigned_abs()),
    })
}
