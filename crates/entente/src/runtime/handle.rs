//! What every door has of a running node: it hands it commands and questions, waits for what wakes,
//! and asks it to stop. It knows no protocol, and neither writes nor matches itself.

use super::clock::now;
use super::identities::Identities;
use super::live::Live;
use super::purging::Purging;
use crate::config::Folder;
use crate::disk::Guard;
use crate::http::feeds::Cache;
use crate::http::reads::Reads;
use crate::known_good::{Good, Shelf};
use crate::maintain::{Desk, Halt, Handed, Work};
use crate::meters::Meters;
use crate::out::Kept;
use crate::seen::Keeper;
use crate::settings::Settings;
use detect::known_good::Lists;
use model::id::{IntakeId, NodeId};
use model::seal::SigningKey;
use node::identity::Identity;
use node::release::Lens;
use node::{Answer, Command, Node, Reading, Seq, Snapshots, Store, StoreError};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, RwLock, mpsc};
use std::time::Duration;
use tokio::sync::{broadcast, oneshot, watch};

/// Commands that wait for the writer; beyond it, doors wait.
const QUEUE_MAX: usize = 256;

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
pub(super) struct NoRoom;

/// Where the answer to a command goes.
pub(super) type Reply = oneshot::Sender<Result<Answer, NoRoom>>;

/// One command on its way to the writer.
pub(super) struct Job {
    pub(super) command: Command,
    pub(super) reply: Reply,
}

/// A running node. Cheap to clone; every door has one.
#[derive(Clone)]
pub(crate) struct Runtime(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) identities: Identities,
    pub(super) settings: Settings,
    pub(super) jobs: mpsc::SyncSender<Job>,
    pub(super) snapshots: Snapshots,
    pub(super) live: RwLock<Live>,
    pub(super) matching: AtomicBool,
    pub(super) merging: AtomicBool,
    /// Whether rules are being compiled aside.
    pub(super) compiling: AtomicBool,
    pub(super) ended: watch::Sender<bool>,
    pub(super) wake: watch::Sender<u64>,
    pub(super) partners: watch::Sender<u64>,
    pub(super) sources: watch::Sender<u64>,
    pub(super) receivers: watch::Sender<u64>,
    pub(super) outgoing: watch::Sender<u64>,
    pub(super) pulling: watch::Sender<BTreeSet<IntakeId>>,
    pub(super) sighted: broadcast::Sender<(Seq, NodeId)>,
    pub(super) stop: watch::Sender<bool>,
    pub(super) link: OnceLock<String>,
    pub(super) desk: Desk,
    pub(super) folder: OnceLock<Folder>,
    pub(super) meters: Meters,
    pub(super) disk: Guard,
    pub(super) reads: Reads,
    pub(super) purging: Purging,
    pub(super) seen: Keeper,
    pub(super) good: Good,
    pub(super) feeds: Cache,
    pub(super) kept: Kept,
    /// The node has more to do than it does in one tick.
    pub(super) hurried: AtomicBool,
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Runtime({})", self.me().node())
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
        let node = node.telling(settings.sightings.width());
        let (jobs, inbox) = mpsc::sync_channel(QUEUE_MAX);
        let runtime = Self(Arc::new(Inner {
            live: RwLock::new(Live::new(me.local_key, settings.rules.unrouted)),
            identities: Identities::new(me, seed),
            settings,
            jobs,
            snapshots,
            matching: AtomicBool::new(false),
            merging: AtomicBool::new(false),
            compiling: AtomicBool::new(false),
            ended: watch::Sender::new(false),
            wake: watch::Sender::new(0),
            partners: watch::Sender::new(0),
            sources: watch::Sender::new(0),
            receivers: watch::Sender::new(0),
            outgoing: watch::Sender::new(0),
            pulling: watch::Sender::new(BTreeSet::new()),
            sighted: broadcast::Sender::new(1_024),
            stop: watch::Sender::new(false),
            link: OnceLock::new(),
            desk: Desk::default(),
            folder: OnceLock::new(),
            meters: Meters::default(),
            disk: Guard::default(),
            reads: Reads::default(),
            purging: Purging::default(),
            seen: Keeper::default(),
            good: Good::default(),
            feeds: Cache::default(),
            kept: Kept::default(),
            hurried: AtomicBool::new(false),
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
        &self.0.identities.now().0
    }

    /// Signs with another key from now on, under the same name; false when there were too many.
    pub(crate) fn change_identity(&self, key: SigningKey, seed: [u8; 32]) -> bool {
        let Identity { name, epoch, local_key, .. } = self.me();
        let next = Identity { key, name: name.clone(), epoch: *epoch, local_key: *local_key };
        self.0.identities.change(next, seed)
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

    /// For how many seconds erased bytes have waited to be gone from every file; 0 when none do.
    pub(crate) fn purge_seconds(&self) -> u64 {
        self.0.purging.seconds(now())
    }

    /// What was seen, for looking back.
    pub(crate) fn seen(&self) -> &Keeper {
        &self.0.seen
    }

    /// What is known to be good, as it is now.
    pub(crate) fn good(&self) -> Arc<Lists> {
        self.0.good.lists()
    }

    /// The lists of what is known to be good, and how often each silenced a match.
    pub(crate) fn known_good(&self) -> &Good {
        &self.0.good
    }

    /// Feeds that were rendered.
    pub(crate) fn feeds(&self) -> &Cache {
        &self.0.feeds
    }

    /// Matches that are kept at home.
    pub(crate) fn kept(&self) -> &Kept {
        &self.0.kept
    }

    /// What tokens were given already.
    pub(crate) fn reads(&self) -> &Reads {
        &self.0.reads
    }

    /// The seed of the node's key, for its TLS certificate.
    pub(crate) fn seed(&self) -> &[u8; 32] {
        &self.0.identities.now().1
    }

    /// The seeds that what was sealed to this node is opened with: of its key, and of the one before
    /// it where that is still in the folder.
    pub(crate) fn seeds(&self) -> Vec<[u8; 32]> {
        let former = self.folder().and_then(Folder::former_key);
        std::iter::once(*self.seed()).chain(former.map(|file| file.seed)).collect()
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
        let folder = self.0.folder.get_or_init(|| folder);
        let (key, settings) = (self.me().local_key, self.settings());
        self.seen().open(folder, key, &settings.lookback);
        self.kept().open(folder, &settings.matches);
        // Before any door opens: nothing is told that a list silences.
        self.look_at_lists(&Shelf::of(folder.path()));
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

    /// Rises when receivers of findings come or go.
    pub(crate) fn receivers_changed(&self) -> watch::Receiver<u64> {
        self.0.receivers.subscribe()
    }

    /// Has every receiver that rests be tried at once.
    pub(crate) fn retry_receivers(&self) {
        self.0.receivers.send_modify(|n| *n += 1);
    }

    /// Counts findings that no receiver will get, and says so the first time.
    pub(crate) fn gave_up(&self, findings: u64) {
        let count = &self.meters().findings_dropped;
        if findings > 0 && count.get() == 0 {
            tracing::warn!(
                findings,
                "findings were given up; `entente webhook list` says whose, `entente matches` has them"
            );
        }
        count.add(findings);
    }

    /// Rises when findings wait to be sent.
    pub(crate) fn findings_wait(&self) -> watch::Receiver<u64> {
        self.0.outgoing.subscribe()
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
}
