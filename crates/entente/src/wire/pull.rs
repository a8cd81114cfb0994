//! Fetching what a partner keeps for us: hello, the receipts still owed, then batch after batch.

use super::dial::Backoff;
use super::link::arrival;
use super::message::LOG;
use super::peer::{AHEAD_EVERY, CALL, LinkError, Session, refused};
use super::returns;
use crate::runtime::{Runtime, Unavailable};
use http::StatusCode;
use model::id::{Epoch, NodeId};
use node::link::{Arrival, owed_receipts, rolled_back};
use node::{Answer, Command};
use std::convert::Infallible;
use std::time::Duration;

/// Seconds, at most, until a partner over its quota is asked again: its card may be widened.
const LATER_SECONDS: u64 = 30;
/// Seconds that we let the partner wait for something to come.
const WAIT_SECONDS: u64 = 30;
/// The same while there is no room here: whether there is some again is looked at in between.
const AHEAD_WAIT_SECONDS: u64 = 2;

/// Pulls until something fails.
pub(super) async fn pull(
    session: &mut Session,
    backoff: &mut Backoff,
) -> Result<Infallible, LinkError> {
    let node = session.peer.node;
    // Before its hello: what it sends meanwhile by itself must not look like a loss.
    let read = session.runtime.read(move |reading| node::link::have(reading, &node)).await?;
    let hello = session.hello().await?;
    if let Some(problem) = rolled_back(read.map(|have| (have.epoch, have.next)), &hello) {
        return Err(problem.into());
    }
    give_owed(session, &hello.epoch, hello.receipted).await?;
    returns::ask(session, &hello).await?;
    // Here, since a connection that fetches notices at once that the partner was away.
    if let Some(from) = &hello.returns {
        // However often it comes again, the log is not walked through for it without a rest.
        backoff.rest_from_giving().await;
        returns::give(session, from).await?;
    }
    loop {
        let after = next(&session.runtime, session.peer.node, hello.epoch).await?;
        let path = format!("{LOG}?after={after}&epoch={}&wait={WAIT_SECONDS}", hello.epoch);
        let patience = Duration::from_secs(WAIT_SECONDS) + CALL;
        let (runtime, node) = (session.runtime.clone(), session.peer.node);
        let reply = tokio::select! {
            reply = session.client.get(&path, patience) => reply?,
            // What was refused may be wanted now: the answer that we wait for is too late.
            () = put_back(&runtime, node, hello.epoch, after) => continue,
        };
        match reply.status {
            StatusCode::NO_CONTENT => {}
            StatusCode::OK => {
                let arrived = arrival(&session.runtime, node, reply.body, reply.packed).await??;
                let beyond = end_of(&arrived, after);
                let answer = match session.write(Command::Arrive(arrived)).await {
                    Err(LinkError::Unavailable(Unavailable::Full)) => {
                        hear_ahead(session, hello.epoch, beyond).await?;
                        continue;
                    }
                    answer => answer?,
                };
                if let Answer::Receipt(receipt) = answer {
                    session.acknowledge(&receipt).await?;
                } else if let Answer::Later(seconds) = answer {
                    // Over its quota here: the partner keeps it, and we ask again.
                    tokio::time::sleep(Duration::from_secs(seconds.min(LATER_SECONDS))).await;
                }
            }
            _ => return Err(refused(&reply)),
        }
        session.heard();
        backoff.reset();
    }
}

/// The number after a batch's last entry.
fn end_of(arrival: &Arrival, first: u64) -> u64 {
    arrival.lines.last().map_or(first, |line| line.offset.saturating_add(1))
}

/// While there is no room for what comes next, hears what the partner takes back further on: it
/// numbers that before any backfill, so it is at most a batch or two away.
async fn hear_ahead(session: &mut Session, epoch: Epoch, mut after: u64) -> Result<(), LinkError> {
    tracing::warn!("no room for what a partner sends; only what it takes back is heard");
    loop {
        let path = format!("{LOG}?after={after}&epoch={epoch}&wait={AHEAD_WAIT_SECONDS}");
        let reply = session.client.get(&path, CALL).await?;
        match reply.status {
            StatusCode::NO_CONTENT => {}
            StatusCode::OK => {
                let node = session.peer.node;
                let ahead = arrival(&session.runtime, node, reply.body, reply.packed).await??;
                let end = end_of(&ahead, after);
                let heard = match ahead.takes_back() {
                    true => session.write(Command::Heed(ahead)).await,
                    false => Ok(Answer::Done),
                };
                match heard {
                    Ok(Answer::Later(seconds)) => {
                        tokio::time::sleep(Duration::from_secs(seconds.min(LATER_SECONDS))).await;
                    }
                    Ok(_) => after = end,
                    // Not even for that; it is tried again.
                    Err(LinkError::Unavailable(Unavailable::Full)) => {}
                    Err(error) => return Err(error),
                }
            }
            _ => return Err(refused(&reply)),
        }
        session.heard();
        tokio::time::sleep(AHEAD_EVERY).await;
        if !crate::disk::is_scarce(&session.runtime) {
            return Ok(());
        }
    }
}

/// The number of the entry that we want next in this life of the partner's numbering.
async fn next(runtime: &Runtime, node: NodeId, epoch: Epoch) -> Result<u64, LinkError> {
    let have = runtime.read(move |reading| node::link::have(reading, &node)).await?;
    Ok(have.filter(|have| have.epoch == epoch).map_or(0, |have| have.next))
}

/// Ends when this node wants to read again what it has read: it follows a circle that it did not
/// follow when it refused that circle's records.
async fn put_back(runtime: &Runtime, node: NodeId, epoch: Epoch, after: u64) {
    let mut woken = runtime.woken();
    while woken.changed().await.is_ok() {
        if next(runtime, node, epoch).await.is_ok_and(|next| next < after) {
            return;
        }
    }
    // The node stops; whoever waits with us sees it too.
    std::future::pending::<()>().await;
}

/// Gives the receipts that never reached the partner: the connection, or one of us, broke between
/// our commit and its own.
async fn give_owed(session: &mut Session, epoch: &Epoch, from: u64) -> Result<(), LinkError> {
    let (node, epoch, mut from) = (session.peer.node, *epoch, from);
    loop {
        let inside = session.runtime.clone();
        let owed = move |reading: &node::Reading<'_>| {
            owed_receipts(inside.me(), reading, &node, &epoch, from)
        };
        let receipts = session.runtime.read(owed).await?;
        let Some(covered) = receipts.last().and_then(node::link::Receipt::size) else {
            return Ok(());
        };
        for receipt in &receipts {
            session.acknowledge(receipt).await?;
        }
        from = covered;
    }
}
