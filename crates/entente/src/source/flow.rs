//! The body of an answer as it comes: unpacked, and bounded in bytes, in silence and in time. What
//! the bytes mean is not its business.

use super::failure::PullFailure;
use flate2::write::MultiGzDecoder;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use std::io::Write as _;
use std::pin::Pin;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::{Sleep, sleep, timeout};

/// How much of packed bytes is unpacked at once: a bomb is noticed before it fills memory.
const UNPACKED_AT_ONCE: usize = 4 << 10;
/// Bytes from which a document waits until no other one is as large.
const LARGE: usize = 4 << 20;
/// One large document in memory at a time, however many sources have one.
static LARGE_DOCUMENTS: Semaphore = Semaphore::const_new(1);

/// The bounds of a body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Bytes, unpacked.
    pub(super) bytes: u64,
    /// Seconds without a byte.
    pub(super) idle: u64,
    /// Seconds for all of it.
    pub(super) whole: u64,
}

/// A body under way.
pub(super) struct Flow {
    body: Incoming,
    bounds: Bounds,
    left: u64,
    end: Pin<Box<Sleep>>,
    packed: Packed,
}

/// Whether the bytes are packed.
enum Packed {
    No,
    /// To be seen from the first bytes: a file that ends in `.gz` comes without a header.
    Unknown,
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
}

impl std::fmt::Debug for Flow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Flow").field("left", &self.left).finish_non_exhaustive()
    }
}

impl Flow {
    /// A body with its headers.
    pub(super) fn new(
        headers: &HeaderMap,
        body: Incoming,
        bounds: Bounds,
    ) -> Result<Self, PullFailure> {
        let coding =
            headers.get(CONTENT_ENCODING).map(|coding| coding.as_bytes().to_ascii_lowercase());
        let packed = match coding.as_deref() {
            None | Some(b"" | b"identity") => Packed::Unknown,
            Some(b"gzip" | b"x-gzip") => Packed::Gzip(Box::new(MultiGzDecoder::new(Vec::new()))),
            Some(_) => {
                let what = "the answer is packed in a way that was not asked for";
                return Err(PullFailure::Foreign(what.to_owned()));
            }
        };
        let end = Box::pin(sleep(Duration::from_secs(bounds.whole)));
        Ok(Self { body, bounds, left: bounds.bytes, end, packed })
    }

    /// The next bytes, never none; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<u8>>, PullFailure> {
        loop {
            let frame = timeout(Duration::from_secs(self.bounds.idle), self.body.frame());
            let frame = tokio::select! {
                frame = frame => frame.map_err(|_| PullFailure::Slow("more", self.bounds.idle))?,
                () = &mut self.end => return Err(PullFailure::Slow("the answer", self.bounds.whole)),
            };
            let Some(frame) = frame else { return self.finish() };
            let frame = frame.map_err(|error| PullFailure::Cut(error.to_string()))?;
            let Ok(bytes) = frame.into_data() else { continue };
            let bytes = self.unpack(&bytes)?;
            if !bytes.is_empty() {
                return Ok(Some(bytes));
            }
        }
    }

    /// All of it. A large one waits here until no other large one is in memory.
    pub(super) async fn whole(mut self) -> Result<Whole, PullFailure> {
        let mut whole = Whole { bytes: Vec::new(), alone: None };
        while let Some(bytes) = self.next().await? {
            whole.extend(&bytes).await;
        }
        Ok(whole)
    }

    fn unpack(&mut self, bytes: &[u8]) -> Result<Vec<u8>, PullFailure> {
        if matches!(self.packed, Packed::Unknown) && !bytes.is_empty() {
            // SPEC: RFC 1952 §2.3.1
            self.packed = if bytes.starts_with(&[0x1f, 0x8b]) {
                Packed::Gzip(Box::new(MultiGzDecoder::new(Vec::new())))
            } else {
                Packed::No
            };
        }
        let Packed::Gzip(decoder) = &mut self.packed else {
            let bytes = bytes.to_vec();
            self.count(&bytes)?;
            return Ok(bytes);
        };
        let most = usize::try_from(self.left).unwrap_or(usize::MAX);
        let mut unpacked = Vec::new();
        for piece in bytes.chunks(UNPACKED_AT_ONCE) {
            decoder.write_all(piece).map_err(|error| PullFailure::Cut(error.to_string()))?;
            unpacked.append(decoder.get_mut());
            if unpacked.len() > most {
                break;
            }
        }
        self.count(&unpacked)?;
        Ok(unpacked)
    }

    fn count(&mut self, bytes: &[u8]) -> Result<(), PullFailure> {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.left =
            self.left.checked_sub(length).ok_or(PullFailure::TooLarge(self.bounds.bytes))?;
        Ok(())
    }

    fn finish(&mut self) -> Result<Option<Vec<u8>>, PullFailure> {
        let Packed::Gzip(mut decoder) = std::mem::replace(&mut self.packed, Packed::No) else {
            return Ok(None);
        };
        decoder.try_finish().map_err(|error| PullFailure::Cut(error.to_string()))?;
        let rest = std::mem::take(decoder.get_mut());
        self.count(&rest)?;
        Ok((!rest.is_empty()).then_some(rest))
    }
}

/// A document in memory; a large one is there alone.
#[derive(Debug)]
pub(super) struct Whole {
    bytes: Vec<u8>,
    alone: Option<tokio::sync::SemaphorePermit<'static>>,
}

impl Whole {
    /// A document that begins so.
    pub(super) const fn starting(bytes: Vec<u8>) -> Self {
        Self { bytes, alone: None }
    }

    /// Adds bytes, once there is room for them.
    pub(super) async fn extend(&mut self, bytes: &[u8]) {
        if self.alone.is_none() && self.bytes.len().saturating_add(bytes.len()) > LARGE {
            // It is never closed.
            self.alone = LARGE_DOCUMENTS.acquire().await.ok();
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// The same, cut to a part of itself.
    pub(super) fn narrowed(self, from: usize, length: usize) -> Self {
        let Self { mut bytes, alone } = self;
        bytes.drain(..from.min(bytes.len()));
        bytes.truncate(length);
        Self { bytes, alone }
    }

    /// What there is.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}
