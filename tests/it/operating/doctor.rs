//! `entente doctor` finds what is wrong, with and without a running node, and says what to type.

use super::serving::set;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt as _;
use world_tests::clock::until;
use world_tests::entente::{Ran, Running, run};

/// The findings of a check: what and next.
fn findings(ran: &Ran, check: &str) -> Vec<(String, String)> {
    let all = ran.json();
    let list = all.get("findings").and_then(Value::as_array).cloned().unwrap_or_default();
    let word = |one: &Value, name: &str| {
        one.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let of_check = list.iter().filter(|one| word(one, "check") == check);
    of_check.map(|one| (word(one, "what"), word(one, "next"))).collect()
}

fn doctor(node: &Running) -> Ran {
    let ran = node.cli(&["doctor", "--json"]);
    let found = ran.json().get("findings").and_then(Value::as_array).map_or(0, Vec::len);
    assert_eq!(ran.code, i32::from(found > 0), "{}{}", ran.out, ran.err);
    for finding in ran.json().get("findings").and_then(Value::as_array).into_iter().flatten() {
        let next = finding.get("next").and_then(Value::as_str).unwrap_or_default();
        assert!(!next.is_empty(), "no next command: {finding}");
    }
    ran
}

#[test]
fn a_node_that_is_looked_after_has_no_findings() {
    let node = Running::new("Well kept");
    let ran = doctor(&node);
    assert_eq!(ran.json().get("running"), Some(&Value::Bool(true)));
    assert_eq!(
        findings(&ran, "backup"),
        [("no backup yet".to_owned(), "entente backup FILE".to_owned())]
    );
    let file = node.beside("copy.backup");
    node.ok(&["backup", file.to_str().expect("text")]);
    let ran = doctor(&node);
    // Whether this machine keeps its clock is not the node's doing.
    let clock = findings(&ran, "clock").len();
    let all = ran.json().get("findings").and_then(Value::as_array).map_or(0, Vec::len);
    assert_eq!(all, clock, "{}", ran.out);
    let people = node.cli(&["doctor"]);
    assert!(people.out.contains("The node is running"), "{}", people.out);
    assert_eq!(run(&["doctor", "--data", "/nowhere"]).code, 3, "there is no node");
}

#[test]
fn a_killed_node_open_keys_and_wrong_settings_are_found_without_a_node() {
    let mut node = Running::new("Neglected");
    node.kill();
    let key = node.data().join("node.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).expect("opened");
    set(&node, "[http]\nlisen = 1\n");
    let ran = doctor(&node);
    assert_eq!(ran.json().get("running"), Some(&Value::Bool(false)));
    assert!(findings(&ran, "settings").first().expect("settings").0.contains("http.listen"));
    let permissions = findings(&ran, "permissions");
    assert!(
        permissions
            .iter()
            .any(|(_, next)| next.starts_with("chmod 600") && next.ends_with("node.key"))
    );
    assert!(findings(&ran, "addresses").first().expect("addresses").1.contains("entente serve"));
    set(
        &node,
        "[http]\ncertificate = \"none.pem\"\nkey = \"none.key\"\n[link]\nlisten = \"0.0.0.0:1\"\n",
    );
    let ran = doctor(&node);
    assert!(findings(&ran, "certificate").first().expect("certificate").0.contains("none.pem"));
    assert!(findings(&ran, "settings").first().expect("settings").1.contains("public_address"));
}

#[test]
fn partners_that_are_away_or_not_confirmed_are_found() {
    let (alpha, mut bravo) = (Running::new("Alpha"), Running::new("Bravo"));
    drop(alpha.circle("Ring", "green"));
    let invited = alpha.json(&["partner", "invite", "--circle", "Ring"]);
    let code = invited.get("code").and_then(Value::as_str).expect("a code");
    bravo.ok(&["partner", "join", code, "--yes"]);
    let ran = doctor(&alpha);
    let links = findings(&ran, "link");
    assert!(links.iter().any(|(_, next)| next.contains("partner confirm Bravo")), "{}", ran.out);
    // Bravo dials Alpha: that Alpha has gone is seen at Bravo.
    let mut alpha = alpha;
    let address = alpha.link.clone();
    alpha.kill();
    let (host, port) = address.rsplit_once(':').expect("an address");
    until("the lost partner is found", 30, || {
        let links = findings(&doctor(&bravo), "link");
        let told = links.iter().any(|(what, next)| {
            what.starts_with("Alpha is not reached") && *next == format!("nc -vz {host} {port}")
        });
        told.then_some(())
    });
    assert_eq!(bravo.stop(), Some(0));
}
