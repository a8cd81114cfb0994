//! Looking back for what no value proves: a new rule, of whose values some were seen before it came,
//! and an indicator that was taken back after it had matched. Both are told to this node's own
//! people and to nobody else: neither is a sighting.

use super::keeper::Keeper;
use crate::runtime::{Runtime, Unavailable};
use detect::observable::Observable;
use detect::past::parts;
use model::facts::Rule;
use model::limits::LOOKBACK_NOTES_MAX;
use node::Seq;
use node::seen::SeenLine;
use std::sync::{Mutex, PoisonError};

/// What waits to be told of.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    rules: Mutex<Vec<(Seq, Rule)>>,
    gone: Mutex<Vec<Seq>>,
}

/// What was seen of several values.
#[derive(Debug)]
pub(crate) struct SoughtAll {
    /// For each value, in order; `None` when it was never seen.
    pub(crate) lines: Vec<Option<SeenLine>>,
    /// Segments that could not be read.
    pub(crate) unread: Vec<String>,
}

/// Puts one more into what waits, where there is room.
fn push<T>(waiting: &Mutex<Vec<T>>, one: T) {
    let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
    if waiting.len() < LOOKBACK_NOTES_MAX {
        waiting.push(one);
    }
}

fn take<T>(waiting: &Mutex<Vec<T>>) -> Vec<T> {
    std::mem::take(&mut *waiting.lock().unwrap_or_else(PoisonError::into_inner))
}

impl Keeper {
    /// A new rule: whether values that it names were seen before.
    pub(crate) fn look_back_rule(&self, seq: Seq, rule: &Rule) {
        if self.held.get().is_some() {
            push(&self.waiting.rules, (seq, rule.clone()));
            self.awake.notify_one();
        }
    }

    /// An indicator is gone: whether anything had matched by it.
    pub(super) fn look_back_gone(&self, seq: Seq) {
        push(&self.waiting.gone, seq);
        self.awake.notify_one();
    }

    /// What was seen of all these values; `None` where the folder cannot be used. It reads files.
    pub(crate) fn ask_all(&self, values: &[Observable]) -> Option<SoughtAll> {
        let asked = self.held.get()?.ask(values);
        Some(SoughtAll { lines: asked.lines, unread: asked.unread })
    }
}

impl Runtime {
    /// Tells of all that waits.
    pub(super) async fn tell_possible(&self) -> Result<(), Unavailable> {
        let (rules, gone) = (take(&self.seen().waiting.rules), take(&self.seen().waiting.gone));
        if !rules.is_empty() {
            let inside = self.clone();
            let asked = tokio::task::spawn_blocking(move || inside.tell_rules(&rules)).await;
            asked.map_err(|_| Unavailable::Stopping)?;
        }
        if gone.is_empty() {
            return Ok(());
        }
        let depended = self.read(move |reading| {
            let one = |seq: &Seq| Ok((*seq, node::read::depended_on(reading, *seq)?));
            gone.iter().map(one).collect::<Result<Vec<_>, node::StoreError>>()
        });
        for (seq, matches) in depended.await?.into_iter().filter(|(_, matches)| *matches > 0) {
            tracing::warn!(
                seq,
                matches,
                "an indicator that had matched here was taken back; see `entente recalls --here`"
            );
        }
        Ok(())
    }

    fn tell_rules(&self, rules: &[(Seq, Rule)]) {
        for (seq, rule) in rules {
            let parts = parts(rule);
            let Some(sought) = self.seen().ask_all(&parts) else { return };
            let seen = sought.lines.iter().flatten().count();
            if seen > 0 {
                tracing::info!(
                    seq,
                    seen,
                    "a new rule may have matched before it came; see `entente seen --rules`"
                );
            }
        }
    }
}
