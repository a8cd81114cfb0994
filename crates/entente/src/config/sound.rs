//! Whether the small files of a data folder are what the node wrote: each is compared with what the
//! store remembers of it. What a person may write, the settings, is read and otherwise believed.

use super::folder::{ConfigError, Folder, KEY_FILE, NAME_FILE, PORT_FILE, TOKEN_FILE};
use super::key_files::{FORMER_FILE, RECOVERY_FILE, read_key_file};
use crate::runtime::now;
use model::id::Digest;
use model::seal::{PublicKey, SigningKey, sha256};
use node::token::is_known;
use node::{Reading, StoreError};
use std::path::{Path, PathBuf};

/// Under these names the store remembers the digests of the node's name and of its public key.
const NAME: &str = "file.name";
const KEY: &str = "file.key";

/// How far was looked back, beside what was seen: the place in the log.
pub(crate) const LOOKED_FILE: &str = "looked-back";

/// A file that is not what the node wrote.
#[derive(Debug)]
pub(crate) struct Unsound {
    /// Which.
    pub(crate) path: PathBuf,
    /// What does not fit.
    pub(crate) what: String,
}

/// What the store remembers of the files of a new folder.
pub(super) fn remembered(
    name: &str,
    seed: &str,
) -> Result<Vec<(&'static str, Digest)>, ConfigError> {
    let mut kept = vec![(NAME, sha256(&[name.as_bytes()]))];
    if let Ok(seed) = seed.parse::<Digest>() {
        let key = SigningKey::from_seed(seed.as_bytes())?.public();
        kept.push((KEY, sha256(&[key.as_bytes()])));
    }
    Ok(kept)
}

/// A number as it is kept over restarts, with a digest, so that a changed digit is no other number.
pub(crate) fn number_line(number: u64) -> String {
    let text = number.to_string();
    let digest = sha256(&[text.as_bytes()]).to_string();
    format!("{text} {}\n", digest.get(..8).unwrap_or_default())
}

/// The number of a file that [`number_line`] wrote; `None` where it is not there or was changed.
pub(crate) fn read_number(path: &Path) -> Option<u64> {
    let text = std::fs::read_to_string(path).ok()?;
    let number = text.split_whitespace().next()?.parse().ok()?;
    (text.trim_end() == number_line(number).trim_end()).then_some(number)
}

impl Folder {
    /// Whether the local administrator's token is there, and one that the store knows.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) fn is_token_good(&self, reading: &Reading<'_>) -> Result<bool, StoreError> {
        match self.admin_token() {
            Ok(token) => is_known(reading, &token),
            Err(_) => Ok(false),
        }
    }

    /// The bytes of the node's first key, as its file names it.
    fn first(&self, key: PublicKey) -> [u8; 32] {
        let first = self.key_file().ok().and_then(|file| file.first).unwrap_or(key);
        *first.as_bytes()
    }

    /// What is wrong with the recovery key, if it is still here: it may be moved away at any time.
    fn recovery_fault(&self, reading: Option<&Reading<'_>>) -> Result<Option<String>, StoreError> {
        let key = match key_if_there(&self.recovery_file()) {
            Some(Ok(key)) => key,
            Some(Err(what)) => return Ok(Some(what)),
            None => return Ok(None),
        };
        let (Some(reading), Ok(own)) = (reading, self.public()) else { return Ok(None) };
        let stated = node::keys::own_keys(reading, &own)?.recovery;
        let other = stated.is_some_and(|stated| stated.as_bytes() != key.as_bytes());
        Ok(other.then(|| "it is another key than the one that the node stated".to_owned()))
    }

    /// What is wrong with the key that signed before: bundles that were sealed to it are opened with it.
    fn former_fault(&self, reading: Option<&Reading<'_>>) -> Result<Option<String>, StoreError> {
        let key = match key_if_there(&self.path().join(FORMER_FILE)) {
            Some(Ok(key)) => key,
            Some(Err(what)) => return Ok(Some(what)),
            None => return Ok(None),
        };
        let (Some(reading), Ok(own)) = (reading, self.public()) else { return Ok(None) };
        let keys = node::keys::own_keys(reading, &own)?;
        let known = keys.ever().any(|known| *known == key);
        Ok((!known).then(|| "it is no former key of this node".to_owned()))
    }

    /// Whether a later key is one that the node stated, so that its file was not made up.
    fn is_own(&self, key: &PublicKey, reading: Option<&Reading<'_>>) -> Result<bool, StoreError> {
        let Some(reading) = reading else { return Ok(true) };
        Ok(node::keys::change(reading, key, now())? != node::keys::Change::Unknown)
    }

    /// The port that the link had before, if it is remembered and sound.
    pub(crate) fn link_port(&self) -> Option<u16> {
        read_number(&self.path().join(PORT_FILE))?.try_into().ok()
    }

    /// The small files that are not what the node wrote. Without a store, only their form counts.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) fn unsound(
        &self,
        reading: Option<&Reading<'_>>,
    ) -> Result<Vec<Unsound>, StoreError> {
        let mut found = Vec::new();
        let mut add = |name: &str, what: String| {
            // What to do is the business of whoever lists them.
            let what = what.split("\nHint: ").next().unwrap_or_default().to_owned();
            let missing = !self.path().join(name).exists();
            let what = if missing { "it is missing".to_owned() } else { what };
            found.push(Unsound { path: self.path().join(name), what });
        };
        let remembered = |name: &str, bytes: &[u8]| -> Result<bool, StoreError> {
            let Some(reading) = reading else { return Ok(true) };
            let kept = reading.setting(name)?;
            Ok(kept.is_none_or(|kept| kept == sha256(&[bytes]).as_bytes()))
        };
        match self.public() {
            Err(error) => add(KEY_FILE, error.to_string()),
            Ok(key) if !self.is_own(&key, reading)? || !remembered(KEY, &self.first(key))? => {
                add(KEY_FILE, "it is another key than the one this node was made with".to_owned());
            }
            Ok(_) => {}
        }
        match self.read(NAME_FILE) {
            Err(error) => add(NAME_FILE, error.to_string()),
            Ok(name) if !remembered(NAME, name.as_bytes())? => {
                add(NAME_FILE, "it is not the name that this node was made with".to_owned());
            }
            Ok(_) => {}
        }
        match self.admin_token() {
            Err(error) => add(TOKEN_FILE, error.to_string()),
            Ok(token) => {
                let known = match reading {
                    Some(reading) => is_known(reading, &token)?,
                    None => true,
                };
                if !known {
                    add(TOKEN_FILE, "the store knows no such token".to_owned());
                }
            }
        }
        if let Some(what) = self.recovery_fault(reading)? {
            add(RECOVERY_FILE, what);
        }
        if let Some(what) = self.former_fault(reading)? {
            add(FORMER_FILE, what);
        }
        if self.path().join(PORT_FILE).exists() && self.link_port().is_none() {
            add(PORT_FILE, "it does not fit its digest; removing it is safe".to_owned());
        }
        let looked = self.seen().join(LOOKED_FILE);
        if looked.exists() && read_number(&looked).is_none() {
            add("seen/looked-back", "it does not fit its digest; removing it is safe".to_owned());
        }
        if let Err(error) = super::load(None, &self.settings()) {
            found.push(Unsound { path: self.settings(), what: error.to_string() });
        }
        Ok(found)
    }
}

/// The public half of a key file, where there is one; in words what is wrong with it.
fn key_if_there(path: &Path) -> Option<Result<PublicKey, String>> {
    let read = || read_key_file(path).map(|key| key.public()).map_err(|error| error.to_string());
    path.exists().then(read)
}
