//! The token of the next page: an offset into the reader's own outlet, bound to the request's
//! other parameters. It is no secret, holds no state of a server, and never expires.

use super::filter::{Filter, Versions};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::id::ThingId;
use model::seal::sha256;

/// Where the next page begins.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Next {
    /// The first offset that was not looked at yet.
    pub offset: u64,
}

/// A token that this request can't be continued with.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NextError {
    /// It is not one of ours.
    #[error("not a token of this server")]
    Unreadable,
    /// It is ours, given for other parameters (any but `limit`) or another collection.
    #[error("the token belongs to a request with other parameters")]
    OtherRequest,
}

const VERSION: u8 = 1;
const DIGEST_BYTES: usize = 8;

impl Next {
    /// Prints the token for this request; `scope` names the endpoint and the collection.
    #[must_use]
    pub fn print(self, scope: &str, filter: &Filter) -> String {
        let digest = digest(scope, filter);
        let mut bytes = vec![VERSION];
        bytes.extend(self.offset.to_be_bytes());
        bytes.extend(digest);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a token that came with this request.
    ///
    /// # Errors
    /// When it isn't ours, or was given for another request.
    pub fn parse(token: &str, scope: &str, filter: &Filter) -> Result<Self, NextError> {
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| NextError::Unreadable)?;
        let Some((&VERSION, rest)) = bytes.split_first() else { return Err(NextError::Unreadable) };
        let (offset, digest_given) = rest.split_first_chunk().ok_or(NextError::Unreadable)?;
        if digest_given.len() != DIGEST_BYTES {
            return Err(NextError::Unreadable);
        }
        if digest_given != digest(scope, filter) {
            return Err(NextError::OtherRequest);
        }
        Ok(Self { offset: u64::from_be_bytes(*offset) })
    }
}

/// A digest of what a page selects; the order of values doesn't matter, `limit` may change.
fn digest(scope: &str, filter: &Filter) -> [u8; DIGEST_BYTES] {
    let sorted = |mut words: Vec<String>| {
        words.sort_unstable();
        words.join(",")
    };
    let versions = match &filter.versions {
        Versions::All => "all".to_owned(),
        Versions::Some { first, last, values } => {
            format!("{first},{last},{}", sorted(values.iter().map(ToString::to_string).collect()))
        }
    };
    let lines = [
        scope.replace('\n', " "),
        filter.added_after.map(|at| at.to_string()).unwrap_or_default(),
        sorted(filter.ids.iter().map(ThingId::to_string).collect()),
        sorted(filter.types.clone()),
        versions,
        sorted(filter.spec_versions.iter().map(|v| v.as_str().to_owned()).collect()),
        filter.nothing.to_string(),
    ];
    let whole = sha256(&[lines.join("\n").as_bytes()]);
    whole.as_bytes().first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests;
