//! The files that a node's keys lie in: the one that signs, the one that is to sign, and the recovery
//! key until somebody takes it away. When a key changes is decided elsewhere.
//!
//! CRASH: the next key is on disk before anybody hears of it, and takes the place of the present one by
//! a rename: at every instant there is a file with a key that partners accept.

use super::folder::{ConfigError, Folder, KEY_FILE, file_error};
use model::id::Digest;
use model::seal::{PublicKey, SigningKey};
use std::path::{Path, PathBuf};

/// The key that is to sign, while partners learn of it.
pub(crate) const NEXT_FILE: &str = "node.key.next";
/// The key that signed before: files that were sealed to it are opened with it.
pub(super) const FORMER_FILE: &str = "node.key.former";
/// The recovery key, until it is moved to where nobody finds it together with the node.
pub(super) const RECOVERY_FILE: &str = "recovery.key";

/// A key as it lies in a file.
pub(crate) struct KeyFile {
    /// The seed that it grows from.
    pub(crate) seed: [u8; 32],
    /// The node's first key, where this is a later one.
    pub(crate) first: Option<PublicKey>,
}

impl KeyFile {
    /// Reads `SEED`, or `SEED FIRST-KEY`.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let seed: Digest = words.next()?.parse().ok()?;
        let first = words.next().map(|key| key.parse::<PublicKey>().ok());
        let whole = words.next().is_none() && first != Some(None);
        whole.then_some(Self { seed: *seed.as_bytes(), first: first.flatten() })
    }

    fn write(&self) -> String {
        let seed = Digest::new(self.seed);
        self.first.map_or_else(|| seed.to_string(), |first| format!("{seed} {first}"))
    }

    /// The key.
    pub(crate) fn key(&self) -> Result<SigningKey, ConfigError> {
        let key = SigningKey::from_seed(&self.seed)?;
        Ok(match self.first {
            Some(first) => key.behind(first),
            None => key,
        })
    }
}

impl Folder {
    /// The key that signs.
    pub(crate) fn key_file(&self) -> Result<KeyFile, ConfigError> {
        self.read_key(KEY_FILE)
    }

    /// The key that is to sign, if there is one.
    pub(crate) fn next_key(&self) -> Result<Option<KeyFile>, ConfigError> {
        let there = self.path().join(NEXT_FILE).exists();
        there.then(|| self.read_key(NEXT_FILE)).transpose()
    }

    /// The key that signed before, if its file is there and sound.
    pub(crate) fn former_key(&self) -> Option<KeyFile> {
        self.read_key(FORMER_FILE).ok()
    }

    /// Makes the key that is to sign, unless one was made and not used yet.
    pub(crate) fn make_next_key(
        &self,
        first: PublicKey,
        random: &mut dyn FnMut(&mut [u8]),
    ) -> Result<KeyFile, ConfigError> {
        if let Some(next) = self.next_key()? {
            return Ok(next);
        }
        let mut next = KeyFile { seed: [0; 32], first: Some(first) };
        random(&mut next.seed);
        // Under another name first: a file that was cut off is no key.
        let making = format!("{NEXT_FILE}.new");
        self.write_secret(&making, &next.write())?;
        self.rename(&making, NEXT_FILE)?;
        Ok(next)
    }

    /// Puts the key that is to sign in the place of the one that did.
    pub(crate) fn change_key(&self) -> Result<(), ConfigError> {
        let before = self.key_file()?;
        self.write_secret(FORMER_FILE, &before.write())?;
        self.rename(NEXT_FILE, KEY_FILE)
    }

    /// Writes the recovery key of a new node; gives its public half.
    pub(crate) fn make_recovery_key(
        &self,
        random: &mut dyn FnMut(&mut [u8]),
    ) -> Result<PublicKey, ConfigError> {
        let mut recovery = KeyFile { seed: [0; 32], first: None };
        random(&mut recovery.seed);
        self.write_secret(RECOVERY_FILE, &recovery.write())?;
        Ok(recovery.key()?.public())
    }

    /// Where the recovery key is when a node is new.
    pub(crate) fn recovery_file(&self) -> PathBuf {
        self.path().join(RECOVERY_FILE)
    }

    fn read_key(&self, name: &str) -> Result<KeyFile, ConfigError> {
        let text = self.read(name)?;
        KeyFile::read(&text)
            .ok_or_else(|| ConfigError::Damaged(self.path().join(name), "not a key"))
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), ConfigError> {
        let path = self.path().join(to);
        let renamed = std::fs::rename(self.path().join(from), &path);
        let synced = || std::fs::File::open(self.path()).and_then(|folder| folder.sync_all());
        renamed.and_then(|()| synced()).map_err(|error| file_error(&path, error))
    }
}

/// A key in a file that somebody names, such as the recovery key.
pub(crate) fn read_key_file(path: &Path) -> Result<SigningKey, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|error| file_error(path, error))?;
    let file = KeyFile::read(&text);
    file.ok_or_else(|| ConfigError::Damaged(path.to_owned(), "not a key"))?.key()
}

#[cfg(test)]
mod tests;
