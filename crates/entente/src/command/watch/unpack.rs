//! Files that were packed: gzip and zstd, known by their first bytes, and event logs of Windows. What
//! comes out before a fault is given, and then the fault is told with its place. Other packings are
//! named and refused.

use super::evtx;
use crate::command::failure::{Exit, Failure};
use flate2::read::MultiGzDecoder;
use model::limits::ZSTD_WINDOW_LOG_MAX;
use std::io::{self, Chain, Cursor, Read};
use std::path::Path;

/// Bytes by which a packing is known.
const MAGIC_BYTES: usize = 8;

/// How each begins, and the program that undoes those that are not read here.
const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
const OTHERS: [(&[u8], &str, &str); 3] = [
    (&[0xfd, b'7', b'z', b'X', b'Z', 0], "xz", "xz -dc"),
    (b"BZh", "bzip2", "bzip2 -dc"),
    (b"PK\x03\x04", "zip", "unzip -p"),
];

/// What is read, unpacked if need be.
pub(super) struct Unpacked {
    inner: Box<dyn Read + Send>,
    packing: Option<&'static str>,
    /// Bytes that came out.
    given: u64,
}

/// Looks at the beginning and unpacks what is packed.
///
/// # Errors
/// When it cannot be read, or is packed in another way.
pub(super) fn unpacked(
    path: &Path,
    mut from: impl Read + Send + 'static,
) -> Result<Unpacked, Failure> {
    let failed = |error: &io::Error| Failure::file(path, error);
    let mut magic = Vec::with_capacity(MAGIC_BYTES);
    let wanted = u64::try_from(MAGIC_BYTES).unwrap_or(0);
    from.by_ref().take(wanted).read_to_end(&mut magic).map_err(|error| failed(&error))?;
    if let Some((_, name, program)) = OTHERS.iter().find(|(start, _, _)| magic.starts_with(start)) {
        let message = format!("E-TELEMETRY-005 {} is packed by {name}", path.display());
        let hint = format!("{program} {} | entente watch -", path.display());
        return Err(Failure::new(Exit::Input, message).hint(hint));
    }
    let log = magic.starts_with(evtx::MAGIC);
    let (gzip, zstd) = (magic.starts_with(GZIP), magic.starts_with(ZSTD));
    let whole: Chain<Cursor<Vec<u8>>, _> = Cursor::new(magic).chain(from);
    let (inner, packing): (Box<dyn Read + Send>, _) = if log {
        (Box::new(evtx::Records::new(whole)), None)
    } else if gzip {
        (Box::new(MultiGzDecoder::new(whole)), Some("gzip"))
    } else if zstd {
        let mut decoder =
            zstd::stream::read::Decoder::new(whole).map_err(|error| failed(&error))?;
        decoder.window_log_max(ZSTD_WINDOW_LOG_MAX).map_err(|error| failed(&error))?;
        (Box::new(decoder), Some("zstd"))
    } else {
        (Box::new(whole), None)
    };
    Ok(Unpacked { inner, packing, given: 0 })
}

impl Read for Unpacked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.inner.read(buffer) {
            Ok(read) => {
                self.given = self.given.saturating_add(u64::try_from(read).unwrap_or(0));
                Ok(read)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let Some(packing) = self.packing else { return Err(error) };
                // The kind tells the reader of this that it is no fault of the disk.
                let given = self.given;
                let text =
                    format!("its {packing} breaks off after {given} unpacked bytes: {error}");
                Err(io::Error::new(io::ErrorKind::InvalidData, text))
            }
        }
    }
}

/// What is told of a fault while reading.
pub(super) fn broken(path: &Path, error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::InvalidData {
        let message = format!("E-TELEMETRY-006 {}: {error}", path.display());
        return Failure::new(Exit::Input, message).hint(
            "all lines before that place were matched; get the file whole and match it again",
        );
    }
    Failure::file(path, error)
}

#[cfg(test)]
mod tests;
