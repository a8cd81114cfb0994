//! Two tasks for each partner with an address, one a direction; they come and go with the partners.
//! A partner that is dead, slow or hostile costs the others nothing.

use super::client::ClientError;
use super::keys;
use super::peer::{LinkError, Peer, Session, note_removed};
use super::{pull, push};
use crate::runtime::{Runtime, Unavailable, now, random};
use std::collections::BTreeMap;
use std::time::Duration;

/// Between two attempts, at least.
const RETRY_MIN: Duration = Duration::from_millis(100);
/// Between two attempts, at most (DESIGN section 7).
const RETRY_MAX: Duration = Duration::from_secs(5);

/// Between two attempts at a partner that has removed us: it may have been put back from a backup,
/// and nobody else would tell.
const REMOVED_RETRY: Duration = Duration::from_secs(3_600);

/// Which way records go.
#[derive(Clone, Copy, Debug)]
enum Direction {
    Pull,
    Push,
}

/// The tasks of one partner; they end when this is dropped.
struct Dialled {
    peer: Peer,
    tasks: [tokio::task::AbortHandle; 2],
}

impl Drop for Dialled {
    fn drop(&mut self) {
        self.tasks.iter().for_each(tokio::task::AbortHandle::abort);
    }
}

/// Keeps links to all partners that have an address, until the node stops.
pub(crate) async fn dial_all(runtime: Runtime) {
    let (mut changed, mut stopping) = (runtime.partners_changed(), runtime.stopping());
    let mut dialled: BTreeMap<model::id::NodeId, Dialled> = BTreeMap::new();
    loop {
        let retry = match peers(&runtime).await {
            Ok(peers) => {
                dialled.retain(|node, one| peers.get(node) == Some(&one.peer));
                for (node, peer) in peers {
                    dialled.entry(node).or_insert_with(|| dial(&runtime, peer));
                }
                None
            }
            Err(Unavailable::Stopping) => return,
            Err(error @ (Unavailable::Store(_) | Unavailable::Full)) => {
                tracing::warn!(%error, "partners cannot be read");
                Some(RETRY_MAX)
            }
        };
        let again = async {
            match retry {
                Some(pause) => tokio::time::sleep(pause).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            changed = changed.changed() => if changed.is_err() { return },
            () = again => {}
        }
    }
}

async fn peers(runtime: &Runtime) -> Result<BTreeMap<model::id::NodeId, Peer>, Unavailable> {
    let me = runtime.me().public();
    let peers = move |reading: &node::Reading<'_>| {
        let ours = (me, node::keys::number(reading, &me.node())?);
        let mut peers = BTreeMap::new();
        for partner in node::read::partners(reading)?.into_iter().map(|line| line.partner) {
            let (node, removed_us) = (partner.node, partner.removed_us.is_some());
            let keys = node::keys::keys_of(reading, &partner.key)?;
            if let Some(address) = partner.address {
                peers.insert(node, Peer { node, keys, ours, address, removed_us });
            }
        }
        Ok(peers)
    };
    runtime.read(peers).await
}

fn dial(runtime: &Runtime, peer: Peer) -> Dialled {
    let tasks = [Direction::Pull, Direction::Push]
        .map(|way| tokio::spawn(keep(runtime.clone(), peer.clone(), way)).abort_handle());
    Dialled { peer, tasks }
}

/// One direction of one link, taken up again whenever it breaks.
async fn keep(runtime: Runtime, peer: Peer, way: Direction) {
    let mut backoff = Backoff::default();
    loop {
        let outcome = match Session::new(&runtime, &peer) {
            Ok(mut session) => match way {
                Direction::Pull => pull::pull(&mut session, &mut backoff).await,
                Direction::Push => push::push(&mut session, &mut backoff).await,
            },
            Err(error) => Err(error),
        };
        if outcome.is_err() {
            runtime.meters().links.failed(peer.node, now());
        }
        match outcome {
            Err(LinkError::Unavailable(Unavailable::Stopping)) => return,
            Err(error) if error.is_removal() => {
                if !peer.removed_us {
                    tracing::warn!("a partner has ended the partnership; `partner list` names it");
                }
                // Noted, this task ends, and one that knows takes its place.
                if let Err(error) = note_removed(&runtime, peer.node, true).await {
                    tracing::warn!(%error, "what a partner said cannot be noted");
                }
                tokio::time::sleep(REMOVED_RETRY).await;
                continue;
            }
            Err(LinkError::Client(ClientError::OtherKey)) => {
                // Its node may have changed it while one of us was away.
                if let Err(error) = keys::learn(&runtime, &peer).await {
                    tracing::warn!(%error, "another key answers at a partner's address");
                }
            }
            Err(error @ LinkError::Client(_)) => tracing::debug!(%error, ?way, "a link broke"),
            Err(error) => tracing::warn!(%error, ?way, "a link stopped"),
            Ok(never) => match never {},
        }
        tokio::time::sleep(backoff.next()).await;
    }
}

/// Between two times that a partner is given back what it lost: the whole log is looked through.
const GIVING_EVERY: Duration = Duration::from_secs(10);

/// How long to wait before the next attempt: doubling, with jitter, so that the partners of a node
/// that comes back do not all knock at once.
#[derive(Debug)]
pub(super) struct Backoff {
    step: Duration,
    /// When what the partner had lost was last given back to it.
    gave: Option<tokio::time::Instant>,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { step: RETRY_MIN, gave: None }
    }
}

impl Backoff {
    /// Something worked: the next attempt comes soon.
    pub(super) const fn reset(&mut self) {
        self.step = RETRY_MIN;
    }

    /// Waits until giving back may begin once more.
    pub(super) async fn rest_from_giving(&mut self) {
        if let Some(gave) = self.gave {
            tokio::time::sleep_until(gave + GIVING_EVERY).await;
        }
        self.gave = Some(tokio::time::Instant::now());
    }

    /// The next pause: between half and all of the present step.
    fn next(&mut self) -> Duration {
        let mut byte = [0];
        random(&mut byte);
        let [jitter] = byte;
        let pause = self.step / 2 + self.step / 2 * u32::from(jitter) / 255;
        self.step = (self.step * 2).min(RETRY_MAX);
        pause
    }
}
