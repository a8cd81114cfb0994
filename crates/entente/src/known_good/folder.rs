//! The files of the lists: `DIR/known-good/NAME.json`, `NAME.flags.json` where a list only flags,
//! and `never.txt` of this node's own. It judges no value.

use super::built_in::{NAME, everywhere, is_of_hosters};
use crate::config::private_folder;
use detect::known_good::{Effect, List, ListError, Lists, Skipped};
use model::limits::{KNOWN_GOOD_ENTRIES_MAX, KNOWN_GOOD_FILE_BYTES_MAX, KNOWN_GOOD_LISTS_MAX};
use std::collections::BTreeSet;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The values that this node never publishes, one a line.
const NEVER_FILE: &str = "never.txt";
/// The list's name in answers.
const NEVER: &str = "never";
const SILENCES: &str = ".json";
const FLAGS: &str = ".flags.json";

/// A list that cannot be kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ShelfError {
    /// A file cannot be read or written.
    #[error("E-GOOD-002: {0}: {1}")]
    File(PathBuf, std::io::Error),
    /// It is no list.
    #[error(transparent)]
    List(#[from] ListError),
    /// A name that is none.
    #[error(
        "E-GOOD-004: `{0}` is no name of a list. Hint: small letters, digits, `-`, `_`, and `.`"
    )]
    Name(String),
    /// Too many.
    #[error("E-GOOD-005: more than {KNOWN_GOOD_LISTS_MAX} lists. Hint: remove some")]
    Full,
    /// There is none of this name.
    #[error("E-GOOD-006: there is no list `{0}`. Hint: `entente known-good list` names them")]
    Unknown(String),
}

/// The folder of the lists.
#[derive(Clone, Debug)]
pub(crate) struct Shelf(PathBuf);

/// A list, and what of its file was not taken.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) list: List,
    pub(crate) skipped: Vec<Skipped>,
}

/// The files as they are now: whoever sees them unchanged need not read them.
pub(super) type Stamp = BTreeSet<(String, Option<SystemTime>, u64)>;

impl Shelf {
    /// The folder below a node's own.
    pub(crate) fn of(folder: &Path) -> Self {
        Self(folder.join("known-good"))
    }

    /// What is there; nothing when there is no folder.
    pub(super) fn stamp(&self) -> Stamp {
        let entries = std::fs::read_dir(&self.0).into_iter().flatten().flatten();
        let stamp = entries.filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let seen = entry.metadata().ok()?;
            named(&name).is_some().then(|| (name, seen.modified().ok(), seen.len()))
        });
        stamp.take(KNOWN_GOOD_LISTS_MAX.saturating_add(1)).collect()
    }

    /// Reads every list, the program's own first; a file that cannot be read is named, and the
    /// others are read all the same.
    pub(crate) fn read(&self) -> (Lists, Vec<String>) {
        let (mut lists, mut problems, mut entries) = (vec![everywhere()], Vec::new(), 0_usize);
        for (file, ..) in self.stamp().into_iter().take(KNOWN_GOOD_LISTS_MAX) {
            match self.read_file(&file) {
                Ok(Kept { list, skipped }) => {
                    if let Some(first) = skipped.first() {
                        let (count, why) = (skipped.len(), first.why);
                        let entry = formats::problem::shown(&first.entry);
                        problems
                            .push(format!("{file}: {count} entries skipped, as {entry:?}: {why}"));
                    }
                    entries = entries.saturating_add(list.len());
                    if entries > KNOWN_GOOD_ENTRIES_MAX {
                        problems.push(format!("{file}: more than {KNOWN_GOOD_ENTRIES_MAX} in all"));
                        break;
                    }
                    lists.push(list);
                }
                Err(error) => problems.push(format!("{file}: {error}")),
            }
        }
        (Lists::new(lists), problems)
    }

    fn read_file(&self, file: &str) -> Result<Kept, ShelfError> {
        let bytes = read(&self.0.join(file))?;
        if file == NEVER_FILE {
            let text = String::from_utf8_lossy(&bytes);
            let (list, skipped) = List::of_lines(NEVER, Effect::Forbids, &text);
            return Ok(Kept { list, skipped });
        }
        let (name, effect) = named(file).unwrap_or((file, Effect::Silences));
        taken(name, effect, &bytes)
    }

    /// Keeps a list under this name, in place of one that has it; says what of it is not taken.
    pub(crate) fn add(&self, name: &str, effect: Effect, file: &Path) -> Result<Kept, ShelfError> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
        let short = (1..=100).contains(&name.len()) && !name.starts_with('.');
        if !(short && name.chars().all(fits)) || name.ends_with(".flags") || name == NAME {
            return Err(ShelfError::Name(formats::problem::shown(name)));
        }
        let bytes = read(file)?;
        let kept = taken(name, effect, &bytes)?;
        let here = self.stamp();
        let known = here.iter().any(|(file, ..)| named(file).is_some_and(|(one, _)| one == name));
        if !known && here.len() >= KNOWN_GOOD_LISTS_MAX {
            return Err(ShelfError::Full);
        }
        let (ending, other) = match effect {
            Effect::Flags => (FLAGS, SILENCES),
            Effect::Silences | Effect::Forbids => (SILENCES, FLAGS),
        };
        self.write(&format!("{name}{ending}"), &bytes)?;
        self.drop(&format!("{name}{other}"))?;
        Ok(kept)
    }

    /// Forgets a list.
    pub(crate) fn remove(&self, name: &str) -> Result<(), ShelfError> {
        let mut gone = false;
        for ending in [SILENCES, FLAGS] {
            gone |= self.drop(&format!("{name}{ending}"))?;
        }
        if gone { Ok(()) } else { Err(ShelfError::Unknown(formats::problem::shown(name))) }
    }

    /// The lines of the list of what is never published.
    pub(crate) fn never(&self) -> Result<String, ShelfError> {
        match read(&self.0.join(NEVER_FILE)) {
            Err(ShelfError::File(_, error)) if error.kind() == ErrorKind::NotFound => {
                Ok(String::new())
            }
            other => other.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        }
    }

    /// Replaces them.
    pub(crate) fn write_never(&self, text: &str) -> Result<(), ShelfError> {
        self.write(NEVER_FILE, text.as_bytes())
    }

    /// Writes beside and renames, so that a running node never reads half a list.
    fn write(&self, file: &str, bytes: &[u8]) -> Result<(), ShelfError> {
        let failed = |error| ShelfError::File(self.0.join(file), error);
        if let Err(error) = private_folder(&self.0)
            && error.kind() != ErrorKind::AlreadyExists
        {
            return Err(failed(error));
        }
        let part = self.0.join(format!("{file}.part"));
        let write = || {
            let mut options = std::fs::OpenOptions::new();
            options.write(true).create(true).truncate(true).mode(0o600);
            let mut new = options.open(&part)?;
            new.write_all(bytes)?;
            new.sync_all()?;
            std::fs::rename(&part, self.0.join(file))
        };
        write().map_err(failed)
    }

    fn drop(&self, file: &str) -> Result<bool, ShelfError> {
        let path = self.0.join(file);
        match std::fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(ShelfError::File(path, error)),
        }
    }
}

/// The list's name and what it does, by its file; `None` when it is no list.
fn named(file: &str) -> Option<(&str, Effect)> {
    if file == NEVER_FILE {
        return Some((NEVER, Effect::Forbids));
    }
    let flags = file.strip_suffix(FLAGS).map(|name| (name, Effect::Flags));
    flags.or_else(|| file.strip_suffix(SILENCES).map(|name| (name, Effect::Silences)))
}

fn taken(name: &str, effect: Effect, bytes: &[u8]) -> Result<Kept, ShelfError> {
    let (mut list, skipped) = List::read(bytes)?;
    if list.about.is_empty() {
        list.about.clone_from(&list.name);
    }
    name.clone_into(&mut list.name);
    list.effect = effect;
    list.of_hosters = is_of_hosters(name);
    Ok(Kept { list, skipped })
}

fn read(path: &Path) -> Result<Vec<u8>, ShelfError> {
    let failed = |error| ShelfError::File(path.to_owned(), error);
    let file = std::fs::File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    let most = KNOWN_GOOD_FILE_BYTES_MAX.saturating_add(1);
    let read = file.take(most).read_to_end(&mut bytes).map_err(failed)?;
    if u64::try_from(read).unwrap_or(u64::MAX) > KNOWN_GOOD_FILE_BYTES_MAX {
        return Err(ListError(format!("more than {KNOWN_GOOD_FILE_BYTES_MAX} bytes")).into());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
