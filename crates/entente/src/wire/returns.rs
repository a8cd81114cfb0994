//! After a restore: asking partners for what this node signed and lost, and giving them theirs. A
//! partner that cannot be dialled is given it by who dials; what it is, `node::returns` says.

use super::client::Content;
use super::message::{NDJSON, RETURNS};
use super::peer::{LinkError, Session, refused};
use crate::runtime::{Runtime, Unavailable, now};
use bytes::Bytes;
use formats::problem::Problem;
use http::StatusCode;
use model::id::NodeId;
use node::link::{Hello, lens_for};
use node::returns::{Given, Place, Returned, give_back, progress, read_back};
use node::{Answer, Command};
use std::time::Duration;

/// How long one page may take: the whole log may be looked through for it.
const PAGE: Duration = Duration::from_secs(60);
/// The word of a hello whose node can be asked.
const ABLE: &str = "returns";

/// The next page for a partner; `None` when it is none.
pub(super) async fn page(
    runtime: &Runtime,
    partner: NodeId,
    after: Option<Place>,
) -> Result<Option<Result<Given, Problem>>, Unavailable> {
    let page = move |reading: &node::Reading<'_>| {
        let Some(lens) = lens_for(reading, &partner, now())? else { return Ok(None) };
        give_back(reading, &lens, after.as_ref()).map(Some)
    };
    runtime.read(page).await
}

/// Whether this node misses what a partner may give back.
pub(super) async fn is_wanted(runtime: &Runtime, partner: NodeId) -> Result<bool, Unavailable> {
    let epoch = runtime.me().epoch;
    let wanted = runtime.read(move |reading| progress(reading, &epoch, &partner)).await?;
    Ok(wanted.is_some_and(|progress| !progress.done))
}

/// Proves a page that a partner gave back, and applies it.
pub(super) async fn take(
    runtime: &Runtime,
    partner: NodeId,
    bytes: Bytes,
) -> Result<Answer, LinkError> {
    let key = runtime.me().public();
    let key = runtime.read(move |reading| node::keys::own_keys(reading, &key)).await?;
    let read = tokio::task::spawn_blocking(move || read_back(partner, &bytes, key)).await;
    let page = read.map_err(|_| Unavailable::Stopping)??;
    let answer = runtime.write(Command::Returned(page)).await?;
    if let Answer::CameBack { done: true, .. } = answer {
        let epoch = runtime.me().epoch;
        let all = move |reading: &node::Reading<'_>| progress(reading, &epoch, &partner);
        let new = runtime.read(all).await?.map_or(0, |progress| progress.new);
        tracing::warn!(
            %partner,
            records = new,
            "a partner has given back what this node signed and had lost by its restore"
        );
    }
    Ok(answer)
}

/// Asks a partner, page after page, until it has given all; where the link breaks, it goes on later.
pub(super) async fn ask(session: &mut Session, hello: &Hello) -> Result<(), LinkError> {
    if !hello.does.split(' ').any(|word| word == ABLE) {
        return Ok(());
    }
    let (epoch, node) = (session.runtime.me().epoch, session.peer.node);
    loop {
        let wanted = session.runtime.read(move |reading| progress(reading, &epoch, &node)).await?;
        let Some(wanted) = wanted.filter(|progress| !progress.done) else { return Ok(()) };
        let after = wanted.next.map(|next| format!("?after={next}"));
        let path = format!("{RETURNS}{}", after.as_deref().unwrap_or_default());
        let reply = session.client.get(&path, PAGE).await?;
        match reply.status {
            StatusCode::OK => drop(take(&session.runtime, node, reply.body).await?),
            // The record that named the place was recalled meanwhile.
            StatusCode::CONFLICT if after.is_some() => {
                session.write(Command::Returned(Returned::nothing(node))).await?;
            }
            // It has no time now; the next hello asks again.
            StatusCode::TOO_MANY_REQUESTS => return Ok(()),
            _ => return Err(refused(&reply)),
        }
        session.heard();
    }
}

/// Gives a partner that wants it what it signed: it may not be able to ask.
pub(super) async fn give(session: &mut Session, from: &str) -> Result<(), LinkError> {
    let mut after: Option<Place> = from.parse().ok();
    loop {
        let node = session.peer.node;
        let found = page(&session.runtime, node, after.take()).await?;
        let given = match found {
            Some(Ok(given)) => given,
            // The place is gone: from the beginning, which is known to be there.
            Some(Err(_)) => continue,
            None => return Err(LinkError::Form("it is no partner any more")),
        };
        let bytes = Bytes::from(given.bytes());
        let content = Content { kind: NDJSON, packed: false, bytes };
        let reply = session.client.post(RETURNS, content, PAGE).await?;
        if !reply.status.is_success() {
            return Err(refused(&reply));
        }
        session.heard();
        match given.next() {
            Some(next) => after = Some(next.clone()),
            None => return Ok(()),
        }
    }
}
