//! HTTP for people and tools: TAXII, our own API, health. It knows no store and takes no decision:
//! handlers hand commands to the writer and questions to readers, and send what was released.

pub(crate) mod api;
mod caller;
mod certificate;
mod coding;
mod connections;
mod drain;
mod encoding;
pub(crate) mod feeds;
mod gate;
mod health;
mod ingest;
mod measure;
mod metrics;
mod patience;
mod problem;
pub(crate) mod reads;
mod request_body;
mod room;
mod router;
mod serve;
mod taxii;
mod telemetry;

pub(crate) use api::answer::Administrator;
pub(crate) use caller::Caller;
pub(crate) use certificate::{Certificate, keep_fresh, pinned, valid_until};
pub(crate) use gate::Gate;
pub(crate) use problem::{problem, unavailable};
pub(crate) use router::router;
pub(crate) use serve::serve;
