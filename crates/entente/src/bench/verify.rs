//! What it costs to check what a node holds. The node has stopped: nothing else runs.

use super::child::{BenchError, Node};
use super::process::Process;
use super::table::{Figure, Table};
use super::taxii::{figure, seconds};
use super::work;
use crate::runtime::now;
use std::path::Path;

/// Each depth of checking a folder that holds so many records, one after the other.
pub(super) fn verify(folder: &Path, records: u64, table: &mut Table) -> Result<(), BenchError> {
    let depths: [(&str, &[&str]); 3] = [
        (work::VERIFY_LEAVES, &["--log", "--no-signatures"]),
        (work::VERIFY, &["--log"]),
        (work::VERIFY_ALL, &[]),
    ];
    let path = folder.display().to_string();
    for (work, depth) in depths {
        let mut arguments = vec!["verify", path.as_str()];
        arguments.extend(depth);
        let (before, start) = (Process::ended_children(), now());
        Node::checked(folder, &arguments)?;
        let (after, wall) = (Process::ended_children(), now().micros() - start.micros());
        table.add(Figure {
            work: work.to_owned(),
            value: figure(records) / (after - before).max(0.01),
            unit: "records/CPU-s",
            cpu_seconds: after - before,
            wall_seconds: seconds(wall),
            note: format!("{records} records"),
        });
    }
    Ok(())
}
