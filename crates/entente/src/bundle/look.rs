//! What is in a bundle, piece by piece, for whoever checks it. It applies nothing and keeps nothing.

use super::file::{BundleError, end, open};
use super::receive::{hello, read_batch, read_line};
use model::id::NodeId;
use model::limits::RECEIPT_BYTES_MAX;
use node::bundle::{Head, Holds};
use node::link::{Hello, Receipt};
use std::io::Read;

/// A piece of a bundle, in the order in which it holds them.
#[derive(Debug)]
pub(crate) enum Piece {
    /// How its maker presents itself; once, first, where it holds records.
    Hello(Box<Hello>),
    /// A batch's bytes, the checkpoint last.
    Batch(Vec<u8>),
    /// A receipt.
    Receipt(Box<Receipt>),
}

/// Reads a bundle to its end.
///
/// # Errors
/// When it is damaged, cut, no bundle, or for another node.
pub(crate) fn look(
    bytes: impl Read,
    (me, seeds): (&NodeId, &[[u8; 32]]),
    each: &mut dyn FnMut(&Head, Piece),
) -> Result<Head, BundleError> {
    let (head, mut unpacking) = open(bytes, me, seeds)?;
    match head.holds {
        Holds::Records => {
            each(&head, Piece::Hello(Box::new(hello(&head, &mut unpacking)?)));
            while let Some(batch) = read_batch(&mut unpacking)? {
                each(&head, Piece::Batch(batch));
            }
        }
        Holds::Receipts => {
            let mut line = Vec::new();
            while read_line(&mut unpacking, &mut line, RECEIPT_BYTES_MAX)? {
                let receipt = std::str::from_utf8(&line).ok().and_then(Receipt::read);
                each(&head, Piece::Receipt(Box::new(receipt.ok_or(BundleError::Damaged)?)));
                line.clear();
            }
        }
    }
    end(unpacking)?;
    Ok(head)
}
