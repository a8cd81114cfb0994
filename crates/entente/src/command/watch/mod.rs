//! `entente watch`: whole lines from a file or a pipe, sent to the node, and what they match.

mod feed;
mod stream;

pub(crate) use stream::Watch;
