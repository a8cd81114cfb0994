//! Zstandard for batches, within bounds: a small message never becomes a large one.

use std::io::Read as _;

/// A batch is sent once to each partner: fast beats small.
const LEVEL: i32 = 1;
/// Log of the largest window that we read: 8 MiB, as RFC 8878 recommends to support.
const WINDOW_LOG_MAX: u32 = 23;

/// The name in `Accept-Encoding` and `Content-Encoding`.
pub(super) const ZSTD: &str = "zstd";

/// Packs; `None` when the bytes are better sent as they are.
pub(super) fn pack(bytes: &[u8]) -> Option<Vec<u8>> {
    let packed = zstd::bulk::compress(bytes, LEVEL).ok()?;
    (packed.len() < bytes.len()).then_some(packed)
}

/// Unpacks; `None` when it is not Zstandard, or would be longer than `max` bytes.
pub(super) fn unpack(bytes: &[u8], max: usize) -> Option<Vec<u8>> {
    let mut decoder = zstd::stream::read::Decoder::new(bytes).ok()?;
    decoder.window_log_max(WINDOW_LOG_MAX).ok()?;
    let mut unpacked = Vec::new();
    let limit = u64::try_from(max).ok()?.checked_add(1)?;
    decoder.take(limit).read_to_end(&mut unpacked).ok()?;
    (unpacked.len() <= max).then_some(unpacked)
}

#[cfg(test)]
mod tests;
