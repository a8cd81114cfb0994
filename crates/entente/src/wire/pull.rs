//! Fetching what a partner keeps for us: hello, the receipts still owed, then batch after batch.

use super::dial::Backoff;
use super::link::arrival;
use super::message::LOG;
use super::peer::{CALL, LinkError, Session, refused};
use crate::runtime::Runtime;
use http::StatusCode;
use model::id::{Epoch, NodeId};
use node::link::{owed_receipts, rolled_back};
use node::{Answer, Command};
use std::convert::Infallible;
use std::time::Duration;

/// Seconds, at most, until a partner over its quota is asked again: its card may be widened.
const LATER_SECONDS: u64 = 30;
/// Seconds that we let the partner wait for something to come.
const WAIT_SECONDS: u64 = 30;

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
                let answer = session.write(Command::Arrive(arrived)).await?;
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
        let owed = move |reading: &node::Reading<'_>| owed_receipts(reading, &node, &epoch, from);
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
