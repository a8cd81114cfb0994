//! A sketch of what a segment holds: a binary fuse filter over marks, asked by its shape and three
//! of its bytes. It reads no file; whoever has one hands the bytes in.

use crate::filter::{Filter, Shape};

/// Bytes of a sketch's shape.
pub const SHAPE_BYTES: usize = Shape::BYTES;

/// A sketch of these marks: its shape, and its cells. `None` where no seed works.
#[must_use]
pub fn build(marks: &[u64]) -> Option<([u8; SHAPE_BYTES], Vec<u8>)> {
    let filter = Filter::build(marks)?;
    Some((filter.shape().write(), filter.cells().to_vec()))
}

/// How many cells belong to a shape; `None` for a shape that no sketch has.
#[must_use]
pub fn cells(shape: &[u8; SHAPE_BYTES]) -> Option<u64> {
    Some(Shape::read(shape)?.cells())
}

/// Which three cells a mark has; `None` for a shape that no sketch has.
#[must_use]
pub fn places(shape: &[u8; SHAPE_BYTES], mark: u64) -> Option<[u64; 3]> {
    Some(Shape::read(shape)?.places(mark).cells)
}

/// Whether these three cells may be those of a mark that is there: never `false` for one that is.
#[must_use]
pub fn holds(shape: &[u8; SHAPE_BYTES], mark: u64, found: [u8; 3]) -> bool {
    let [first, second, third] = found;
    Shape::read(shape).is_none_or(|shape| shape.places(mark).proof == first ^ second ^ third)
}

#[cfg(test)]
mod tests;
