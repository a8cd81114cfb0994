//! A bundle's file from its first byte on: the head for everybody, then sealed and packed what only
//! its reader opens. It applies nothing.

use super::seal::{Opening, Sealing, begin};
use formats::problem::Problem;
use model::id::NodeId;
use model::limits::BUNDLE_HEAD_BYTES_MAX;
use model::seal::SealingKey;
use node::bundle::Head;
use std::io::{self, BufRead, BufReader, Read, Write};

/// Zstandard's level: a bundle is made once, and often carried on slow things.
const LEVEL: i32 = 9;
/// Log of the largest window that is read: 8 MiB, as on the link.
const WINDOW_LOG_MAX: u32 = 23;
/// The line after the head.
const ENC: &str = "enc ";

/// Why a file cannot be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum BundleError {
    /// It does not begin as one.
    #[error("not a bundle")]
    Form,
    /// It ends too soon.
    #[error("the bundle is cut off")]
    Cut,
    /// What is in it was altered, or sealed to another key.
    #[error("the bundle is damaged, or sealed to another key of this node")]
    Damaged,
    /// Something cannot be sealed to.
    #[error("not a key that can be sealed to")]
    Key,
    /// It is for another node.
    #[error("the bundle is for node {0}")]
    Another(NodeId),
    /// The file cannot be read or written.
    #[error("the bundle cannot be read or written: {0:?}")]
    Io(io::ErrorKind),
}

impl From<BundleError> for io::Error {
    fn from(error: BundleError) -> Self {
        Self::other(error)
    }
}

impl From<io::Error> for BundleError {
    fn from(error: io::Error) -> Self {
        let own = error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()).copied();
        // What the unpacker cannot read was sealed by its maker as it is.
        let kind = error.kind();
        let unreadable = matches!(kind, io::ErrorKind::Other | io::ErrorKind::InvalidData);
        own.unwrap_or(if kind == io::ErrorKind::UnexpectedEof {
            Self::Cut
        } else if unreadable {
            Self::Damaged
        } else {
            Self::Io(kind)
        })
    }
}

impl From<BundleError> for Problem {
    fn from(error: BundleError) -> Self {
        let (code, hint) = match &error {
            BundleError::Form => {
                ("E-BUNDLE-001", "`entente bundle export --partner NAME FILE` makes one")
            }
            BundleError::Cut => (
                "E-BUNDLE-002",
                "what came before the cut is in; copy the file again and import the whole of it",
            ),
            BundleError::Damaged | BundleError::Io(_) => (
                "E-BUNDLE-002",
                "what came before the damage is in; copy the file again, or ask for a new one",
            ),
            BundleError::Key => ("E-BUNDLE-004", "ask the partner for `entente bundle key`"),
            BundleError::Another(_) => {
                ("E-BUNDLE-005", "only that node can open it; import it there")
            }
        };
        Self::error(code, error.to_string()).hint(hint)
    }
}

/// Takes what goes into a bundle.
pub(super) struct Packing<W: Write>(zstd::stream::write::Encoder<'static, Sealing<W>>);

impl<W: Write> Packing<W> {
    /// Begins a file.
    pub(super) fn new(mut out: W, head: &Head, to: &SealingKey) -> Result<Self, BundleError> {
        let info = head.write();
        let (encapsulated, context) = begin(&info, to)?;
        let enc = SealingKey::new(encapsulated);
        write!(out, "{info}{ENC}{enc}\n\n")?;
        let encoder = zstd::stream::write::Encoder::new(Sealing::new(out, context), LEVEL)?;
        Ok(Self(encoder))
    }

    /// Adds bytes.
    pub(super) fn add(&mut self, bytes: &[u8]) -> Result<(), BundleError> {
        Ok(self.0.write_all(bytes)?)
    }

    /// Bytes that the file would have if it ended here, but for some dozens.
    pub(super) fn written(&mut self) -> Result<u64, BundleError> {
        self.0.flush()?;
        Ok(self.0.get_ref().length())
    }

    /// Ends the file.
    pub(super) fn finish(self) -> Result<W, BundleError> {
        Ok(self.0.finish()?.finish()?)
    }
}

/// What is in a bundle that is for this node.
pub(crate) type Unpacking<R> =
    BufReader<zstd::stream::read::Decoder<'static, BufReader<Opening<BufReader<R>>>>>;

/// Opens a file with this node's seeds: of the key that signs now, and of the one before.
pub(crate) fn open<R: Read>(
    from: R,
    me: &NodeId,
    seeds: &[[u8; 32]],
) -> Result<(Head, Unpacking<R>), BundleError> {
    let mut from = BufReader::new(from);
    let text = head_text(&mut from)?;
    let (info, enc) = text.rsplit_once(ENC).ok_or(BundleError::Form)?;
    let head = Head::read(info).map_err(|_| BundleError::Form)?;
    let enc: SealingKey = enc.trim_end().parse().map_err(|_| BundleError::Form)?;
    if head.to != *me {
        return Err(BundleError::Another(head.to));
    }
    let opening = Opening::new(from, info, *enc.as_bytes(), seeds)?;
    let mut decoder = zstd::stream::read::Decoder::new(opening)?;
    decoder.window_log_max(WINDOW_LOG_MAX)?;
    Ok((head, BufReader::new(decoder)))
}

/// Whether a bundle was read to its end, and the end is the one that its maker wrote.
pub(super) fn end<R: Read>(mut unpacking: Unpacking<R>) -> Result<(), BundleError> {
    let mut more = [0];
    if unpacking.read(&mut more)? > 0 {
        return Err(BundleError::Damaged);
    }
    unpacking.into_inner().finish().into_inner().end()
}

/// The lines up to the empty one.
fn head_text(from: &mut impl BufRead) -> Result<String, BundleError> {
    let mut text = String::new();
    let mut from = from.take(u64::try_from(BUNDLE_HEAD_BYTES_MAX).unwrap_or(u64::MAX));
    loop {
        let mut line = Vec::new();
        from.read_until(b'\n', &mut line)?;
        match std::str::from_utf8(&line) {
            Ok("\n") => return Ok(text),
            Ok(line) if line.ends_with('\n') => text.push_str(line),
            Ok(_) | Err(_) => return Err(BundleError::Form),
        }
    }
}

#[cfg(test)]
mod tests;
