//! A node's folder against itself: the small files, the write-ahead log, the database. It changes
//! nothing; whatever is damaged is a finding and no failure.

use super::run::{Depth, Verified, Wrong};
use crate::command::failure::{Exit, Failure};
use crate::command::here::Here;
use crate::command::lock::Lock;
use crate::command::progress::{Progress, Unit};
use crate::config::Folder;
use model::keys::KeySet;
use model::limits::FINDINGS_MAX;
use model::seal::PublicKey;
use node::proof::{self, Finding};
use node::seen::Segments;
use node::{Damage, Inspection, Place, StoreError, check_header, check_wal};
use std::path::Path;

/// What came up so far.
#[derive(Default)]
pub(super) struct Report {
    problems: Vec<Wrong>,
    /// Beyond [`FINDINGS_MAX`].
    more: u64,
    /// Receipts that were checked.
    receipts: u64,
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

    /// What is wrong with a whole file, and what mends it.
    pub(super) fn whole(&mut self, path: &Path, message: String, mend: String) {
        self.file(path, message);
        if let Some(last) = self.problems.last_mut() {
            last.mend = mend;
        }
    }

    fn seen(&mut self, file: String, message: String) {
        let mend = "no backup has it; stop the node and remove the file, or keep it".to_owned();
        let (place, thing) = ("what was seen".to_owned(), "-".to_owned());
        self.add(Wrong { file, place, seq: None, view: None, thing, message, mend });
    }

    fn finding(&mut self, file: &str, finding: &Finding) {
        let place = Place::Entry(finding.seq);
        self.add(Wrong {
            file: file.to_owned(),
            place: place.to_string(),
            seq: Some(finding.seq),
            view: None,
            thing: finding.thing.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string),
            message: finding.fault.to_string(),
            mend: mend(&place),
        });
    }

    pub(super) fn file(&mut self, path: &Path, what: String) {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let mend = "put it back from a backup: entente restore".to_owned();
        let (place, thing) = ("the file".to_owned(), "-".to_owned());
        self.add(Wrong { file: name, place, seq: None, view: None, thing, message: what, mend });
    }
}

impl Report {
    /// The end of it all.
    pub(super) fn verified(mut self, walked: proof::Walked, path: &Path) -> Verified {
        if self.more > 0 {
            let what = format!("{} more findings", self.more);
            self.problems.push(Wrong::record(path, "-".to_owned(), what));
        }
        let ok = self.problems.is_empty();
        let (entries, erased, receipts) = (walked.entries, walked.erased, Some(self.receipts));
        Verified { ok, entries, erased, problems: self.problems, receipts, says: Vec::new() }
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
pub(super) fn check(path: &Path, depth: Depth<'_>, here: &Here) -> Result<Verified, Failure> {
    let folder = Folder::new(path);
    let store = folder.store();
    if !store.exists() {
        return Err(crate::config::ConfigError::NoNode(path.to_owned()).into());
    }
    let mut report = Report::default();
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
    let walked = match database((&folder, lock.is_some()), depth, &mut report, here) {
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
    seen(&folder, lock.is_some(), &mut report);
    drop(lock);
    Ok(report.verified(walked, &store))
}

/// What was seen: every byte of every segment. A segment that is damaged is no loss of records.
fn seen(folder: &Folder, alone: bool, report: &mut Report) {
    let damages = match Segments::inspect(&folder.seen()) {
        Ok(segments) => segments.check(alone),
        Err(error) => return report.seen("seen".to_owned(), error.to_string()),
    };
    for damage in damages {
        let shown = damage.path.strip_prefix(folder.path()).unwrap_or(&damage.path);
        report.seen(shown.display().to_string(), damage.what);
    }
}

fn database(
    (folder, alone): (&Folder, bool),
    depth: Depth<'_>,
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
    inside(&inspection, (STORE, folder.public().ok(), depth), report, here)
}

/// A database in a file of this name that nobody writes; whatever is damaged is a finding.
pub(super) fn database_of(
    (path, name): (&Path, &str),
    (own, depth): (Option<PublicKey>, Depth<'_>),
    report: &mut Report,
    here: &Here,
) -> Result<proof::Walked, Failure> {
    let damages = check_header(path).map_err(|error| Failure::file(path, &error))?;
    damages.into_iter().for_each(|damage| report.damage(name, damage));
    let mut walk = || {
        let inspection = Inspection::open(path, true)?;
        if inspection.schema(&mut |damage| report.damage(name, damage))? {
            return Ok(proof::Walked::default());
        }
        inside(&inspection, (name, own, depth), report, here)
    };
    match walk() {
        Err(error) if error.is_damage() => {
            let what = error.to_string();
            report.damage(name, Damage { place: Place::Database, what });
            Ok(proof::Walked::default())
        }
        walked => Ok(walked?),
    }
}

/// Pages, state, outlets, views, receipts, and the log with its signatures.
fn inside(
    inspection: &Inspection,
    (name, own, depth): (&str, Option<PublicKey>, Depth<'_>),
    report: &mut Report,
    here: &Here,
) -> Result<proof::Walked, StoreError> {
    if !depth.log {
        proof::inspect(inspection, &mut |damage| report.damage(name, damage))?;
    }
    let Some(own) = own else { return Ok(proof::Walked::default()) };
    let reading = inspection.reading();
    let pinned = depth.keys.only_in(&reading)?;
    let pinned = pinned.as_ref();
    let foreign = |keys: &KeySet| !keys.ever().any(|key| *key == own);
    if pinned.is_some_and(|keys| keys.get(&own.node()).is_none_or(foreign)) {
        let what = format!("E-VERIFY-002: no key of node {} is pinned", own.node());
        report.damage(name, Damage { place: Place::Log, what });
    }
    if depth.signatures {
        let mut found = Vec::new();
        let told = &mut |damage| found.push(damage);
        report.receipts = proof::receipts(&reading, &own, pinned, told)?;
        found.into_iter().for_each(|damage| report.damage(name, damage));
    }
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let head = inspection.head();
    let records = Some(head.unsigned_abs());
    let progress = Progress::new(here, "checking", Unit::Items("records"), records);
    let walk = proof::Walk { head, threads, signatures: depth.signatures, pinned };
    proof::verify(&reading, &own, walk, &mut |step| match step {
        proof::Step::Found(finding) => report.finding(name, &finding),
        proof::Step::Reached(seq) => progress.reach(seq.unsigned_abs()),
    })
}
