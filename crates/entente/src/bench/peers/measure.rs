//! What each peer is put through, and with how many objects: as many as it can take in the time.
//! A peer that fails is told and left out; ours are measured all the same.

use super::server::{Peer, Server};
use crate::bench::child::BenchError;
use crate::bench::generate::{indicator, long_indicator};
use crate::bench::process::seconds;
use crate::bench::run::memory;
use crate::bench::table::{Figure, Table, tell};
use crate::bench::taxii::{by_id, figure, fill, paging, post_many, post_one};
use crate::bench::work;
use std::path::Path;

/// Objects that OpenTAXII is given.
const OPENTAXII_OBJECTS: u64 = 5_000;
/// Objects of 1.2 KB that its database is weighed with.
const OPENTAXII_WEIGHED: u64 = 2_000;
/// Objects that medallion is given to write: each is compared with all before it.
const MEDALLION_OBJECTS: u64 = 5_000;
/// Objects that medallion pages through: its first page takes time by the square of them.
const MEDALLION_PAGED: u64 = 1_000;
/// Objects that medallion holds from the start, at most: it needs 2.6 kB of memory for each.
const MEDALLION_HELD_MAX: u64 = 1_000_000;
/// Single posts, on one connection: neither commits for several at once.
const SINGLES: u64 = 100;
const SINGLES_FROM: u64 = 900_000_000;
const LOOKUPS: u64 = 100;
/// medallion copies all that it holds for each lookup.
const MEDALLION_LOOKUPS: u64 = 20;

/// Measures the peers of a Python environment.
pub(in crate::bench) fn measure(
    venv: &Path,
    folder: &Path,
    objects: u64,
    table: &mut Table,
) -> Result<(), BenchError> {
    // A server's working directory is its own folder.
    let python = std::path::absolute(venv.join("bin").join("python"))?;
    for peer in [Peer::OpenTaxii, Peer::Medallion] {
        if !peer.is_installed(&python) {
            table.head(&[format!("{}: peer not installed: make bench-setup", peer.name())]);
            continue;
        }
        tell(&format!("measuring {} ...", peer.name()));
        let folder = folder.join(peer.name());
        let measured = match peer {
            Peer::OpenTaxii => opentaxii(&python, &folder),
            Peer::Medallion => medallion(&python, &folder, objects.min(MEDALLION_HELD_MAX)),
        };
        match measured {
            Ok(figures) => figures.into_iter().for_each(|it| table.peer(peer.name(), it)),
            Err(error) => table.head(&[format!("{}: not measured: {error}", peer.name())]),
        }
    }
    Ok(())
}

fn opentaxii(python: &Path, folder: &Path) -> Result<Vec<Figure>, BenchError> {
    let mut server = Server::new(Peer::OpenTaxii, python, folder, 0)?;
    let mut figures = vec![memory(work::MEMORY_EMPTY, server.door.process.anonymous_mb())];
    figures.push(noted(post_many(&server.door, (0, OPENTAXII_OBJECTS))?, OPENTAXII_OBJECTS));
    figures.push(post_one(&server.door, SINGLES_FROM, (1, SINGLES))?);
    // On a handful of pages a drift says nothing.
    let [speed, _] = paging(&server.door, OPENTAXII_OBJECTS + SINGLES)?;
    figures.push(speed);
    figures.extend(by_id(&server.door, OPENTAXII_OBJECTS, LOOKUPS)?);
    let full = memory(work::MEMORY_FULL, server.door.process.anonymous_mb());
    figures.push(noted(full, OPENTAXII_OBJECTS));
    let before = server.database_bytes();
    let weighed = (SINGLES_FROM * 2, SINGLES_FROM * 2 + OPENTAXII_WEIGHED);
    let cost = fill(&server.door, weighed, long_indicator)?;
    let grown = server.database_bytes().saturating_sub(before);
    figures.push(Figure {
        work: work::DISK.to_owned(),
        value: figure(grown) / figure(OPENTAXII_WEIGHED),
        unit: "B",
        cpu_seconds: cost.cpu,
        wall_seconds: cost.wall,
        note: format!("{OPENTAXII_WEIGHED} objects"),
    });
    figures.push(started(&mut server, OPENTAXII_OBJECTS)?);
    Ok(figures)
}

fn medallion(python: &Path, folder: &Path, held: u64) -> Result<Vec<Figure>, BenchError> {
    let server = Server::new(Peer::Medallion, python, folder, 0)?;
    let mut figures = vec![memory(work::MEMORY_EMPTY, server.door.process.anonymous_mb())];
    fill(&server.door, (0, MEDALLION_PAGED), indicator)?;
    let [speed, _] = paging(&server.door, MEDALLION_PAGED)?;
    figures.push(speed);
    figures.push(post_one(&server.door, SINGLES_FROM, (1, SINGLES))?);
    let many = post_many(&server.door, (MEDALLION_PAGED, MEDALLION_OBJECTS))?;
    figures.push(noted(many, MEDALLION_OBJECTS));
    figures.extend(by_id(&server.door, MEDALLION_OBJECTS, MEDALLION_LOOKUPS)?);
    drop(server);
    let mut server = Server::new(Peer::Medallion, python, folder, held)?;
    let full = memory(work::MEMORY_FULL, server.door.process.anonymous_mb());
    figures.push(noted(full, held));
    figures.push(started(&mut server, held)?);
    Ok(figures)
}

/// Until it answers; for a server that keeps nothing on disk this is reading its file.
fn started(server: &mut Server, held: u64) -> Result<Figure, BenchError> {
    let took = server.restart()?;
    Ok(Figure {
        work: work::SERVING.to_owned(),
        value: seconds(took) * 1_000.0,
        unit: "ms",
        cpu_seconds: server.door.process.cpu(),
        wall_seconds: seconds(took),
        note: format!("{held} objects"),
    })
}

/// The figure, saying with how many objects it was got.
fn noted(mut figure: Figure, objects: u64) -> Figure {
    if figure.note.is_empty() {
        figure.note = format!("{objects} objects");
    }
    figure
}
