//! What defenders' tools eat, made of values that a reader was released: plain lists, CSV, rules
//! and sets for Suricata, Zeek's intel file, a response policy zone, lists for Wazuh, STIX, MISP's feed
//! folder, Sigma rules; and matches as findings in OCSF, ECS, STIX and CEF. It decides nothing about who may read what, and asks no clock.
//!
//! A value is somebody else's text. A form takes it only where it cannot leave its line, its cell or
//! its quotes ([`line`]); what cannot stand in a form is left out of it, never bent.

mod blocklist;
mod cef;
mod csv;
mod findings;
mod form;
mod kind;
mod line;
mod md5;
mod misp_feed;
mod rpz;
mod sighting;
mod sigma;
mod stix;
mod suricata;
mod wazuh;
mod writer;
mod zeek;

#[cfg(test)]
mod tests;

pub use findings::{Finding, FindingForm};
pub use form::{Action, Form, Options, Set};
pub use kind::{kind_of, name_of};
pub use line::{About, Line, is_plain};
pub use misp_feed::{MispFile, Stamp, Unstamped, misp_day_of, misp_span};
pub use rpz::with_serial;
pub use sigma::{RuleLine, SigmaFile};
pub use writer::Writer;
