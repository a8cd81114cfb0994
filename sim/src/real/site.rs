//! One node in the simulation: the real node over a store in memory, with a clock that drifts and
//! commits that crash.
//!
//! It deliberately has one door, [`Site::apply`]: one command in one commit, as the writer does it.

use super::held::Held;
use super::oracle::Known;
use super::run::Breach;
use super::script::{Crash, Token};
use crate::rng::{Rng, digest};
use model::id::{CircleId, Epoch, NodeId};
use model::seal::SigningKey;
use model::time::Instant;
use node::identity::Identity;
use node::release::Lens;
use node::token::{Caller, authenticate};
use node::{Answer, Command, Effect, Moment, Node, Seq, Store};
use std::cell::RefCell;
use std::collections::BTreeMap;
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
    /// Planted: answers leave before the commit.
    pub(super) hasty: bool,
    pub(super) crashes: usize,
    /// Who the oracle knows, until something comes that may change it.
    known: RefCell<Option<Rc<Known>>>,
}

/// The number of a command of the harness itself beside a step's own: it draws other randomness.
pub(super) const TICK: u64 = 1 << 40;

pub(super) fn identity(index: usize) -> Result<Identity, Breach> {
    let byte = u8::try_from(index + 1).unwrap_or(u8::MAX);
    let key = SigningKey::from_seed(&[byte; 32]).map_err(|error| Breach::broken(&error))?;
    let name = format!("Node {index}");
    Ok(Identity { key, name, epoch: Epoch::new([byte; 16]), local_key: [byte; 16] })
}

impl Site {
    pub(super) fn new(index: usize) -> Result<Self, Breach> {
        let me = identity(index)?;
        let id = me.node();
        let store = Store::from_image(empty()?)?;
        let node =
            Node::open(identity(index)?, &store.reading()).map_err(|e| Breach::broken(&e))?;
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
            hasty: false,
            crashes: 0,
            known: RefCell::new(None),
        })
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
        tx.commit()?;
        if crash == Crash::No {
            self.absorb(!calm)?;
            return Ok(Came::Answer(answer));
        }
        self.restart(before)?;
        Ok(if self.hasty { Came::Answer(answer) } else { Came::Nothing })
    }

    /// The process ends and begins again, over what the disk holds: an older image, or what it is.
    pub(super) fn restart(&mut self, image: Option<Vec<u8>>) -> Result<(), Breach> {
        if let Some(image) = image {
            self.store = Store::from_image(&image)?;
        }
        self.node = Node::open(identity(self.index)?, &self.store.reading())
            .map_err(|error| Breach::broken(&error))?;
        self.crashes += 1;
        self.known.replace(None);
        self.absorb(true)
    }

    /// Reads off what the log has gained, and what was erased if anything can have been.
    pub(super) fn absorb(&mut self, erased: bool) -> Result<(), Breach> {
        let reading = self.store.reading();
        let head = reading.head()?;
        if head < self.read {
            self.held.retain(|held| held.seq <= head);
        }
        for seq in self.read.min(head) + 1..=head {
            self.held.extend(Held::read(&reading, seq)?);
        }
        self.read = head;
        if !erased {
            return Ok(());
        }
        for light in reading.scan(0, head, usize::MAX >> 1)? {
            if light.erased
                && let Some(held) = self.held.iter_mut().find(|held| held.seq == light.seq)
            {
                held.erased = true;
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
