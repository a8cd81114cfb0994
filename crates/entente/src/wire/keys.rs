//! Keys over the link: what a partner stated about its own is fetched where it states more than is
//! known, and what it lacks of ours is told. A chain proves itself; this only carries it.

use super::client::{Client, ClientError, Content};
use super::link::{Answered, Caller, read_start, respond};
use super::message::{KEYS, TEXT};
use super::peer::{CALL, LinkError, Peer, Session, refused};
use crate::runtime::{Runtime, now};
use bytes::Bytes;
use formats::problem::Problem;
use http::StatusCode;
use hyper::body::Incoming;
use model::id::NodeId;
use model::keys::KeyChain;
use model::limits::KEY_CHAIN_BYTES_MAX;
use node::Command;
use node::command::Administer;
use node::link::Hello;

/// Gives our chain, or what is known here of the caller's own: it may have been put back to a time
/// before it changed its key. Whoever asks learns what the certificate shows as well.
pub(super) async fn give(caller: &Caller, query: &str) -> Answered {
    let me = caller.runtime.me().node();
    let wanted = super::link::asked(query, "node").map(str::parse::<NodeId>);
    let node = match wanted {
        None => me,
        Some(Ok(node)) if node == me || node == caller.node() => node,
        Some(_) => return Err(unknown().into()),
    };
    let chain = caller.runtime.read(move |reading| node::keys::said(reading, &node)).await?;
    let chain = chain.ok_or_else(unknown)?;
    Ok(respond(StatusCode::OK, TEXT, chain.into_bytes()))
}

fn unknown() -> Problem {
    Problem::error("E-LINK-034", "no keys of that node are told here")
}

/// Somebody tells its chain; under a new key it is nobody that is known yet.
pub(super) async fn hear(caller: &Caller, body: Incoming) -> Answered {
    // One that is longer than any is judged by its beginning: the ledger keeps whose it says it is.
    let start = read_start(body, KEY_CHAIN_BYTES_MAX).await?;
    let text = match String::from_utf8(start) {
        Ok(text) => text,
        Err(broken) => String::from_utf8_lossy(broken.as_bytes()).into_owned(),
    };
    let heard = Command::Administer(Administer::HearKeys(text));
    if let node::Answer::Refused(problem) = caller.runtime.write(heard).await? {
        return Err(problem.into());
    }
    Ok(respond(StatusCode::NO_CONTENT, TEXT, Vec::new()))
}

/// After its hello: each side learns what it lacks of the other's keys. True when something was
/// fetched, which the partner hears of by our next hello.
pub(super) async fn exchange(session: &mut Session, hello: &Hello) -> Result<bool, LinkError> {
    let (node, me) = (session.peer.node, session.runtime.me().node());
    let numbers = move |reading: &node::Reading<'_>| {
        let number = |node: &NodeId| node::keys::number(reading, node);
        Ok((number(&me)?, number(&node)?))
    };
    let (ours, theirs) = session.runtime.read(numbers).await?;
    note_heard(&session.runtime, node, hello.knows).await?;
    if hello.knows < ours && tell(session).await? {
        note_heard(&session.runtime, node, ours).await?;
    }
    if hello.knows > ours {
        recall_own(session).await?;
    }
    if hello.keys < theirs {
        // It was put back to a time before it changed its key.
        tell_of(session, node).await?;
    }
    if hello.keys <= theirs {
        return Ok(false);
    }
    let reply = session.client.get(KEYS, CALL).await?;
    if reply.status != StatusCode::OK {
        return Err(refused(&reply));
    }
    let text = String::from_utf8(reply.body.to_vec()).map_err(|_| LinkError::Form("keys"))?;
    session.write(Command::Administer(Administer::HearKeys(text))).await?;
    Ok(true)
}

/// Tells a partner our chain; false when it does not take it, as older programs do not.
pub(super) async fn tell(session: &mut Session) -> Result<bool, LinkError> {
    let me = session.runtime.me().node();
    tell_of(session, me).await
}

/// Tells a partner the chain of a node: ours, or its own as far as we know it.
async fn tell_of(session: &mut Session, of: NodeId) -> Result<bool, LinkError> {
    let chain = session.runtime.read(move |reading| node::keys::said(reading, &of)).await?;
    let Some(chain) = chain else { return Ok(false) };
    let content = Content { kind: TEXT, packed: false, bytes: Bytes::from(chain) };
    let reply = session.client.post(KEYS, content, CALL).await?;
    Ok(reply.status.is_success())
}

/// Asks what a partner knows of our own keys: more than we do, where we were put back.
pub(super) async fn recall_own(session: &mut Session) -> Result<(), LinkError> {
    let path = format!("{KEYS}?node={}", session.runtime.me().node());
    let reply = session.client.get(&path, CALL).await?;
    if reply.status == StatusCode::OK {
        let text = String::from_utf8(reply.body.to_vec()).map_err(|_| LinkError::Form("keys"))?;
        session.write(Command::Administer(Administer::HearKeys(text))).await?;
    }
    Ok(())
}

/// Remembers how much of our chain a partner knows.
pub(super) async fn note_heard(
    runtime: &Runtime,
    partner: NodeId,
    number: u32,
) -> Result<(), LinkError> {
    let known = runtime.read(move |reading| node::keys::heard(reading, &partner)).await?;
    if known != number {
        let heard = Administer::KeysHeard { partner, number };
        runtime.write(Command::Administer(heard)).await?;
    }
    Ok(())
}

/// Asks who answers at a partner's address under a key that is not known: its own chain says whether
/// it is the partner. Nothing else is asked of it, and nothing told.
pub(super) async fn learn(runtime: &Runtime, peer: &Peer) -> Result<(), LinkError> {
    let client = Client::to_anybody(runtime.seed(), &peer.address).map_err(ClientError::from)?;
    let mut client = client.by(&runtime.settings().network);
    let chain = fetch(&mut client).await?;
    let theirs = chain.node() == peer.node;
    let proven = client.proven().is_some_and(|key| chain.last().live(now()).any(|l| *l == key));
    if !theirs || !proven {
        return Err(LinkError::Form("another node answers at its address"));
    }
    let of = peer.node;
    let known = runtime.read(move |reading| node::keys::said(reading, &of)).await?;
    if chain.last().number < peer.keys.number
        && let Some(known) = known
    {
        // It was put back to a time before it changed its key, and may hear so: it is its own word.
        let content = Content { kind: TEXT, packed: false, bytes: Bytes::from(known) };
        client.post(KEYS, content, CALL).await?;
    }
    let heard = Command::Administer(Administer::HearKeys(chain.to_string()));
    let answer = runtime.write(heard).await?;
    if let node::Answer::Refused(problem) = answer { Err(problem.into()) } else { Ok(()) }
}

/// The chain of whoever answers.
pub(super) async fn fetch(client: &mut Client) -> Result<KeyChain, LinkError> {
    let reply = client.get(KEYS, CALL).await?;
    if reply.status != StatusCode::OK {
        return Err(refused(&reply));
    }
    let text = std::str::from_utf8(&reply.body).map_err(|_| LinkError::Form("keys"))?;
    KeyChain::read(text).map_err(|_| LinkError::Form("keys"))
}
