//! A peer as a running server: its folder, its configuration, its processes. It measures nothing.

use crate::bench::child::{BenchError, rest, text};
use crate::bench::generate::{id, indicator, modified};
use crate::bench::plain::Plain;
use crate::bench::process::Process;
use crate::bench::taxii::Door;
use crate::runtime::now;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Which peer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Peer {
    /// On SQLite, with two workers, as its documents say.
    OpenTaxii,
    /// With its memory backend, which allows one worker.
    Medallion,
}

/// Between two looks whether a peer answers.
const LOOK: Duration = Duration::from_millis(5);
/// Seconds after which a peer that does not answer is a failure.
const PATIENCE_SECONDS: i64 = 300;
/// Any UUID will do.
const COLLECTION: &str = "91a7b528-80eb-42ed-a74d-c6fbd5a26116";
/// `bench:bench` of HTTP Basic, the only way in that medallion knows.
const BASIC: &str = "Basic YmVuY2g6YmVuY2g=";

impl Peer {
    /// Its name and release.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::OpenTaxii => "OpenTAXII 0.9.3",
            Self::Medallion => "medallion 3.0.0",
        }
    }

    const fn module(self) -> &'static str {
        match self {
            Self::OpenTaxii => "opentaxii",
            Self::Medallion => "medallion",
        }
    }

    /// Whether the environment has it.
    pub(super) fn is_installed(self, python: &Path) -> bool {
        let tried = Command::new(python)
            .args(["-c", &format!("import gunicorn, {}", self.module())])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        tried.is_ok_and(|status| status.success())
    }

    const fn script(self) -> &'static str {
        match self {
            Self::OpenTaxii => include_str!("opentaxii.py"),
            Self::Medallion => include_str!("medallion.py"),
        }
    }

    const fn workers(self) -> &'static [&'static str] {
        match self {
            Self::OpenTaxii => &["--workers", "2"],
            Self::Medallion => &["--workers", "1", "--threads", "4"],
        }
    }
}

/// A peer that runs.
pub(super) struct Server {
    peer: Peer,
    python: PathBuf,
    folder: PathBuf,
    process: Child,
    pub(super) door: Door,
}

impl Server {
    /// Makes a folder for it and starts it; medallion may hold so many objects from the start.
    pub(super) fn new(
        peer: Peer,
        python: &Path,
        folder: &Path,
        objects: u64,
    ) -> Result<Self, BenchError> {
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("peer.py"), peer.script())?;
        let (path, authorization) = match peer {
            Peer::OpenTaxii => set_up_opentaxii(python, folder)?,
            Peer::Medallion => set_up_medallion(folder, objects)?,
        };
        let (process, http) = start(peer, python, folder)?;
        let id = Process(process.id());
        let door = Door { process: id, http, authorization, objects: path };
        let (python, folder) = (python.to_owned(), folder.to_owned());
        let server = Self { peer, python, folder, process, door };
        server.await_answer()?;
        Ok(server)
    }

    /// Kills it and starts it on the same folder; gives wall microseconds until it answers.
    pub(super) fn restart(&mut self) -> Result<i64, BenchError> {
        self.end();
        let before = now();
        let (process, http) = start(self.peer, &self.python, &self.folder)?;
        self.door.process = Process(process.id());
        self.door.http = http;
        self.process = process;
        self.await_answer()?;
        Ok(now().micros() - before.micros())
    }

    /// Bytes of its database on the disk, if it has one.
    pub(super) fn database_bytes(&self) -> u64 {
        std::fs::metadata(self.folder.join("data.db")).map_or(0, |meta| meta.len())
    }

    fn await_answer(&self) -> Result<(), BenchError> {
        let deadline = now().plus_seconds(PATIENCE_SECONDS);
        while now() < deadline {
            let plain = Plain::authorized(&self.door.http, self.door.authorization.clone());
            let heard = plain.and_then(|mut plain| plain.ask("GET", "/taxii2/", b""));
            // Whatever it says, it is there.
            if heard.is_ok_and(|heard| (200..500).contains(&heard.status)) {
                return Ok(());
            }
            rest(LOOK);
        }
        let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        let said = log.lines().last().unwrap_or_default();
        Err(BenchError::Answer(format!("{} does not answer: {said}", self.peer.name())))
    }

    /// Ends it. gunicorn ends its workers when it is asked to, not when it is killed.
    fn end(&mut self) {
        let id = self.process.id().to_string();
        drop(Command::new("kill").args(["-INT", &id]).status());
        drop(self.process.wait());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

fn start(peer: Peer, python: &Path, folder: &Path) -> Result<(Child, String), BenchError> {
    let free = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
    let log = std::fs::File::create(folder.join("log"))?;
    let process = Command::new(python)
        .args(["-m", "gunicorn", "--bind", &free, "--timeout", "300"])
        .args(peer.workers())
        .arg("peer:app")
        .current_dir(folder)
        .env("OPENTAXII_CONFIG", "opentaxii.yml")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        // gunicorn puts a socket of its own there.
        .env("HOME", folder)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()?;
    Ok((process, free))
}

/// Gives the path of its collection and the header that may write there.
fn set_up_opentaxii(python: &Path, folder: &Path) -> Result<(String, String), BenchError> {
    let settings = serde_json::json!({
        "domain": "bench",
        "auth_api": {
            "class": "opentaxii.auth.sqldb.SQLDatabaseAPI",
            "parameters":
                { "db_connection": "sqlite:///auth.db", "create_tables": true, "secret": "bench" },
        },
        "taxii1": null,
        "taxii2": {
            "title": "Bench",
            "public_discovery": true,
            "max_content_length": 100_000_000,
            "persistence_api": {
                "class": "opentaxii.persistence.sqldb.Taxii2SQLDatabaseAPI",
                "parameters": { "db_connection": "sqlite:///data.db", "create_tables": true },
            },
        },
        "logging": { "opentaxii": "error", "root": "error" },
    });
    // JSON is YAML.
    std::fs::write(folder.join("opentaxii.yml"), settings.to_string())?;
    let made = Command::new(python)
        .arg("peer.py")
        .current_dir(folder)
        .env("OPENTAXII_CONFIG", "opentaxii.yml")
        .stdin(Stdio::null())
        .output()?;
    let told: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap_or_default();
    let objects = text(&told, "objects");
    if objects.is_empty() {
        let detail = String::from_utf8_lossy(&made.stderr);
        let detail = detail.trim().lines().last().unwrap_or_default().to_owned();
        return Err(BenchError::Command { command: "python peer.py".to_owned(), detail });
    }
    Ok((objects, text(&told, "authorization")))
}

/// The same for medallion, which reads everything that it holds from one file.
fn set_up_medallion(folder: &Path, objects: u64) -> Result<(String, String), BenchError> {
    let settings = serde_json::json!({
        "backend": {
            "module": "medallion.backends.memory_backend",
            "module_class": "MemoryBackend",
            "filename": "held.json",
        },
        "users": { "bench": "bench" },
        "taxii": { "max_page_size": 1_000 },
    });
    std::fs::write(folder.join("medallion.json"), settings.to_string())?;
    let mut file = std::io::BufWriter::new(std::fs::File::create(folder.join("held.json"))?);
    write!(
        file,
        r#"{{"/discovery":{{"title":"Bench","default":"http://bench/root/","api_roots":["http://bench/root/"]}},"root":{{"information":{{"title":"Bench","versions":["application/taxii+json;version=2.1"],"max_content_length":100000000}},"status":[],"collections":[{{"id":"{COLLECTION}","title":"bench","can_read":true,"can_write":true,"media_types":["application/stix+json;version=2.1"],"objects":["#
    )?;
    for n in 0..objects {
        let comma = if n == 0 { "" } else { "," };
        write!(file, "{comma}{}", indicator(n))?;
    }
    write!(file, r#"],"manifest":["#)?;
    for n in 0..objects {
        let (comma, second) = (if n == 0 { "" } else { "," }, n / 1_000_000 % 60);
        write!(
            file,
            r#"{comma}{{"id":"{}","date_added":"2026-01-16T08:00:{second:02}.{:06}Z","version":"{}","media_type":"application/stix+json;version=2.1"}}"#,
            id(n),
            n % 1_000_000,
            modified(n)
        )?;
    }
    writeln!(file, "]}}]}}}}")?;
    file.flush()?;
    Ok((format!("/root/collections/{COLLECTION}/objects/"), BASIC.to_owned()))
}
