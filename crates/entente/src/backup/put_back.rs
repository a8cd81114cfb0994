//! A backup back into a folder: checked byte by byte, then a node that has not served yet. The key
//! is written last: without it the folder is no node, whatever breaks on the way.

use super::form::{Head, copy, damaged, read_end};
use crate::config::Folder;
use crate::runtime::{now, random};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use formats::problem::Problem;
use model::id::Epoch;
use node::backup::{Backed, remember};
use node::restore::{ReplayError, Restored, begin_anew, replay};
use node::{Snapshots, Store, StoreError};
use serde::Serialize;
use std::fs::File;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// What became of a restore.
#[derive(Debug, Serialize)]
pub(crate) struct Place {
    pub(crate) node: String,
    pub(crate) name: String,
    /// The new life of the numbering.
    pub(crate) epoch: String,
    pub(crate) head: i64,
    /// When the backup was made.
    pub(crate) backup: String,
    pub(crate) restored: String,
    /// Partners that will be told by the new numbering.
    pub(crate) partners: usize,
    /// Entries erased again that were erased after the backup.
    pub(crate) erased: u64,
}

/// Refuses a folder that holds anything.
pub(crate) fn check_target(folder: &Folder) -> Result<(), Problem> {
    let path = folder.path();
    let empty = match std::fs::read_dir(path) {
        Ok(mut found) => found.next().is_none(),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    };
    if empty {
        return Ok(());
    }
    let message = format!("{} is not an empty folder; nothing was changed", path.display());
    Err(Problem::error("E-RESTORE-004", message)
        .hint("name a new folder; what an interrupted restore has left can be removed"))
}

fn broken(path: &Path, error: &std::io::Error) -> Problem {
    Problem::error("E-RESTORE-008", format!("{}: {error}", path.display()))
}

fn store_failed(error: &StoreError) -> Problem {
    Problem::error("E-RESTORE-009", error.to_string())
}

/// Restores a backup into an empty folder that the caller has taken. `old` reads the node's old
/// folder, if that still exists.
pub(crate) fn put_back(
    backup: &Path,
    folder: &Folder,
    old: Option<&Snapshots>,
    shown: &mut dyn FnMut(&'static str, u64, u64),
) -> Result<Place, Problem> {
    let mut file = File::open(backup).map_err(|error| broken(backup, &error))?;
    let (head, parts) = read_end(&mut file)?;
    let when = Restored { at: now(), backup: head.instant()? };
    if when.at < when.backup {
        let message = format!("this machine's clock is before the backup, which is of {}", head.at);
        return Err(Problem::error("E-RESTORE-006", message)
            .hint("set the clock: numbers given from now on must be later than all given before"));
    }
    let path = folder.store();
    let wrong = |error: std::io::Error| broken(&path, &error);
    let mut options = File::options();
    let mut to = options.write(true).create_new(true).mode(0o600).open(&path).map_err(wrong)?;
    let mut done = 0;
    let same = copy(
        &mut file,
        parts,
        (&mut to, &mut |bytes| {
            done += bytes;
            shown("restoring", done, parts.database);
        }),
    );
    if !same.map_err(wrong)? {
        return Err(damaged());
    }
    to.sync_all().map_err(wrong)?;
    drop(to);
    let store = folder.open_store().map_err(|error| {
        if matches!(error, StoreError::OtherVersion { .. }) {
            return Problem::error("E-RESTORE-003", error.to_string())
                .hint("use the program that made the backup");
        }
        store_failed(&error)
    })?;
    let (epoch, partners, erased) = begin(&store, &head, (when, old), shown)?;
    store.close().map_err(|error| store_failed(&error))?;
    write_files(folder, &head)?;
    Ok(Place {
        node: head.node,
        name: head.name,
        epoch: epoch.to_string(),
        head: head.head,
        backup: head.at,
        restored: when.at.to_string(),
        partners,
        erased,
    })
}

/// Everything that must be true of the store before it serves.
fn begin(
    store: &Store,
    head: &Head,
    (when, old): (Restored, Option<&Snapshots>),
    shown: &mut dyn FnMut(&'static str, u64, u64),
) -> Result<(Epoch, usize, u64), Problem> {
    let failed = |error: StoreError| store_failed(&error);
    if store.reading().head().map_err(failed)? != head.head {
        return Err(damaged());
    }
    let mut number = [0; 16];
    random(&mut number);
    let epoch = Epoch::new(number);
    let mut erased = 0;
    if let Some(old) = old {
        let total = u64::try_from(head.head).unwrap_or(0);
        let mut told = |seq: node::Seq| shown("erasing again", seq.unsigned_abs(), total);
        let mut snapshot = old.open().map_err(failed)?;
        let replayed = snapshot.read(|reading| replay(store, reading, &mut told));
        erased = replayed.map_err(|error| match error {
            ReplayError::Store(error) => store_failed(&error),
            foreign @ ReplayError::Foreign => Problem::error("E-RESTORE-005", foreign.to_string())
                .hint("--erasures takes the folder that the backup was made of"),
        })?;
    }
    // What was erased when the backup was made may not have been purged yet.
    while !store.purge().map_err(failed)? {}
    remember(store, Backed { at: when.backup, head: head.head }).map_err(failed)?;
    let partners = begin_anew(store, &epoch, when).map_err(failed)?;
    Ok((epoch, partners, erased))
}

fn write_files(folder: &Folder, head: &Head) -> Result<(), Problem> {
    let mut files = Vec::with_capacity(head.files.len());
    for kept in &head.files {
        let bytes = BASE64_STANDARD.decode(&kept.base64).map_err(|_| damaged())?;
        files.push((kept.name.as_str(), bytes));
    }
    folder
        .write_small_files(&files)
        .map_err(|error| Problem::error("E-RESTORE-008", error.to_string()))
}
