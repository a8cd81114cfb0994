//! The exchange over in-memory stores: whole nodes, no sockets, a clock that the test moves.

mod circle;
mod link;
mod publish;
mod world;
