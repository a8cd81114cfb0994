//! Making a backup: page after page beside the running of the node, then the rest and the checksum
//! on a thread of its own. A file of the wanted name appears only when it is whole and on the disk.

use super::form::{Head, Kept, write_end};
use crate::config::Folder;
use crate::maintain::{Halt, Work};
use crate::runtime::{Runtime, now};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use formats::problem::Problem;
use model::id::{Epoch, NodeId};
use node::Store;
use node::backup::{Backed, remember};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// A backup that was made.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct BackupView {
    pub(crate) file: PathBuf,
    pub(crate) bytes: u64,
    pub(crate) head: i64,
    pub(crate) at: String,
}

/// Where a backup goes, once it may go there.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    file: PathBuf,
    /// What it is called until it is whole.
    new: PathBuf,
}

/// Checks where a backup is wanted; nothing is written yet.
pub(crate) fn target(file: &Path) -> Result<Target, Problem> {
    if !file.is_absolute() || file.file_name().is_none() {
        let message = "the file is named by its whole path on the node's machine";
        return Err(Problem::error("E-BACKUP-001", message).hint("such as /backup/alpha.backup"));
    }
    if file.symlink_metadata().is_ok() {
        let message = format!("{} exists; nothing is overwritten", file.display());
        return Err(Problem::error("E-BACKUP-002", message).hint("name a new file"));
    }
    if let Some(folder) = file.parent().filter(|folder| !folder.is_dir()) {
        let message = format!("there is no folder {} on the node's machine", folder.display());
        return Err(Problem::error("E-BACKUP-001", message).hint("is its name spelt right?"));
    }
    let mut new = file.as_os_str().to_owned();
    new.push(".new");
    Ok(Target { file: file.to_owned(), new: PathBuf::from(new) })
}

fn broken(path: &Path, error: &io::Error) -> Problem {
    Problem::error("E-BACKUP-003", format!("{}: {error}", path.display())).hint(
        "the node's process writes the file: it needs the right to, and room for the whole database",
    )
}

/// A backup under way: its unfinished file goes when this does.
struct Unfinished(Target);

impl Unfinished {
    fn begin(target: Target) -> Result<Self, Problem> {
        let path = &target.new;
        // What an earlier attempt left, cut off by a power failure.
        std::fs::remove_file(path).ok();
        let mut options = File::options();
        let opened = options.write(true).create_new(true).mode(0o600).open(path);
        opened.map_err(|error| broken(path, &error))?;
        Ok(Self(target))
    }

    /// Writes what stands behind the database, makes it durable and gives it its name.
    fn finish(self, head: &Head, read: &mut dyn FnMut(u64, u64)) -> Result<BackupView, Problem> {
        let Target { file, new } = &self.0;
        let wrong = |error: io::Error| broken(new, &error);
        let mut open = File::options().read(true).write(true).open(new).map_err(wrong)?;
        let (total, mut done) = (open.metadata().map_err(wrong)?.len(), 0);
        write_end(&mut open, head, &mut |bytes| {
            done += bytes;
            read(done, total);
        })
        .and_then(|()| open.sync_all())
        .map_err(wrong)?;
        // Somebody may have put a file there meanwhile.
        target(file)?;
        std::fs::rename(new, file).map_err(|error| broken(file, &error))?;
        let folder = file.parent().unwrap_or(Path::new("/"));
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(|error| broken(folder, &error))?;
        let bytes = file.metadata().map_err(|error| broken(file, &error))?.len();
        Ok(BackupView { file: file.clone(), bytes, head: head.head, at: head.at.clone() })
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // A finished one has another name by now.
        std::fs::remove_file(&self.0.new).ok();
    }
}

/// Whose backup it is.
struct Owner {
    node: NodeId,
    name: String,
    files: Vec<Kept>,
}

impl Owner {
    fn of(folder: &Folder, node: NodeId, name: &str) -> Result<Self, Problem> {
        let files = folder.small_files().map_err(|error| {
            Problem::error("E-BACKUP-003", error.to_string()).hint("look after the data folder")
        })?;
        let keep = |(name, bytes): (String, Vec<u8>)| {
            let base64 = BASE64_STANDARD.encode(bytes);
            Kept { name, base64 }
        };
        Ok(Self { node, name: name.to_owned(), files: files.into_iter().map(keep).collect() })
    }

    fn head(self, copied: &Copied) -> Head {
        Head {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            node: self.node.to_string(),
            name: self.name,
            epoch: copied.epoch.to_string(),
            head: copied.backed.head,
            at: copied.backed.at.to_string(),
            files: self.files,
        }
    }
}

/// Of what the copy is.
#[derive(Clone, Copy)]
struct Copied {
    backed: Backed,
    epoch: Epoch,
}

/// Copies the database; nothing is committed between the copy's last page and the questions here.
fn copy(
    store: &Store,
    to: &Path,
    pause: &mut dyn FnMut(u64, u64) -> Result<(), Halt>,
) -> Result<Copied, Halt> {
    store.copy_to(to, &mut |copied| pause(copied.done, copied.total))?;
    let reading = store.reading();
    let epoch = reading.setting("epoch")?.and_then(|bytes| Epoch::from_slice(&bytes));
    let missing = || Problem::error("E-BACKUP-004", "the node's database lacks its epoch");
    let backed = Backed { at: now(), head: reading.head()? };
    Ok(Copied { backed, epoch: epoch.ok_or_else(missing)? })
}

/// Makes a backup of a running node.
pub(crate) async fn make(runtime: Runtime, target: Target) -> Result<Value, Halt> {
    let folder =
        runtime.folder().ok_or_else(|| Problem::error("E-BACKUP-004", "no data folder"))?;
    let owner = Owner::of(folder, runtime.me().node(), &runtime.me().name)?;
    let unfinished = Unfinished::begin(target)?;
    let found: Arc<Mutex<Option<Copied>>> = Arc::default();
    let (to, told) = (unfinished.0.new.clone(), Arc::clone(&found));
    let work: Work = Box::new(move |store, pause| {
        let copied = copy(store, &to, pause)?;
        *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(copied);
        Ok(())
    });
    runtime.in_slices(work).await?;
    let copied = *found.lock().unwrap_or_else(PoisonError::into_inner);
    let copied = copied.ok_or(Halt::Stopping)?;
    let head = owner.head(&copied);
    let shown = runtime.clone();
    let finish = move || unfinished.finish(&head, &mut |done, all| shown.desk().note(done, all));
    let made = tokio::task::spawn_blocking(finish).await.map_err(|_| Halt::Stopping)??;
    let remembers: Work = Box::new(move |store, _| Ok(remember(store, copied.backed)?));
    runtime.in_slices(remembers).await?;
    Ok(serde_json::to_value(made).unwrap_or_default())
}

/// Makes a backup of a node that does not run; whoever calls holds its folder.
pub(crate) fn make_offline(
    folder: &Folder,
    target: Target,
    shown: &mut dyn FnMut(u64, u64),
) -> Result<BackupView, Halt> {
    let wrong =
        |error: crate::config::ConfigError| Problem::error("E-BACKUP-004", error.to_string());
    let store = folder.open().map_err(wrong)?;
    let me = folder.identity(&store).map_err(wrong)?;
    let owner = Owner::of(folder, me.node(), &me.name)?;
    let unfinished = Unfinished::begin(target)?;
    let copied = copy(&store, &unfinished.0.new, &mut |done, total| {
        shown(done, total);
        Ok(())
    })?;
    let made = unfinished.finish(&owner.head(&copied), shown)?;
    remember(&store, copied.backed)?;
    store.close()?;
    Ok(made)
}
