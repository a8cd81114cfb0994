//! A file at a URL: a plain list, CSV or a STIX document, asked for only if it has changed. A list
//! is read as a stream, part by part; what it held before is known and adds nothing.

use super::address::Address;
use super::client::{Answer, Client};
use super::failure::PullFailure;
use super::flow::Whole;
use super::lines::Lines;
use super::pull::Pull;
use crate::http::api::publish::Format;
use crate::runtime::now;
use http::header::{ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use http::{HeaderName, HeaderValue, StatusCode};
use model::limits::{DOCUMENT_BYTES_MAX, SOURCE_LIST_BYTES_MAX, SOURCE_LIST_SECONDS};
use node::Position;
use node::accept::Prepared;

/// Bytes from which it can be told what a file is: beyond any blank lines that somebody writes.
const TELLING: usize = 512;

pub(super) async fn pull(
    pull: &mut Pull,
    client: &mut Client,
    at: &Address,
) -> Result<(), PullFailure> {
    let answer = client.get(at, &conditions(&pull.source.position)).await?;
    if answer.status == StatusCode::NOT_MODIFIED {
        return Ok(());
    }
    if answer.status != StatusCode::OK {
        let from = Box::new(answer.from.clone());
        return Err(PullFailure::Status(answer.status, from, String::new()));
    }
    let position = Position {
        etag: validator(&answer, &ETAG),
        modified: validator(&answer, &LAST_MODIFIED),
        ..Position::default()
    };
    let mut flow = answer.flow(SOURCE_LIST_BYTES_MAX, SOURCE_LIST_SECONDS)?;
    let mut start = Vec::new();
    while start.len() < TELLING {
        let Some(bytes) = flow.next().await? else { break };
        start.extend_from_slice(&bytes);
    }
    if is_page(&start) {
        let what = "a web page came instead of a list";
        return Err(PullFailure::Foreign(what.to_owned()));
    }
    match Format::of("auto", &start)? {
        Format::Stix => {
            let mut document = Whole::starting(start);
            while let Some(bytes) = flow.next().await? {
                if document.bytes().len().saturating_add(bytes.len()) > DOCUMENT_BYTES_MAX {
                    let most = u64::try_from(DOCUMENT_BYTES_MAX).unwrap_or(u64::MAX);
                    return Err(PullFailure::TooLarge(most));
                }
                document.extend(&bytes).await;
            }
            pull.take_document(document, position).await
        }
        Format::List => {
            let (mut lines, mut parts) = (Lines::default(), Vec::new());
            lines.push(&start, &mut parts);
            loop {
                for part in parts.drain(..) {
                    take(pull, part, None).await?;
                }
                let Some(bytes) = flow.next().await? else { break };
                lines.push(&bytes, &mut parts);
            }
            // What stands after the last whole part is taken once it is known that this is the end
            // and not where the connection broke.
            take(pull, lines.end().unwrap_or_default(), Some(position)).await
        }
    }
}

async fn take(
    pull: &mut Pull,
    part: Vec<u8>,
    position: Option<Position>,
) -> Result<(), PullFailure> {
    let read = tokio::task::spawn_blocking(move || Prepared::list(&part, now()));
    let objects = read.await.map_err(|_| PullFailure::Fault)?;
    pull.take(objects, position).await
}

/// SPEC: RFC 9110 §13.1: both, and a server that knows the first ignores the second.
fn conditions(position: &Position) -> Vec<(HeaderName, HeaderValue)> {
    let told = [(IF_NONE_MATCH, &position.etag), (IF_MODIFIED_SINCE, &position.modified)];
    let value = |text: &String| HeaderValue::from_str(text).ok();
    told.into_iter().filter_map(|(name, text)| Some((name, value(text.as_ref()?)?))).collect()
}

fn validator(answer: &Answer, name: &HeaderName) -> Option<String> {
    super::header::validator(answer.header(name.as_str())?)
}

/// A page to log in at, or one that says sorry with a 200.
fn is_page(start: &[u8]) -> bool {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    start.starts_with(b"<")
}
