//! A node that is started with an environment and settings of its own, and spoken to by curl.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use world_tests::clock::until;
use world_tests::entente::{Ran, Running, binary};

/// The program with these arguments on a node's folder and with these variables.
pub(super) fn entente(node: &Running, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
    let output = command(node, arguments, variables).output().expect("the binary runs");
    ran(&output)
}

fn command(node: &Running, arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(binary());
    for name in ["ENTENTE_TOKEN", "ENTENTE_DATA_DIR", "ENTENTE_LOG", "NOTIFY_SOCKET"] {
        command.env_remove(name);
    }
    command.args(arguments).arg("--data").arg(node.data()).stdin(Stdio::null());
    command.envs(variables.iter().copied());
    command
}

fn ran(output: &std::process::Output) -> Ran {
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Writes a node's settings.
pub(super) fn set(node: &Running, text: &str) {
    std::fs::write(node.data().join("entente.toml"), text).expect("the settings are written");
}

/// A node that serves until this is dropped.
pub(super) struct Serving {
    child: Child,
    spoken: BufReader<ChildStdout>,
    log: std::path::PathBuf,
}

impl Serving {
    /// Starts a node and waits for its line.
    pub(super) fn start(node: &Running, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let log = node.beside("serving.log");
        let mut all = vec!["serve"];
        all.extend(arguments);
        let mut child = command(node, &all, variables)
            .stdout(Stdio::piped())
            .stderr(File::create(&log).expect("a log beside the node"))
            .spawn()
            .expect("the binary runs");
        let mut spoken = BufReader::new(child.stdout.take().expect("its words"));
        let mut ready = String::new();
        spoken.read_line(&mut ready).expect("its words can be read");
        let serving = Self { child, spoken, log };
        assert!(ready.contains("is ready"), "{ready}{}", serving.log());
        serving
    }

    /// What it wrote to its log so far.
    pub(super) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Sends it a signal by its short name.
    pub(super) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([&format!("-{name}"), &pid]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// Asks it to stop; gives its exit code and its last words.
    pub(super) fn stop(&mut self, seconds: u64) -> (Option<i32>, String) {
        self.signal("TERM");
        let ended = until("the node stops", seconds, || self.child.try_wait().ok().flatten());
        let mut words = String::new();
        self.spoken.read_line(&mut words).expect("its words can be read");
        (ended.code(), words)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// curl, which trusts only this certificate; gives its exit code, the status and the body.
pub(super) fn curl(trusted: Option<&Path>, url: &str, options: &[&str]) -> (i32, String, String) {
    let mut command = Command::new("curl");
    command.args([
        "--silent",
        "--noproxy",
        "*",
        "--max-time",
        "20",
        "--write-out",
        "\n%{http_code}",
    ]);
    if let Some(trusted) = trusted {
        command.arg("--cacert").arg(trusted);
    }
    let output = command.args(options).arg(url).output().expect("curl runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (body, status) = text.rsplit_once('\n').unwrap_or(("", &text));
    (output.status.code().unwrap_or(-1), status.to_owned(), body.to_owned())
}
