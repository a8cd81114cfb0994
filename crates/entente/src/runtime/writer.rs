//! The one writer: it batches commands into commits, lets effects out once they are durable, ticks
//! the clock, and gives long work its slices in between. It decides nothing; `node` does.

use super::clock::{now, random};
use super::handle::{Job, NoRoom, Reply, Runtime};
use crate::maintain::{Halt, Handed};
use formats::problem::Problem;
use model::limits::PURGE_PATIENCE_SECONDS;
use model::time::Instant;
use node::command::Fate;
use node::{Answer, Command, Effect, Moment, Node, Store, StoreError};
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::time::Duration;
use tokio::sync::oneshot;

/// Commands in one commit.
const GROUP_MAX: usize = 64;
/// Between two ticks of the clock: hourly sightings and ends of embargoes need no finer one.
const TICK: Duration = Duration::from_secs(1);
/// The same while a purge or a pass over many entries goes on: each tick takes a step of it.
const BUSY_TICK: Duration = Duration::from_millis(40);

impl Runtime {
    /// The writer: batches commands into commits until every door is closed.
    pub(super) fn write_all(
        &self,
        store: &Store,
        mut node: Node,
        inbox: &mpsc::Receiver<Job>,
    ) -> Result<(), StoreError> {
        let mut ticked = now();
        while let Some(first) = self.next_job(inbox, &mut ticked) {
            self.write_group(store, &mut node, (first, inbox))?;
            if let Some(handed) = self.0.desk.take() {
                self.maintain(store, &mut node, (handed, inbox, &mut ticked))?;
            }
        }
        let mut tx = store.begin()?;
        let (at, mut effects) = (now(), Vec::new());
        let mut moment =
            Moment { tx: &mut tx, now: at, random: &mut random, effects: &mut effects };
        let finished = node.finish(&mut moment).and_then(|()| tx.commit());
        match finished {
            Err(error) if error.is_full() => {
                tracing::warn!(%error, "counts of sightings wait for the next start");
                Ok(())
            }
            finished => finished,
        }
    }

    /// One commit: what waits in the queue, at most [`GROUP_MAX`] commands. When the disk has no
    /// room for it, all of them are refused and nothing has happened.
    pub(super) fn write_group(
        &self,
        store: &Store,
        node: &mut Node,
        (first, inbox): (Job, &mpsc::Receiver<Job>),
    ) -> Result<(), StoreError> {
        let mut effects = Vec::new();
        let mut replies = Vec::with_capacity(GROUP_MAX);
        let committed = self.commit(store, node, (first, inbox), (&mut effects, &mut replies));
        self.0.hurried.store(node.is_hurried(), Ordering::Relaxed);
        match committed {
            Ok(answers) => {
                self.let_out(&mut effects);
                for (reply, answer) in replies.into_iter().zip(answers) {
                    self.count(&answer);
                    // Who asked may have gone away; what was asked is done all the same.
                    drop(reply.send(Ok(answer)));
                }
            }
            Err(error) if error.is_full() => {
                tracing::error!(%error, "the disk is full; what was asked is refused");
                self.disk().filled();
                self.look_no_more(&effects);
                node.reread(&store.reading())?;
                replies.into_iter().for_each(|reply| drop(reply.send(Err(NoRoom))));
            }
            Err(error) => return Err(error),
        }
        match store.checkpoint().and_then(|()| self.purge(store)) {
            // What is committed stays in the write-ahead log until there is room.
            Err(error) if error.is_full() => {
                self.disk().filled();
                Ok(())
            }
            kept => kept,
        }
    }

    /// A step of the purge, once one is due.
    fn purge(&self, store: &Store) -> Result<(), StoreError> {
        let purging = &self.0.purging;
        let gone = if purging.is_due(now()) { store.purge()? } else { !store.is_purge_wanted()? };
        purging.note(gone, now());
        Ok(())
    }

    /// Applies and commits; the answers are in the order of the replies.
    pub(super) fn commit(
        &self,
        store: &Store,
        node: &mut Node,
        (first, inbox): (Job, &mpsc::Receiver<Job>),
        (effects, replies): (&mut Vec<Effect>, &mut Vec<Reply>),
    ) -> Result<Vec<Answer>, StoreError> {
        let mut answers = Vec::with_capacity(GROUP_MAX);
        let mut tx = store.begin()?;
        let mut moment = Moment { tx: &mut tx, now: now(), random: &mut random, effects };
        let mut next = Some(first);
        while let Some(Job { command, reply }) = next {
            moment.now = now();
            replies.push(reply);
            answers.push(node.apply(&mut moment, command)?);
            next = if answers.len() < GROUP_MAX { inbox.try_recv().ok() } else { None };
        }
        if moment.effects.iter().any(|effect| matches!(effect, Effect::Wake)) {
            moment.now = now();
            node.settle(&mut moment)?;
        }
        self.look_for(moment.effects);
        let began = tokio::time::Instant::now();
        tx.commit()?;
        self.meters().commits.took(began.elapsed());
        Ok(answers)
    }

    /// Counts what was handed in, from wherever it came.
    fn count(&self, answer: &Answer) {
        let Answer::Published(outcomes) = answer else { return };
        for outcome in outcomes {
            match outcome.fate {
                Fate::Accepted => self.meters().accepted.add(1),
                Fate::Duplicate => self.meters().duplicate.add(1),
                Fate::Refused(_) => self.meters().refused.add(1),
            }
        }
    }

    /// Long work, slice by slice; after each the writer takes one group of what waits. The work's
    /// own failure is told to who asked; one of the store's ends the node.
    fn maintain(
        &self,
        store: &Store,
        node: &mut Node,
        (handed, inbox, ticked): (Handed, &mpsc::Receiver<Job>, &mut Instant),
    ) -> Result<(), StoreError> {
        let mut failed = None;
        let mut pause = |done, total| {
            self.0.desk.note(done, total);
            if *self.0.stop.borrow() {
                return Err(Halt::Stopping);
            }
            // A view that is being built may hold what was erased: it can be built again.
            if store.builds_view() && self.0.purging.seconds(now()) > PURGE_PATIENCE_SECONDS {
                let message = "given up, so that what was erased goes from every file in time";
                let problem = Problem::error("E-MAINT-004", message).hint("ask for it again");
                return Err(Halt::Failed(problem));
            }
            if let Some(first) = self.waiting(inbox, ticked)
                && let Err(error) = self.write_group(store, node, (first, inbox))
            {
                failed = Some(error);
                return Err(Halt::Stopping);
            }
            Ok(())
        };
        let ended = (handed.work)(store, &mut pause);
        if let Some(error) = failed {
            return Err(error);
        }
        if let Err(Halt::Store(error @ StoreError::Failed(_))) = ended {
            if !error.is_full() {
                return Err(error);
            }
            self.disk().filled();
            drop(handed.reply.send(Err(Halt::Store(error))));
            return Ok(());
        }
        drop(handed.reply.send(ended));
        Ok(())
    }

    /// A command that waits already, or a tick that is due.
    fn waiting(&self, inbox: &mpsc::Receiver<Job>, ticked: &mut Instant) -> Option<Job> {
        if self.until_tick(*ticked).is_zero() { Some(tick(ticked)) } else { inbox.try_recv().ok() }
    }

    /// How long until the next tick; a clock that was set back ticks at once, and is right again.
    fn until_tick(&self, ticked: Instant) -> Duration {
        let now = now();
        let passed = now.micros().saturating_sub(ticked.micros());
        let busy = self.0.purging.is_due(now) || self.0.hurried.load(Ordering::Relaxed);
        let tick = if busy { BUSY_TICK } else { TICK };
        tick.saturating_sub(Duration::from_micros(passed.try_into().unwrap_or(u64::MAX)))
    }

    /// The next command, or a tick of the clock once a second, however busy the node is; `None`
    /// when the node stops.
    fn next_job(&self, inbox: &mpsc::Receiver<Job>, ticked: &mut Instant) -> Option<Job> {
        if *self.0.stop.borrow() {
            return inbox.try_recv().ok();
        }
        let wait = self.until_tick(*ticked);
        if wait.is_zero() {
            return Some(tick(ticked));
        }
        match inbox.recv_timeout(wait) {
            Ok(job) => Some(job),
            Err(mpsc::RecvTimeoutError::Disconnected) => None,
            Err(mpsc::RecvTimeoutError::Timeout) => Some(tick(ticked)),
        }
    }

    /// Does what a commit made possible.
    fn let_out(&self, effects: &mut Vec<Effect>) {
        let mut wake = false;
        for effect in effects.drain(..) {
            match effect {
                Effect::Wake => wake = true,
                Effect::Partners => self.0.partners.send_modify(|n| *n += 1),
                Effect::Sources => self.0.sources.send_modify(|n| *n += 1),
                Effect::Receivers => self.0.receivers.send_modify(|n| *n += 1),
                Effect::Outgoing { dropped } => {
                    self.gave_up(dropped);
                    self.0.outgoing.send_modify(|n| *n += 1);
                }
                // Looked for already.
                Effect::Watch { seq, values } => {
                    self.seen().look_back(seq, &values);
                    self.feeds().stale();
                }
                // Events are not kept: of a rule no more can be asked than the values it names.
                Effect::WatchRule { seq, rule } => {
                    self.seen().look_back_rule(seq, &rule);
                    self.feeds().stale();
                }
                Effect::Tripped { seq, matches } => self.tripped(seq, matches),
                Effect::Asked { seq } => self.seen().asked(seq),
                Effect::Unwatch(seq) => self.unwatch(seq),
                Effect::Restored(_) => tracing::warn!(
                    "a partner was restored from a backup: its numbering began anew and all is read \
                     again; `entente partner list` names it"
                ),
                // Nobody listening is no failure.
                Effect::Sighted { seq, by } => {
                    let meters = self.meters();
                    let own = by == self.me().node();
                    if own { &meters.sighted_here } else { &meters.sighted_there }.add(1);
                    drop(self.0.sighted.send((seq, by)));
                }
            }
        }
        if wake {
            self.0.wake.send_modify(|n| *n += 1);
        }
        self.merge_aside();
        self.compile_aside();
    }
}

/// A tick now, which nobody waits for.
fn tick(ticked: &mut Instant) -> Job {
    *ticked = now();
    Job { command: Command::Tick, reply: oneshot::channel().0 }
}
