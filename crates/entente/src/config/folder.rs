//! The data folder: where keys, tokens and the store lie and how they are protected. It decides
//! nothing about sharing and knows no setting.

use super::key_files::NEXT_FILE;
use model::circle::valid_name;
use model::id::Epoch;
use model::seal::{KeyError, PublicKey};
use node::identity::Identity;
use node::token::new_text;
use node::{Options, Snapshots, Store, StoreError};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A data folder that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There is no node in this folder.
    #[error("{0} holds no node\nHint: `entente init --data {0} --name NAME` makes one")]
    NoNode(PathBuf),
    /// The file with the local administrator's token is not there.
    #[error("{0} is missing: commands cannot speak to the node without it")]
    NoToken(PathBuf),
    /// There is a node in this folder already.
    #[error("{0} holds a node already; nothing was changed")]
    Exists(PathBuf),
    /// A file has not the content it must have.
    #[error("{0} is damaged: {1}")]
    Damaged(PathBuf, &'static str),
    /// The file of settings says what it may not, at each of these lines.
    #[error("{path}: {}", problems.join("\n       "))]
    Settings {
        /// Which file.
        path: PathBuf,
        /// What is wrong, each with its line.
        problems: Vec<String>,
    },
    /// The name is none.
    #[error("a node's name has 1 to 128 bytes and no control characters")]
    Name,
    /// The store cannot be used.
    #[error("store: {0}")]
    Store(#[from] StoreError),
    /// The key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// The folder that holds one node.
#[derive(Clone, Debug)]
pub(crate) struct Folder(PathBuf);

/// What a folder is made of, so that `init` and `serve` agree.
pub(crate) const KEY_FILE: &str = "node.key";
pub(super) const NAME_FILE: &str = "node.name";
pub(super) const TOKEN_FILE: &str = "admin.token";
const STORE_FILE: &str = "store.db";
const SETTINGS_FILE: &str = "entente.toml";
/// The port of the link, so that partners find it again.
pub(super) const PORT_FILE: &str = "run/link.port";
/// All that a backup takes beside the store; the key last.
const SMALL_FILES: [&str; 6] =
    [NAME_FILE, TOKEN_FILE, SETTINGS_FILE, PORT_FILE, NEXT_FILE, KEY_FILE];

impl Folder {
    /// The folder at this path; nothing is touched.
    pub(crate) fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The file of settings, which need not be there.
    pub(crate) fn settings(&self) -> PathBuf {
        self.0.join(SETTINGS_FILE)
    }

    /// The database.
    pub(crate) fn store(&self) -> PathBuf {
        self.0.join(STORE_FILE)
    }

    /// What was seen, for looking back.
    pub(crate) fn seen(&self) -> PathBuf {
        self.0.join("seen")
    }

    /// Matches, with their events.
    pub(crate) fn matches(&self) -> PathBuf {
        self.0.join("matches")
    }

    /// Bytes of the database's file.
    pub(crate) fn store_bytes(&self) -> u64 {
        bytes_of(&self.store())
    }

    /// Bytes of the database's write-ahead log; 0 when there is none.
    pub(crate) fn wal_bytes(&self) -> u64 {
        bytes_of(&self.0.join(format!("{STORE_FILE}-wal")))
    }

    /// The files that only their owner may read.
    pub(crate) fn secrets(&self) -> [PathBuf; 4] {
        [KEY_FILE, NEXT_FILE, TOKEN_FILE, SETTINGS_FILE].map(|name| self.0.join(name))
    }

    /// Writes the file of settings, with every key as a comment, unless there is one.
    pub(crate) fn write_settings(&self) -> Result<(), ConfigError> {
        if self.settings().exists() {
            return Ok(());
        }
        self.write_secret(SETTINGS_FILE, super::file::template().trim_end())
    }

    /// Where `entente watch` keeps how far it has followed a log; `None` where there is no folder.
    pub(crate) fn watching(&self, log: &Path) -> Option<PathBuf> {
        let name = model::seal::sha256(&[log.as_os_str().as_encoded_bytes()]).to_string();
        let name = format!("{}.json", name.get(..16).unwrap_or_default());
        self.0.is_dir().then(|| self.0.join("run").join("watch").join(name))
    }

    /// Where the running node says how it is reached.
    pub(crate) fn addresses(&self) -> PathBuf {
        self.0.join("run").join("addresses.json")
    }

    /// Makes a new node: key, name, administrator's token, store. `random` fills with randomness.
    pub(crate) fn create(
        &self,
        name: &str,
        random: &mut dyn FnMut(&mut [u8]),
    ) -> Result<(Identity, Store, String), ConfigError> {
        if !valid_name(name) {
            return Err(ConfigError::Name);
        }
        if self.0.join(KEY_FILE).exists() {
            return Err(ConfigError::Exists(self.0.clone()));
        }
        // A store without a key is an `init` that was cut off, or a node that lost its key: that
        // one must not become another node over the old log.
        if self.store().exists() && self.open_store()?.reading().head()? > 0 {
            return Err(self.lacking_key());
        }
        std::fs::create_dir_all(self.0.join("run")).map_err(|e| file_error(&self.0, e))?;
        let mut secret = || {
            let mut bytes = [0; 32];
            random(&mut bytes);
            bytes
        };
        let seed = model::id::Digest::new(secret()).to_string();
        let token = new_text(secret());
        let store = Store::open(&self.0.join(STORE_FILE), &Options::default())?;
        let mut numbers = [[0; 16]; 2];
        numbers.iter_mut().for_each(|number| random(number));
        let mut tx = store.begin()?;
        tx.put_setting("epoch", &numbers[0])?;
        tx.put_setting("local-key", &numbers[1])?;
        for (key, digest) in super::sound::remembered(name, &seed)? {
            tx.put_setting(key, digest.as_bytes())?;
        }
        tx.commit()?;
        self.write_secret(TOKEN_FILE, &token)?;
        self.write_secret(NAME_FILE, name)?;
        // Last: a folder with a key is a complete node.
        self.write_secret(KEY_FILE, &seed)?;
        let identity = self.identity(&store)?;
        Ok((identity, store, token))
    }

    /// What lies beside the store and belongs into a backup: path in the folder, and bytes. The key
    /// comes last, for a folder with a key is a complete node.
    pub(crate) fn small_files(&self) -> Result<Vec<(String, Vec<u8>)>, ConfigError> {
        let mut files = Vec::new();
        for name in SMALL_FILES {
            let path = self.0.join(name);
            match std::fs::read(&path) {
                Ok(bytes) => files.push((name.to_owned(), bytes)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(file_error(&path, error)),
            }
        }
        Ok(files)
    }

    /// Writes what [`Folder::small_files`] gave into another folder; only known names are taken.
    pub(crate) fn write_small_files(&self, files: &[(&str, Vec<u8>)]) -> Result<(), ConfigError> {
        for name in SMALL_FILES {
            let given = files.iter().find(|(given, _)| *given == name);
            let Some((_, bytes)) = given else {
                if name == KEY_FILE {
                    return Err(ConfigError::Damaged(self.0.join(name), "not in the backup"));
                }
                continue;
            };
            self.write_private(name, bytes)?;
        }
        let synced = std::fs::File::open(&self.0).and_then(|folder| folder.sync_all());
        synced.map_err(|error| file_error(&self.0, error))
    }

    /// Opens the store of a folder that is not a node yet.
    pub(crate) fn open_store(&self) -> Result<Store, StoreError> {
        Store::open(&self.store(), &Options::default())
    }

    /// Opens the node's store.
    pub(crate) fn open(&self) -> Result<Store, ConfigError> {
        if !self.0.join(KEY_FILE).exists() {
            return Err(self.lacking_key());
        }
        Ok(Store::open(&self.0.join(STORE_FILE), &Options::default())?)
    }

    /// Opens the node's store for reading alone; the node may be running.
    pub(crate) fn snapshots(&self) -> Result<Snapshots, ConfigError> {
        if !self.0.join(KEY_FILE).exists() {
            return Err(self.lacking_key());
        }
        Ok(Snapshots::at(&self.0.join(STORE_FILE), &Options::default())?)
    }

    /// No node, or one whose key is gone.
    fn lacking_key(&self) -> ConfigError {
        if self.store().exists() {
            return ConfigError::Damaged(self.0.join(KEY_FILE), "it is missing");
        }
        ConfigError::NoNode(self.0.clone())
    }

    /// The node's public key, without its store.
    pub(crate) fn public(&self) -> Result<PublicKey, ConfigError> {
        Ok(self.key_file()?.key()?.public())
    }

    /// Reads who the node is.
    pub(crate) fn identity(&self, store: &Store) -> Result<Identity, ConfigError> {
        let key = self.key_file()?.key()?;
        let reading = store.reading();
        let number = |name| -> Result<[u8; 16], ConfigError> {
            let bytes = reading.setting(name)?.unwrap_or_default();
            bytes
                .try_into()
                .map_err(|_| ConfigError::Damaged(self.0.join(STORE_FILE), "a setting is missing"))
        };
        Ok(Identity {
            key,
            name: self.read(NAME_FILE)?,
            epoch: Epoch::new(number("epoch")?),
            local_key: number("local-key")?,
        })
    }

    /// The seed of the node's key, for the TLS certificate over the same key.
    pub(crate) fn seed(&self) -> Result<[u8; 32], ConfigError> {
        Ok(self.key_file()?.seed)
    }

    /// The local administrator's token.
    pub(crate) fn admin_token(&self) -> Result<String, ConfigError> {
        let missing = self.0.join(KEY_FILE).exists() && !self.0.join(TOKEN_FILE).exists();
        if missing {
            return Err(ConfigError::NoToken(self.0.join(TOKEN_FILE)));
        }
        self.read(TOKEN_FILE)
    }

    /// The file that holds it.
    pub(crate) fn admin_token_file(&self) -> PathBuf {
        self.0.join(TOKEN_FILE)
    }

    /// Writes another local administrator's token.
    pub(crate) fn write_admin_token(&self, token: &str) -> Result<(), ConfigError> {
        self.write_secret(TOKEN_FILE, token)
    }

    pub(super) fn read(&self, name: &str) -> Result<String, ConfigError> {
        let path = self.0.join(name);
        let text = std::fs::read_to_string(&path).map_err(|error| {
            let no_node = !self.0.join(KEY_FILE).exists();
            if no_node && error.kind() == std::io::ErrorKind::NotFound {
                self.lacking_key()
            } else {
                file_error(&path, error)
            }
        })?;
        Ok(text.trim_end().to_owned())
    }

    /// Writes a file that only its owner reads.
    pub(super) fn write_secret(&self, name: &str, text: &str) -> Result<(), ConfigError> {
        self.write_private(name, format!("{text}\n").as_bytes())
    }

    fn write_private(&self, name: &str, bytes: &[u8]) -> Result<(), ConfigError> {
        use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
        let path = self.0.join(name);
        let mut options = std::fs::OpenOptions::new();
        let opened = options.write(true).create(true).truncate(true).mode(0o600).open(&path);
        // The mode of an older file would stay, and with it whoever could read that.
        let private = std::fs::Permissions::from_mode(0o600);
        let write = |mut file: std::fs::File| {
            file.set_permissions(private)?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        opened.and_then(write).map_err(|error| file_error(&path, error))
    }
}

fn bytes_of(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |seen| seen.len())
}

pub(super) fn file_error(path: &Path, source: std::io::Error) -> ConfigError {
    ConfigError::File { path: path.to_owned(), source }
}

/// Makes a new folder that only its owner enters.
pub(crate) fn private_folder(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().mode(0o700).create(path)
}
