//! One node in the simulation: the real node over a store in memory, with a clock that drifts and
//! commits that crash.
//!
//! It deliberately has one door, [`Site::apply`]: one command in one commit, as the writer does it.

use super::fault::Fault;
use super::held::Held;
use super::oracle::{Known, policy};
use super::run::Breach;
use super::script::{Crash, Token};
use crate::rng::{Rng, digest};
use model::id::{CircleId, Digest, Epoch, NodeId};
use model::seal::SigningKey;
use model::time::Instant;
use node::identity::Identity;
use node::release::Lens;
use node::token::{Caller, authenticate};
use node::{Answer, Command, Effect, Moment, Node, Seq, Store, restore};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::OnceLock;

/// A new database: made once, since making its tables takes longer than a world's setting up.
static EMPTY: OnceLock<Vec<u8>> = OnceLock::new();

/// What came of a command.
#[derive(Debug)]
pub(super) enum Came {
    /// Committed, and answered.
    Answer(Answer),
    /// The crash let nothing out.
    Nothing,
}

impl Came {
    pub(super) fn answer(self) -> Option<Answer> {
        match self {
            Self::Answer(answer) => Some(answer),
            Self::Nothing => None,
        }
    }
}

/// One node.
pub(super) struct Site {
    pub(super) index: usize,
    pub(super) me: Identity,
    pub(super) id: NodeId,
    node: Node,
    pub(super) store: Store,
    /// How far its clock is off.
    pub(super) off: i64,
    pub(super) home: Option<CircleId>,
    tokens: BTreeMap<Token, String>,
    /// The log as it was read off.
    pub(super) held: Vec<Held>,
    read: Seq,
    pub(super) effects: Vec<Effect>,
    /// What is planted here.
    pub(super) fault: Option<Fault>,
    /// What a person takes back from a partner: the leaves that it is given no more.
    pub(super) kept_back: BTreeSet<(NodeId, Digest)>,
    /// The life of its numbering.
    epoch: Epoch,
    /// The number of the key that signs.
    key: u8,
    pub(super) crashes: usize,
    /// Who the oracle knows, until something comes that may change it.
    known: RefCell<Option<Rc<Known>>>,
}

/// The number of a command of the harness itself beside a step's own: it draws other randomness.
pub(super) const TICK: u64 = 1 << 40;

/// A node's key of this number; the first one is 0.
fn key(index: usize, number: u8) -> Result<SigningKey, Breach> {
    let byte = u8::try_from(index + 1).unwrap_or(u8::MAX);
    let grown = |seed: [u8; 32]| SigningKey::from_seed(&seed).map_err(|e| Breach::broken(&e));
    let first = grown([byte; 32])?;
    if number == 0 {
        return Ok(first);
    }
    let later = std::array::from_fn(|n| if n == 0 { number } else { byte | 0x80 });
    Ok(grown(later)?.behind(first.public()))
}

/// The key that speaks for a node in need.
pub(super) fn recovery(index: usize) -> Result<SigningKey, Breach> {
    let byte = u8::try_from(index + 1).unwrap_or(u8::MAX);
    SigningKey::from_seed(&[byte | 0x40; 32]).map_err(|error| Breach::broken(&error))
}

fn identity((index, number): (usize, u8), epoch: Epoch) -> Result<Identity, Breach> {
    let byte = u8::try_from(index + 1).unwrap_or(u8::MAX);
    let key = key(index, number)?;
    let name = format!("Node {index}");
    Ok(Identity { key, name, epoch, local_key: [byte; 16] })
}

impl Site {
    pub(super) fn new(index: usize) -> Result<Self, Breach> {
        let epoch = Epoch::new([u8::try_from(index + 1).unwrap_or(u8::MAX); 16]);
        let me = identity((index, 0), epoch)?;
        let id = me.node();
        let store = Store::from_image(empty()?)?;
        let node = open((index, 0), epoch, &store)?;
        Ok(Self {
            index,
            me,
            id,
            node,
            store,
            off: 0,
            home: None,
            tokens: BTreeMap::new(),
            held: Vec::new(),
            read: 0,
            effects: Vec::new(),
            fault: None,
            kept_back: BTreeSet::new(),
            epoch,
            key: 0,
            crashes: 0,
            known: RefCell::new(None),
        })
    }

    /// The number of the key that signs.
    pub(super) const fn key(&self) -> u8 {
        self.key
    }

    /// Its key of a number.
    pub(super) fn key_of(&self, number: u8) -> Result<SigningKey, Breach> {
        key(self.index, number)
    }

    /// The key that is to sign next.
    pub(super) fn next_key(&self) -> Result<SigningKey, Breach> {
        key(self.index, self.key.saturating_add(1))
    }

    /// Puts the next key in the place of the one that signs, in its folder; gives it.
    pub(super) fn turn_key(&mut self) -> Result<SigningKey, Breach> {
        let next = self.next_key()?;
        self.key = self.key.saturating_add(1);
        self.me = identity((self.index, self.key), self.epoch)?;
        Ok(next)
    }

    /// This node's clock at a true time.
    pub(super) const fn clock(&self, at: i64) -> Instant {
        Instant::from_micros(at + self.off)
    }

    /// One command in one commit at a true time; `draw` decides the randomness that is handed in.
    pub(super) fn apply(
        &mut self,
        at: i64,
        draw: u64,
        command: Command,
        crash: Crash,
    ) -> Result<Came, Breach> {
        let now = self.clock(at);
        let calm = is_calm(&command);
        if !calm {
            self.known.replace(None);
        }
        let before = match crash {
            Crash::Lose => Some(self.store.image()?),
            Crash::No | Crash::Keep => None,
        };
        let mut rng = Rng::new(digest(&[self.index as u64, draw]));
        let mut random = |bytes: &mut [u8]| {
            bytes.iter_mut().for_each(|byte| *byte = rng.byte(u8::MAX));
        };
        self.effects.clear();
        let mut tx = self.store.begin()?;
        let effects = &mut self.effects;
        let mut moment = Moment { tx: &mut tx, now, random: &mut random, effects };
        let answer = self.node.apply(&mut moment, command)?;
        if moment.effects.iter().any(|effect| matches!(effect, Effect::Wake)) {
            self.node.settle(&mut moment)?;
        }
        if let Some(fault) = self.fault {
            plant(fault, &mut moment, self.read)?;
        }
        tx.commit()?;
        if crash == Crash::No {
            self.absorb(!calm)?;
            return Ok(Came::Answer(answer));
        }
        self.restart(before)?;
        let hasty = self.fault == Some(Fault::AckBeforeCommit);
        Ok(if hasty { Came::Answer(answer) } else { Came::Nothing })
    }

    /// The process ends and begins again, over what the disk holds: an older image, or what it is.
    pub(super) fn restart(&mut self, image: Option<Vec<u8>>) -> Result<(), Breach> {
        if let Some(image) = image {
            self.store = Store::from_image(&image)?;
        }
        self.node = open((self.index, self.key), self.epoch, &self.store)?;
        self.crashes += 1;
        self.known.replace(None);
        self.absorb(true)
    }

    /// The node begins again as an older one, and knows it: in a new life of its numbering.
    pub(super) fn begin_anew(&mut self, at: i64, image: &[u8], backup: i64) -> Result<(), Breach> {
        let byte = u8::try_from(self.index + 0x81).unwrap_or(u8::MAX);
        let epoch = Epoch::new([byte; 16]);
        let store = Store::from_image(image)?;
        let when = restore::Restored { at: self.clock(at), backup: self.clock(backup) };
        restore::begin_anew(&store, &epoch, when)?;
        (self.store, self.epoch) = (store, epoch);
        self.me = identity((self.index, self.key), epoch)?;
        self.restart(None)
    }

    /// The same node once more, as it is now.
    pub(super) fn copy(&mut self) -> Result<Self, Breach> {
        let store = Store::from_image(&self.store.image()?)?;
        Ok(Self {
            index: self.index,
            me: identity((self.index, self.key), self.epoch)?,
            id: self.id,
            node: open((self.index, self.key), self.epoch, &store)?,
            store,
            off: self.off,
            home: self.home,
            tokens: self.tokens.clone(),
            held: Vec::new(),
            read: self.read,
            effects: Vec::new(),
            fault: None,
            kept_back: BTreeSet::new(),
            epoch: self.epoch,
            key: self.key,
            crashes: 0,
            known: RefCell::new(None),
        })
    }

    /// Whether its policy has a person asked about whatever is opened.
    pub(super) fn asks_above_none(&self) -> Result<bool, Breach> {
        let policy = policy(&self.store.reading())?;
        Ok(policy.is_some_and(|policy| policy.ask_above == 0))
    }

    /// The life of this node's numbering.
    pub(super) const fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Reads off what the log has gained, and what of it was erased or came nearer, if anything can
    /// have.
    pub(super) fn absorb(&mut self, changed: bool) -> Result<(), Breach> {
        let reading = self.store.reading();
        let head = reading.head()?;
        if head < self.read {
            self.held.retain(|held| held.seq <= head);
        }
        for seq in self.read.min(head) + 1..=head {
            self.held.extend(Held::read(&reading, seq)?);
        }
        self.read = head;
        if !changed {
            return Ok(());
        }
        for light in reading.scan(0, head, usize::MAX >> 1)? {
            let place = self.held.binary_search_by_key(&light.seq, |held| held.seq);
            if let Some(held) = place.ok().and_then(|place| self.held.get_mut(place)) {
                (held.erased, held.hop) = (light.erased, light.hop);
            }
        }
        Ok(())
    }

    /// Who the oracle knows: lists and partners, read off once between changes.
    pub(super) fn known(&self) -> Result<Rc<Known>, Breach> {
        if let Some(known) = self.known.borrow().as_ref() {
            return Ok(Rc::clone(known));
        }
        let known = Rc::new(Known::of(&self.store.reading())?);
        self.known.replace(Some(Rc::clone(&known)));
        Ok(known)
    }

    /// Remembers the text of a token.
    pub(super) fn keep_token(&mut self, token: Token, text: String) {
        self.tokens.insert(token, text);
    }

    /// Who a token is, now.
    pub(super) fn caller(&self, at: i64, token: Token) -> Result<Caller, Breach> {
        let text = self.tokens.get(&token).map(String::as_str).unwrap_or_default();
        let caller = authenticate(&self.store.reading(), self.id, text, self.clock(at))?;
        caller.ok_or_else(|| Breach::broken(&"a token that was made is not good"))
    }

    /// A token's eyes, now.
    pub(super) fn lens(&self, at: i64, token: Token) -> Result<Lens, Breach> {
        let reader = self.caller(at, token)?.submitter.reader;
        Ok(Lens { reader, now: self.clock(at) })
    }
}

fn open(who: (usize, u8), epoch: Epoch, store: &Store) -> Result<Node, Breach> {
    Node::open(identity(who, epoch)?, &store.reading()).map_err(|error| Breach::broken(&error))
}

/// Does to a node's state, with its commit, what a fault of the node would have done; `read` is the
/// last place in the log before the commit.
fn plant(fault: Fault, Moment { tx, .. }: &mut Moment<'_, '_>, read: Seq) -> Result<(), Breach> {
    match fault {
        Fault::WithdrawalsForgotten => {
            for key in tx.reading().narrowings()? {
                if let Some(outlet) = tx.reading().outlet(&key)? {
                    tx.put_narrowing(outlet.id, None)?;
                }
            }
        }
        Fault::RelaysNothing => {
            for light in tx.reading().scan(read, Seq::MAX, usize::MAX >> 1)? {
                for outlet in tx.reading().outlets()? {
                    if light.via_id != 0 && outlet.key.starts_with("link:") {
                        tx.keep_back(&outlet.key, light.seq)?;
                    }
                }
            }
        }
        Fault::AckBeforeCommit
        | Fault::OtherReadersLens
        | Fault::NobodyAsksBack
        | Fault::FileCutShort
        | Fault::NobodyIsAsked => {}
    }
    Ok(())
}

/// The bytes of a database in which nothing happened yet.
fn empty() -> Result<&'static [u8], Breach> {
    if let Some(empty) = EMPTY.get() {
        return Ok(empty);
    }
    let image = Store::memory()?.image()?;
    Ok(EMPTY.get_or_init(|| image))
}

/// Whether a command can neither erase anything nor change who is known.
const fn is_calm(command: &Command) -> bool {
    matches!(command, Command::Number(_) | Command::Publish { .. } | Command::Acknowledged { .. })
}
