//! What the world sends: at every door, everything that no honest client would send, to a node that
//! may have 256 MiB, while an honest client beside it must not notice.

mod bodies;
mod connections;
mod http2;
mod link;
mod world;
