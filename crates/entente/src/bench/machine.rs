//! The machine under the figures: processor, memory, and what the disk itself needs to be durable.

use crate::runtime::now;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;

/// One line about processor, cores and memory.
pub(super) fn line() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.and_then(|line| line.split_once(": ")).map_or("unknown CPU", |(_, m)| m);
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = memory.lines().next().and_then(|line| line.split_whitespace().nth(1));
    let gib = total.and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) >> 20;
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("?").to_owned();
    format!("{model}, {cores} cores, {gib} GiB, load {load}")
}

/// Microseconds that the disk needs to make 4 KiB durable in place: median and 99th percentile.
pub(super) fn fdatasync(folder: &Path) -> std::io::Result<(i64, i64)> {
    let path = folder.join("fdatasync");
    let mut file = std::fs::File::create(&path)?;
    file.write_all(&vec![7; 1 << 20])?;
    file.sync_all()?;
    let mut took = Vec::new();
    for n in 0_u64..300 {
        let before = now();
        file.seek(SeekFrom::Start(n % 256 * 4_096))?;
        file.write_all(&[1; 4_096])?;
        file.sync_data()?;
        took.push(now().micros() - before.micros());
    }
    std::fs::remove_file(path)?;
    Ok((percentile(&mut took, 50), percentile(&mut took, 99)))
}

/// The value below which so many per cent of the figures lie.
pub(super) fn percentile(figures: &mut [i64], percent: usize) -> i64 {
    figures.sort_unstable();
    let last = figures.len().saturating_sub(1);
    figures.get(last * percent / 100).copied().unwrap_or(0)
}
