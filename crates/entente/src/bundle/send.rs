//! What goes into a bundle for a partner: what the link would send it next, numbered in the same
//! outlet, so that files and links mix freely. Numbers are durable before the file is given out.

use super::file::{BundleError, Packing};
use super::spool::Spool;
use crate::runtime::{Runtime, Unavailable};
use crate::wire::{self, Supply, Want};
use formats::problem::Problem;
use model::id::NodeId;
use model::limits::LINK_AHEAD_MAX;
use model::seal::SealingKey;
use node::bundle::{Head, Holds, sealing_key, sign_hello};
use node::link::Hello;
use std::time::Duration;
use tokio::runtime::Handle;

/// What is wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    /// For whom.
    pub(crate) partner: NodeId,
    /// From which number on; from the first one without a receipt when nobody says.
    pub(crate) from: Option<u64>,
    /// Bytes of the file, at most.
    pub(crate) max: u64,
}

/// A bundle that was made.
#[derive(Debug)]
pub(crate) struct Exported {
    /// The file.
    pub(crate) spool: Spool,
    /// The number of its first entry.
    pub(crate) first: u64,
    /// The number after its last entry.
    pub(crate) next: u64,
    /// Whether there is more than it has room for.
    pub(crate) more: bool,
}

/// Why there is no bundle.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExportError {
    /// It may not be, or cannot be.
    #[error("{0}")]
    Refused(#[from] Problem),
    /// The file failed.
    #[error(transparent)]
    File(#[from] BundleError),
    /// The node is stopping, or its store fails.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Makes a bundle, on a thread that may block; `None` when nothing waits for the partner.
pub(crate) fn export(
    runtime: &Runtime,
    handle: &Handle,
    asked: Asked,
    spool: Spool,
) -> Result<Option<Exported>, ExportError> {
    let Asked { partner, from, max } = asked;
    let (own, me) = (runtime.clone(), runtime.me());
    let (hello, key) = runtime.read_here(move |reading| {
        let hello = node::link::hello(own.me(), reading, &partner)?;
        Ok((hello, sealing_key(reading, &partner)?))
    })?;
    let key = key.ok_or_else(unknown_key)?;
    let first = from.unwrap_or(hello.receipted);
    let head = Head { holds: Holds::Records, to: partner, from: me.node() };
    let (epoch, credit) = (hello.epoch, LINK_AHEAD_MAX);
    let want = Want { partner, epoch, after: first, credit, packed: false };
    let begun = batch(runtime, handle, want).map_err(|error| match (error, from) {
        (ExportError::Refused(problem), Some(_)) if problem.code == wire::beyond().code => {
            beyond_last().into()
        }
        (error, _) => error,
    });
    let Some((mut bytes, mut end)) = begun? else { return Ok(None) };
    // Numbering may just have begun the outlet: what is said of it is said afterwards.
    let own = runtime.clone();
    let hello = runtime.read_here(move |reading| {
        let hello = node::link::hello(own.me(), reading, &partner)?;
        Ok(Hello { chain: node::keys::chain_of(reading, &own.me().node())?, ..hello })
    })?;
    let mut packing = Packing::new(spool, &head, &key)?;
    packing.add(sign_hello(&head, &hello, &me.key).as_bytes())?;
    packing.add(b"\n")?;
    let (mut after, mut more) = (first, false);
    loop {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if packing.written()?.saturating_add(length) > max {
            more = true;
            break;
        }
        packing.add(&bytes)?;
        after = end;
        match batch(runtime, handle, Want { after, ..want })? {
            Some(next) => (bytes, end) = next,
            None => break,
        }
    }
    if after == first {
        return Err(too_small(bytes.len()).into());
    }
    let spool = packing.finish()?;
    Ok(Some(Exported { spool, first, next: after, more }))
}

/// The next batch and the number after its last entry; `None` when there is none.
fn batch(
    runtime: &Runtime,
    handle: &Handle,
    want: Want,
) -> Result<Option<(Vec<u8>, u64)>, ExportError> {
    match handle.block_on(wire::supply(runtime, want, Duration::ZERO))? {
        Supply::Batch { bytes, next, .. } => Ok(Some((bytes, next))),
        Supply::Nothing { .. } => Ok(None),
        Supply::Stranger => Err(no_partner().into()),
        Supply::Beyond => Err(wire::beyond().into()),
        Supply::OtherEpoch => {
            Err(Problem::error("E-LINK-030", "the numbering began anew; try again").into())
        }
    }
}

/// The sealed answer to a bundle: the receipts that its maker lacks.
pub(super) fn receipts(
    runtime: &Runtime,
    (to, key): (NodeId, SealingKey),
    receipts: &[node::link::Receipt],
) -> Result<Vec<u8>, BundleError> {
    let head = Head { holds: Holds::Receipts, to, from: runtime.me().node() };
    let mut packing = Packing::new(Vec::new(), &head, &key)?;
    for receipt in receipts {
        packing.add(receipt.write().as_bytes())?;
        packing.add(b"\n")?;
    }
    packing.finish()
}

fn unknown_key() -> Problem {
    Problem::error("E-BUNDLE-004", "this node does not know what to seal to for the partner").hint(
        "it tells by the link; without one: `entente bundle key > FILE` there, and here \
         `entente bundle key --of NAME FILE`",
    )
}

/// The refusal for who is no partner.
pub(super) fn no_partner() -> Problem {
    Problem::error("E-BUNDLE-006", "the bundle is from, or for, no partner of this node")
        .hint("`entente bundle key --of NAME FILE` pins a node that no link reaches")
}

fn beyond_last() -> Problem {
    Problem::error("E-BUNDLE-008", "--from is beyond the last entry")
        .hint("without --from it begins after the last receipt")
}

fn too_small(bytes: usize) -> Problem {
    let message = format!("not even the first batch, {bytes} bytes, has room within --max");
    Problem::error("E-BUNDLE-007", message).hint("name a larger --max, such as 64 MiB: 67108864")
}
