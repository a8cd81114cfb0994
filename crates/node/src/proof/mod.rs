//! Proving what is held and what was sent: one record with its signature, one entry of an outlet with
//! the receipt that covers it, and everything that is stored against what it follows from.

mod log;
mod receipt;
mod receipts;
mod record;

pub use log::{Fault, Finding, Step, Walk, Walked, inspect, verify};
pub use receipt::{Judged, ReceiptFault, ReceiptProof, receipt_proof};
pub use receipts::receipts;
pub use record::{Proof, proofs};
