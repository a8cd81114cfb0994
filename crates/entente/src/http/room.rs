//! Room in memory for what requests bring and answers carry: so much in all, and so much for one
//! caller, so that nobody can take all of it. It sees no bytes and refuses nobody who can wait.

use axum::body::{Body, Bytes};
use model::limits::{ROOM_BYTES_FREE, ROOM_BYTES_MAX, ROOM_BYTES_PER_TOKEN_MAX, ROOM_SECONDS};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes are counted in pieces of this size.
const PIECE: usize = 1 << 10;

/// There is no room, and there was none for a while.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("too much is under way for this token at once")]
pub(crate) struct Full;

/// Room that is held until this is dropped.
#[derive(Debug, Default)]
pub(crate) struct Held {
    _permits: Option<(OwnedSemaphorePermit, OwnedSemaphorePermit)>,
}

struct Room {
    all: Arc<Semaphore>,
    /// By the caller's name; gone when it holds nothing.
    callers: Mutex<BTreeMap<String, Weak<Semaphore>>>,
}

static ROOM: LazyLock<Room> = LazyLock::new(|| Room {
    all: Arc::new(Semaphore::new(ROOM_BYTES_MAX / PIECE)),
    callers: Mutex::default(),
});

impl Room {
    /// The caller's own part; what nobody holds any more is forgotten.
    fn of(&self, caller: &str) -> Arc<Semaphore> {
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = callers.get(caller).and_then(Weak::upgrade) {
            return own;
        }
        callers.retain(|_, own| own.strong_count() > 0);
        let own = Arc::new(Semaphore::new(ROOM_BYTES_PER_TOKEN_MAX / PIECE));
        callers.insert(caller.to_owned(), Arc::downgrade(&own));
        own
    }
}

/// Waits for room for so many bytes: the caller's own first, so that who has much under way waits
/// for itself and not before others.
///
/// # Errors
/// When there was none for `ROOM_SECONDS`.
pub(crate) async fn room(caller: &str, bytes: usize) -> Result<Held, Full> {
    if bytes <= ROOM_BYTES_FREE {
        return Ok(Held::default());
    }
    let pieces = bytes.min(ROOM_BYTES_PER_TOKEN_MAX) / PIECE;
    let pieces = u32::try_from(pieces).unwrap_or(u32::MAX);
    let own = ROOM.of(caller);
    let both = async {
        let own = own.acquire_many_owned(pieces).await.map_err(|_| Full)?;
        let all = Arc::clone(&ROOM.all).acquire_many_owned(pieces).await.map_err(|_| Full)?;
        Ok(Held { _permits: Some((own, all)) })
    };
    tokio::time::timeout(Duration::from_secs(ROOM_SECONDS), both).await.map_err(|_| Full)?
}

/// Bytes and their room: given back when the last of them is sent, or given up.
struct Roomy {
    bytes: Vec<u8>,
    _held: Held,
}

impl AsRef<[u8]> for Roomy {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// A body that keeps its room for as long as its bytes are in memory.
pub(crate) fn keeping(held: Held, bytes: Vec<u8>) -> Body {
    Body::from(Bytes::from_owner(Roomy { bytes, _held: held }))
}

#[cfg(test)]
mod tests;
