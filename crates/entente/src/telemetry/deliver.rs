//! One delivery, whichever door it came by: matched, and everything that follows made durable before
//! it is acknowledged. It receives nothing and words no answer.

use crate::matching::{Incoming, Matches, Named, match_lines};
use crate::runtime::{Runtime, Unavailable, now};
use formats::problem::Problem;
use model::id::Digest;
use model::seal::hmac;
use node::release::Lens;
use node::{Answer, Command};

/// Whether the same bytes may come again, and how that is told.
#[derive(Clone, Debug)]
pub(crate) enum Again {
    /// Each time is another one: a person looks through a file, a protocol knows no acknowledgement.
    Never,
    /// The sender names the delivery; empty, its bytes alone name it.
    Named(String),
}

/// Who brings a delivery, and what of its matches it may see.
#[derive(Debug)]
pub(crate) struct Sender {
    /// The token's name, or the door's.
    pub(crate) name: String,
    /// Its eyes.
    pub(crate) eyes: Lens,
}

/// Why a delivery is not acknowledged.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DeliverError {
    /// The node cannot take it now.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The writer refuses the sightings.
    #[error("{}", .0.message)]
    Refused(Box<Problem>),
    /// Whoever matched it is gone.
    #[error("the lines could not be matched")]
    Broken,
}

/// Matches a delivery's lines and waits until every sighting that follows is on the disk.
pub(crate) async fn deliver(
    runtime: &Runtime,
    sender: Sender,
    bytes: Vec<u8>,
    (incoming, first_line): (Incoming, u64),
    again: Again,
) -> Result<Matches, DeliverError> {
    let inside = runtime.clone();
    let work = move || {
        let delivery = delivery(&inside, &sender.name, &again, &bytes);
        let mut matches =
            match_lines(&inside, &sender.eyes, &incoming, (bytes, first_line), delivery.as_ref())?;
        let source = if incoming.source.is_empty() { sender.name } else { incoming.source };
        matches.name(Named { delivery, source, at: now() });
        let chosen = inside.kept().choose(&inside, &matches);
        let findings = chosen.findings(&inside)?;
        Ok::<_, Unavailable>((matches, chosen, findings))
    };
    let matched = tokio::task::spawn_blocking(work).await;
    let (mut matches, chosen, findings) = matched.map_err(|_| DeliverError::Broken)??;
    let sums = std::mem::take(&mut matches.sums);
    if !sums.is_empty() {
        let delivery = matches.named().delivery;
        let command = match delivery {
            Some(delivery) if findings.is_empty() => Command::Delivered { delivery, matches: sums },
            None if findings.is_empty() => Command::Matched(sums),
            Some(_) | None => Command::Found { delivery, matches: sums, findings },
        };
        if let Answer::Refused(problem) = runtime.write(command).await? {
            return Err(DeliverError::Refused(Box::new(problem)));
        }
    }
    // What a sender is told was taken is kept before it is told. It writes files.
    let inside = runtime.clone();
    let keep = move || {
        if let Some(gathered) = matches.gathered.take() {
            inside.seen().take(gathered, &matches.named().source);
        }
        inside.kept().keep(&inside, &chosen);
        matches
    };
    let matches = tokio::task::spawn_blocking(keep).await.map_err(|_| Unavailable::Stopping)?;
    count(runtime, &matches);
    Ok(matches)
}

/// For `/metrics`: what was read, and what was not.
fn count(runtime: &Runtime, matches: &Matches) {
    let meters = runtime.meters();
    meters.events.add(matches.kinds.iter().sum());
    for (count, read) in meters.forms.iter().zip(matches.kinds) {
        count.add(read);
    }
    meters.matches.add(u64::try_from(matches.len()).unwrap_or(u64::MAX));
    meters.bad_lines.add(matches.bad);
    meters.skipped_bytes.add(matches.skipped_bytes);
}

/// What names a delivery: who sent it, under which name, and its bytes, under the node's own key.
fn delivery(runtime: &Runtime, sender: &str, again: &Again, bytes: &[u8]) -> Option<Digest> {
    let Again::Named(name) = again else { return None };
    let lengths = [sender.len(), name.len()].map(|length| length.to_string());
    let [sender_length, name_length] = lengths;
    let head = format!("delivery {sender_length} {name_length} {sender} {name} ");
    Some(hmac(&runtime.me().local_key, &[head.as_bytes(), bytes]))
}
