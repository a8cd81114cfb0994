//! Bytes to Facts and back: STIX, TAXII, plain lists, feeds for other tools. Pure functions; no
//! store, no clock, no opinion about who may read what.
//!
//! # How it is used
//!
//! What arrives is a document. [`json::split`] finds the objects in it and hands them out as
//! slices of the very bytes that came; from here on an object *is* its bytes, and nothing in the
//! program writes it anew. [`stix::read`] walks one object once, strictly (syntax, depth, doubled
//! keys), and fills what the rest of the program works with: the [`model::facts::Facts`], by a
//! table, and the [`stix::Markings`], of which the strictest part decides. Types and properties
//! that nobody has heard of pass through unharmed.
//!
//! What leaves is bytes too: [`taxii::EnvelopeWriter`] joins stored bodies by commas, and
//! [`taxii`] writes the few resources around them. Our own objects come from [`stix::write`], and
//! [`stix::list`] turns the lists that defenders already have into indicators.
//!
//! # What a stranger's bytes can do here
//!
//! They can be refused. Every bound stands in [`model::limits`]; walking doesn't recurse; memory
//! is proportional to the input, and the number of problems kept is bounded. A broken object or
//! line is a [`problem::Problem`] with a stable code, a place and a hint, and costs the rest of
//! its document nothing. Truncation that could loosen a label (references, markings) doesn't
//! exist: too many are a refusal.

pub mod export;
pub mod json;
pub mod loss;
pub mod misp;
pub mod problem;
pub mod stix;
pub mod taxii;
