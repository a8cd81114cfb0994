//! Receives a request's body within bounds of size and time, and unpacks it. What the bytes mean
//! is not its business.

use super::encoding::Coding;
use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http_body_util::BodyExt as _;
use model::limits::{BODY_FRAME_SECONDS, BODY_SECONDS};
use std::time::Duration;

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
    #[error("the content coding is not one of zstd, gzip, identity")]
    Coding,
    /// It ended early, or is not of the coding that it says.
    #[error("the body is broken")]
    Broken,
}

/// Receives and unpacks a body of at most `max` bytes.
pub(crate) async fn receive(
    headers: &HeaderMap,
    body: Body,
    max: usize,
) -> Result<Vec<u8>, BodyError> {
    let coding = coding(headers)?;
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: u64| length > u64::try_from(max).unwrap_or(u64::MAX)) {
        return Err(BodyError::TooLarge(max));
    }
    let whole = tokio::time::timeout(Duration::from_secs(BODY_SECONDS), gather(body, max)).await;
    let bytes = whole.map_err(|_| BodyError::TooSlow)??;
    if let Some(coding) = coding {
        let unpack = move || coding.unpack(&bytes, max);
        let unpacked = tokio::task::spawn_blocking(unpack).await.map_err(|_| BodyError::Broken)?;
        return unpacked.map_err(|_| BodyError::Broken)?.ok_or(BodyError::TooLarge(max));
    }
    Ok(bytes)
}

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

async fn gather(mut body: Body, max: usize) -> Result<Vec<u8>, BodyError> {
    let mut whole = Vec::new();
    loop {
        let frame = tokio::time::timeout(Duration::from_secs(BODY_FRAME_SECONDS), body.frame());
        let Some(frame) = frame.await.map_err(|_| BodyError::TooSlow)? else { return Ok(whole) };
        let data =
            frame.map_err(|_| BodyError::Broken)?.into_data().unwrap_or_else(|_| Bytes::new());
        if whole.len().saturating_add(data.len()) > max {
            return Err(BodyError::TooLarge(max));
        }
        whole.extend_from_slice(&data);
    }
}
