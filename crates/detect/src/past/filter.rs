//! A binary fuse filter: says of a mark, for sure, that it is not among millions, in eighteen bits
//! each. It is built once and never grows, and it knows nothing of what the marks stand for.
//!
//! After Graf and Lemire, "Binary Fuse Filters" (2022), three cells a mark, sixteen bits a cell.

use model::limits::FILTER_TRIES_MAX;

/// Cells in a segment, at most: three segments stay in a near cache.
const SEGMENT_BITS_MAX: u32 = 18;

/// How the cells lie; it says where a mark's cells are without having them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Shape {
    seed: u64,
    segment_bits: u32,
    /// Segments in which a mark's first cell can be.
    segments: u32,
}

/// Where a mark's three cells are, and what they make together if the mark is there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Places {
    /// Which cells.
    pub(super) cells: [u64; 3],
    /// The exclusive or of the three.
    pub(super) proof: u16,
}

/// The filter.
#[derive(Debug)]
pub(super) struct Filter {
    shape: Shape,
    /// As they are written, so that nobody has to copy them.
    cells: Vec<Cell>,
}

/// The bytes of a cell, the lower half first.
pub(super) type Cell = [u8; 2];

impl Shape {
    /// Bytes of [`Shape::write`].
    pub(super) const BYTES: usize = 16;

    fn of(seed: u64, marks: usize) -> Self {
        let marks = u32::try_from(marks).unwrap_or(u32::MAX).max(2);
        let bits = (f64::from(marks).ln() / 3.33_f64.ln() + 2.25).floor().clamp(2.0, 18.0);
        let segment_bits =
            (0..=SEGMENT_BITS_MAX).rev().find(|n| f64::from(*n) <= bits).unwrap_or(2);
        let factor = 1.125_f64.max(0.875 + 0.25 * 1e6_f64.ln() / f64::from(marks).ln());
        let wanted = (f64::from(marks) * factor / f64::from(1_u32 << segment_bits)).ceil();
        // Two segments follow the last that a mark can begin in.
        let segments = (1..=u32::MAX >> segment_bits).take_while(|n| f64::from(*n) + 2.0 <= wanted);
        Self { seed, segment_bits, segments: segments.last().unwrap_or(1) }
    }

    /// How many cells there are.
    #[must_use]
    pub(super) fn cells(self) -> u64 {
        (u64::from(self.segments) + 2) << self.segment_bits
    }

    /// Where a mark's cells are.
    #[inline]
    #[must_use]
    pub(super) fn places(self, mark: u64) -> Places {
        self.of_mixed(mix(mark, self.seed))
    }

    #[inline]
    fn of_mixed(self, mixed: u64) -> Places {
        let begin = u64::from(self.segments) << self.segment_bits;
        let spread = (u128::from(mixed) * u128::from(begin)) >> 64;
        let first = u64::try_from(spread).unwrap_or_default();
        let (length, inside) = (1_u64 << self.segment_bits, (1_u64 << self.segment_bits) - 1);
        let second = (first + length) ^ ((mixed >> 18) & inside);
        let third = (first + 2 * length) ^ (mixed & inside);
        let [low, high, ..] = (mixed ^ (mixed >> 32)).to_le_bytes();
        Places { cells: [first, second, third], proof: u16::from_le_bytes([low, high]) }
    }

    /// The shape as bytes.
    #[must_use]
    pub(super) fn write(self) -> [u8; Self::BYTES] {
        let [s0, s1, s2, s3, s4, s5, s6, s7] = self.seed.to_le_bytes();
        let [b0, b1, b2, b3] = self.segment_bits.to_le_bytes();
        let [n0, n1, n2, n3] = self.segments.to_le_bytes();
        [s0, s1, s2, s3, s4, s5, s6, s7, b0, b1, b2, b3, n0, n1, n2, n3]
    }

    /// Reads what [`Shape::write`] gave; `None` for what it never gives.
    #[must_use]
    pub(super) fn read(bytes: &[u8; Self::BYTES]) -> Option<Self> {
        let (seed, rest) = bytes.split_first_chunk::<8>()?;
        let (bits, segments) = rest.split_first_chunk::<4>()?;
        let shape = Self {
            seed: u64::from_le_bytes(*seed),
            segment_bits: u32::from_le_bytes(*bits),
            segments: u32::from_le_bytes(segments.try_into().ok()?),
        };
        let sound = shape.segment_bits <= SEGMENT_BITS_MAX && shape.segments > 0;
        (sound && shape.cells() <= u64::from(u32::MAX)).then_some(shape)
    }
}

impl Filter {
    /// A filter over these marks; repetition does no harm. `None` where no seed works, which random
    /// marks make as good as impossible.
    #[must_use]
    pub(super) fn build(marks: &[u64]) -> Option<Self> {
        let seed = marks.first().copied().unwrap_or_default();
        (0..FILTER_TRIES_MAX).find_map(|n| Self::with_seed(mix(seed, n), marks))
    }

    fn with_seed(seed: u64, marks: &[u64]) -> Option<Self> {
        // In the order of their first cell: building then walks the cells from end to end.
        let mut mixed: Vec<u64> = marks.iter().map(|mark| mix(*mark, seed)).collect();
        mixed.sort_unstable();
        mixed.dedup();
        let shape = Shape::of(seed, mixed.len());
        let peeled = Peeled::of(shape, &mixed)?;
        drop(mixed);
        let mut cells = vec![Cell::default(); usize::try_from(shape.cells()).ok()?];
        for at in peeled.order.iter().rev() {
            let at = usize::try_from(*at).ok()?;
            let places = shape.of_mixed(*peeled.alone.get(at)?);
            // Its own cell is empty still.
            let others = together(&cells, places.cells);
            *cells.get_mut(at)? = (others ^ places.proof).to_le_bytes();
        }
        Some(Self { shape, cells })
    }

    /// How its cells lie.
    #[must_use]
    pub(super) const fn shape(&self) -> Shape {
        self.shape
    }

    /// Its cells.
    #[must_use]
    pub(super) fn into_cells(self) -> Vec<Cell> {
        self.cells
    }
}

/// For every mark a cell that it alone decides, if marks are undone from the last on.
struct Peeled {
    /// Those cells, in the order in which they were found.
    order: Vec<u32>,
    /// The mark of each cell; of others nothing that counts.
    alone: Vec<u64>,
}

impl Peeled {
    fn of(shape: Shape, mixed: &[u64]) -> Option<Self> {
        let cells = usize::try_from(shape.cells()).ok()?;
        // Of each cell how many marks share it, and the exclusive or of them.
        let (mut shared, mut marks) = (vec![0_u8; cells], vec![0_u64; cells]);
        for mark in mixed {
            for at in shape.of_mixed(*mark).cells.map(offset) {
                let count = shared.get_mut(at)?;
                // So many share none where marks are random; another seed parts them.
                *count = count.checked_add(1)?;
                *marks.get_mut(at)? ^= mark;
            }
        }
        let (mut order, mut alone) = (Vec::with_capacity(mixed.len()), Vec::new());
        for start in 0..cells {
            alone.push(start);
            while let Some(own) = alone.pop() {
                if shared.get(own) != Some(&1) {
                    continue;
                }
                let mark = *marks.get(own)?;
                order.push(u32::try_from(own).ok()?);
                for at in shape.of_mixed(mark).cells.map(offset) {
                    let count = shared.get_mut(at)?;
                    *count = count.checked_sub(1)?;
                    if at != own {
                        *marks.get_mut(at)? ^= mark;
                    }
                    if *count == 1 {
                        alone.push(at);
                    }
                }
            }
        }
        (order.len() == mixed.len()).then_some(Self { order, alone: marks })
    }
}

#[inline]
fn together(cells: &[Cell], places: [u64; 3]) -> u16 {
    let cell = |at: u64| u16::from_le_bytes(cells.get(offset(at)).copied().unwrap_or_default());
    let [first, second, third] = places;
    cell(first) ^ cell(second) ^ cell(third)
}

#[inline]
fn offset(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

/// A bijection of 64 bits for each seed (the finisher of MurmurHash3), so that equal means equal.
#[inline]
const fn mix(mark: u64, seed: u64) -> u64 {
    let mut mixed = mark.wrapping_add(seed);
    mixed = (mixed ^ (mixed >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    mixed = (mixed ^ (mixed >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    mixed ^ (mixed >> 33)
}

#[cfg(test)]
mod tests;
