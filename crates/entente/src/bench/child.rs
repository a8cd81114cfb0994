//! A node under measurement: a child process of this very program, set up through its own commands
//! and measured from outside.

use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Something that went wrong with a node under measurement.
#[derive(Debug, thiserror::Error)]
pub(super) enum BenchError {
    /// A process or file failed.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// A command of ours did not do what it should.
    #[error("`entente {command}` failed: {detail}")]
    Command {
        /// Its arguments.
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
    /// `host:port` of its HTTP door.
    pub(super) http: String,
    /// Its administrator's token.
    pub(super) admin: String,
}

impl Node {
    /// Makes and starts a node in `folder`.
    pub(super) fn create(folder: &Path, name: &str) -> Result<Self, BenchError> {
        let made = command(folder, &["init", "--name", name])?;
        let admin = text(&made, "token");
        Self::start(folder, admin)
    }

    fn start(folder: &Path, admin: String) -> Result<Self, BenchError> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(["serve", "--listen", "127.0.0.1:0", "--link", "127.0.0.1:0", "--data"])
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut ready = String::new();
        if let Some(stdout) = process.stdout.take() {
            BufReader::new(stdout).read_line(&mut ready)?;
        }
        let addresses = std::fs::read(folder.join("run").join("addresses.json"))?;
        let addresses: Value = serde_json::from_slice(&addresses).unwrap_or_default();
        let http = text(&addresses, "http").trim_start_matches("http://").to_owned();
        let http = http.trim_end_matches('/').to_owned();
        Ok(Self { folder: folder.to_owned(), process, http, admin })
    }

    /// Stops it and starts it again; gives the wall microseconds until it serves.
    pub(super) fn restart(mut self) -> Result<(Self, i64), BenchError> {
        self.stop();
        let before = crate::runtime::now();
        let (folder, admin) = (self.folder.clone(), self.admin.clone());
        let again = Self::start(&folder, admin)?;
        Ok((again, crate::runtime::now().micros() - before.micros()))
    }

    /// Runs one of our own commands against it.
    pub(super) fn command(&self, arguments: &[&str]) -> Result<Value, BenchError> {
        command(&self.folder, arguments)
    }

    /// CPU seconds that the process has used, in user and kernel together.
    pub(super) fn cpu(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id()));
        let stat = stat.unwrap_or_default();
        let fields: Vec<&str> =
            stat.rsplit(") ").next().unwrap_or_default().split_whitespace().collect();
        let ticks = |place: usize| fields.get(place).and_then(|t| t.parse::<f64>().ok());
        // Fields 14 and 15 of proc(5), in clock ticks of 1/100 s on every Linux in use.
        (ticks(11).unwrap_or(0.0) + ticks(12).unwrap_or(0.0)) / 100.0
    }

    /// Anonymous memory in MiB: what the process itself needs, without the files it maps.
    pub(super) fn anonymous_mib(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        kib.unwrap_or(0.0) / 1_024.0
    }

    /// Bytes that the store takes on disk, its write-ahead log aside.
    pub(super) fn store_bytes(&self) -> u64 {
        std::fs::metadata(self.folder.join("store.db")).map_or(0, |meta| meta.len())
    }

    fn stop(&mut self) {
        // What is durable was durable before; a clean stop is measured elsewhere.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.stop();
    }
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
        return Err(BenchError::Command { command: arguments.join(" "), detail });
    }
    Ok(serde_json::from_slice(&output.stdout).unwrap_or_default())
}

/// A text field of an answer; empty when it is not there.
pub(super) fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}
