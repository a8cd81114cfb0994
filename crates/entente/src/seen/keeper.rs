//! Who keeps what deliveries saw, and looks back for what is new. It answers no request itself.

use super::answering::Questions;
use super::held::Held;
use super::layers::Wait;
use super::possible::Waiting;
use crate::config::Folder;
use crate::known_good::Judge;
use crate::runtime::{Runtime, Unavailable, now};
use crate::settings::Lookback;
use detect::observable::Observable;
use detect::past::Gathered;
use model::facts::Value;
use model::limits::{LOOKBACK_BATCH, SEEN_SPARE_BYTES_MAX, SEEN_SPARE_MAX, SEEN_TICK_SECONDS};
use model::seal::hmac;
use model::time::Instant;
use node::seen::{SeenLine, fresh, pending};
use node::watch::{Matched, watched};
use node::{Command, Seq, StoreError};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// The keeper of a node.
#[derive(Debug, Default)]
pub(crate) struct Keeper {
    pub(super) held: OnceLock<Held>,
    /// Memory of deliveries that are over: growing it anew costs each as much as it gathers.
    spare: Mutex<Vec<Gathered>>,
    pub(super) questions: Questions,
    pub(super) waiting: Waiting,
    pub(super) awake: Notify,
}

/// What was seen of one value.
#[derive(Debug)]
pub(crate) struct Sought {
    /// What; `None` when it was never seen.
    pub(crate) line: Option<SeenLine>,
    /// Segments that could not be read: an answer lacks what they hold.
    pub(crate) unread: Vec<String>,
    /// Whether anything is kept from now on.
    pub(crate) keeps: bool,
}

impl Keeper {
    /// The folder that the node lives in is known; the node is about to serve.
    pub(crate) fn open(&self, folder: &Folder, key: [u8; 16], settings: &Lookback) {
        match Held::open(&folder.seen(), key, settings) {
            Ok(held) => drop(self.held.set(held)),
            Err(error) => tracing::error!(%error, "what is seen is not kept for looking back"),
        }
    }

    /// Where a delivery gathers what it sees; nothing where nothing is kept.
    pub(crate) fn begin(&self, key: [u8; 16], now: Instant) -> Option<Gathered> {
        self.held.get().filter(|held| held.keeps())?;
        let mut gathered = self.spare().pop().unwrap_or_else(|| Gathered::new(key, now));
        gathered.renew(now);
        Some(gathered)
    }

    /// Takes what a delivery saw.
    pub(crate) fn take(&self, mut gathered: Gathered, source: &str) {
        if self.held.get().is_some_and(|held| held.take(&mut gathered, source)) {
            self.awake.notify_one();
        }
        let mut spare = self.spare();
        if spare.len() < SEEN_SPARE_MAX && gathered.bytes() <= SEEN_SPARE_BYTES_MAX {
            spare.push(gathered);
        }
    }

    fn spare(&self) -> MutexGuard<'_, Vec<Gathered>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new indicator: whether it was seen before.
    pub(crate) fn look_back(&self, seq: Seq, values: &[Value]) {
        if let Some(held) = self.held.get() {
            held.wait(seq, values);
            self.awake.notify_one();
        }
    }

    /// A partner asks whether something was seen.
    pub(crate) fn asked(&self, seq: Seq) {
        self.questions.push(seq);
    }

    /// An indicator is gone.
    pub(crate) fn forget(&self, seq: Seq) {
        if let Some(held) = self.held.get() {
            held.forget(seq);
        }
        self.look_back_gone(seq);
    }

    /// What was seen of a value; `None` where the folder cannot be used. It reads files.
    pub(crate) fn ask(&self, value: Observable) -> Option<Sought> {
        let held = self.held.get()?;
        let mut asked = held.ask(&[value]);
        let line = asked.lines.pop().flatten();
        Some(Sought { line, unread: asked.unread, keeps: held.keeps() })
    }
}

/// Writes down, looks back and lets go of old days until the node stops.
pub(crate) async fn keep(runtime: Runtime) {
    let mut stopping = runtime.stopping();
    if let Err(error) = runtime.resume().await {
        tracing::error!(%error, "indicators that came last are not looked back for");
    }
    loop {
        let ticked = tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => break,
            () = runtime.seen().awake.notified() => false,
            () = tokio::time::sleep(Duration::from_secs(SEEN_TICK_SECONDS)) => true,
        };
        if let Err(error) = runtime.look_back_now().await {
            tracing::warn!(%error, "looking back goes on later");
        }
        if let Err(error) = runtime.tell_possible().await {
            tracing::warn!(%error, "what rules may have matched before is told when asked alone");
        }
        runtime.keep_seen(ticked).await;
    }
    // What is gathered is safe in its journal; as a segment other programs read it, too.
    let last = runtime.clone();
    let written = tokio::task::spawn_blocking(move || {
        if let Some(held) = last.seen().held.get() {
            held.rotate();
            held.flush();
        }
    });
    written.await.ok();
}

impl Runtime {
    /// Has looked back for what came before the last process ended and was not looked back for.
    async fn resume(&self) -> Result<(), Unavailable> {
        let Some(held) = self.seen().held.get() else { return Ok(()) };
        let head = self.read(|reading| reading.head()).await?;
        match held.looked() {
            None => held.set_looked(head),
            Some(looked) if looked < head => held.layers().behind = true,
            Some(_) => {}
        }
        self.seen().awake.notify_one();
        Ok(())
    }

    /// Looks back for all that waits.
    async fn look_back_now(&self) -> Result<(), Unavailable> {
        let Some(held) = self.seen().held.get() else { return Ok(()) };
        loop {
            let waits = held.waiting();
            if waits.is_empty() {
                if !std::mem::take(&mut held.layers().behind) {
                    return Ok(());
                }
                self.catch_up(held).await?;
                continue;
            }
            let inside = self.clone();
            let looked = tokio::task::spawn_blocking(move || inside.found_before(waits)).await;
            let (waits, found) = looked.map_err(|_| Unavailable::Stopping)?;
            let told = match found {
                Ok(found) => self.tell_before(found).await,
                Err(error) => Err(error),
            };
            if let Err(error) = told {
                held.put_back(waits);
                return Err(error);
            }
            if let Some(last) = waits.iter().map(|wait| wait.seq).max() {
                held.set_looked(last);
            }
        }
    }

    /// Reads from the store what waits and is not held in memory.
    async fn catch_up(&self, held: &Held) -> Result<(), Unavailable> {
        let from = held.looked().unwrap_or(0);
        let read = self.read(move |reading| {
            let head = reading.head()?;
            Ok((head, pending(reading, (from, head), LOOKBACK_BATCH)?))
        });
        let (head, (found, next)) = read.await?;
        let more = next.is_some();
        found.iter().for_each(|(seq, values)| held.wait(*seq, values));
        if found.is_empty() && !more {
            held.set_looked(head);
        }
        held.layers().behind |= more;
        Ok(())
    }

    /// Asks for all values of these indicators; gives them back beside what is to be told.
    fn found_before(&self, waits: Vec<Wait>) -> (Vec<Wait>, Result<Vec<Matched>, Unavailable>) {
        let found = self.before(&waits);
        (waits, found)
    }

    fn before(&self, waits: &[Wait]) -> Result<Vec<Matched>, Unavailable> {
        let Some(held) = self.seen().held.get() else { return Ok(Vec::new()) };
        let fresh = self.read_here(|reading| {
            let fresh = waits.iter().map(|wait| {
                let values = fresh(reading, wait.seq, wait.values.clone())?;
                Ok(values.into_iter().map(|value| (wait.seq, value)).collect::<Vec<_>>())
            });
            fresh.collect::<Result<Vec<_>, StoreError>>()
        })?;
        let asked: Vec<(Seq, Observable)> = fresh
            .into_iter()
            .flatten()
            .map(|(seq, Value { kind, text })| (seq, Observable { kind, text }))
            .collect();
        let values: Vec<Observable> = asked.iter().map(|(_, value)| value.clone()).collect();
        let then: Vec<Arc<Gathered>> =
            waits.first().map(|wait| wait.layers.clone()).unwrap_or_default();
        let answer = held.ask_then(&values, &then);
        for problem in &answer.unread {
            tracing::warn!(problem, "a look-back lacks what a segment holds");
        }
        let hits: Vec<(Seq, Observable, SeenLine)> = asked
            .into_iter()
            .zip(answer.lines)
            .filter_map(|((seq, value), line)| Some((seq, value, line?)))
            .collect();
        let now = now();
        self.read_here(|reading| {
            let own = self.own_lens(reading)?;
            let mut matches: Vec<Matched> = Vec::new();
            let mut judge = Judge::open(self, reading, now)?;
            for (seq, value, line) in &hits {
                let (silence, standing) = judge.indicator(reading, *seq)?;
                let silent = silence.is_some() || judge.value(standing, &value.text).is_some();
                if silent || watched(reading, &own, *seq)?.is_none() {
                    continue;
                }
                add(&mut matches, *seq, value, line);
            }
            Ok(matches)
        })
    }

    /// A sighting for each, counted once however often it is asked for.
    async fn tell_before(&self, found: Vec<Matched>) -> Result<(), Unavailable> {
        for found in found {
            let seq = found.seq.to_le_bytes();
            let delivery = hmac(&self.me().local_key, &[b"look-back ", &seq]);
            let (seq, count) = (found.seq, found.count);
            self.write(Command::Delivered { delivery, matches: vec![found] }).await?;
            tracing::info!(seq, count, "an indicator was seen before it was published");
        }
        Ok(())
    }

    /// Writes segments that are due; at a tick lets go of what is old.
    async fn keep_seen(&self, ticked: bool) {
        let inside = self.clone();
        let kept = tokio::task::spawn_blocking(move || {
            let Some(held) = inside.seen().held.get() else { return };
            held.lessen();
            if held.is_due() {
                held.rotate();
            }
            held.flush();
            if ticked && let Err(error) = held.retain(inside.disk().room()) {
                tracing::warn!(%error, "old days of what was seen are not let go");
            }
            let (rows, skipped) = held.counts();
            inside.meters().seen_rows.add(rows);
            inside.meters().seen_skipped.add(skipped);
        });
        kept.await.ok();
    }
}

/// Sums up the values of one indicator.
fn add(matches: &mut Vec<Matched>, seq: Seq, value: &Observable, line: &SeenLine) {
    let parent = !line.values.contains(&value.text);
    if let Some(known) = matches.last_mut().filter(|known| known.seq == seq) {
        known.count = known.count.saturating_add(line.count);
        known.first = known.first.min(line.first);
        known.last = known.last.max(line.last);
        known.parent &= parent;
        return;
    }
    let (count, first, last, role) = (line.count, line.first, line.last, line.role());
    matches.push(Matched { seq, count, first, last, role, parent });
}
