//! Label and reader in, decision with its reason out: the one default-deny rule of release.
//!
//! Pure: no body, no socket, no clock of its own. Who holds what, and who is a member of what, is
//! told by the caller in [`Reader`] and [`Placed`].

pub mod class;
pub mod decide;
pub mod explain;
pub mod presets;

pub use class::{Class, Classes};
pub use decide::{By, Capacity, Decision, Placed, Reader, Rule, decide};
