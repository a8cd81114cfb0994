//! Why an indicator is silent: one answer for matches, feeds, and people who ask. It tells nobody.

use crate::runtime::Runtime;
use detect::observable::Observable;
use model::time::Instant;
use node::{Reading, Seq, StoreError};

/// Why matches of an indicator are not told.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Silence {
    /// It holds no more, since then.
    Expired(Instant),
    /// It is hidden from this node's own people.
    Hidden,
    /// Its value is known to be good.
    Listed {
        /// The list.
        list: String,
        /// Its entry.
        entry: String,
    },
    /// A person suppressed it.
    Suppressed {
        /// Why.
        reason: String,
        /// Until then.
        until: Instant,
    },
    /// Too little is left of its confidence.
    Unconfident {
        /// What is left.
        confidence: u8,
        /// What is asked for.
        floor: u8,
    },
    /// It names a zone below which strangers have names; it matches that name alone.
    ZoneOnly(String),
}

/// Why the indicator at this place is silent now; `value` is what an event had, where one is meant.
pub(crate) fn silence(
    _runtime: &Runtime,
    reading: &Reading<'_>,
    seq: Seq,
    _value: Option<&Observable>,
    now: Instant,
) -> Result<Option<Silence>, StoreError> {
    let until = node::watch::terms(reading, seq)?.and_then(|terms| terms.until);
    Ok(until.filter(|until| *until <= now).map(Silence::Expired))
}

/// An indicator matches so much that its sightings are held back.
pub(crate) fn tripped(seq: Seq, matches: u64) {
    tracing::warn!(seq, matches, "an indicator matches too much; its sightings are held back");
}
