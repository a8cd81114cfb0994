//! Fetching what a partner keeps for us: hello, the receipts still owed, then batch after batch.

use super::dial::Backoff;
use super::link::arrival;
use super::message::LOG;
use super::peer::{CALL, LinkError, Session, refused};
use http::StatusCode;
use model::id::Epoch;
use node::link::owed_receipts;
use node::{Answer, Command};
use std::convert::Infallible;
use std::time::Duration;

/// Seconds that we let the partner wait for something to come.
const WAIT_SECONDS: u64 = 30;

/// Pulls until something fails.
pub(super) async fn pull(
    session: &mut Session,
    backoff: &mut Backoff,
) -> Result<Infallible, LinkError> {
    let hello = session.hello().await?;
    give_owed(session, &hello.epoch, hello.receipted).await?;
    loop {
        let after = next(session, hello.epoch).await?;
        let path = format!("{LOG}?after={after}&epoch={}&wait={WAIT_SECONDS}", hello.epoch);
        let reply = session.client.get(&path, Duration::from_secs(WAIT_SECONDS) + CALL).await?;
        match reply.status {
            StatusCode::NO_CONTENT => {}
            StatusCode::OK => {
                let node = session.peer.node;
                let arrived = arrival(&session.runtime, node, reply.body, reply.packed).await??;
                if let Answer::Receipt(receipt) = session.write(Command::Arrive(arrived)).await? {
                    session.acknowledge(&receipt).await?;
                }
            }
            _ => return Err(refused(&reply)),
        }
        backoff.reset();
    }
}

/// The number of the entry that we want next in this life of the partner's numbering.
async fn next(session: &Session, epoch: Epoch) -> Result<u64, LinkError> {
    let node = session.peer.node;
    let have = session.runtime.read(move |reading| node::link::have(reading, &node)).await?;
    Ok(have.filter(|have| have.epoch == epoch).map_or(0, |have| have.next))
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
