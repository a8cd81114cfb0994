//! The form of a backup: a whole SQLite database, one line of JSON with everything else, and a last
//! line of fixed length with the place of the JSON and the SHA-256 of all that stands before it.
//!
//! It opens no database and writes no folder.

use crate::config::KeyFile;
use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use formats::problem::Problem;
use model::id::{Digest, Epoch, NodeId};
use model::limits::BACKUP_HEAD_BYTES_MAX;
use model::seal::PublicKey;
use model::time::Instant;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};

/// How the last line begins; the number is the form's.
const MARK: &str = "entente-backup 1 ";
/// Digits of the place of the JSON.
const PLACE_DIGITS: usize = 20;
/// Hexadecimal digits of the checksum.
const SUM_DIGITS: usize = 64;
/// Bytes of the last line: both, the space between them, and the line's end.
const END_BYTES: usize = MARK.len() + PLACE_DIGITS + 1 + SUM_DIGITS + 1;
/// The same, to count back from a file's end.
const END_LENGTH: i64 = END_BYTES.cast_signed() as i64;
/// Bytes that are read at once to be summed up.
const PIECE_BYTES: usize = 1 << 20;

/// Everything in a backup that is not the database.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Head {
    /// The program that made it.
    pub(crate) version: String,
    /// Whose it is.
    pub(crate) node: String,
    /// The node's name.
    pub(crate) name: String,
    /// The life of the numbering then.
    pub(crate) epoch: String,
    /// The last entry of the log.
    pub(crate) head: i64,
    /// When it was made.
    pub(crate) at: String,
    /// The files beside the database.
    pub(crate) files: Vec<Kept>,
}

/// A small file of the folder.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Kept {
    /// Its path in the folder.
    pub(crate) name: String,
    /// Its bytes, in base64.
    pub(crate) base64: String,
}

impl Head {
    /// When it was made.
    pub(crate) fn instant(&self) -> Result<Instant, Problem> {
        self.at.parse().map_err(|_| unreadable("its date"))
    }

    /// Checks what is not checked by being read.
    fn checked(self) -> Result<Self, Problem> {
        self.instant()?;
        let node: Result<NodeId, _> = self.node.parse();
        let epoch: Result<Epoch, _> = self.epoch.parse();
        if node.is_err() || epoch.is_err() {
            return Err(unreadable("its node"));
        }
        Ok(self)
    }
}

/// Where the parts of a backup are, and what the whole must sum up to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts {
    /// Bytes of the database, which stands first.
    pub(crate) database: u64,
    /// Bytes that are summed up.
    summed: u64,
    sum: Digest,
}

fn unreadable(what: &str) -> Problem {
    Problem::error("E-RESTORE-001", format!("this is no backup of a node: {what} cannot be read"))
        .hint("`entente backup FILE` makes one")
}

/// That its bytes are not those that were written.
pub(crate) fn damaged() -> Problem {
    Problem::error("E-RESTORE-002", "the backup is damaged: its checksum does not fit")
        .hint("copy it again from where it was kept, or take an older one; nothing was restored")
}

/// Ends a backup: what stands behind the database, with the checksum over all of it. `read` is
/// called with the bytes that are summed up so far.
pub(crate) fn write_end(file: &mut File, head: &Head, read: &mut dyn FnMut(u64)) -> io::Result<()> {
    let database = file.seek(SeekFrom::End(0))?;
    let line = serde_json::to_vec(head).map_err(io::Error::other)?;
    file.write_all(&line)?;
    file.write_all(format!("\n{MARK}{database:0PLACE_DIGITS$} ").as_bytes())?;
    let end = file.stream_position()?;
    file.seek(SeekFrom::Start(0))?;
    let sum = sum(file, end, &mut |piece| {
        read(piece.len() as u64);
        Ok(())
    })?;
    file.seek(SeekFrom::End(0))?;
    file.write_all(format!("{sum}\n").as_bytes())
}

/// Reads what stands at the end of a backup; nothing is believed before [`copy`] has summed it up.
pub(crate) fn read_end(file: &mut File) -> Result<(Head, Parts), Problem> {
    let broken = |_: io::Error| unreadable("its end");
    let size = file.seek(SeekFrom::End(0)).map_err(broken)?;
    let start = size.checked_sub(END_BYTES as u64).ok_or_else(|| unreadable("its end"))?;
    file.seek(SeekFrom::Start(start)).map_err(broken)?;
    let mut end = String::new();
    file.take(END_BYTES as u64).read_to_string(&mut end).map_err(broken)?;
    let Some(rest) = end.strip_prefix(MARK) else {
        let newer = end.starts_with("entente-backup ");
        let told = || {
            let message = "the backup was made by a newer program";
            Problem::error("E-RESTORE-003", message).hint("use the program that made it")
        };
        return Err(if newer { told() } else { unreadable("its end") });
    };
    let parts = rest.trim_end().split_once(' ').and_then(|(place, sum)| {
        let database = place.parse().ok().filter(|place| *place < start)?;
        let summed = size - SUM_DIGITS as u64 - 1;
        Some(Parts { database, summed, sum: sum.parse().ok()? })
    });
    let parts = parts.ok_or_else(|| unreadable("its end"))?;
    let length = start - parts.database;
    if length > BACKUP_HEAD_BYTES_MAX {
        return Err(damaged());
    }
    let mut line = Vec::new();
    file.seek(SeekFrom::Start(parts.database)).map_err(broken)?;
    file.take(length).read_to_end(&mut line).map_err(broken)?;
    let head: Head = serde_json::from_slice(&line).map_err(|_| damaged())?;
    Ok((head.checked()?, parts))
}

/// Writes the database into `to`, and says whether the whole backup is as it was written.
pub(crate) fn copy(
    file: &mut File,
    parts: Parts,
    (to, read): (&mut File, &mut dyn FnMut(u64)),
) -> io::Result<bool> {
    file.seek(SeekFrom::Start(0))?;
    let mut left = parts.database;
    let found = sum(file, parts.summed, &mut |piece| {
        let ours = usize::try_from(left).unwrap_or(usize::MAX).min(piece.len());
        to.write_all(piece.get(..ours).unwrap_or_default())?;
        left -= ours as u64;
        read(piece.len() as u64);
        Ok(())
    })?;
    Ok(found == parts.sum)
}

/// Whether a file ends as a backup does, whatever program made it.
pub(crate) fn ends_as_one(file: &mut File) -> bool {
    let mut end = String::new();
    let there = file.seek(SeekFrom::End(-END_LENGTH)).is_ok();
    there && file.take(16).read_to_string(&mut end).is_ok() && end.starts_with("entente-backup ")
}

/// Whether a whole backup is as it was written. `read` is called with the bytes of each piece.
pub(crate) fn sums_up(
    file: &mut File,
    parts: Parts,
    read: &mut dyn FnMut(u64),
) -> io::Result<bool> {
    file.seek(SeekFrom::Start(0))?;
    let found = sum(file, parts.summed, &mut |piece| {
        read(piece.len() as u64);
        Ok(())
    })?;
    Ok(found == parts.sum)
}

/// The key of the node whose backup it is, from the seed among its files.
pub(crate) fn public_key(head: &Head) -> Option<PublicKey> {
    let kept = head.files.iter().find(|kept| kept.name == crate::config::KEY_FILE)?;
    let seed = String::from_utf8(BASE64_STANDARD.decode(&kept.base64).ok()?).ok()?;
    Some(KeyFile::read(&seed)?.key().ok()?.public())
}

/// The SHA-256 of so many bytes from here on.
fn sum(
    file: &mut File,
    bytes: u64,
    each: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<Digest> {
    let mut context = Context::new(&SHA256);
    let mut source = file.take(bytes);
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let length = source.read(&mut piece)?;
        let Some(read) = piece.get(..length).filter(|read| !read.is_empty()) else { break };
        context.update(read);
        each(read)?;
    }
    let digest = Digest::from_slice(context.finish().as_ref());
    digest.ok_or_else(|| io::Error::other("SHA-256 has 32 bytes"))
}

#[cfg(test)]
mod tests;
