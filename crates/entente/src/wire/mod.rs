//! The link over sockets: TLS, HTTP, the tasks that keep connections to partners. What is said over
//! them is `node::link`'s; `docs/protocol.md` is its description for other teams.

mod client;
mod code;
mod compress;
mod dial;
mod door;
pub(crate) mod join;
mod keys;
mod link;
mod message;
mod peer;
mod pull;
mod push;
mod returns;
mod supply;
#[cfg(test)]
mod tests;
mod tls;
pub(crate) mod tunnel;
mod turns;

pub(crate) use code::is_address;
pub(crate) use dial::dial_all;
pub(crate) use door::serve;
pub(crate) use link::beyond;
pub(crate) use supply::{Supply, Want, supply};
pub(crate) use tunnel::Proxy;
