//! A small disk under a node's data, that a test fills and empties. It fails never but by being full.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use world_tests::entente::Running;

/// Whether this test runs in a namespace of its own, where it may mount.
const INSIDE: &str = "ENTENTE_TEST_MAY_MOUNT";

/// A small disk of its own under a node's data.
pub(super) struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Puts what the folder holds on a disk of so many MiB; `None` when nothing may be mounted.
    pub(super) fn under(folder: &Path, mebibytes: u32) -> Option<Self> {
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
    pub(super) fn fill(&self, left: u64) {
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

    /// Fills it to the last byte.
    pub(super) fn fill_up(&self) {
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.filler())
            .expect("a file that fills");
        let page = [0; 4 << 10];
        while file.write(&page).is_ok_and(|written| written > 0) {}
        assert_eq!(self.free(), 0, "it is full");
    }

    pub(super) fn empty(&self) {
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
pub(super) fn inside(test: &str) {
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

pub(super) fn settings(node: &Running, bulk: &str, all: &str) {
    let path = node.data().join("entente.toml");
    let lines = format!("[disk]\nbulk_stops_below = \"{bulk}\"\nall_stops_below = \"{all}\"\n");
    std::fs::write(path, lines).expect("the settings");
}
