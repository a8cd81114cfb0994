//! How long a feed takes that nobody has asked for yet: every indicator of a node read with a reader's
//! eyes, written in its form, and sent. It loads none into any tool.

use super::child::BenchError;
use super::run::memory;
use super::table::{Figure, Table, tell};
use super::taxii::{Bed, expect, fill};
use super::{generate, work};

/// The forms, by how much they ask of a node: the view alone, sets, networks turned round, names of
/// signers and confidence, hashes of all, everything opened.
const NAMES: [&str; 7] = [
    "blocklist.txt",
    "blocklist.txt?min_confidence=1",
    "suricata/domain.lst",
    "rpz.zone",
    "csv",
    "misp/manifest.json",
    "misp/hashes.csv",
];

/// Fills a node with so many indicators and asks for each feed once.
pub(super) fn feeds(
    folder: &std::path::Path,
    objects: u64,
    table: &mut Table,
) -> Result<(), BenchError> {
    tell(&format!("publishing {objects} indicators"));
    let bed = Bed::new(&folder.join("feeds"))?;
    let door = bed.door();
    fill(&door, (0, objects), generate::indicator)?;
    table.add(memory(work::MEMORY_FULL, bed.node.process().anonymous_mb()));
    let mut plain = door.connect()?;
    for name in NAMES {
        let ask = || -> Result<_, BenchError> {
            let heard = plain.ask("GET", &format!("/feeds/bench/{name}"), b"")?;
            expect(&heard, 200)?;
            Ok(heard.body.len())
        };
        let (bytes, cost) = bed.node.process().during(ask)?;
        table.add(Figure {
            work: format!("{}{name}", work::FEED),
            value: cost.wall,
            unit: "s",
            cpu_seconds: cost.cpu,
            wall_seconds: cost.wall,
            note: format!("{objects} indicators, {} MB, rendered and sent", bytes / 1_000_000),
        });
    }
    table.add(memory(work::FEED_MEMORY, bed.node.process().anonymous_mb()));
    Ok(())
}
