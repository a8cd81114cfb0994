//! Our own API, `/api/v1`: one resource a file, JSON in and out. Every answer is made with the
//! caller's own eyes; what is withheld and what does not exist look alike.

pub(crate) mod answer;
pub(crate) mod asked;
pub(crate) mod asking;
pub(crate) mod backfill;
pub(crate) mod backup;
pub(crate) mod body;
pub(crate) mod bundle;
pub(crate) mod cards;
pub(crate) mod circles;
pub(crate) mod copy;
pub(crate) mod held;
pub(crate) mod keys;
mod lacking;
mod maintenance;
pub(crate) mod names;
pub(crate) mod node;
pub(crate) mod objects;
pub(crate) mod outbox;
pub(crate) mod partners;
pub(crate) mod policy;
pub(crate) mod preview;
pub(crate) mod publish;
mod reason;
pub(crate) mod rebuild;
pub(crate) mod recall;
pub(crate) mod receipts;
pub(crate) mod relabel;
pub(crate) mod retention;
mod routes;
pub(crate) mod ruled;
pub(crate) mod search;
pub(crate) mod sightings;
pub(crate) mod sources;
mod stream;
pub(crate) mod tokens;
pub(crate) mod undo;
mod watch;
pub(crate) mod who;
pub(crate) mod withdraw;

pub(crate) use routes::routes;
