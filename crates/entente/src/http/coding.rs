//! The content codings themselves: bytes packed, and unpacked within bounds. Headers, and which
//! coding is wanted, are none of its business.

use flate2::Compression;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use flate2::write::{GzEncoder, ZlibEncoder};
use model::limits::ZSTD_WINDOW_LOG_MAX;
use std::io::{Read, Write as _, sink};

/// A content coding.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Coding {
    /// RFC 8878.
    Zstd,
    /// RFC 1952.
    Gzip,
    /// RFC 1950, or RFC 1951 as some clients understand the name. Nothing is answered in it.
    Deflate,
}

/// The fastest useful level: a page is packed for every reader anew.
const ZSTD_LEVEL: i32 = 1;

impl Coding {
    /// Its name in headers.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Zstd => "zstd",
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
        }
    }

    /// The coding of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name.trim().to_ascii_lowercase().as_str() {
            "zstd" => Some(Self::Zstd),
            "gzip" | "x-gzip" => Some(Self::Gzip),
            "deflate" => Some(Self::Deflate),
            _ => None,
        }
    }

    /// Packs.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub(super) fn pack(self, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
        match self {
            Self::Zstd => zstd::bulk::compress(bytes, ZSTD_LEVEL),
            Self::Gzip => {
                let room = Vec::with_capacity(bytes.len() / 4);
                let mut packer = GzEncoder::new(room, Compression::fast());
                packer.write_all(bytes)?;
                packer.finish()
            }
            Self::Deflate => {
                let mut packer = ZlibEncoder::new(Vec::new(), Compression::fast());
                packer.write_all(bytes)?;
                packer.finish()
            }
        }
    }

    /// Unpacks at most `max` bytes; `None` when there are more. Nothing is kept of what is too long,
    /// and what is kept has exactly its place.
    ///
    /// # Errors
    /// When the bytes are not of this coding.
    pub(super) fn unpack(self, bytes: &[u8], max: usize) -> std::io::Result<Option<Vec<u8>>> {
        let Some(length) = self.length(bytes, max)? else { return Ok(None) };
        let mut plain = Vec::with_capacity(length);
        self.reader(bytes)?.take(limit(length)).read_to_end(&mut plain)?;
        Ok((plain.len() <= max).then_some(plain))
    }

    /// Bytes that these unpack to, if they are at most `max`; nothing of them is kept.
    ///
    /// # Errors
    /// When the bytes are not of this coding.
    pub(super) fn length(self, bytes: &[u8], max: usize) -> std::io::Result<Option<usize>> {
        let one_more = limit(max).saturating_add(1);
        let length = std::io::copy(&mut self.reader(bytes)?.take(one_more), &mut sink())?;
        Ok(usize::try_from(length).ok().filter(|length| *length <= max))
    }

    fn reader(self, bytes: &[u8]) -> std::io::Result<Box<dyn Read + '_>> {
        Ok(match self {
            Self::Zstd => {
                let mut reader = zstd::stream::read::Decoder::new(bytes)?;
                reader.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
                Box::new(reader)
            }
            Self::Gzip => Box::new(MultiGzDecoder::new(bytes)),
            // SPEC: RFC 9110 §8.4.1.2: some send it without the zlib frame.
            Self::Deflate if is_zlib(bytes) => Box::new(ZlibDecoder::new(bytes)),
            Self::Deflate => Box::new(DeflateDecoder::new(bytes)),
        })
    }
}

/// SPEC: RFC 1950 §2.2: method 8, and a sum that no bare stream is likely to have.
fn is_zlib(bytes: &[u8]) -> bool {
    let Some([method, flags]) = bytes.first_chunk() else { return false };
    method & 0x0f == 8 && u16::from_be_bytes([*method, *flags]).is_multiple_of(31)
}

fn limit(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
