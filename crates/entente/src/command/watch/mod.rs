//! `entente watch`: whole lines from a file, a pipe or a log that is rotated, sent to the node, and
//! what they match.

mod evtx;
mod feed;
mod follow;
mod format;
mod header;
mod progress;
mod road;
mod siblings;
mod stream;
mod unpack;

pub(crate) use stream::Watch;
