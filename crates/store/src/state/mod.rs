//! State: what is neither in the log nor rebuilt from it. One file each group of tables: its rows,
//! its writers on `Tx`, its questions on `Reading`. Backup covers it; nothing here decides.

mod circles;
mod counted;
mod cursors;
mod erasures;
pub(crate) mod held;
mod hidden;
mod outlets;
mod pacing;
mod partners;
pub(crate) mod settings;
mod sources;
mod statuses;
mod tokens;

pub use circles::CircleState;
pub use cursors::{Cursor, GivenReceipt, HeldReceipt};
pub use outlets::{Outlet, Rescan, Segment};
pub use pacing::PacingRow;
pub use partners::{Invitation, Partner, PartnerState};
pub use sources::{Position, PullError, Pulls, Secret, Source, SourceKind};
pub use statuses::StatusRow;
pub use tokens::{Rights, Token};

/// The statements that make all tables of state.
pub(crate) static TABLES: [&str; 13] = [
    settings::TABLES,
    tokens::TABLES,
    partners::TABLES,
    circles::TABLES,
    outlets::TABLES,
    cursors::TABLES,
    held::TABLES,
    hidden::TABLES,
    sources::TABLES,
    statuses::TABLES,
    counted::TABLES,
    pacing::TABLES,
    erasures::TABLES,
];
