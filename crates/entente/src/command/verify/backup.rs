//! A backup against itself: its checksum, then the database in it as a folder's is checked. Nothing
//! of it is unpacked or written anywhere.

use super::folder::{Report, database_of};
use super::run::{Depth, Verified};
use crate::backup;
use crate::command::failure::Failure;
use crate::command::here::Here;
use crate::command::progress::{Progress, Unit};
use std::fs::File;
use std::path::Path;

/// Whether a file ends as a backup does; also one that a newer program made.
pub(super) fn is(path: &Path) -> bool {
    File::open(path).is_ok_and(|mut file| backup::ends_as_one(&mut file))
}

/// Checks the backup in a file.
pub(super) fn check(path: &Path, depth: Depth<'_>, here: &Here) -> Result<Verified, Failure> {
    let mut file = File::open(path).map_err(|error| Failure::file(path, &error))?;
    let (head, parts) = backup::read_end(&mut file)?;
    let name = path.display().to_string();
    let mut report = Report::default();
    let size = file.metadata().ok().map(|file| file.len());
    let progress = Progress::new(here, "reading", Unit::Bytes, size);
    let mut read = 0;
    let sound = backup::sums_up(&mut file, parts, &mut |bytes| {
        read += bytes;
        progress.reach(read);
    });
    drop(progress);
    let sound = sound.map_err(|error| Failure::file(path, &error))?;
    if !sound {
        let problem = backup::damaged();
        let message = format!("{}: {}", problem.code, problem.message);
        report.whole(path, message, problem.hint);
    }
    // Where the key itself is damaged, everything that needs none is checked all the same.
    let own = backup::public_key(&head);
    if own.is_none_or(|own| own.node().to_string() != head.node) {
        report.file(path, "the node's key in it cannot be read".to_owned());
    }
    let walked = database_of((path, &name), (own, depth), &mut report, here)?;
    Ok(report.verified(walked, path))
}
