//! HTTP for people and tools: TAXII, our own API, health. It knows no store and takes no decision:
//! handlers hand commands to the writer and questions to readers, and send what was released.

pub(crate) mod api;
mod caller;
mod drain;
mod encoding;
mod health;
mod problem;
mod request_body;
mod router;
mod serve;
mod taxii;

pub(crate) use caller::Caller;
pub(crate) use problem::{problem, unavailable};
pub(crate) use router::router;
pub(crate) use serve::serve;
