//! What a partner gets next, as soon as there is something: for the request that waits at our door
//! and for the task that pushes. Numbers are durable before a byte of them leaves.

use super::compress::pack;
use crate::runtime::{Runtime, Unavailable, now};
use node::link::{batch, hello, lens_for};
use node::outlet::link_key;
use node::read::is_current;
use node::{Answer, Command};
use std::time::Duration;

/// From where on a partner wants what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Want {
    /// The partner.
    pub(crate) partner: model::id::NodeId,
    /// The life of our numbering that it knows.
    pub(crate) epoch: model::id::Epoch,
    /// The number of the first entry it lacks.
    pub(crate) after: u64,
    /// How many entries it takes ahead of that.
    pub(crate) credit: u64,
    /// Whether the bytes may be packed.
    pub(crate) packed: bool,
}

/// What there is for it.
#[derive(Debug)]
pub(crate) enum Supply {
    /// A batch.
    Batch {
        /// Whether the bytes are packed.
        packed: bool,
        /// The bytes.
        bytes: Vec<u8>,
        /// The number after its last entry.
        next: u64,
    },
    /// Nothing yet.
    Nothing {
        /// The log has been looked through to its end for this partner.
        current: bool,
    },
    /// It is no partner, or no longer.
    Stranger,
    /// Our numbering began a new life.
    OtherEpoch,
    /// It knows more than was ever numbered in this life: our history is not what it was.
    Beyond,
}

/// Waits at most `patience` for something to send.
pub(crate) async fn supply(
    runtime: &Runtime,
    want: Want,
    patience: Duration,
) -> Result<Supply, Unavailable> {
    // Before the first look: what is committed after it wakes us.
    let mut woken = runtime.woken();
    let deadline = tokio::time::Instant::now() + patience;
    let mut found = look(runtime, want).await?;
    if matches!(found, Supply::Nothing { .. }) {
        // From here on the writer numbers for this partner with every commit.
        found = number(runtime, want).await?;
    }
    while matches!(found, Supply::Nothing { .. }) {
        match tokio::time::timeout_at(deadline, woken.changed()).await {
            Ok(Ok(())) => found = look(runtime, want).await?,
            Ok(Err(_)) => return Err(Unavailable::Stopping),
            Err(_) => break,
        }
        if matches!(found, Supply::Nothing { current: false }) {
            found = number(runtime, want).await?;
        }
    }
    Ok(found)
}

/// Has the writer number until there is something to send, or nothing left to look at.
async fn number(runtime: &Runtime, want: Want) -> Result<Supply, Unavailable> {
    loop {
        let Want { partner, after, credit, .. } = want;
        let numbered = match runtime.write(Command::NumberFor { partner, after, credit }).await {
            // Without room for more numbers, what has one is sent all the same.
            Err(Unavailable::Full) => Answer::Done,
            numbered => numbered?,
        };
        let found = look(runtime, want).await?;
        let go_on = matches!(numbered, Answer::Numbered { unfinished: true });
        if !go_on || !matches!(found, Supply::Nothing { .. }) {
            return Ok(found);
        }
    }
}

async fn look(runtime: &Runtime, want: Want) -> Result<Supply, Unavailable> {
    let asked = runtime.clone();
    let look = move |reading: &node::Reading<'_>| {
        let Some(lens) = lens_for(reading, &want.partner, now())? else {
            return Ok(Supply::Stranger);
        };
        let ours = hello(asked.me(), reading, &want.partner)?;
        if ours.epoch != want.epoch {
            return Ok(Supply::OtherEpoch);
        }
        if want.after > ours.size {
            return Ok(Supply::Beyond);
        }
        let batch = batch(asked.me(), reading, &lens, want.after)?;
        if batch.is_empty() {
            let current = is_current(reading, &link_key(&want.partner), now())?;
            return Ok(Supply::Nothing { current });
        }
        let (bytes, next) = (batch.bytes(), batch.next);
        Ok(match want.packed.then(|| pack(&bytes)).flatten() {
            Some(bytes) => Supply::Batch { packed: true, bytes, next },
            None => Supply::Batch { packed: false, bytes, next },
        })
    };
    runtime.read(look).await
}
