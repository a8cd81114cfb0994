//! The index of live matching beside the log: filled at the start, in step with every commit, merged
//! by a thread of its own. It matches nothing; `matching` does.

use super::handle::{Runtime, Unavailable};
use detect::index::{Handle, Index};
use detect::rules::Rules;
use model::facts::Rule;
use node::filling::Filling;
use node::{Effect, Seq};
use std::collections::HashSet;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

/// What live matching looks things up in.
#[derive(Debug)]
pub(crate) struct Live {
    /// Values of indicators.
    pub(crate) index: Index,
    /// Rules that no single value proves.
    pub(crate) rules: Rules,
}

impl Live {
    /// Nothing to look for yet; `key` is the node's own. `unrouted`: rules for unknown sources of
    /// logs are tried on every event.
    pub(crate) fn new(key: [u8; 16], unrouted: bool) -> Self {
        let mut rules = Rules::new();
        rules.try_unrouted(unrouted);
        Self { index: Index::new(key), rules }
    }
}

impl Runtime {
    /// Takes back what [`Self::look_for`] did: the places in the log go to other entries.
    pub(super) fn look_no_more(&self, effects: &[Effect]) {
        let handle = |effect: &Effect| match effect {
            Effect::Watch { seq, .. } | Effect::WatchRule { seq, .. } => {
                Some(Handle(seq.unsigned_abs()))
            }
            Effect::Wake
            | Effect::Unwatch(_)
            | Effect::Partners
            | Effect::Sources
            | Effect::Receivers
            | Effect::Outgoing { .. }
            | Effect::Restored(_)
            | Effect::Tripped { .. }
            | Effect::Asked { .. }
            | Effect::Sighted { .. } => None,
        };
        let handles: HashSet<Handle> = effects.iter().filter_map(handle).collect();
        if !handles.is_empty() {
            let mut live = self.0.live.write().unwrap_or_else(PoisonError::into_inner);
            live.index.take_back(&handles);
            live.rules.take_back(&handles);
        }
    }

    /// Looks for new indicators before the commit that makes them visible: whoever sees one may
    /// rely on its matching. Until then a match finds nothing to tell.
    pub(super) fn look_for(&self, effects: &[Effect]) {
        for effect in effects {
            if let Effect::Watch { seq, values } = effect {
                self.watch(*seq, values);
            }
            if let Effect::WatchRule { seq, rule } = effect {
                self.watch_rule(*seq, rule);
            }
        }
    }

    /// Has the index's small part merged with its small layers by another thread once it is worth it.
    pub(super) fn merge_aside(&self) {
        let live = self.0.live.read().unwrap_or_else(PoisonError::into_inner);
        let worth = live.index.ripe() && self.matches();
        drop(live);
        if worth && !self.0.merging.swap(true, Ordering::AcqRel) {
            let runtime = self.clone();
            std::thread::spawn(move || {
                runtime.merge();
                runtime.0.merging.store(false, Ordering::Release);
            });
        }
    }

    pub(super) fn merge(&self) {
        let live = || self.0.live.write().unwrap_or_else(PoisonError::into_inner);
        let work = live().index.freeze();
        if let Some(work) = work {
            let merged = work.run();
            live().index.adopt(merged);
        }
    }

    pub(super) fn watch(&self, seq: Seq, values: &[model::facts::Value]) {
        let mut live = self.0.live.write().unwrap_or_else(PoisonError::into_inner);
        for value in values {
            live.index.insert_text(value.kind, &value.text, Handle(seq.unsigned_abs()));
        }
    }

    fn watch_rule(&self, seq: Seq, rule: &Rule) {
        let mut live = self.0.live.write().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = live.rules.insert(Handle(seq.unsigned_abs()), rule) {
            tracing::warn!(seq, %error, "a rule is not looked for");
        }
    }

    /// Has the rules that came told apart quickly, by another thread: until then each is tried on
    /// every event of its source.
    pub(super) fn compile_aside(&self) {
        let live = self.0.live.read().unwrap_or_else(PoisonError::into_inner);
        let worth = live.rules.is_stale() && self.matches();
        drop(live);
        if worth && !self.0.compiling.swap(true, Ordering::AcqRel) {
            let runtime = self.clone();
            std::thread::spawn(move || {
                runtime.compile_rules();
                runtime.0.compiling.store(false, Ordering::Release);
            });
        }
    }

    fn compile_rules(&self) {
        let frozen = self.0.live.read().unwrap_or_else(PoisonError::into_inner).rules.freeze();
        if let Some(work) = frozen {
            let compiled = work.run();
            let mut live = self.0.live.write().unwrap_or_else(PoisonError::into_inner);
            live.rules.adopt(compiled);
        }
    }

    /// Looks no more for an indicator that is gone.
    pub(super) fn unwatch(&self, seq: Seq) {
        let mut live = self.0.live.write().unwrap_or_else(PoisonError::into_inner);
        live.index.remove(Handle(seq.unsigned_abs()));
        live.rules.remove(Handle(seq.unsigned_abs()));
        drop(live);
        self.seen().forget(seq);
        self.kept().forget(seq);
        self.feeds().stale();
    }

    /// Fills the index with what the log held at the start; what came later came by effects.
    pub(super) fn load(&self, head: Seq) -> Result<(), Unavailable> {
        let mut snapshot = self.0.snapshots.open()?;
        let mut filling = snapshot.read(|reading| Filling::begin(reading, head))?;
        let live = || self.0.live.write().unwrap_or_else(PoisonError::into_inner);
        let mut base = live().index.base(filling.capacity());
        let mut each = |seq: Seq, kind, text: &str| {
            base.insert(kind, text, Handle(seq.unsigned_abs()));
        };
        while snapshot.read(|reading| filling.step(reading, &mut each))? {}
        let base = base.sealed();
        let values = base.len();
        live().index.begin(base);
        snapshot
            .read(|reading| filling.rules(reading, &mut |seq, rule| self.watch_rule(seq, rule)))?;
        self.compile_rules();
        self.0.matching.store(true, Ordering::Release);
        tracing::info!(values, "matching");
        Ok(())
    }
}
