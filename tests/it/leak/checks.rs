//! What is tried on a route: one function a check, and what it finds wrong.

use super::routes::Route;
use super::tap;
use super::twins::{HIDDEN, OPEN, PUBLIC, Twins, Who, domain, is_canary, open_id};
use world_tests::clock::until;
use world_tests::stix::{GREEN, envelope, indicator_id, marked};

type Check = fn(&mut Twins, &Route) -> Vec<String>;

/// All checks by the names that the list of routes uses.
pub(super) const CHECKS: &[(&str, Check)] = &[
    ("alike", alike),
    ("administrators", administrators),
    ("search", search),
    ("copy", copy),
    ("publish", publish),
    ("watch", watch),
    ("stream", stream),
    ("feeds", feeds),
    ("link", tap::link),
];

/// Ids that are put into a path: one that everybody may have, one that one twin holds and nobody may
/// have, one that is nowhere.
fn ids() -> [String; 3] {
    [open_id(2), indicator_id(HIDDEN, 2), indicator_id(HIDDEN + 1, 2)]
}

/// The paths that a route stands for.
fn paths(route: &Route) -> Vec<String> {
    let mut paths = vec![route.path.clone()];
    for (name, values) in [
        ("{id}", if route.path.starts_with("/taxii2/") { circles() } else { ids().to_vec() }),
        ("{object}", ids().to_vec()),
        ("{name}", ["ring", "vault", "nowhere"].map(str::to_owned).to_vec()),
        ("{index}", ["events"].map(str::to_owned).to_vec()),
        ("{partner}", ["CERT%20Beta".to_owned()].to_vec()),
        ("{status}", [indicator_id(1, 1).split_off(11)].to_vec()),
        ("{*rest}", ["root/nothing/".to_owned()].to_vec()),
    ] {
        let with = |path: &String| {
            let filled = values.iter().map(|value| path.replace(name, value));
            filled.collect::<Vec<_>>()
        };
        paths = paths
            .iter()
            .flat_map(|path| if path.contains(name) { with(path) } else { vec![path.clone()] })
            .collect();
    }
    paths
}

/// `VAULT` is a circle that no reader here may see; the last is nobody's.
fn circles() -> Vec<String> {
    ["RING", "VAULT", "EMPTY", "00000000-0000-4000-8000-000000000001"].map(str::to_owned).to_vec()
}

/// The twins say the same to everybody, word for word.
fn alike(twins: &mut Twins, route: &Route) -> Vec<String> {
    let mut wrong = Vec::new();
    for path in paths(route) {
        for who in Who::ALL {
            wrong.extend(twins.ask(who, &route.method, &path, b""));
        }
    }
    wrong.extend(absent(twins, route));
    wrong
}

/// What is hidden is answered as what is not there, word for word.
fn absent(twins: &mut Twins, route: &Route) -> Vec<String> {
    let [_, hidden, nowhere] = ids();
    let place = ["{id}", "{object}"].into_iter().find(|place| {
        route.path.contains(place) && !(route.path.starts_with("/taxii2/") && *place == "{id}")
    });
    let Some(place) = place else { return Vec::new() };
    let mut wrong = Vec::new();
    let base = route.path.replace("{id}", if place == "{id}" { "{id}" } else { "RING" });
    for who in Who::ALL {
        let [one, other] = [&hidden, &nowhere].map(|id| {
            let path = base.replace(place, id);
            twins.secret.answer(who, (&route.method, &path), &[], b"").replace(id.as_str(), "ID")
        });
        if one != other {
            wrong.push(format!("{who:?}: hidden and absent differ\n{one}\n{other}"));
        }
    }
    wrong
}

/// Nobody but an administrator is answered, and everybody else is told nothing, alike.
fn administrators(twins: &mut Twins, route: &Route) -> Vec<String> {
    let mut wrong = Vec::new();
    for path in paths(route) {
        for who in Who::ALL {
            wrong.extend(twins.ask(who, &route.method, &path, b"{}"));
            let status = twins.secret.reply(who, (&route.method, &path), &[], b"{}").status;
            let refused = if who == Who::Nobody { status == 401 } else { status == 403 };
            if !refused {
                wrong.push(format!("{who:?} {path}: answered {status}"));
            }
        }
    }
    wrong
}

/// By words, values and ids, public ones and hidden ones.
fn search(twins: &mut Twins, route: &Route) -> Vec<String> {
    let [open, hidden, nowhere] = ids();
    let mut wrong = Vec::new();
    for text in [&domain(2), "number", "canary", "canary-vault2.example", &open, &hidden, &nowhere]
    {
        for who in Who::ALL {
            let path = format!("{}?q={text}", route.path);
            // What was asked for may be said again; what is found may not be hidden.
            let known = is_canary(text);
            let faults = twins.ask(who, &route.method, &path, b"");
            wrong.extend(faults.into_iter().filter(|fault| !known || fault.contains("differ")));
        }
    }
    wrong
}

/// A copy of what is hidden is refused as one of what is not there.
fn copy(twins: &mut Twins, route: &Route) -> Vec<String> {
    let [_, hidden, nowhere] = ids();
    let mut wrong = Vec::new();
    for who in Who::ALL {
        let [one, other] = [&hidden, &nowhere].map(|id| {
            let body = format!(r#"{{"id":"{id}","tlp":"green","dry_run":true}}"#);
            let headers = [("Content-Type", "application/json")];
            let asked = (route.method.as_str(), route.path.as_str());
            twins.secret.answer(who, asked, &headers, body.as_bytes()).replace(id.as_str(), "ID")
        });
        if one != other || one.starts_with("200") {
            wrong.push(format!("{who:?}: hidden and absent differ\n{one}\n{other}"));
        }
    }
    wrong
}

/// What is handed in is answered alike, whatever others handed in before: no duplicate is told
/// across submitters, and no label is stricter for what its submitter cannot read.
fn publish(twins: &mut Twins, route: &Route) -> Vec<String> {
    let mut wrong = Vec::new();
    let report = |n: u64| {
        let id = format!("report--{}", world_tests::stix::uuid(OPEN, n));
        format!(
            r#"{{"type":"report","spec_version":"2.1","id":"{id}","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"r","published":"2026-01-01T00:00:00Z","object_refs":["{}","{}"]}}"#,
            indicator_id(HIDDEN, 1),
            open_id(3)
        )
    };
    let objects = [
        // The same again, hidden things again and under other labels, references to hidden ones.
        marked(OPEN, 1, &domain(1), Some(GREEN)),
        marked(HIDDEN, 1, &domain(1), Some(GREEN)),
        marked(HIDDEN, 101, "another.example", Some(GREEN)),
        report(1),
    ];
    let own = route.path.starts_with("/api/");
    let path = if own {
        format!("{}?circle=ring", route.path)
    } else {
        route.path.replace("{id}", "RING")
    };
    let kind = if own { "application/json" } else { "application/taxii+json;version=2.1" };
    for who in [Who::Writer, Who::Reader, Who::Both, Who::Stranger, Who::Nobody] {
        let [one, other] = [&mut twins.plain, &mut twins.secret].map(|twin| {
            let headers = [("Content-Type", kind), ("Accept", kind)];
            let text = envelope(&objects);
            let answer = twin.answer(who, ("POST", &path), &headers, text.as_bytes());
            without_ids(&answer)
        });
        if one != other {
            wrong.push(format!("{who:?}: the twins differ\nalone:  {one}\nbeside: {other}"));
        }
    }
    wrong
}

/// The id of a TAXII status is drawn anew each time.
fn without_ids(answer: &str) -> String {
    let (before, rest) = answer.split_once(r#"{"id":""#).unwrap_or((answer, ""));
    let after = rest.get(36..).filter(|_| !rest.starts_with("indicator"));
    after.map_or_else(|| answer.to_owned(), |after| format!("{before}ID{after}"))
}

/// Lines of telemetry are answered with the matches that their bringer may have, alike.
fn watch(twins: &mut Twins, route: &Route) -> Vec<String> {
    let mut wrong = Vec::new();
    // As the agents of each door write an event.
    let (before, after) = match &route.path {
        path if path.ends_with("_bulk") => ("{\"create\":{}}\n", "\n"),
        path if path.contains("collector") && !path.contains("raw") => ("{\"event\":", "}\n"),
        path if path.ends_with("_doc") => ("", " "),
        _ => ("", "\n"),
    };
    let names = (1..=PUBLIC).map(domain).chain(["canary-vault1.example".to_owned()]);
    let mut lines = names.map(|name| format!("{before}{{\"query\":\"{name}\"}}{after}"));
    let lines: String = if route.path.ends_with("_doc") {
        lines.next_back().unwrap_or_default()
    } else {
        lines.collect()
    };
    for path in paths(route) {
        for who in [Who::Both, Who::Stranger, Who::Writer, Who::Reader, Who::Nobody] {
            wrong.extend(twins.ask(who, &route.method, &path, lines.as_bytes()));
        }
    }
    wrong
}

/// Every form of feed: what a reader may have, and nothing that is withheld, in no list, count, tag
/// or number; a circle that he may not see is one that is not there.
fn feeds(twins: &mut Twins, route: &Route) -> Vec<String> {
    const NAMES: &[&str] = &[
        "blocklist.txt",
        "blocklist.txt?kind=ip&kind=sha256",
        "blocklist/domain.txt?min_confidence=10&max_age=9999",
        "csv",
        "csv?label=malicious-activity",
        "csv?tlp=red&pap=red",
        "suricata.rules?subdomains=1",
        "suricata/domain.lst",
        "suricata/ip.lst",
        "intel.dat",
        "rpz.zone",
        "rpz.zone?action=nodata",
        "wazuh.cdb.txt",
        "stix.json",
        "misp/manifest.json",
        "misp/hashes.csv",
        "misp/5ec2e700-0000-5000-8000-000000000001.json",
        "sigma.yml",
        "sigma/index.json",
        "sigma/5ec2e700-0000-5000-8000-000000000001-0000000000000000.yml",
        "nothing.txt",
    ];
    let mut wrong = Vec::new();
    for circle in ["ring", "RING", "vault", "VAULT", "empty", "nowhere"] {
        for name in NAMES {
            let path = route.path.replace("{circle}", circle).replace("{*name}", name);
            for who in Who::ALL {
                let asked = ("GET", path.as_str());
                let [one, other] = [&mut twins.plain, &mut twins.secret]
                    .map(|twin| without_serial(&twin.answer(who, asked, &[], b"")));
                if one != other {
                    wrong.push(format!("{who:?} {path}: {one}\nbeside: {other}"));
                }
                if is_canary(&other) {
                    wrong.push(format!("{who:?} {path}: {other}"));
                }
                // Lists that are alike prove nothing when they are empty.
                let reads = circle.eq_ignore_ascii_case("ring") && who == Who::Reader;
                if reads && *name == "csv" && !(1..=PUBLIC).all(|n| other.contains(&open_id(n))) {
                    wrong.push(format!("{who:?} {path} lacks what is public: {other}"));
                }
            }
        }
    }
    let path = route.path.replace("{*name}", "csv");
    for who in Who::ALL {
        let [hidden, nowhere] = ["vault", "nowhere"].map(|circle| {
            let path = path.replace("{circle}", circle);
            twins.secret.answer(who, ("GET", &path), &[], b"")
        });
        if hidden != nowhere {
            wrong.push(format!("{who:?}: hidden and absent differ\n{hidden}\n{nowhere}"));
        }
    }
    wrong
}

/// A zone's number is that of the clock when its readers' content changed, rules name sets by the
/// circle's own id, and the tag follows both.
fn without_serial(answer: &str) -> String {
    // Ids of a node's own events follow from its key, as their digests' addresses do.
    let own = ["\"Orgc\"", "header=absent"].iter().any(|mark| answer.contains(mark));
    let answer = if own { &without_uuids(answer) } else { answer };
    if !own && !answer.contains("SOA localhost.") && !answer.contains("dataset:isset,entente-") {
        return answer.to_owned();
    }
    let lines = answer.lines().filter(|line| !line.starts_with("etag") && !line.contains(" SOA "));
    let lines = lines.map(|line| match line.split_once("isset,entente-") {
        Some((before, after)) => format!("{before}{}", after.get(8..).unwrap_or_default()),
        None => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Every UUID masked, and what comes after `timestamp`.
fn without_uuids(answer: &str) -> String {
    let mut text = String::new();
    let mut rest = answer;
    while let Some(first) = rest.chars().next() {
        let found = rest.get(..36).filter(|id| id.parse::<model::id::CircleId>().is_ok());
        let skipped = if found.is_some() {
            text.push_str("UUID");
            36
        } else if rest.starts_with("timestamp\":") {
            text.push_str("timestamp\":");
            11 + rest.get(11..).map_or(0, |rest| rest.find([',', '}']).unwrap_or(rest.len()))
        } else {
            text.push(first);
            first.len_utf8()
        };
        rest = rest.get(skipped..).unwrap_or_default();
    }
    text
}

/// Sightings as they come: of what a reader may have, and of nothing else.
fn stream(twins: &mut Twins, route: &Route) -> Vec<String> {
    let mut told = Vec::new();
    for twin in [&mut twins.plain, &mut twins.secret] {
        let path = twin.path(&route.path);
        let mut lines = twin.client(Who::Reader).stream(&path).expect("a stream");
        // Both are found: the hidden one first.
        let event =
            format!("{{\"query\":\"canary-vault5.example\"}}\n{{\"query\":\"{}\"}}\n", domain(5));
        let admin = twin.node.api().post("/api/v1/watch", "application/json", event);
        assert_eq!(admin.status, 200, "{}", admin.text());
        let mut text = String::new();
        until("a sighting came", 30, || {
            let line = lines.next()?.ok()?;
            text.extend([line.as_str(), "\n"]);
            line.contains(&open_id(5)).then_some(())
        });
        told.push(twin.masked(&text));
    }
    let [one, other] = [0, 1].map(|n| told[n].clone());
    let mut wrong = Vec::new();
    if is_canary(&other) {
        wrong.push(format!("a hidden sighting was told: {other}"));
    }
    if one != other {
        wrong.push(format!("the twins differ\nalone:  {one}\nbeside: {other}"));
    }
    wrong
}
