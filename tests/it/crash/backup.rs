//! Power cuts of a node that writes a backup of itself while tools write to it: a file of the wanted
//! name is whole or not there, and what is not whole is never taken for a backup.

use super::series::Series;
use super::writing::{Writers, verify};
use serde_json::json;
use std::path::Path;
use std::time::Duration;
use world_tests::clock::{now, until};
use world_tests::entente::{Running, run};
use world_tests::turn;

/// Objects that are there before: so that a backup takes more than a moment.
const BEFORE: u64 = 10_000;
/// Tools that write meanwhile.
const WRITERS: usize = 2;

fn text(path: &Path) -> &str {
    path.to_str().expect("paths of tests are text")
}

/// Makes a backup without a cut; gives how long it took.
fn whole(node: &Running, file: &Path) -> Duration {
    let begun = now();
    node.ok(&["backup", text(file)]);
    begun.elapsed()
}

/// Gives a file to `restore`; what it takes must be a sound node. True when it took it.
fn is_taken(node: &Running, file: &Path) -> bool {
    let place = node.beside("restored");
    let ran = run(&["restore", text(file), "--data", text(&place)]);
    if ran.code != 0 {
        assert_eq!(ran.code, 2, "{}{}", ran.out, ran.err);
        assert!(ran.err.contains("E-RESTORE-"), "{}", ran.err);
        assert!(!place.exists(), "nothing is left of what was refused");
        return false;
    }
    let verified = run(&["verify", text(&place)]);
    assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
    std::fs::remove_dir_all(&place).expect("the restored node goes");
    true
}

#[test]
fn a_backup_cut_off_is_never_taken_for_a_whole_one() {
    let _turn = turn::shared();
    let mut series = Series::of("backup", 4, 8);
    let mut refused = 0;
    for _ in 0..series.rounds() {
        refused += round(&mut series);
    }
    series.end(&format!("; {refused} unfinished files were left, and refused"));
}

fn round(series: &mut Series) -> u64 {
    let mut node = Running::new("CERT Alpha");
    let mut writers = Writers::new(&node);
    let rows: String = (0..BEFORE).map(|n| format!("domain,{n}.before.example,x\n")).collect();
    let list = node.file("list.csv", format!("type,value,name\n{rows}"));
    node.ok(&["publish", &list, "--circle", "ring"]);
    let others = usize::try_from(BEFORE).expect("few");
    let takes = whole(&node, &node.beside("first.backup"));
    let mut refused = 0;
    for cycle in 0..series.cuts {
        let file = node.beside(&format!("{cycle}.backup"));
        let new = node.beside(&format!("{cycle}.backup.new"));
        writers.until_cut(&mut node, WRITERS, |node, _| {
            let reply = node.api().post(
                "/api/v1/backup",
                "application/json",
                json!({ "file": text(&file) }).to_string(),
            );
            assert_eq!(reply.status, 200, "{}", reply.text());
            series.wait(takes);
        });
        series.count(!file.exists());
        writers.check(&node, others);
        if file.exists() {
            assert!(is_taken(&node, &file), "a file of the wanted name is a whole backup");
        } else {
            refused += u64::from(new.exists() && !is_taken(&node, &new));
            // What was left does not stand in the way of the next attempt.
            whole(&node, &file);
            assert!(!new.exists(), "the unfinished file is gone");
        }
        std::fs::remove_file(&file).expect("the backup goes");
    }
    verify(&node);
    let last = node.beside("last.backup");
    whole(&node, &last);
    assert!(is_taken(&node, &last));
    until("nothing is under way", 30, || {
        let work = node.api().get("/api/v1/maintenance").json();
        (work["state"] != "running").then_some(())
    });
    refused
}
