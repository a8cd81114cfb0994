//! The three nodes of the story: child processes of this very program in a folder of their own,
//! awaited by the line that they print when ready, and stopped at the end. It tells nothing.

use super::door::Door;
use super::failure::Failure;
use crate::config::{Folder, private_folder, temporary, this_program};
use crate::runtime::random;
use serde::Deserialize;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::sync::oneshot;

/// How long anything in the story may take before it counts as failed.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Where the three nodes live; removed with everything in it unless it is kept.
#[derive(Debug)]
pub(super) struct Stage {
    path: PathBuf,
    kept: bool,
}

impl Stage {
    /// A new folder that only its owner enters. Who wants it kept says so now, so that it also
    /// stays when the story fails.
    pub(super) fn new(kept: bool) -> Result<Self, Failure> {
        let mut bytes = [0; 4];
        random(&mut bytes);
        let path = temporary().join(format!("entente-demo-{:08x}", u32::from_be_bytes(bytes)));
        private_folder(&path).map_err(|error| Failure::Folder(path.clone(), error))?;
        Ok(Self { path, kept })
    }

    /// Its path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Starts a node in a folder of its own.
    pub(super) async fn start(
        &self,
        name: &'static str,
        folder: &'static str,
    ) -> Result<Node, Failure> {
        let folder = self.path.join(folder);
        let launched = tokio::task::spawn_blocking(move || Launched::new(name, &folder)).await;
        let Launched { mut process, ready, gone, folder } =
            launched.map_err(|_| Failure::Start(name, "it did not start".to_owned()))??;
        let failed = |process: &mut Child, why: String| {
            kill(process);
            let said = std::fs::read_to_string(log(&folder)).unwrap_or_default();
            let last = said.lines().rev().take(3).collect::<Vec<_>>();
            let last: Vec<_> = last.into_iter().rev().collect();
            Failure::Start(name, [vec![why.as_str()], last].concat().join("\n"))
        };
        match tokio::time::timeout(PATIENCE, ready).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Err(failed(&mut process, "it ended at once".to_owned())),
            Err(_) => return Err(failed(&mut process, "it was not ready in time".to_owned())),
        }
        let opened = open(&folder);
        let (http, token) = opened.map_err(|error| failed(&mut process, error))?;
        Ok(Node { name, door: Door::new(&http, &token), http, folder, process, gone: Some(gone) })
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if !self.kept {
            // What cannot be removed is in the folder for temporary files all the same.
            drop(std::fs::remove_dir_all(&self.path));
        }
    }
}

/// One node of the story.
#[derive(Debug)]
pub(super) struct Node {
    /// Its name.
    pub(super) name: &'static str,
    /// The way in, with its administrator's token.
    pub(super) door: Door,
    /// Its HTTP address, as `http://host:port`.
    pub(super) http: String,
    /// Its data.
    pub(super) folder: PathBuf,
    process: Child,
    gone: Option<oneshot::Receiver<()>>,
}

impl Node {
    /// Asks the node to stop, by the end of its standard input, and waits until it has.
    pub(super) async fn stop(mut self) {
        drop(self.process.stdin.take());
        if let Some(gone) = self.gone.take() {
            // Ended or too slow: either way the process is waited for next.
            drop(tokio::time::timeout(PATIENCE, gone).await);
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        kill(&mut self.process);
    }
}

/// Ends a process that may have ended, and takes its exit code off the system.
fn kill(process: &mut Child) {
    drop(process.kill());
    drop(process.wait());
}

/// A node that was started and may not be ready yet.
struct Launched {
    process: Child,
    ready: oneshot::Receiver<()>,
    gone: oneshot::Receiver<()>,
    folder: PathBuf,
}

impl Launched {
    /// Runs `entente init` to its end and starts `entente serve`.
    fn new(name: &'static str, folder: &Path) -> Result<Self, Failure> {
        let failed = |why: String| Failure::Start(name, why);
        let program = this_program().map_err(|error| failed(error.to_string()))?;
        let mut init = Command::new(&program);
        init.args(["init", "--name", name, "--data"]).arg(folder).stdin(Stdio::null());
        let made = init.output().map_err(|error| failed(error.to_string()))?;
        if !made.status.success() {
            return Err(failed(String::from_utf8_lossy(&made.stderr).trim().to_owned()));
        }
        let errors = std::fs::File::create(log(folder)).map_err(|e| failed(e.to_string()))?;
        let mut serve = Command::new(&program);
        serve.args(["serve", "--until-stdin-ends", "--listen", "127.0.0.1:0"]);
        serve.args(["--link", "127.0.0.1:0", "--data"]).arg(folder);
        serve.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(errors);
        // A Ctrl-C is ours to answer: the nodes are stopped one after the other.
        std::os::unix::process::CommandExt::process_group(&mut serve, 0);
        let mut process = serve.spawn().map_err(|error| failed(error.to_string()))?;
        let (is_ready, ready) = oneshot::channel();
        let (is_gone, gone) = oneshot::channel();
        let stdout = process.stdout.take();
        std::thread::spawn(move || {
            let mut lines = stdout.into_iter().flat_map(|out| BufReader::new(out).lines());
            if let Some(Ok(_)) = lines.next() {
                is_ready.send(()).ok();
            }
            // Read on, so that the node never waits for us; the end of it is the node's.
            lines.for_each(drop);
            is_gone.send(()).ok();
        });
        Ok(Self { process, ready, gone, folder: folder.to_owned() })
    }
}

/// Where a node's complaints go.
fn log(folder: &Path) -> PathBuf {
    folder.join("serve.log")
}

#[derive(Deserialize)]
struct Addresses {
    http: String,
}

/// How a running node is reached: its address and its administrator's token.
fn open(folder: &Path) -> Result<(String, String), String> {
    let folder = Folder::new(folder);
    let text = std::fs::read(folder.addresses()).map_err(|error| error.to_string())?;
    let addresses: Addresses = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
    let host = addresses.http.trim_start_matches("http://").trim_end_matches('/');
    let token = folder.admin_token().map_err(|error| error.to_string())?;
    Ok((format!("http://{host}"), token))
}
