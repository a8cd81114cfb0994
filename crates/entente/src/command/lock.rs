//! One process at a time works on a node's folder: a lock that ends with the process.

use super::failure::{Exit, Failure};
use crate::config::Folder;
use std::fs::{File, TryLockError};
use std::time::Duration;

/// Between two tries to get the folder.
const TRY_EVERY: Duration = Duration::from_millis(50);
/// Tries before it is said that a node is running: for three seconds.
const TRIES: u32 = 60;

/// The folder is ours as long as this lives.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "held, never read")] File);

impl Lock {
    /// Takes the folder as soon as a process that was just killed has let go of it: the kernel
    /// needs a moment to take its memory apart, and whoever restarts a node does so at once.
    pub(crate) async fn take_patiently(folder: &Folder) -> Result<Self, Failure> {
        for _ in 0..TRIES {
            match Self::take(folder) {
                Err(failure) if failure.exit == Exit::Later => tokio::time::sleep(TRY_EVERY).await,
                ended => return ended,
            }
        }
        Self::take(folder)
    }

    /// Takes the folder, or says that another process has it.
    pub(crate) fn take(folder: &Folder) -> Result<Self, Failure> {
        let run = folder.path().join("run");
        std::fs::create_dir_all(&run).map_err(|error| Failure::file(&run, &error))?;
        let path = run.join("lock");
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(|error| Failure::file(&path, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => {
                let shown = folder.path().display();
                Err(Failure::new(Exit::Later, format!("a node is running on {shown}"))
                    .hint("stop it first, or use another folder with --data"))
            }
            Err(TryLockError::Error(error)) => Err(Failure::file(&path, &error)),
        }
    }
}
