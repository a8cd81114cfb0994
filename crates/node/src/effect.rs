//! Everything that a node can do to the world after a commit: wake, index, dial. Never storage.

use model::facts::{Rule, Value};
use model::id::NodeId;
use store::Seq;

/// Something to do once the commit is durable.
#[derive(Clone, Debug)]
pub enum Effect {
    /// The log grew or labels changed: whoever waits for an outlet looks again.
    Wake,
    /// The index of live matching gains an indicator.
    Watch {
        /// Its place in the log.
        seq: Seq,
        /// The values that prove a match.
        values: Vec<Value>,
    },
    /// Live matching gains a rule.
    WatchRule {
        /// Its place in the log.
        seq: Seq,
        /// The rule.
        rule: Rule,
    },
    /// Live matching loses an indicator, whether its values or its rule.
    Unwatch(Seq),
    /// An indicator matches so much that its sightings are held back.
    Tripped {
        /// Its place in the log.
        seq: Seq,
        /// Matches within the hour, about.
        matches: u64,
    },
    /// A partner to be dialled appeared, or one ended.
    Partners,
    /// Sources were added, removed, asked for, or pulled.
    Sources,
    /// Who is told of matches came or went.
    Receivers,
    /// Findings wait to be sent, or were given up.
    Outgoing {
        /// How many were given up.
        dropped: u64,
    },
    /// A partner's numbering began a new life: it was restored from a backup.
    Restored(NodeId),
    /// A partner asks whether something was seen here.
    Asked {
        /// The question's place in the log.
        seq: Seq,
    },
    /// A sighting arrived or was made; people and streams may want to know.
    Sighted {
        /// Its place in the log.
        seq: Seq,
        /// The node that saw it.
        by: NodeId,
    },
}
