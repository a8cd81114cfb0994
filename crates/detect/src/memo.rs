//! Members of events that were just read and proved nothing: logs say the same again and again.
//! It remembers what was *not* found only, and only until the index learns something new.

use model::limits::{MEMO_BYTES_MAX, MEMO_CELLS};

/// One for each thread; a member that is not remembered is simply read.
#[derive(Debug)]
pub(crate) struct Memo(Vec<Cell>);

#[derive(Clone, Debug)]
struct Cell {
    /// Of the index in which nothing was found.
    version: u64,
    /// It was asked for since another wanted its place: what is only seen once leaves it alone.
    liked: bool,
    length: usize,
    bytes: [u8; MEMO_BYTES_MAX],
}

impl Default for Memo {
    fn default() -> Self {
        let empty =
            Cell { version: 0, liked: false, length: usize::MAX, bytes: [0; MEMO_BYTES_MAX] };
        Self(vec![empty; MEMO_CELLS])
    }
}

impl Memo {
    /// Whether nothing was found in these very bytes, key and value, with this version of the index.
    #[inline]
    pub(crate) fn knows(&mut self, version: u64, member: &[u8]) -> bool {
        let Some(cell) = self.0.get_mut(place(member)) else { return false };
        let knows = cell.length == member.len()
            && cell.version == version
            && cell.bytes.get(..cell.length) == Some(member);
        cell.liked |= knows;
        knows
    }

    /// Remembers that nothing was found; what had the same place
    /// is forgotten, unless it was asked for since.
    pub(crate) fn learn(&mut self, version: u64, member: &[u8]) {
        let Some(cell) = self.0.get_mut(place(member)) else { return };
        if std::mem::take(&mut cell.liked) && cell.version == version {
            return;
        }
        if let Some(bytes) = cell.bytes.get_mut(..member.len()) {
            bytes.copy_from_slice(member);
            cell.length = member.len();
            cell.version = version;
        }
    }
}

/// Where a member belongs, by its length, its two ends and its middle. Whoever writes lines that
/// share a place only makes them slower.
#[inline]
fn place(member: &[u8]) -> usize {
    let middle = member.get(member.len() / 2..).unwrap_or_default();
    let word = |bytes: Option<&[u8; 8]>| bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let sum = word(member.first_chunk()).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        ^ word(member.last_chunk()).wrapping_mul(0xC2B2_AE3D_27D4_EB4F)
        ^ word(middle.first_chunk()).wrapping_mul(0x1656_67B1_9E37_79F9)
        ^ (member.len() as u64).wrapping_mul(0x27D4_EB2F_1656_67C5);
    usize::try_from((sum ^ (sum >> 29)) >> 20).unwrap_or_default() & (MEMO_CELLS - 1)
}
