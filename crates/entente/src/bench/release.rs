//! Release over many records for many partners: what each may have today, and what another policy
//! would change. The partners joined once and are away, so that nothing but the decision is paid for.

use super::child::{BenchError, Node, text};
use super::generate::envelope;
use super::plain::Plain;
use super::table::{Figure, Table};
use super::taxii::{MANY, expect, figure};
use super::work;
use std::path::Path;

/// Partners.
const PARTNERS: u64 = 50;
/// Labels that differ in more than their number: TLP, hops and circle.
const TLPS: [&str; 5] = ["clear", "green", "amber", "amber+strict", "red"];
const HOPS: u64 = 8;
const CIRCLES: u64 = 5;
/// How often: once is over too soon for the kernel's clock.
const TRIES: u32 = 10;
/// What the dry run asks for: half of what is given would be lost.
const TIGHTER: &str = "[give]\nceiling = \"green\"\n";

/// Fills a node with records of 200 classes of labels, for 50 partners, and asks it.
pub(super) fn release(folder: &Path, records: u64, table: &mut Table) -> Result<(), BenchError> {
    let node = Node::create(&folder.join("releasing"), "Releasing")?;
    let circles: Vec<String> = (0..CIRCLES).map(|n| format!("circle-{n}")).collect();
    for circle in &circles {
        node.command(&["circle", "create", circle])?;
    }
    let mut invite = vec!["partner", "invite", "--trust-code"];
    invite.extend(circles.iter().flat_map(|circle| ["--circle", circle.as_str()]));
    for n in 0..PARTNERS {
        let partner = Node::create(&folder.join(format!("partner-{n}")), &format!("P{n}"))?;
        let code = text(&node.command(&invite)?, "code");
        partner.command(&["partner", "join", &code, "--yes"])?;
    }
    publish(&node, &circles, records)?;
    let classes = TLPS.len() as u64 * HOPS * CIRCLES;
    let what = format!("{records} records of {classes} classes of labels, {PARTNERS} partners");
    let mut plain = Plain::connect(&node.http, &node.admin)?;
    let ruling = serde_json::json!({ "toml": TIGHTER, "dry_run": true }).to_string();
    let ((), cost) = node.process().during(|| {
        for _ in 0..TRIES {
            expect(&plain.ask("POST", "/api/v1/policy", ruling.as_bytes())?, 200)?;
        }
        Ok::<_, BenchError>(())
    })?;
    let tries = f64::from(TRIES);
    let tried = |work: &str, value: f64, unit| Figure {
        work: work.to_owned(),
        value,
        unit,
        cpu_seconds: cost.cpu,
        wall_seconds: cost.wall,
        note: format!("{what}; today and under another policy, {TRIES} times"),
    };
    table.add(tried(work::RELEASE, cost.cpu * 1e6 / tries / figure(records), "us/record"));
    table.add(tried(work::DRY_RUN, cost.wall / tries, "s"));
    let ((), cost) =
        node.process().during(|| expect(&plain.ask("GET", "/api/v1/preview/P0", b"")?, 200))?;
    table.add(Figure {
        work: work::PREVIEW.to_owned(),
        value: cost.cpu * 1e6 / figure(records),
        unit: "us/record",
        cpu_seconds: cost.cpu,
        wall_seconds: cost.wall,
        note: "each record looked at, with what it has and samples".to_owned(),
    });
    Ok(())
}

/// A thousand records under each label in turn.
fn publish(node: &Node, circles: &[String], records: u64) -> Result<(), BenchError> {
    let mut plain = Plain::connect(&node.http, &node.admin)?;
    let labels: Vec<String> = circles
        .iter()
        .flat_map(|circle| TLPS.iter().map(move |tlp| (circle, tlp)))
        .flat_map(|(circle, tlp)| {
            (1..=HOPS).map(move |hops| {
                let tlp = tlp.replace('+', "%2B");
                format!("/api/v1/publish?circle={circle}&tlp={tlp}&hops={hops}")
            })
        })
        .collect();
    let at = (0..records).step_by(usize::try_from(MANY).unwrap_or(1));
    for (from, path) in at.zip(labels.iter().cycle()) {
        let heard = plain.ask("POST", path, &envelope(from, MANY.min(records - from)))?;
        expect(&heard, 200)?;
    }
    Ok(())
}
