//! The head of a sketch: whose it is, and what proves that it and its segment are whole. It does not
//! know how a sketch is asked.

use model::seal::sha256;

/// Bytes of a sketch's shape, which the caller understands.
pub const SHAPE_BYTES: usize = 16;

/// Bytes of the head; the cells follow it.
pub(super) const HEAD_BYTES: usize = 96;
const MAGIC: [u8; 8] = *b"ENTSEEN3";

/// What a sketch begins with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Head {
    /// The last journal whose rows the segment holds; 0 where it is made of other segments.
    pub journal: u64,
    /// What tells under which key its marks were made.
    pub check: u64,
    /// How its cells lie.
    pub shape: [u8; SHAPE_BYTES],
    /// The first and last number of the segments of its day that it took the place of; zeros where
    /// it is made of none.
    pub replaces: (u32, u32),
    /// Rows of the segment.
    pub rows: u64,
    /// Bytes of the segment.
    pub(super) bytes: u64,
    /// The sum of the segment's last bytes, where the places of everything else stand.
    pub(super) tail_sum: u64,
    /// The sum of the whole segment.
    pub(super) sum: u64,
}

impl Head {
    pub(super) fn write(&self, cells: &[u8]) -> [u8; HEAD_BYTES] {
        let Self { journal, check, shape, replaces, rows, bytes, tail_sum, sum: whole } = self;
        let (first, last) = (u64::from(replaces.0), u64::from(replaces.1));
        let mut head = Vec::with_capacity(HEAD_BYTES);
        head.extend_from_slice(&MAGIC);
        for number in [journal, check, &first, &last, rows, bytes, tail_sum, whole] {
            head.extend_from_slice(&number.to_le_bytes());
        }
        head.extend_from_slice(shape);
        head.extend_from_slice(&sum(&[&head, cells]).to_le_bytes());
        head.try_into().unwrap_or([0; HEAD_BYTES])
    }

    /// Reads a head; whether its cells are whole, [`Head::is_of`] tells.
    pub(super) fn read(bytes: &[u8; HEAD_BYTES]) -> Option<Self> {
        let rest = bytes.strip_prefix(&MAGIC)?;
        let (numbers, rest) = rest.split_first_chunk::<64>()?;
        let (words, _) = numbers.as_chunks::<8>();
        let mut words = words.iter().map(|word| u64::from_le_bytes(*word));
        let mut next = || words.next();
        let (journal, check) = (next()?, next()?);
        let replaces = (u32::try_from(next()?).ok()?, u32::try_from(next()?).ok()?);
        let rows = next()?;
        let (bytes, tail_sum, sum) = (next()?, next()?, next()?);
        let (shape, _) = rest.split_first_chunk::<SHAPE_BYTES>()?;
        Some(Self { journal, check, shape: *shape, replaces, rows, bytes, tail_sum, sum })
    }

    /// Whether these are the head's bytes and cells as they were written.
    pub(super) fn is_of(bytes: &[u8; HEAD_BYTES], cells: &[u8]) -> bool {
        bytes
            .split_last_chunk::<8>()
            .is_some_and(|(head, own)| u64::from_le_bytes(*own) == sum(&[head, cells]))
    }
}

/// Eight bytes of a digest: against damage, not against people.
pub(super) fn sum(parts: &[&[u8]]) -> u64 {
    let digest = sha256(parts);
    let first = digest.as_bytes().first_chunk::<8>();
    first.map_or(0, |first| u64::from_le_bytes(*first))
}
