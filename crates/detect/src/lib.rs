//! Values in, matches out; knows no partner, no file, no time of day.
//!
//! Start with [`observable`] (the one normal form), then [`index`] (what is looked for) and
//! [`live`] (one event against all of it). [`judge`] is the slow evaluator that must agree.

mod class;
pub mod decay;
pub mod event;
mod fingerprint;
mod gate;
pub mod index;
pub mod judge;
mod keeping;
pub mod known_good;
mod layers;
pub mod live;
mod meaning;
mod memo;
mod named;
mod near;
pub mod observable;
pub mod pacing;
pub mod past;
pub mod pattern;
pub mod reading;
pub mod rules;
mod scan;
mod shapes;
mod short;
pub mod sigma;
pub mod suffix;
mod table;
mod url;
mod values;
mod words;
