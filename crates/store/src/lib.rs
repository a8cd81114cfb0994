//! The log, its views and the state, on SQLite. The only SQL of the project.
//!
//! It keeps what it is given and decides nothing: who may see a row is asked elsewhere. The log is
//! the truth; a view ([`views`]) can be dropped and rebuilt from it; state is neither. One thread
//! writes through [`Store`] and [`Tx`], any number read through [`Snapshots`] and [`Reading`].

mod backup;
mod body;
mod check;
mod error;
mod label;
mod log;
mod mend;
mod name;
mod open;
mod purge;
mod reading;
mod relabel;
mod runs;
pub mod segment;
mod signed;
mod snapshot;
mod sql;
mod state;
mod sum;
mod tally;
mod view;
mod write;

pub use backup::Copied;
pub use check::{
    Checked, Damage, EntryFault, Inspection, Place, check_header, check_wal, view_pages,
};
pub use error::StoreError;
pub use log::{Light, Row, Seq};
pub use open::{Options, Store};
pub use reading::Reading;
pub use runs::Runs;
pub use snapshot::{Snapshot, Snapshots};
pub use state::{
    Awaited, Backfill, Cell, CircleState, Cursor, FormerMember, GivenReceipt, HeldReceipt,
    Invitation, LOG_ITSELF, Narrowing, Numbered, Outgoing, Outlet, Owed, PacingRow, Partner,
    PartnerState, Position, PullError, Pulls, ReadRange, Receiver, Rescan, Rights, Secret, Segment,
    Source, SourceKind, Stand, StatusRow, Suppression, Token, Told, Wording,
};
pub use tally::Group;
pub use view::{
    Content, FactsOf, Listed, Rebuild, Regard, Rival, Sighted, Terms, WatchedValues, views,
};
pub use write::{Appended, NewEntry, Tx};
