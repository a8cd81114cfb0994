//! Sending a partner what we keep for it, as soon as there is something. Where to begin, its hello
//! and the receipts that we hold say.

use super::client::Content;
use super::dial::Backoff;
use super::link::beyond;
use super::message::{LOG, NDJSON};
use super::peer::{AHEAD_EVERY, CALL, LinkError, Session, refused};
use super::supply::{Supply, Want, supply};
use bytes::Bytes;
use http::StatusCode;
use model::id::Epoch;
use model::limits::{LINK_AHEAD_MAX, LINK_WAIT_SECONDS_MAX};
use node::Command;
use node::link::{Hello, Receipt};
use std::convert::Infallible;
use std::time::Duration;
use tokio::time::Instant;

/// How long a batch may take to be sent, applied and receipted.
const BATCH: Duration = Duration::from_secs(60);
/// How long we wait when the partner takes no more for now.
const LATER: Duration = Duration::from_secs(15);
/// After so long without anything to send, a hello shows that both are still there.
const QUIET: Duration = Duration::from_secs(LINK_WAIT_SECONDS_MAX);

/// Pushes until something fails.
pub(super) async fn push(
    session: &mut Session,
    backoff: &mut Backoff,
) -> Result<Infallible, LinkError> {
    loop {
        let theirs = session.hello().await?;
        let ours = session.our_hello().await?;
        let (mut after, read_up_to) = start(&theirs, &ours)?;
        let mut shown = 0;
        loop {
            let (partner, epoch, credit) = (session.peer.node, ours.epoch, theirs.credit);
            let want = Want { partner, epoch, after, credit, packed: true };
            let (packed, bytes, next) = match supply(&session.runtime, want, QUIET).await? {
                Supply::Batch { packed, bytes, next } => (packed, bytes, next),
                // Nothing for long, or our own numbering began anew: hello again.
                Supply::Nothing { .. } | Supply::OtherEpoch => break,
                Supply::Stranger => return Err(LinkError::Form("it is no partner any more")),
                Supply::Beyond => return Err(beyond().into()),
            };
            match send(session, packed, bytes).await? {
                Sent::Receipted(receipt) => after = keep(session, receipt, after).await?,
                // What it read so far was receipted in other portions: go on where it is.
                Sent::Known if after < read_up_to => after = read_up_to,
                // Over our quota there: the batch stays here, and nothing else would be taken.
                Sent::Later => tokio::time::sleep(LATER).await,
                Sent::NoRoom => {
                    shown = show_ahead(session, ours.epoch, next.max(shown)).await?;
                }
                Sent::Known => return Err(LinkError::Form("it knows what it does not have")),
            }
            session.heard();
            backoff.reset();
        }
        backoff.reset();
    }
}

/// Where to begin: at the first entry without a receipt that we hold, or earlier if the partner has
/// lost what it had. A recorded receipt for what it has already is asked for by sending it again.
fn start(theirs: &Hello, ours: &Hello) -> Result<(u64, u64), LinkError> {
    let have = theirs.have.filter(|have| have.epoch == ours.epoch).map_or(0, |have| have.next);
    if have > ours.size {
        return Err(beyond().into());
    }
    Ok((have.min(ours.receipted), have))
}

/// Shows a partner that has no room for what comes next what stands further on: it hears what is
/// taken back there, and receipts nothing. Gives how far that went.
async fn show_ahead(session: &mut Session, epoch: Epoch, from: u64) -> Result<u64, LinkError> {
    let end = Instant::now() + LATER;
    let mut after = from;
    while Instant::now() < end {
        let (partner, credit) = (session.peer.node, LINK_AHEAD_MAX);
        let want = Want { partner, epoch, after, credit, packed: true };
        let patience = end.saturating_duration_since(Instant::now());
        let Supply::Batch { packed, bytes, next } =
            supply(&session.runtime, want, patience).await?
        else {
            break;
        };
        match send(session, packed, bytes).await {
            Ok(Sent::NoRoom) => after = next,
            // It has room again, and wants what comes next.
            Ok(_) | Err(LinkError::Refused { .. }) => break,
            Err(error) => return Err(error),
        }
        tokio::time::sleep(AHEAD_EVERY).await;
    }
    Ok(after)
}

enum Sent {
    Receipted(Receipt),
    /// It had these entries, in other portions.
    Known,
    /// It takes no more for now.
    Later,
    /// Its disk is full.
    NoRoom,
}

async fn send(session: &mut Session, packed: bool, bytes: Vec<u8>) -> Result<Sent, LinkError> {
    let content = Content { kind: NDJSON, packed, bytes: Bytes::from(bytes) };
    let reply = session.client.post(LOG, content, BATCH + CALL).await?;
    if reply.status == StatusCode::OK {
        let receipt = std::str::from_utf8(&reply.body).ok().and_then(Receipt::read);
        return receipt.map(Sent::Receipted).ok_or(LinkError::Form("receipt"));
    }
    if reply.status == StatusCode::INSUFFICIENT_STORAGE {
        return Ok(Sent::NoRoom);
    }
    let error = refused(&reply);
    let LinkError::Refused { code, .. } = &error else { return Err(error) };
    match code.as_str() {
        "E-LINK-006" => Ok(Sent::Known),
        "E-QUOTA-001" => Ok(Sent::Later),
        _ => Err(error),
    }
}

/// Keeps a receipt and goes on where it ends.
async fn keep(session: &Session, receipt: Receipt, after: u64) -> Result<u64, LinkError> {
    let size = receipt.size().filter(|size| *size > after);
    let size = size.ok_or(LinkError::Form("a receipt for other entries"))?;
    let partner = session.peer.node;
    session.write(Command::Acknowledged { partner, receipt }).await?;
    Ok(size)
}
