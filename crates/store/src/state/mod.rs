//! State: what is neither in the log nor rebuilt from it. One file each group of tables: its rows,
//! its writers on `Tx`, its questions on `Reading`. Backup covers it; nothing here decides.

mod arrivals;
mod circles;
mod counted;
mod cube;
mod cursors;
mod erasures;
mod former;
pub(crate) mod held;
mod hidden;
mod key_chains;
mod labels;
mod meant;
mod node_keys;
mod obeyed;
mod outgoing;
mod outlets;
mod pacing;
mod partners;
mod reads;
mod receivers;
mod serials;
pub(crate) mod settings;
mod sources;
mod statuses;
mod suppressions;
mod tokens;
mod withdrawn;

pub use circles::CircleState;
pub use cube::Cell;
pub use cursors::{Cursor, GivenReceipt, HeldReceipt};
pub use former::FormerMember;
pub use obeyed::{Awaited, Owed, Told};
pub use outgoing::Outgoing;
pub use outlets::{Outlet, Rescan, Segment};
pub use pacing::PacingRow;
pub use partners::{Invitation, Partner, PartnerState};
pub use reads::{LOG_ITSELF, ReadRange};
pub use receivers::{Receiver, Wording};
pub use serials::Numbered;
pub use sources::{Position, PullError, Pulls, Secret, Source, SourceKind};
pub use statuses::StatusRow;
pub use suppressions::Suppression;
pub use tokens::{Rights, Token};
pub use withdrawn::{Backfill, Narrowing, Stand};

/// The statements that make all tables of state.
pub(crate) static TABLES: [&str; 27] = [
    settings::TABLES,
    tokens::TABLES,
    partners::TABLES,
    circles::TABLES,
    outlets::TABLES,
    withdrawn::TABLES,
    arrivals::TABLES,
    cursors::TABLES,
    held::TABLES,
    hidden::TABLES,
    labels::TABLES,
    meant::TABLES,
    obeyed::TABLES,
    former::TABLES,
    node_keys::TABLES,
    key_chains::TABLES,
    sources::TABLES,
    statuses::TABLES,
    counted::TABLES,
    pacing::TABLES,
    reads::TABLES,
    erasures::TABLES,
    suppressions::TABLES,
    cube::TABLES,
    serials::TABLES,
    receivers::TABLES,
    outgoing::TABLES,
];
