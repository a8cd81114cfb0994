//! One node of the real binary in a folder of its own: started on free ports, asked by its command
//! line and over HTTP, killed and started again. It never looks into the folder but for what the
//! interface names.

use crate::clock::until;
use crate::data::{root, say};
use crate::http::Http;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use tempfile::TempDir;

/// The binary: the released one, unless `ENTENTE_TEST_BINARY` names another of this tree.
///
/// # Panics
/// When it was not built.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "whoever runs the tests names the binary")]
pub fn binary() -> PathBuf {
    let other = std::env::var("ENTENTE_TEST_BINARY");
    let path = root().join(other.unwrap_or_else(|_| "target/release/entente".to_owned()));
    assert!(path.exists(), "{} is missing: make build", path.display());
    path
}

/// The same program built with the feature `tap`, which only tests have.
///
/// # Panics
/// When it was not built.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "whoever runs the tests names the binary")]
pub fn tapped_binary() -> PathBuf {
    let other = std::env::var("ENTENTE_TAP_BINARY");
    let path = root().join(other.unwrap_or_else(|_| "target/debug/entente-tap".to_owned()));
    assert!(path.exists(), "{} is missing: make tap", path.display());
    path
}

/// What a command did.
#[derive(Clone, Debug)]
pub struct Ran {
    /// Its exit code; -1 when a signal ended it.
    pub code: i32,
    /// What it printed.
    pub out: String,
    /// What it complained about.
    pub err: String,
}

impl Ran {
    /// What it printed, as JSON; null when it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_default()
    }

    /// Each line that it printed, as JSON.
    ///
    /// # Panics
    /// When a line is none.
    #[must_use]
    pub fn lines(&self) -> Vec<Value> {
        let read = |line| serde_json::from_str(line).expect("a line of JSON");
        self.out.lines().map(read).collect()
    }
}

/// Runs a command without any node.
///
/// # Panics
/// When the binary cannot be run.
pub fn run(arguments: &[&str]) -> Ran {
    finish(Command::new(binary()).args(arguments))
}

fn finish(command: &mut Command) -> Ran {
    for name in ["ENTENTE_TOKEN", "ENTENTE_DATA_DIR", "ENTENTE_URL"] {
        command.env_remove(name);
    }
    let output = command.stdin(Stdio::null()).output().expect("the binary runs");
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A node, running unless it was killed.
#[derive(Debug)]
pub struct Running {
    folder: TempDir,
    data: PathBuf,
    child: Option<Child>,
    /// Bytes of private memory that it may have, when that is bounded.
    memory_max: Option<u64>,
    /// Variables of its environment.
    surroundings: Vec<(String, String)>,
    /// Where what its connections carry is written down, in plain.
    tap: Option<PathBuf>,
    /// Kept open: a node that speaks again must not find its listener gone.
    spoken: Option<BufReader<ChildStdout>>,
    /// Its name.
    pub name: String,
    /// What `init` told.
    pub born: Value,
    /// `host:port` of HTTP.
    pub http: String,
    /// `host:port` of the link.
    pub link: String,
}

impl Running {
    /// Makes a node and starts it.
    ///
    /// # Panics
    /// When that fails.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let mut node = Self::init(name);
        node.serve();
        node
    }

    /// Makes a node that writes down what its connections carry, and starts it.
    ///
    /// # Panics
    /// When that fails.
    #[must_use]
    pub fn tapped(name: &str) -> Self {
        let mut node = Self::init(name);
        node.tap = Some(node.beside("tap"));
        node.serve();
        node
    }

    /// What its connections carried so far, by the names of the files: `http-00001.out`.
    ///
    /// # Panics
    /// When it is not tapped, or its tap has a hole.
    #[must_use]
    pub fn taps(&self) -> BTreeMap<String, Vec<u8>> {
        assert!(!self.complaints().contains("a tap cannot be written"), "the tap has a hole");
        let folder = self.tap.as_ref().expect("a tapped node");
        let files = std::fs::read_dir(folder).expect("the folder of the tap").flatten();
        let named = |path: PathBuf| {
            let bytes = std::fs::read(&path).expect("a tapped connection");
            (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), bytes)
        };
        files.map(|file| named(file.path())).collect()
    }

    /// Makes a node that does not run yet.
    ///
    /// # Panics
    /// When that fails.
    #[must_use]
    pub fn init(name: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder of its own");
        let data = folder.path().join("data");
        let mut node = Self {
            folder,
            data,
            child: None,
            memory_max: None,
            surroundings: Vec::new(),
            tap: None,
            spoken: None,
            name: name.to_owned(),
            born: Value::Null,
            http: "127.0.0.1:0".to_owned(),
            link: "127.0.0.1:0".to_owned(),
        };
        node.born = node.json(&["init", "--name", name]);
        node
    }

    /// A node that lies in another folder, such as one that was restored from a backup of `of`; it
    /// does not run yet, and takes free ports.
    ///
    /// # Panics
    /// When there is no room for its log.
    #[must_use]
    pub fn at(data: &Path, of: &Self) -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder of its own"),
            data: data.to_owned(),
            child: None,
            memory_max: None,
            surroundings: Vec::new(),
            tap: None,
            spoken: None,
            name: of.name.clone(),
            born: of.born.clone(),
            http: "127.0.0.1:0".to_owned(),
            link: "127.0.0.1:0".to_owned(),
        }
    }

    /// From now on it lies in another folder, and keeps its ports.
    pub fn move_to(&mut self, data: &Path) {
        self.kill();
        self.data = data.to_owned();
    }

    /// The node's data folder.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.data.clone()
    }

    /// Where a test may put files beside the node.
    #[must_use]
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file beside the node.
    ///
    /// # Panics
    /// When that fails.
    #[must_use]
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.beside(name);
        std::fs::write(&path, bytes).expect("a file beside the node");
        path.to_str().expect("paths of tests are text").to_owned()
    }

    /// Starts it and waits until it is ready; later starts take the same ports again.
    ///
    /// # Panics
    /// When it does not become ready.
    pub fn serve(&mut self) {
        let log = File::options().create(true).append(true).open(self.log());
        let mut command = self.program();
        command.envs(self.surroundings.iter().map(|(name, value)| (name, value)));
        let mut child = command
            .args(["serve", "--listen", &self.http, "--link", &self.link])
            .arg("--data")
            .arg(self.data())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log.expect("a log beside the node"))
            .args(self.tap.iter().flat_map(|tap| [OsStr::new("--tap"), tap.as_os_str()]))
            .spawn()
            .expect("the binary runs");
        let mut ready = String::new();
        self.spoken = child.stdout.take().map(BufReader::new);
        let read = self.spoken.as_mut().map(|spoken| spoken.read_line(&mut ready));
        self.child = Some(child);
        assert!(matches!(read, Some(Ok(1..))), "{} is not ready: {}", self.name, self.complaints());
        // On a full disk there may be none: then it took the ports that it was told.
        if let Ok(addresses) = std::fs::read(self.data().join("run/addresses.json")) {
            let addresses: Value = serde_json::from_slice(&addresses).unwrap_or_default();
            self.http = bare(addresses.get("http"));
            self.link = bare(addresses.get("link"));
        }
        assert!(!self.http.ends_with(":0"), "{} said where it is", self.name);
        let mut http = Http::new(&self.http);
        until("live matching has its index", 120, || {
            let ready = http.get("/health/ready");
            (ready.json().get("matching") == Some(&Value::Bool(true))).then_some(())
        });
    }

    /// Lets it have no more private memory than this from its next start on; the kernel refuses it
    /// more. `prlimit` (util-linux) sets the bound.
    pub const fn bound_memory(&mut self, bytes: u64) {
        self.memory_max = Some(bytes);
    }

    /// The binary, within its bound if it has one.
    fn program(&self) -> Command {
        if self.tap.is_some() {
            return Command::new(tapped_binary());
        }
        let Some(bytes) = self.memory_max else { return Command::new(binary()) };
        let mut command = Command::new("prlimit");
        command.arg(format!("--data={bytes}")).arg(binary());
        command
    }

    fn log(&self) -> PathBuf {
        self.beside("serve.log")
    }

    /// Sets a variable of its environment from the next start on.
    pub fn surround(&mut self, name: &str, value: &str) {
        self.surroundings.push((name.to_owned(), value.to_owned()));
    }

    /// Waits until it ends by itself; whether that was an orderly end.
    ///
    /// # Panics
    /// When it does not end in 30 seconds.
    pub fn ended(&mut self) -> bool {
        let mut child = self.child.take().expect("it was started");
        until("the node ends", 30, || child.try_wait().ok().flatten()).success()
    }

    /// What it wrote to its log.
    #[must_use]
    pub fn complaints(&self) -> String {
        std::fs::read_to_string(self.log()).unwrap_or_default()
    }

    /// Ends it as a power cut would: `kill -9`.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            drop(child.kill());
            drop(child.wait());
        }
    }

    /// Ends it as an administrator would, and gives its exit code.
    ///
    /// # Panics
    /// When it does not end in 30 seconds.
    pub fn stop(&mut self) -> Option<i32> {
        let mut child = self.child.take()?;
        let pid = child.id().to_string();
        drop(Command::new("kill").args(["-TERM", &pid]).status());
        until("the node stops", 30, || child.try_wait().ok().flatten()).code()
    }

    /// The process, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Runs a command on this node.
    ///
    /// # Panics
    /// When the binary cannot be run.
    pub fn cli(&self, arguments: &[&str]) -> Ran {
        finish(Command::new(binary()).args(arguments).arg("--data").arg(self.data()))
    }

    /// Runs a command that must succeed; gives what it printed.
    ///
    /// # Panics
    /// When it fails.
    pub fn ok(&self, arguments: &[&str]) -> String {
        let ran = self.cli(arguments);
        assert_eq!(
            ran.code,
            0,
            "{}: entente {}\n{}{}",
            self.name,
            arguments.join(" "),
            ran.out,
            ran.err
        );
        ran.out
    }

    /// Runs a command with `--json` that must succeed; gives its JSON.
    ///
    /// # Panics
    /// When it fails or prints no JSON.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let mut all = arguments.to_vec();
        all.push("--json");
        let out = self.ok(&all);
        serde_json::from_str(&out)
            .unwrap_or_else(|error| panic!("entente {}: {error}:\n{out}", all.join(" ")))
    }

    /// The token that `init` showed.
    #[must_use]
    pub fn admin(&self) -> String {
        word(&self.born, "token")
    }

    /// The administrator over HTTP.
    #[must_use]
    pub fn api(&self) -> Http {
        Http::with(&self.http, &self.admin())
    }

    /// Creates a circle; gives its id.
    ///
    /// # Panics
    /// When that fails.
    #[must_use]
    pub fn circle(&self, name: &str, default: &str) -> String {
        word(&self.json(&["circle", "create", name, "--default", default]), "id")
    }

    /// Creates a token with these flags; gives its text.
    ///
    /// # Panics
    /// When that fails.
    #[must_use]
    pub fn token(&self, name: &str, flags: &[&str]) -> String {
        let mut arguments = vec!["token", "create", name];
        arguments.extend(flags);
        word(&self.json(&arguments), "token")
    }

    /// Invites another node into circles and waits until both see each other as partners that
    /// follow them. The code travels safely.
    ///
    /// # Panics
    /// When that fails.
    pub fn link_with(&self, other: &Self, circles: &[&str]) {
        let mut arguments = vec!["partner", "invite", "--trust-code", "--backfill", "yes"];
        for circle in circles {
            arguments.extend(["--circle", circle]);
        }
        let code = word(&self.json(&arguments), "code");
        other.ok(&["partner", "join", &code, "--yes"]);
        until("both follow the circles", 30, || {
            let seen = other.json(&["circle", "list"]);
            let follows = |name: &&&str| {
                let lines = seen.as_array().into_iter().flatten();
                lines.filter(|line| line.get("circle") == Some(&Value::from(**name))).any(|line| {
                    line.get("members").and_then(Value::as_array).is_some_and(|m| m.len() > 1)
                })
            };
            circles.iter().all(|name| follows(&name)).then_some(())
        });
    }

    /// The path of a collection's objects.
    #[must_use]
    pub fn objects(circle: &str) -> String {
        format!("/taxii2/root/collections/{circle}/objects/")
    }
}

/// A text of a JSON object.
///
/// # Panics
/// When there is none of this name.
#[must_use]
pub fn word(value: &Value, name: &str) -> String {
    let text = value.get(name).and_then(Value::as_str);
    text.unwrap_or_else(|| panic!("no text `{name}` in {value}")).to_owned()
}

/// A number of a JSON object.
///
/// # Panics
/// When there is none of this name.
#[must_use]
pub fn number(value: &Value, name: &str) -> u64 {
    let number = value.get(name).and_then(Value::as_u64);
    number.unwrap_or_else(|| panic!("no number `{name}` in {value}"))
}

/// `host:port`, also out of a URL.
fn bare(address: Option<&Value>) -> String {
    let text = address.and_then(Value::as_str).expect("an address");
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    text.trim_end_matches('/').to_owned()
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            let log = self.complaints();
            let lines: Vec<&str> = log.lines().collect();
            for line in lines.iter().skip(lines.len().saturating_sub(20)) {
                say(&format!("{}: {line}", self.name));
            }
        }
    }
}
