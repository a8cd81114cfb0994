//! Requests to a TAXII server, with the spelling of the media type that it understands. It reads no
//! envelope.

use crate::source::address::Address;
use crate::source::client::{Answer, Client};
use crate::source::failure::PullFailure;
use http::header::ACCEPT;
use http::{HeaderValue, StatusCode};

/// What we say that we understand; a server that answers 406 to one is asked with the next. Some
/// know it with a space only, some without its version only.
const SPELLINGS: [&str; 4] = [
    "application/taxii+json;version=2.1",
    "application/taxii+json; version=2.1",
    "application/taxii+json",
    "*/*",
];

/// A server, and the spelling that worked last.
pub(super) struct Asker<'c> {
    client: &'c mut Client,
    spelling: usize,
}

impl<'c> Asker<'c> {
    pub(super) const fn new(client: &'c mut Client) -> Self {
        Self { client, spelling: 0 }
    }

    /// GETs a resource.
    pub(super) async fn get(&mut self, at: &Address) -> Result<Answer, PullFailure> {
        loop {
            let spelling = SPELLINGS.get(self.spelling).copied().unwrap_or("*/*");
            let accept = (ACCEPT, HeaderValue::from_static(spelling));
            match self.client.get(at, &[accept]).await {
                Err(PullFailure::Status(StatusCode::NOT_ACCEPTABLE, ..))
                    if self.spelling < SPELLINGS.len() - 1 =>
                {
                    self.spelling += 1;
                }
                answer => return answer,
            }
        }
    }
}

/// Says that something else came than TAXII, and what it says that it is.
pub(super) fn foreign(kind: Option<&str>, why: &str) -> PullFailure {
    let kind = formats::problem::shown(kind.unwrap_or("no media type"));
    PullFailure::Foreign(format!("no TAXII came but {kind}: {why}"))
}
