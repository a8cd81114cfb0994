//! Drives a node: one writer thread, many readers, the index of live matching, the real clock.
//! It knows no protocol; doors hand it commands and questions.

use crate::config::Folder;
use crate::disk::Guard;
use crate::maintain::{Desk, Halt, Handed, Work};
use crate::meters::Meters;
use crate::settings::Settings;
use detect::index::{Handle, Index};
use model::id::{IntakeId, NodeId};
use model::time::Instant;
use node::command::Fate;
use node::filling::Filling;
use node::identity::Identity;
use node::release::Lens;
use node::{Answer, Command, Effect, Moment, Node, Reading, Seq, Snapshots, Store, StoreError};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, mpsc};
use std::time::Duration;
use tokio::sync::{broadcast, oneshot, watch};

/// Commands that wait for the writer; beyond it, doors wait.
const QUEUE_MAX: usize = 256;
/// Commands in one commit.
const GROUP_MAX: usize = 64;
/// Between two ticks of the clock: hourly sightings and ends of embargoes need no finer one.
const TICK: Duration = Duration::from_secs(1);
/// Changes beside the base of the index from which a merge is worth its second of work.
const UNMERGED_MAX: usize = 50_000;

/// The node cannot answer: its store failed, or it is shutting down.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unavailable {
    /// The writer has ended.
    #[error("the node is stopping")]
    Stopping,
    /// The store cannot be read.
    #[error("store: {0}")]
    Store(#[from] StoreError),
    /// There is no room for it on the disk; nothing of it was done.
    #[error("E-DISK-001: the disk is nearly full; nothing was taken")]
    Full,
}

/// The disk had no room for a batch; nothing of it was done.
struct NoRoom;

/// Where the answer to a command goes.
type Reply = oneshot::Sender<Result<Answer, NoRoom>>;

/// One command on its way to the writer.
struct Job {
    command: Command,
    reply: Reply,
}

/// What live matching looks things up in.
#[derive(Debug)]
pub(crate) struct Live {
    /// Values of indicators.
    pub(crate) index: Index,
}

/// A running node. Cheap to clone; every door has one.
#[derive(Clone)]
pub(crate) struct Runtime(Arc<Inner>);

struct Inner {
    me: Identity,
    seed: [u8; 32],
    settings: Settings,
    jobs: mpsc::SyncSender<Job>,
    snapshots: Snapshots,
    live: RwLock<Live>,
    matching: AtomicBool,
    merging: AtomicBool,
    ended: watch::Sender<bool>,
    wake: watch::Sender<u64>,
    partners: watch::Sender<u64>,
    sources: watch::Sender<u64>,
    pulling: watch::Sender<BTreeSet<IntakeId>>,
    sighted: broadcast::Sender<(Seq, NodeId)>,
    stop: watch::Sender<bool>,
    link: OnceLock<String>,
    desk: Desk,
    folder: OnceLock<Folder>,
    meters: Meters,
    disk: Guard,
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Runtime({})", self.0.me.node())
    }
}

/// The clock: the only place that reads it.
#[expect(clippy::disallowed_methods, reason = "the one reader of the clock")]
pub(crate) fn now() -> Instant {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let micros = since.map_or(0, |since| since.as_micros());
    Instant::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
}

/// Randomness from the operating system, through the one crypto provider.
pub(crate) fn random(bytes: &mut [u8]) {
    if aws_lc_rs::rand::fill(bytes).is_err() {
        // Without randomness nothing that follows would be safe.
        std::process::abort();
    }
}

impl Runtime {
    /// Starts the writer and begins to fill the index of live matching.
    ///
    /// # Errors
    /// When the node cannot be opened.
    pub(crate) fn start(
        store: Store,
        (me, twin): (Identity, Identity),
        seed: [u8; 32],
        settings: Settings,
    ) -> Result<Self, StoreError> {
        let snapshots = store
            .snapshots()
            .ok_or_else(|| StoreError::Damaged { what: "a store without a file".to_owned() })?;
        let node = Node::open(twin, &store.reading()).map_err(|node::OpenError::Store(e)| e)?;
        let node = node.keeping(settings.retention.rules()).allowing(settings.quota.allowance());
        let (jobs, inbox) = mpsc::sync_channel(QUEUE_MAX);
        let runtime = Self(Arc::new(Inner {
            live: RwLock::new(Live { index: Index::new(me.local_key) }),
            me,
            seed,
            settings,
            jobs,
            snapshots,
            matching: AtomicBool::new(false),
            merging: AtomicBool::new(false),
            ended: watch::Sender::new(false),
            wake: watch::Sender::new(0),
            partners: watch::Sender::new(0),
            sources: watch::Sender::new(0),
            pulling: watch::Sender::new(BTreeSet::new()),
            sighted: broadcast::Sender::new(1_024),
            stop: watch::Sender::new(false),
            link: OnceLock::new(),
            desk: Desk::default(),
            folder: OnceLock::new(),
            meters: Meters::default(),
            disk: Guard::default(),
        }));
        let writer = runtime.clone();
        let head = store.reading().head()?;
        std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || {
                if let Err(error) = writer.write_all(&store, node, &inbox) {
                    // A failed commit leaves the state unknown: only a restart tells it.
                    tracing::error!(%error, "the store failed; the node stops");
                    std::process::abort();
                }
                if let Err(error) = store.close() {
                    tracing::warn!(%error, "the store was not tidied up; nothing is lost");
                }
                writer.0.ended.send_replace(true);
            })
            .map_err(|error| StoreError::Damaged { what: error.to_string() })?;
        let loader = runtime.clone();
        std::thread::spawn(move || {
            if let Err(error) = loader.load(head) {
                tracing::error!(%error, "indicators cannot be loaded; nothing is matched");
            }
        });
        Ok(runtime)
    }

    /// Who this node is.
    pub(crate) fn me(&self) -> &Identity {
        &self.0.me
    }

    /// What the operator has set.
    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// What is counted.
    pub(crate) fn meters(&self) -> &Meters {
        &self.0.meters
    }

    /// How much room there is on the disk, and what is refused for want of it.
    pub(crate) fn disk(&self) -> &Guard {
        &self.0.disk
    }

    /// The seed of the node's key, for its TLS certificate.
    pub(crate) fn seed(&self) -> &[u8; 32] {
        &self.0.seed
    }

    /// Remembers where partners reach the link port: `host:port`. Only the first word counts.
    pub(crate) fn set_link(&self, address: String) {
        self.0.link.get_or_init(|| address);
    }

    /// Where partners reach the link port; `None` when there is none.
    pub(crate) fn link(&self) -> Option<&str> {
        self.0.link.get().map(String::as_str)
    }

    /// Hands a command to the writer; the answer comes once its effects are durable.
    ///
    /// # Errors
    /// When the node is stopping, or the disk has no room for it.
    pub(crate) async fn write(&self, command: Command) -> Result<Answer, Unavailable> {
        if !self.disk().lets(&command) {
            return Err(Unavailable::Full);
        }
        let (reply, answer) = oneshot::channel();
        let mut job = Job { command, reply };
        loop {
            match self.0.jobs.try_send(job) {
                Ok(()) => break,
                Err(mpsc::TrySendError::Disconnected(_)) => return Err(Unavailable::Stopping),
                Err(mpsc::TrySendError::Full(back)) => {
                    job = back;
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            }
        }
        let answered = answer.await.map_err(|_| Unavailable::Stopping)?;
        answered.map_err(|NoRoom| Unavailable::Full)
    }

    /// Remembers the folder that this node lives in. Only the first word counts.
    pub(crate) fn set_folder(&self, folder: Folder) {
        self.0.folder.get_or_init(|| folder);
    }

    /// The folder that this node lives in; `None` before it serves.
    pub(crate) fn folder(&self) -> Option<&Folder> {
        self.0.folder.get()
    }

    /// Where long work on the store is begun and looked at.
    pub(crate) fn desk(&self) -> &Desk {
        &self.0.desk
    }

    /// Has the writer do work in slices, beside everything else that it does.
    pub(crate) async fn in_slices(&self, work: Work) -> Result<(), Halt> {
        let (reply, ended) = oneshot::channel();
        self.0.desk.hand(Handed { work, reply });
        // The writer looks after each group of commands: this makes one.
        match self.write(Command::Tick).await {
            Ok(_) | Err(Unavailable::Full) => {}
            Err(Unavailable::Stopping | Unavailable::Store(_)) => return Err(Halt::Stopping),
        }
        ended.await.map_err(|_| Halt::Stopping)?
    }

    /// Asks a question over one snapshot, on a thread that may block.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Reading<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Unavailable> {
        let runtime = self.clone();
        let answer = tokio::task::spawn_blocking(move || runtime.read_here(question)).await;
        answer.map_err(|_| Unavailable::Stopping)?
    }

    /// Asks a question over one snapshot, on this thread.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) fn read_here<T>(
        &self,
        question: impl FnOnce(&Reading<'_>) -> Result<T, StoreError>,
    ) -> Result<T, Unavailable> {
        Ok(self.0.snapshots.open()?.read(question)?)
    }

    /// Rises with every commit that somebody may be waiting for.
    pub(crate) fn woken(&self) -> watch::Receiver<u64> {
        self.0.wake.subscribe()
    }

    /// Rises when partners come or go.
    pub(crate) fn partners_changed(&self) -> watch::Receiver<u64> {
        self.0.partners.subscribe()
    }

    /// Rises when sources come, go, are asked for or were pulled.
    pub(crate) fn sources_changed(&self) -> watch::Receiver<u64> {
        self.0.sources.subscribe()
    }

    /// The sources that are being pulled in this moment.
    pub(crate) fn pulling(&self) -> &watch::Sender<BTreeSet<IntakeId>> {
        &self.0.pulling
    }

    /// Sightings as they are made or arrive: place in the log, and who saw.
    pub(crate) fn sighted(&self) -> broadcast::Receiver<(Seq, NodeId)> {
        self.0.sighted.subscribe()
    }

    /// Becomes true when the node is to stop.
    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.0.stop.subscribe()
    }

    /// Asks everything to stop.
    pub(crate) fn stop(&self) {
        self.0.stop.send_replace(true);
    }

    /// Waits until the writer has written everything and closed the store.
    pub(crate) async fn ended(&self) {
        let mut ended = self.0.ended.subscribe();
        // The sender lives as long as this runtime does.
        drop(ended.wait_for(|ended| *ended).await);
    }

    /// Whether live matching holds all indicators.
    pub(crate) fn matches(&self) -> bool {
        self.0.matching.load(Ordering::Acquire)
    }

    /// The index of live matching.
    pub(crate) fn live(&self) -> &RwLock<Live> {
        &self.0.live
    }

    /// This node's own eyes, now: its administrator's, and its own machinery's.
    pub(crate) fn own_lens(&self, reading: &Reading<'_>) -> Result<Lens, StoreError> {
        let circles = node::read::circles(reading)?;
        Ok(Lens { reader: node::token::own_reader(self.me().node(), &circles), now: now() })
    }

    /// The writer: batches commands into commits until every door is closed.
    fn write_all(
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
    fn write_group(
        &self,
        store: &Store,
        node: &mut Node,
        (first, inbox): (Job, &mpsc::Receiver<Job>),
    ) -> Result<(), StoreError> {
        let mut effects = Vec::new();
        let mut replies = Vec::with_capacity(GROUP_MAX);
        match self.commit(store, node, (first, inbox), (&mut effects, &mut replies)) {
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
        match store.checkpoint().and_then(|()| store.purge()) {
            // What is committed stays in the write-ahead log until there is room.
            Err(error) if error.is_full() => {
                self.disk().filled();
                Ok(())
            }
            kept => kept.map(drop),
        }
    }

    /// Applies and commits; the answers are in the order of the replies.
    fn commit(
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

    /// Takes back what [`Self::look_for`] did: the places in the log go to other entries.
    fn look_no_more(&self, effects: &[Effect]) {
        let mut live = self.0.live.write().unwrap_or_else(PoisonError::into_inner);
        for effect in effects {
            if let Effect::Watch { seq, .. } = effect {
                live.index.remove(Handle(seq.unsigned_abs()));
            }
        }
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
            if let Some(first) = Self::waiting(inbox, ticked)
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
    fn waiting(inbox: &mpsc::Receiver<Job>, ticked: &mut Instant) -> Option<Job> {
        let at = now();
        let tick = i64::try_from(TICK.as_micros()).unwrap_or(i64::MAX);
        if at.micros().saturating_sub(ticked.micros()).unsigned_abs() < tick.unsigned_abs() {
            return inbox.try_recv().ok();
        }
        *ticked = at;
        Some(Job { command: Command::Tick, reply: oneshot::channel().0 })
    }

    /// The next command, or a tick of the clock once a second, however busy the node is; `None`
    /// when the node stops.
    fn next_job(&self, inbox: &mpsc::Receiver<Job>, ticked: &mut Instant) -> Option<Job> {
        if *self.0.stop.borrow() {
            return inbox.try_recv().ok();
        }
        let passed = now().micros().saturating_sub(ticked.micros());
        // A clock that was set back ticks at once, and is right again.
        let wait =
            TICK.saturating_sub(Duration::from_micros(passed.try_into().unwrap_or(u64::MAX)));
        let received = if wait.is_zero() {
            Err(mpsc::RecvTimeoutError::Timeout)
        } else {
            inbox.recv_timeout(wait)
        };
        match received {
            Ok(job) => Some(job),
            Err(mpsc::RecvTimeoutError::Disconnected) => None,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                *ticked = now();
                Some(Job { command: Command::Tick, reply: oneshot::channel().0 })
            }
        }
    }

    /// Looks for new indicators before the commit that makes them visible: whoever sees one may
    /// rely on its matching. Until then a match finds nothing to tell.
    fn look_for(&self, effects: &[Effect]) {
        for effect in effects {
            if let Effect::Watch { seq, values } = effect {
                self.watch(*seq, values);
            }
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
                // Looked for already.
                Effect::Watch { .. } => {}
                Effect::Unwatch(seq) => {
                    let mut live = self.0.live.write().unwrap_or_else(PoisonError::into_inner);
                    live.index.remove(Handle(seq.unsigned_abs()));
                }
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
    }

    /// Has the index's small part merged into its base by another thread once it is worth it.
    fn merge_aside(&self) {
        let live = self.0.live.read().unwrap_or_else(PoisonError::into_inner);
        let worth = live.index.unmerged() > UNMERGED_MAX && self.matches();
        drop(live);
        if worth && !self.0.merging.swap(true, Ordering::AcqRel) {
            let runtime = self.clone();
            std::thread::spawn(move || {
                runtime.merge();
                runtime.0.merging.store(false, Ordering::Release);
            });
        }
    }

    fn merge(&self) {
        let live = || self.0.live.write().unwrap_or_else(PoisonError::into_inner);
        let work = live().index.freeze();
        if let Some(work) = work {
            let merged = work.run();
            live().index.adopt(merged);
        }
    }

    fn watch(&self, seq: Seq, values: &[model::facts::Value]) {
        let mut live = self.0.live.write().unwrap_or_else(PoisonError::into_inner);
        for value in values {
            live.index.insert_text(value.kind, &value.text, Handle(seq.unsigned_abs()));
        }
    }

    /// Fills the index with what the log held at the start; what came later came by effects.
    fn load(&self, head: Seq) -> Result<(), Unavailable> {
        let mut snapshot = self.0.snapshots.open()?;
        let mut filling = snapshot.read(|reading| Filling::begin(reading, head))?;
        let live = || self.0.live.write().unwrap_or_else(PoisonError::into_inner);
        let mut base = live().index.base(filling.capacity());
        let mut each = |seq: Seq, kind, text: &str| {
            base.insert(kind, text, Handle(seq.unsigned_abs()));
        };
        while snapshot.read(|reading| filling.step(reading, &mut each))? {}
        let values = base.len();
        live().index.begin(base);
        self.0.matching.store(true, Ordering::Release);
        tracing::info!(values, "matching");
        Ok(())
    }
}
