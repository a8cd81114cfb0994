//! A node under measurement: a child process of this very program, set up through its own commands
//! and measured from outside.

use super::process::Process;
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

/// Something that went wrong with a node under measurement.
#[derive(Debug, thiserror::Error)]
pub(super) enum BenchError {
    /// A process or file failed.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// A command of ours did not do what it should.
    #[error("`{command}` failed: {detail}")]
    Command {
        /// The command and its arguments.
        command: String,
        /// What it said.
        detail: String,
    },
    /// An answer was not the expected one.
    #[error("{0}")]
    Answer(String),
}

/// A running node.
pub(super) struct Node {
    folder: PathBuf,
    process: Child,
    /// Kept open: a node that speaks must not find its listener gone.
    spoken: Option<BufReader<ChildStdout>>,
    /// `host:port` of its HTTP door.
    pub(super) http: String,
    /// `host:port` of its link; partners know it by this address.
    link: String,
    /// Its administrator's token.
    pub(super) admin: String,
}

impl Node {
    /// Makes and starts a node in `folder`.
    pub(super) fn create(folder: &Path, name: &str) -> Result<Self, BenchError> {
        let made = command(folder, &["init", "--name", name])?;
        let admin = text(&made, "token");
        Self::start(folder, admin, ("127.0.0.1:0", "127.0.0.1:0"))
    }

    fn start(folder: &Path, admin: String, (http, link): (&str, &str)) -> Result<Self, BenchError> {
        let log = std::fs::File::create(folder.with_extension("log"))?;
        let mut process = Command::new(std::env::current_exe()?)
            .args(["serve", "--listen", http, "--link", link, "--data"])
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()?;
        let mut ready = String::new();
        let mut spoken = process.stdout.take().map(BufReader::new);
        if let Some(spoken) = &mut spoken {
            spoken.read_line(&mut ready)?;
        }
        let addresses = std::fs::read(folder.join("run").join("addresses.json"))?;
        let addresses: Value = serde_json::from_slice(&addresses).unwrap_or_default();
        let bare = |name| {
            let text = text(&addresses, name);
            let text = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
            text.trim_end_matches('/').to_owned()
        };
        let (http, link) = (bare("http"), bare("link"));
        Ok(Self { folder: folder.to_owned(), process, spoken, http, link, admin })
    }

    /// Kills it as a power cut would and starts it again on the same ports.
    pub(super) fn restart(&mut self) -> Result<(), BenchError> {
        self.kill();
        self.again()
    }

    /// Ends it as an administrator would and gives the bytes that its store then uses on the disk:
    /// everything is in the one file. Starts it again.
    pub(super) fn store_bytes(&mut self) -> Result<u64, BenchError> {
        let id = self.process.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status()?;
        self.process.wait()?;
        let bytes = used(&self.folder.join("store.db"))?;
        self.again()?;
        Ok(bytes)
    }

    fn again(&mut self) -> Result<(), BenchError> {
        let addresses = (self.http.as_str(), self.link.as_str());
        let again = Self::start(&self.folder, self.admin.clone(), addresses)?;
        *self = again;
        Ok(())
    }

    /// Runs one of our own commands against it.
    pub(super) fn command(&self, arguments: &[&str]) -> Result<Value, BenchError> {
        command(&self.folder, arguments)
    }

    /// Runs one of our own commands about a folder whose node does not run.
    pub(super) fn checked(folder: &Path, arguments: &[&str]) -> Result<Value, BenchError> {
        command(folder, arguments)
    }

    /// What it costs.
    pub(super) fn process(&self) -> Process {
        Process(self.process.id())
    }

    fn kill(&mut self) {
        // What is durable was durable before.
        drop(self.process.kill());
        drop(self.process.wait());
        self.spoken = None;
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Bytes of the pages that a closed database uses; free ones inside the file are none.
fn used(file: &Path) -> std::io::Result<u64> {
    let mut header = [0; 40];
    std::fs::File::open(file)?.read_exact(&mut header)?;
    let number = |at: usize, length: usize| {
        let bytes = header.iter().skip(at).take(length);
        bytes.fold(0, |number: u64, byte| number << 8 | u64::from(*byte))
    };
    // The database file format, section 1.3: a page of 65,536 bytes is written as 1.
    let page = if number(16, 2) == 1 { 65_536 } else { number(16, 2) };
    Ok((number(28, 4) - number(36, 4).min(number(28, 4))) * page)
}

fn command(folder: &Path, arguments: &[&str]) -> Result<Value, BenchError> {
    let output = Command::new(std::env::current_exe()?)
        .args(arguments)
        .args(["--json", "--data"])
        .arg(folder)
        .stdin(Stdio::null())
        .output()?;
    if !output.status.success() {
        let detail = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(BenchError::Command {
            command: format!("entente {}", arguments.join(" ")),
            detail,
        });
    }
    Ok(serde_json::from_slice(&output.stdout).unwrap_or_default())
}

/// A text field of an answer; empty when it is not there.
pub(super) fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Gives the processor away between two looks at something that cannot wake us.
pub(super) fn rest(most: Duration) {
    std::thread::park_timeout(most);
}
