//! What the machine tells about itself: memory of this process, room on the disk, whether its clock
//! is kept. It judges nothing.

use std::path::Path;

/// Memory of this process in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    /// In RAM, mapped files among it.
    pub(crate) resident: u64,
    /// In RAM and nobody else's.
    pub(crate) anonymous: u64,
}

/// What the kernel says about this process; `None` where it does not say.
pub(crate) fn memory() -> Option<Memory> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes = |name: &str| -> Option<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse().ok()
    };
    let bytes = |name| Some(kilobytes(name)?.saturating_mul(1_024));
    Some(Memory { resident: bytes("VmRSS:")?, anonymous: bytes("RssAnon:")? })
}

/// Bytes that this process may still write where `path` lies; `None` when nobody can tell.
pub(crate) fn free_bytes(path: &Path) -> Option<u64> {
    let told = rustix::fs::statvfs(path).ok()?;
    Some(told.f_bavail.saturating_mul(told.f_frsize))
}

/// Whether the clock is kept by a time server; `None` when nobody says.
pub(crate) fn is_clock_kept() -> Option<bool> {
    let folder = Path::new("/run/systemd/timesync");
    folder.is_dir().then(|| folder.join("synchronized").exists())
}

/// Datagrams to this port that the kernel dropped because nobody took them in time, since the port
/// was opened; `None` where the system does not tell.
pub(crate) fn udp_drops(port: u16) -> Option<u64> {
    let tables = ["/proc/net/udp", "/proc/net/udp6"].map(std::fs::read_to_string);
    tables.iter().flatten().find_map(|table| drops_of(table, port))
}

/// The last number of the line whose local port this is.
fn drops_of(table: &str, port: u16) -> Option<u64> {
    table.lines().skip(1).find_map(|line| {
        let mut words = line.split_ascii_whitespace();
        let (_, local) = words.nth(1)?.rsplit_once(':')?;
        let same = u16::from_str_radix(local, 16).ok()? == port;
        same.then(|| words.next_back()?.parse().ok()).flatten()
    })
}
