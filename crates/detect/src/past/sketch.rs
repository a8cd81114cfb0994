//! A sketch of what a segment holds: a binary fuse filter over marks, asked by its shape and three
//! of its cells. It reads no file; whoever has one hands the bytes in.
//!
//! Cells have sixteen bits: over a thousand segments, one question in sixty opens one in vain, where
//! eight bits would open four at each.

use super::filter::{Cell, Filter, Shape};

/// Bytes of a sketch's shape.
pub const SHAPE_BYTES: usize = Shape::BYTES;

/// Bytes of a cell.
pub const CELL_BYTES: usize = size_of::<Cell>();

/// A sketch of these marks: its shape, and its cells. `None` where no seed works.
#[must_use]
pub fn build(marks: &[u64]) -> Option<([u8; SHAPE_BYTES], Vec<u8>)> {
    let filter = Filter::build(marks)?;
    Some((filter.shape().write(), filter.into_cells().into_flattened()))
}

/// At which bytes the three cells of a mark begin; `None` for a shape that no sketch has.
#[must_use]
pub fn places(shape: &[u8; SHAPE_BYTES], mark: u64) -> Option<[u64; 3]> {
    let cells = Shape::read(shape)?.places(mark).cells;
    Some(cells.map(|cell| cell * CELL_BYTES as u64))
}

/// Whether these three cells may be those of a mark that is there: never `false` for one that is.
#[must_use]
pub fn holds(shape: &[u8; SHAPE_BYTES], mark: u64, found: [Cell; 3]) -> bool {
    let [first, second, third] = found.map(u16::from_le_bytes);
    Shape::read(shape).is_none_or(|shape| shape.places(mark).proof == first ^ second ^ third)
}

#[cfg(test)]
mod tests;
