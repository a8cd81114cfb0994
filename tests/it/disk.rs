//! The disk fills, and the disk fails: bulk is refused first, recalls last, reading never; what the
//! disk did not confirm is not acknowledged.

use serde_json::Value;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use world_tests::clock::until;
use world_tests::data::{root, say};
use world_tests::entente::Running;
use world_tests::http::{Http, Reply};
use world_tests::python::text;
use world_tests::stix::{envelope, indicator, indicator_id};
use world_tests::turn;

const TAXII: &str = "application/taxii+json;version=2.1";
/// Whether this test runs in a namespace of its own, where it may mount.
const INSIDE: &str = "ENTENTE_TEST_MAY_MOUNT";

/// A small disk of its own under a node's data.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Puts what the folder holds on a disk of so many MiB; `None` when nothing may be mounted.
    fn under(folder: &Path, mebibytes: u32) -> Option<Self> {
        let kept = folder.with_extension("kept");
        std::fs::rename(folder, &kept).expect("the folder moves");
        std::fs::create_dir(folder).expect("a place to mount");
        let size = format!("size={mebibytes}m,mode=700");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(folder)
            .output()
            .expect("mount is there");
        if !mounted.status.success() {
            std::fs::remove_dir(folder).expect("the place is gone");
            std::fs::rename(&kept, folder).expect("the folder is back");
            return None;
        }
        let status = Command::new("cp").arg("-a").arg(kept.join(".")).arg(folder).status();
        assert!(status.expect("cp runs").success());
        Some(Self(folder.to_owned()))
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }

    fn free(&self) -> u64 {
        let told = Command::new("df").args(["-B1", "--output=avail"]).arg(&self.0).output();
        let told = String::from_utf8(told.expect("df runs").stdout).expect("text");
        told.lines().nth(1).and_then(|line| line.trim().parse().ok()).expect("a number")
    }

    /// Fills it until so many bytes are left.
    fn fill(&self, left: u64) {
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.filler())
            .expect("a file that fills");
        let zeros = vec![0; 64 << 10];
        while self.free() > left + zeros.len() as u64 {
            if file.write_all(&zeros).is_err() {
                return;
            }
        }
    }

    fn empty(&self) {
        std::fs::remove_file(self.filler()).expect("the filler goes");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).status());
    }
}

/// Runs this test again where it may mount: as the owner of a namespace.
#[expect(clippy::disallowed_methods, reason = "whether this is the second run")]
fn inside(test: &str) {
    assert!(
        std::env::var(INSIDE).is_err(),
        "no tmpfs can be mounted: run as root, or allow user namespaces (unshare -rm)"
    );
    let itself = std::env::current_exe().expect("this program");
    let status = Command::new("unshare")
        .arg("-rm")
        .arg(itself)
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE, "1")
        .status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "the test failed in a namespace of its own, or `unshare` (util-linux) is missing"
    );
}

fn settings(node: &Running, bulk: &str, all: &str) {
    let path = node.data().join("entente.toml");
    let lines = format!("[disk]\nbulk_stops_below = \"{bulk}\"\nall_stops_below = \"{all}\"\n");
    std::fs::write(path, lines).expect("the settings");
}

/// A node on a small disk, a circle, its collection and a token that writes.
struct Small {
    node: Running,
    disk: SmallDisk,
    objects: String,
    token: String,
    posted: u64,
}

impl Small {
    fn new(mebibytes: u32, (bulk, all): (&str, &str)) -> Option<Self> {
        let mut node = Running::init("CERT Alpha");
        settings(&node, bulk, all);
        let disk = SmallDisk::under(&node.data(), mebibytes)?;
        node.serve();
        let objects = Running::objects(&node.circle("ring", "green"));
        let token = node.token("writer", &["--circle", "ring", "--read", "--write"]);
        Some(Self { node, disk, objects, token, posted: 0 })
    }

    /// Posts so many objects that were not posted before; they count when they are acknowledged.
    fn post(&mut self, count: u64) -> Reply {
        let numbers = self.posted..self.posted + count;
        let all: Vec<String> =
            numbers.map(|n| indicator(41, n, &format!("{n}.full.example"))).collect();
        let mut client = Http::with(&self.node.http, &self.token);
        let headers = [("Content-Type", TAXII)];
        let reply = client.send("POST", &self.objects, &headers, envelope(&all).as_bytes());
        if reply.status == 202 {
            self.posted += count;
        }
        reply
    }

    fn page(&self) -> u16 {
        Http::with(&self.node.http, &self.token).get(&self.objects).status
    }

    /// All that was acknowledged and not recalled is there.
    fn holds_all_but(&self, recalled: &[u64]) {
        for number in 0..self.posted {
            let path = format!("{}{}/", self.objects, indicator_id(41, number));
            let status = Http::with(&self.node.http, &self.token).get(&path).status;
            assert_eq!(status == 200, !recalled.contains(&number), "object {number}: {status}");
        }
    }
}

fn refused(reply: &Reply) {
    assert_eq!(reply.status, 507, "{}", reply.text());
    assert_eq!(reply.header("retry-after"), Some("10"));
    assert!(reply.text().contains("E-DISK-001"), "{}", reply.text());
}

#[test]
fn bulk_stops_first_recalls_last_and_reading_never() {
    const NAME: &str = "disk::bulk_stops_first_recalls_last_and_reading_never";
    let _turn = turn::shared();
    let Some(mut small) = Small::new(96, ("24MiB", "8MiB")) else { return inside(NAME) };
    assert_eq!(small.post(200).status, 202);
    small.disk.fill(16 << 20);
    until("bulk is refused", 20, || (small.post(1).status == 507).then_some(()));
    refused(&small.post(1));
    assert_eq!(small.page(), 200);
    let late = small.node.token("late", &["--circle", "ring", "--read"]);
    small.node.ok(&["recall", &indicator_id(41, 3), "--reason", "while it is scarce"]);

    small.disk.fill(4 << 20);
    until("a token is refused", 20, || {
        let ran = small.node.cli(&["token", "create", "later", "--circle", "ring", "--read"]);
        (ran.code != 0 && ran.err.contains("nearly full")).then_some(())
    });
    refused(&small.post(1));
    small.node.ok(&["recall", &indicator_id(41, 4), "--reason", "while there is none"]);
    small.node.ok(&["token", "revoke", "writer"]);
    assert_eq!(small.page(), 401, "a revocation is tried to the last");
    small.token = late;
    assert_eq!(small.page(), 200, "a reader that had no number yet reads what has one");

    small.disk.empty();
    small.token = until("there is room again", 20, || {
        let args = ["token", "create", "again", "--circle", "ring", "--read", "--write", "--json"];
        let ran = small.node.cli(&args);
        ran.json().get("token").and_then(Value::as_str).map(str::to_owned)
    });
    assert_eq!(small.post(50).status, 202);
    small.holds_all_but(&[3, 4]);
    assert_eq!(small.node.stop(), Some(0));
    assert_eq!(small.node.cli(&["verify", text(&small.node.data())]).code, 0);
}

#[test]
fn a_disk_that_is_really_full_refuses_and_loses_nothing() {
    const NAME: &str = "disk::a_disk_that_is_really_full_refuses_and_loses_nothing";
    let _turn = turn::shared();
    let Some(mut small) = Small::new(48, ("0B", "0B")) else { return inside(NAME) };
    assert_eq!(small.post(100).status, 202);
    small.disk.fill(0);
    let mut taken = 0;
    let full = until("the disk refuses", 120, || {
        let reply = small.post(500);
        taken += u64::from(reply.status == 202);
        (reply.status != 202).then_some(reply)
    });
    refused(&full);
    let pid = small.node.pid();
    assert_eq!(small.page(), 200, "reading goes on");
    let recalled = until("a recall finds a place", 60, || {
        let ran = small.node.cli(&["recall", &indicator_id(41, 7), "--reason", "on a full disk"]);
        (ran.code == 0).then_some(ran.out)
    });
    say(&format!("disk: full after {taken} posts; the recall: {}", recalled.trim()));
    small.disk.empty();
    until("there is room again", 30, || (small.post(10).status == 202).then_some(()));
    assert_eq!(small.node.pid(), pid, "the node went on all the time");
    assert_eq!(small.page(), 200);
    small.node.kill();
    small.node.serve();
    small.holds_all_but(&[7]);
    assert_eq!(small.node.stop(), Some(0));
    let ran = small.node.cli(&["verify", text(&small.node.data())]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
}

/// A library that makes the disk fail while a file exists, made by the C compiler.
fn failing_disk(node: &Running) -> (String, PathBuf) {
    let (library, switch) = (node.beside("disk_fails.so"), node.beside("the-disk-fails"));
    let source = root().join("tests/it/disk_fails.c");
    let made = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .args([&library, &source])
        .status();
    assert!(made.is_ok_and(|status| status.success()), "no C compiler: apt-get install gcc");
    (text(&library).to_owned(), switch)
}

#[test]
fn a_disk_that_fails_stops_the_node_and_nothing_is_acknowledged() {
    let _turn = turn::shared();
    let mut node = Running::init("CERT Alpha");
    let (library, switch) = failing_disk(&node);
    node.surround("LD_PRELOAD", &library);
    node.surround("DISK_FAILS", text(&switch));
    node.serve();
    let objects = Running::objects(&node.circle("ring", "green"));
    let token = node.token("writer", &["--circle", "ring", "--read", "--write"]);
    let post = |node: &Running, number: u64| {
        let body = envelope(&[indicator(42, number, &format!("{number}.fails.example"))]);
        let mut client = Http::with(&node.http, &token);
        let headers = [("Content-Type", TAXII)];
        client.try_send("POST", &objects, &headers, body.as_bytes()).map(|reply| reply.status)
    };
    for number in 0..20 {
        assert_eq!(post(&node, number).ok(), Some(202));
    }
    drop(File::create(&switch).expect("the switch"));
    let answered = post(&node, 20);
    assert!(!matches!(answered, Ok(200..=299)), "acknowledged on a disk that fails: {answered:?}");
    assert!(!node.ended(), "an exit code that says so");
    let log = node.complaints();
    assert!(log.contains("the node stops") && log.contains("E-STORE-003"), "{log}");

    std::fs::remove_file(&switch).expect("the disk is mended");
    node.serve();
    for number in 0..20 {
        let path = format!("{objects}{}/", indicator_id(42, number));
        assert_eq!(Http::with(&node.http, &token).get(&path).status, 200, "object {number}");
    }
    assert_eq!(post(&node, 21).ok(), Some(202));
    assert_eq!(node.stop(), Some(0));
    assert_eq!(node.cli(&["verify", text(&node.data())]).code, 0);
}
