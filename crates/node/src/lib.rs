//! The exchange itself: accept, close, sign, append, number, release, link, watch. One verb a file.
//!
//! Synchronous and sans-IO: [`Node::apply`] takes a command inside the writer's transaction and
//! gives an answer and effects; readers work on snapshots through [`read`], and every byte for a
//! reader is opened by [`release`]. No sockets, no clock, no randomness of its own.

pub mod accept;
pub mod apply;
mod asking;
mod audit;
pub mod backfill;
pub mod backup;
pub mod bundle;
mod cards;
mod circles;
mod closure;
pub mod command;
pub mod copying;
mod counting;
pub mod dispute;
pub mod dry_run;
pub mod effect;
pub mod filling;
pub mod foresee;
pub mod identity;
mod introduction;
mod kept_back;
pub mod keys;
pub mod link;
pub mod membership;
mod narrow;
mod nearer;
pub mod obeyed;
mod outbox;
pub mod outgoing;
pub mod outlet;
pub mod proof;
pub mod question;
pub mod quota;
pub mod read;
pub mod reads;
pub mod rebuild;
mod recall;
pub mod receiver;
pub mod release;
pub mod restore;
pub mod retention;
pub mod returns;
pub mod seen;
pub mod serial;
pub mod sighted;
pub mod sighting;
pub mod source;
mod state;
pub mod suppress;
pub mod token;
pub mod undo;
pub mod values;
pub mod watch;
mod weight;
mod withdraw;
mod word;

pub use apply::{Moment, Node, OpenError};
pub use command::{Answer, Command};
pub use effect::Effect;
pub use weight::Weight;
// The rim opens the store's files and snapshots only through these names; it never sees SQL.
pub use policy::{By, Capacity, Decision, Reader, Rule, presets};
pub use store::{
    Cell, Checked, Damage, Inspection, Options, Outgoing, Partner, PartnerState, Place, Position,
    PullError, Reading, Rebuild, Receiver, Rights, Row, Secret, Seq, Snapshot, Snapshots, Source,
    SourceKind, StatusRow, Store, StoreError, Suppression, Terms, Token, Wording, check_header,
    check_wal, view_pages,
};
