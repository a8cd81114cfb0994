//! What partners exchange: records with their headers and labels, ids, circles, seals and proofs.
//!
//! No input or output, no clock, no randomness, no serde: values come in and values go out.
//! Start with [`record`] (what a record is), then [`label`] (who may have it), then [`seal`].

pub mod bounds;
pub mod card;
pub mod circle;
pub mod facts;
pub mod id;
pub mod keys;
pub mod kind;
pub mod label;
pub mod ledger;
pub mod limits;
pub mod lines;
pub mod note;
pub mod obeyed;
pub mod policy;
pub mod question;
pub mod record;
pub mod seal;
pub mod statement;
pub mod time;
pub mod tree;
