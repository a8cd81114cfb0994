//! Receives a request's body within bounds of size and time, and unpacks it. What the bytes mean
//! is not its business.

use super::encoding::Coding;
use super::room::{Held, room};
use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http_body_util::BodyExt as _;
use model::limits::{BODY_FRAME_SECONDS, BODY_SECONDS, ROOM_BYTES_FREE, UNPACKS_AT_ONCE_MAX};
use std::time::Duration;
use tokio::sync::Semaphore;

/// A body that cannot be taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    /// It is larger than allowed, as it is or unpacked.
    #[error("the body is longer than {0} bytes")]
    TooLarge(usize),
    /// It did not come in time.
    #[error("the body came too slowly")]
    TooSlow,
    /// It is packed in a way that is not understood.
    #[error("the content coding is not one of zstd, gzip, deflate, identity")]
    Coding,
    /// There is no room for it now.
    #[error("too much is under way at once; send it again in a moment")]
    NoRoom,
    /// It ended early, or is not of the coding that it says.
    #[error("the body is broken")]
    Broken,
}

/// A body, and the room that it takes until it is done with.
#[derive(Debug)]
pub(crate) struct Received {
    /// The bytes, unpacked.
    pub(crate) bytes: Vec<u8>,
    /// To be kept until they are done with.
    pub(crate) held: Held,
}

/// Receives and unpacks a caller's body of at most `max` bytes.
pub(crate) async fn receive(
    caller: &str,
    headers: &HeaderMap,
    body: Body,
    max: usize,
) -> Result<Received, BodyError> {
    let coding = coding(headers)?;
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length| length > max) {
        return Err(BodyError::TooLarge(max));
    }
    let whole = gather(caller, body, announced.unwrap_or(max), max);
    let whole = tokio::time::timeout(Duration::from_secs(BODY_SECONDS), whole).await;
    let received = whole.map_err(|_| BodyError::TooSlow)??;
    match coding {
        Some(coding) => unpacked(caller, coding, received, max).await,
        None => Ok(received),
    }
}

/// Unpacks a body: how long it becomes is found out before any room is taken for it.
async fn unpacked(
    caller: &str,
    coding: Coding,
    packed: Received,
    max: usize,
) -> Result<Received, BodyError> {
    let Received { bytes, held } = packed;
    // LIMIT: each needs a window of its own.
    let turn = UNPACKS.acquire().await.map_err(|_| BodyError::Broken)?;
    let measure = move || (coding.length(&bytes, max), bytes);
    let measured = tokio::task::spawn_blocking(measure).await;
    let (length, bytes) = measured.map_err(|_| BodyError::Broken)?;
    let length = length.map_err(|_| BodyError::Broken)?.ok_or(BodyError::TooLarge(max))?;
    drop(turn);
    // Twice, for the objects that are taken out of it; what it held packed is not needed twice.
    drop(held);
    let held = room(caller, length.saturating_mul(2)).await.map_err(|_| BodyError::NoRoom)?;
    let turn = UNPACKS.acquire().await.map_err(|_| BodyError::Broken)?;
    let undo = move || coding.unpack(&bytes, length);
    let done = tokio::task::spawn_blocking(undo).await.map_err(|_| BodyError::Broken)?;
    drop(turn);
    let bytes = done.map_err(|_| BodyError::Broken)?.ok_or(BodyError::TooLarge(max))?;
    Ok(Received { bytes, held })
}

/// Bodies that are unpacked at once.
static UNPACKS: Semaphore = Semaphore::const_new(UNPACKS_AT_ONCE_MAX);

/// The coding to undo. One is what clients send; more would only multiply a bomb.
fn coding(headers: &HeaderMap) -> Result<Option<Coding>, BodyError> {
    let mut codings = Vec::new();
    for value in headers.get_all(CONTENT_ENCODING) {
        for name in value.to_str().map_err(|_| BodyError::Coding)?.split(',') {
            let name = name.trim();
            if !name.is_empty() && !name.eq_ignore_ascii_case("identity") {
                codings.push(Coding::named(name).ok_or(BodyError::Coding)?);
            }
        }
    }
    match codings.as_slice() {
        [] => Ok(None),
        [coding] => Ok(Some(*coding)),
        _ => Err(BodyError::Coding),
    }
}

async fn gather(
    caller: &str,
    mut body: Body,
    announced: usize,
    max: usize,
) -> Result<Received, BodyError> {
    let mut whole = Received { bytes: Vec::new(), held: Held::default() };
    let mut roomy = false;
    loop {
        let frame = tokio::time::timeout(Duration::from_secs(BODY_FRAME_SECONDS), body.frame());
        let Some(frame) = frame.await.map_err(|_| BodyError::TooSlow)? else { return Ok(whole) };
        let data =
            frame.map_err(|_| BodyError::Broken)?.into_data().unwrap_or_else(|_| Bytes::new());
        let length = whole.bytes.len().saturating_add(data.len());
        if length > max {
            return Err(BodyError::TooLarge(max));
        }
        if length > ROOM_BYTES_FREE && !roomy {
            // LIMIT: while there is none, nothing more is read, and the sender waits.
            let wanted = room(caller, announced.saturating_mul(2)).await;
            whole.held = wanted.map_err(|_| BodyError::NoRoom)?;
            whole.bytes.reserve_exact(announced.saturating_sub(whole.bytes.len()));
            roomy = true;
        }
        whole.bytes.extend_from_slice(&data);
    }
}
