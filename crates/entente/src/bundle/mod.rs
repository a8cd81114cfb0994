//! Bundles: the link by file. A sealed file goes out, one comes in, and what is in it goes the way of
//! every batch. What a bundle says is `node::bundle`'s.

mod file;
mod look;
mod receive;
mod seal;
mod send;
mod spool;

pub(crate) use file::BundleError;
pub(crate) use look::{Piece, look};
pub(crate) use receive::{ImportError, Imported, import};
pub(crate) use send::{Asked, ExportError, export};
pub(crate) use spool::Spool;
