//! Sealing to one node and opening: HPKE (RFC 9180) in base mode, by rustls over the one crypto
//! provider. Who made a file is not proven here: the checkpoints and receipts in it prove that.

use super::file::BundleError;
use model::limits::BUNDLE_FRAME_BYTES_MAX;
use model::seal::{SealingKey, opening_key};
use rustls::crypto::aws_lc_rs::hpke::DH_KEM_X25519_HKDF_SHA256_AES_128 as SUITE;
use rustls::crypto::hpke::{
    EncapsulatedSecret, Hpke as _, HpkeOpener, HpkePrivateKey, HpkePublicKey, HpkeSealer,
};
use std::io::{self, Read, Write};

/// Bytes by which a sealed frame is longer: the AEAD's tag.
const TAG_BYTES: usize = 16;
/// The first byte of a frame's head.
const MORE: u8 = 0;
const LAST: u8 = 1;

/// Writes what it is given as sealed frames.
pub(super) struct Sealing<W: Write> {
    out: W,
    context: Box<dyn HpkeSealer>,
    waiting: Vec<u8>,
    written: u64,
}

/// Begins to seal to a node; gives the secret's encapsulation, which its reader needs. What is
/// sealed is bound to `info`.
pub(super) fn begin(
    info: &str,
    to: &SealingKey,
) -> Result<([u8; 32], Box<dyn HpkeSealer>), BundleError> {
    let to = HpkePublicKey(to.as_bytes().to_vec());
    let (secret, context) =
        SUITE.setup_sealer(info.as_bytes(), &to).map_err(|_| BundleError::Key)?;
    let encapsulated = secret.0.try_into().map_err(|_| BundleError::Key)?;
    Ok((encapsulated, context))
}

impl<W: Write> Sealing<W> {
    /// Seals with what [`begin`] gave.
    pub(super) fn new(out: W, context: Box<dyn HpkeSealer>) -> Self {
        Self { out, context, waiting: Vec::with_capacity(BUNDLE_FRAME_BYTES_MAX), written: 0 }
    }

    /// Bytes of frames, that which is being filled among them.
    pub(super) fn length(&self) -> u64 {
        let waiting = self.waiting.len().saturating_add(5 + TAG_BYTES);
        self.written.saturating_add(u64::try_from(waiting).unwrap_or(u64::MAX))
    }

    /// Writes the last frame, without which a file is known to be cut off.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.frame(LAST)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn frame(&mut self, kind: u8) -> io::Result<()> {
        let length = self.waiting.len().saturating_add(TAG_BYTES);
        let length = u32::try_from(length).map_err(io::Error::other)?.to_be_bytes();
        let head = head(kind, length);
        let sealed = self.context.seal(&head, &self.waiting).map_err(io::Error::other)?;
        self.out.write_all(&head)?;
        self.out.write_all(&sealed)?;
        let bytes = u64::try_from(head.len().saturating_add(sealed.len())).unwrap_or(u64::MAX);
        self.written = self.written.saturating_add(bytes);
        self.waiting.clear();
        Ok(())
    }
}

impl<W: Write> Write for Sealing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = BUNDLE_FRAME_BYTES_MAX.saturating_sub(self.waiting.len());
        let taken = bytes.get(..room.min(bytes.len())).unwrap_or_default();
        self.waiting.extend_from_slice(taken);
        if self.waiting.len() >= BUNDLE_FRAME_BYTES_MAX {
            self.frame(MORE)?;
        }
        Ok(taken.len())
    }

    /// A frame is written when it is full, and the last one by [`Sealing::finish`].
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads sealed frames as what was sealed.
pub(super) struct Opening<R: Read> {
    from: R,
    /// One for each key that it may be sealed to; the first frame leaves the one that opens it.
    contexts: Vec<Box<dyn HpkeOpener>>,
    opened: io::Cursor<Vec<u8>>,
    ended: bool,
}

impl<R: Read> Opening<R> {
    /// Opens what was sealed under `info` to the node of these seeds: of the key that signs now, and
    /// of the one before.
    pub(super) fn new(
        from: R,
        info: &str,
        encapsulated: [u8; 32],
        seeds: &[[u8; 32]],
    ) -> Result<Self, BundleError> {
        let secret = EncapsulatedSecret(encapsulated.to_vec());
        let context = |seed: &[u8; 32]| {
            let key = opening_key(seed).map_err(|_| BundleError::Key)?;
            SUITE
                .setup_opener(&secret, info.as_bytes(), &HpkePrivateKey::from(key.to_vec()))
                .map_err(|_| BundleError::Damaged)
        };
        let contexts = seeds.iter().map(context).collect::<Result<_, _>>()?;
        Ok(Self { from, contexts, opened: io::Cursor::default(), ended: false })
    }

    /// Whether all was read, and nothing follows.
    pub(super) fn end(mut self) -> Result<(), BundleError> {
        let mut more = [0];
        if !self.ended || self.read(&mut more)? > 0 {
            return Err(BundleError::Cut);
        }
        if self.from.read(&mut more)? > 0 { Err(BundleError::Damaged) } else { Ok(()) }
    }

    fn frame(&mut self) -> io::Result<()> {
        let mut head = [0; 5];
        self.from.read_exact(&mut head).map_err(cut)?;
        let [kind, length @ ..] = head;
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        let bounded = (TAG_BYTES..=BUNDLE_FRAME_BYTES_MAX + TAG_BYTES).contains(&length);
        if !bounded || (kind != MORE && kind != LAST) {
            return Err(BundleError::Damaged.into());
        }
        let mut sealed = vec![0; length];
        self.from.read_exact(&mut sealed).map_err(cut)?;
        // Only one key opens the first frame; no other is asked about the next ones.
        let opened = std::mem::take(&mut self.contexts)
            .into_iter()
            .find_map(|mut context| Some((context.open(&head, &sealed).ok()?, context)));
        let (opened, context) = opened.ok_or(BundleError::Damaged)?;
        self.contexts.push(context);
        self.opened = io::Cursor::new(opened);
        self.ended = kind == LAST;
        Ok(())
    }
}

impl<R: Read> Read for Opening<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.opened.read(buffer)?;
            if read > 0 || self.ended || buffer.is_empty() {
                return Ok(read);
            }
            self.frame()?;
        }
    }
}

/// A frame's head; the frame is bound to it, so that none can be made the last one.
const fn head(kind: u8, length: [u8; 4]) -> [u8; 5] {
    let [a, b, c, d] = length;
    [kind, a, b, c, d]
}

/// A file that ends within a frame is cut off; another fault of reading is what it is.
fn cut(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::UnexpectedEof { BundleError::Cut.into() } else { error }
}

#[cfg(test)]
mod tests;
