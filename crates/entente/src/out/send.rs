//! Takes findings out of the queue to their receivers: one task each, so that one that is down holds
//! up no other, and nothing here holds up matching. When something is due is said by
//! `node::outgoing`; how it is sent is in `way`.

use super::failure::NotTaken;
use super::syslog::{Target, Transport};
use super::way::Way;
use crate::disk;
use crate::runtime::{Runtime, Unavailable, now};
use model::limits::{OUTGOING_BATCH, OUTGOING_SAVE_MILLIS};
use node::command::Administer;
use node::outgoing::{SendFailed, Sent, pause};
use node::{Command, Outgoing, Receiver};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::task::{AbortHandle, JoinSet};

/// Between two looks at the receivers, and at what waits, at most.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// Sends until the node stops; what is under way then is sent again by the next start.
pub(crate) async fn send_all(runtime: Runtime) {
    let mut stopping = runtime.stopping();
    tokio::select! {
        () = settle(&runtime) => {}
        _ = stopping.wait_for(|stop| *stop) => return,
    }
    let mut changed = runtime.receivers_changed();
    let mut tasks = JoinSet::new();
    let mut sending: BTreeMap<i64, AbortHandle> = BTreeMap::new();
    loop {
        match runtime.read(node::receiver::all).await {
            Ok(receivers) => follow(&runtime, receivers, (&mut sending, &mut tasks)),
            Err(Unavailable::Stopping) => return,
            Err(error) => tracing::warn!(%error, "receivers of findings cannot be read"),
        }
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => break,
            changed = changed.changed() => if changed.is_err() { break },
            Some(_) = tasks.join_next() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
    // Each sees that the node stops, and writes down what it sent.
    while tasks.join_next().await.is_some() {}
}

/// Has the node know the syslog server that its settings name.
async fn settle(runtime: &Runtime) {
    let out = &runtime.settings().out;
    let clear = |target: &Target| target.transport != Transport::Tls && !target.is_loopback();
    let target = out.syslog.as_deref().and_then(|text| text.parse::<Target>().ok());
    if target.as_ref().is_some_and(clear) {
        tracing::warn!("out.syslog leaves this machine without TLS: whoever listens reads events");
    }
    let wanted = out.syslog.clone().map(|url| (url, out.syslog_as));
    loop {
        let act = Administer::SetSyslog(wanted.clone());
        match runtime.write(Command::Administer(act)).await {
            Ok(_) | Err(Unavailable::Stopping) => return,
            Err(Unavailable::Full | Unavailable::Store(_)) => disk::room_again(runtime).await,
        }
    }
}

/// One task for each receiver that there is, and none for another.
fn follow(
    runtime: &Runtime,
    receivers: Vec<Receiver>,
    (sending, tasks): (&mut BTreeMap<i64, AbortHandle>, &mut JoinSet<()>),
) {
    sending.retain(|id, task| {
        let living = receivers.iter().any(|receiver| receiver.id == *id);
        if !living {
            task.abort();
        }
        living && !task.is_finished()
    });
    for receiver in receivers {
        let id = receiver.id;
        sending.entry(id).or_insert_with(|| tasks.spawn(send(runtime.clone(), receiver)));
    }
}

/// What to do after a look.
enum Then {
    /// There may be more.
    Again,
    /// Nothing is due for so long.
    Idle(Duration),
    /// It failed, and rests for so long.
    Rest(Duration),
}

/// Sends to one receiver until the node stops.
async fn send(runtime: Runtime, receiver: Receiver) {
    let (mut stopping, mut asked) = (runtime.stopping(), runtime.receivers_changed());
    let mut waiting = runtime.findings_wait();
    let (mut way, mut failures) = (None, receiver.failures);
    while !*stopping.borrow() {
        let then = match step(&runtime, &receiver, (&mut way, &mut failures)).await {
            Ok(then) => then,
            Err(Unavailable::Stopping) => return,
            Err(Unavailable::Full | Unavailable::Store(_)) => Then::Rest(LOOK_EVERY),
        };
        match then {
            Then::Again => {}
            Then::Idle(wait) => tokio::select! {
                _ = stopping.wait_for(|stop| *stop) => {}
                changed = waiting.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(wait) => {}
            },
            // A test that went well, or another receiver, ends a rest: then it is tried at once.
            Then::Rest(wait) => tokio::select! {
                _ = stopping.wait_for(|stop| *stop) => {}
                changed = asked.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(wait) => {}
            },
        }
    }
}

/// Sends what is due, and writes down what came of it.
async fn step(
    runtime: &Runtime,
    receiver: &Receiver,
    (way, failures): (&mut Option<Way>, &mut u32),
) -> Result<Then, Unavailable> {
    let (id, at) = (receiver.id, now());
    let asked = move |reading: &node::Reading<'_>| {
        let due = node::outgoing::due(reading, id, at, OUTGOING_BATCH)?;
        Ok((due, node::outgoing::next(reading, id)?))
    };
    let (due, next) = runtime.read(asked).await?;
    if due.is_empty() {
        let micros = next.map(|next| next.micros().saturating_sub(at.micros()));
        let wait = micros.and_then(|micros| u64::try_from(micros).ok()).map(Duration::from_micros);
        return Ok(Then::Idle(wait.unwrap_or(LOOK_EVERY).min(LOOK_EVERY)));
    }
    // Nothing is sent of which it cannot be written down that it was.
    if runtime.disk().room() == disk::Room::None {
        return Ok(Then::Rest(LOOK_EVERY));
    }
    let (sent, failed) = send_due(runtime, receiver, (way, due)).await;
    let meters = runtime.meters();
    meters.findings_sent.add(u64::try_from(sent.taken.len()).unwrap_or(u64::MAX));
    if !sent.taken.is_empty() {
        *failures = 0;
    }
    let retry_after = failed.as_ref().and_then(|failed| failed.retry_after);
    let rests = failed.is_some();
    if rests {
        meters.findings_failed.add(1);
        *failures = failures.saturating_add(1);
        if *failures == 1 {
            let code = failed.as_ref().map(|failed| failed.problem.code);
            tracing::warn!(code, "a receiver takes no findings; `entente webhook list` says why");
        }
        *way = None;
    }
    save(runtime, sent).await?;
    if !rests {
        return Ok(Then::Again);
    }
    let seconds = u64::try_from(pause(*failures, retry_after)).unwrap_or(0);
    Ok(Then::Rest(Duration::from_secs(seconds)))
}

/// Sends one after the other until one fails or what was taken should be written down.
async fn send_due(
    runtime: &Runtime,
    receiver: &Receiver,
    (way, due): (&mut Option<Way>, Vec<Outgoing>),
) -> (Sent, Option<NotTaken>) {
    let mut sent = Sent { receiver: receiver.id, taken: Vec::new(), failed: None };
    let save = tokio::time::Instant::now() + Duration::from_millis(OUTGOING_SAVE_MILLIS);
    let mut stopping = runtime.stopping();
    for Outgoing { key, at, tries, body, .. } in due {
        let open = match way.take() {
            Some(open) => Ok(open),
            None => Way::to(runtime, receiver),
        };
        let taken = match open {
            Ok(open) => {
                let open = way.insert(open);
                tokio::select! {
                    taken = open.send(&key, at, &body) => taken,
                    _ = stopping.wait_for(|stop| *stop) => break,
                }
            }
            Err(failed) => Err(failed),
        };
        match taken {
            Ok(()) => sent.taken.push(key),
            Err(failed) => {
                let finding = failed.answered.then_some((key, tries));
                let (problem, retry_after) = (failed.problem.clone(), failed.retry_after);
                sent.failed = Some(SendFailed { finding, problem, retry_after });
                return (sent, Some(failed));
            }
        }
        if tokio::time::Instant::now() >= save {
            break;
        }
    }
    (sent, None)
}

/// Writes down what came of it, as soon as there is room.
// CRASH: what was taken and is not written down is sent again, under the same key.
async fn save(runtime: &Runtime, sent: Sent) -> Result<(), Unavailable> {
    if sent.taken.is_empty() && sent.failed.is_none() {
        return Ok(());
    }
    loop {
        match runtime.write(Command::Sent(sent.clone())).await {
            Ok(_) => return Ok(()),
            Err(Unavailable::Full) => disk::room_again(runtime).await,
            Err(error) => return Err(error),
        }
    }
}
