//! How soon a node that is started again matches with everything its store holds. It matches nothing.

use super::child::BenchError;
use super::run::{memory, start};
use super::table::{Table, tell};
use super::taxii::{Bed, post_many};
use super::work;
use std::path::Path;

/// Fills a node with so many indicators, kills it and starts it again.
pub(super) fn ready(folder: &Path, objects: u64, table: &mut Table) -> Result<(), BenchError> {
    tell(&format!("publishing {objects} indicators"));
    let mut bed = Bed::new(&folder.join("ready"))?;
    table.add(post_many(&bed.door(), (0, objects))?);
    let [_, mut matching] = start(&mut bed)?;
    work::READY.clone_into(&mut matching.work);
    matching.value /= 1_000.0;
    matching.unit = "s";
    matching.note = format!("after kill -9, with {objects} indicators");
    table.add(matching);
    table.add(memory(work::MEMORY_FULL, bed.node.process().anonymous_mb()));
    Ok(())
}
