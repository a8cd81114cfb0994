//! Who the running node is, key after key: what was handed out stays what it was, and whoever asks
//! anew gets the key that signs now.

use model::limits::NODE_KEYS_MAX;
use node::identity::Identity;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The identities of one run of the node; a key is changed a few times in a node's life.
pub(super) struct Identities {
    all: [OnceLock<(Identity, [u8; 32])>; NODE_KEYS_MAX],
    newest: AtomicUsize,
    first: (Identity, [u8; 32]),
}

impl Identities {
    /// The identity that the node starts with, and its key's seed.
    pub(super) fn new(me: Identity, seed: [u8; 32]) -> Self {
        let all = [const { OnceLock::new() }; NODE_KEYS_MAX];
        Self { all, newest: AtomicUsize::new(0), first: (me, seed) }
    }

    /// The one of now.
    pub(super) fn now(&self) -> &(Identity, [u8; 32]) {
        let newest = self.newest.load(Ordering::Acquire);
        let later = newest.checked_sub(1).and_then(|place| self.all.get(place)?.get());
        later.unwrap_or(&self.first)
    }

    /// From now on this one; false when there were too many, and the node must be started anew.
    pub(super) fn change(&self, me: Identity, seed: [u8; 32]) -> bool {
        let next = self.newest.load(Ordering::Acquire);
        let put = self.all.get(next).is_some_and(|place| place.set((me, seed)).is_ok());
        if put {
            self.newest.store(next.saturating_add(1), Ordering::Release);
        }
        put
    }
}
