//! Members of events that were just read and proved nothing: logs say the same again and again. It
//! remembers what was *not* found, until the index learns something new, and which rows of what is
//! gathered for looking back were theirs. It never remembers a match.

use model::limits::{MEMO_BYTES_MAX, MEMO_CELLS, MEMO_ROWS_MAX};

/// A member that is not remembered is simply read.
#[derive(Debug)]
pub(crate) struct Memo(Vec<Cell>);

/// What holds until it changes: the version of the index, and the number of the gathering, which is
/// 0 where nothing is gathered.
pub(crate) type State = (u64, u64);

/// What a member proved: it matches nothing, and these rows of what is gathered are its.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Known {
    rows: [u32; MEMO_ROWS_MAX],
    count: u8,
}

impl Known {
    /// It matches nothing, and nothing is gathered.
    pub(crate) const NOTHING: Self = Self { rows: [0; MEMO_ROWS_MAX], count: 0 };

    /// With one row more; `false` when there are too many to be remembered. It changes in its place: a
    /// copy would wait for what was just written.
    #[inline]
    pub(crate) fn add(&mut self, row: u32) -> bool {
        let place = self.rows.get_mut(usize::from(self.count));
        let room = place.is_some();
        place.into_iter().for_each(|place| *place = row);
        self.count += u8::from(room);
        room
    }

    /// The rows.
    pub(crate) fn rows(&self) -> &[u32] {
        self.rows.get(..usize::from(self.count)).unwrap_or_default()
    }
}

#[derive(Clone, Debug)]
struct Cell {
    known: Known,
    /// In which it is known; none is 0.
    state: State,
    /// It was asked for since another wanted its place: what is only seen once leaves it alone.
    liked: bool,
    length: usize,
    bytes: [u8; MEMO_BYTES_MAX],
}

impl Default for Memo {
    fn default() -> Self {
        let (known, state) = (Known::NOTHING, (0, 0));
        let empty =
            Cell { known, state, liked: false, length: usize::MAX, bytes: [0; MEMO_BYTES_MAX] };
        Self(vec![empty; MEMO_CELLS])
    }
}

impl Memo {
    /// What these very bytes, key and value, proved in this state.
    #[inline]
    pub(crate) fn known(&mut self, state: State, member: &[u8]) -> Option<Known> {
        let cell = self.0.get_mut(place(member))?;
        let same = cell.length == member.len()
            && cell.state == state
            && cell.bytes.get(..cell.length) == Some(member);
        cell.liked |= same;
        same.then_some(cell.known)
    }

    /// Remembers nothing of these bytes any more.
    pub(crate) fn forget(&mut self, member: &[u8]) {
        let cell = self.0.get_mut(place(member));
        if let Some(cell) = cell.filter(|cell| cell.length == member.len()) {
            cell.state = (0, 0);
        }
    }

    /// Remembers what was proved; what had the same place is forgotten, unless it was asked for
    /// since.
    pub(crate) fn learn(&mut self, state: State, known: Known, member: &[u8]) {
        let Some(cell) = self.0.get_mut(place(member)) else { return };
        if std::mem::take(&mut cell.liked) && cell.state == state {
            return;
        }
        if let Some(bytes) = cell.bytes.get_mut(..member.len()) {
            bytes.copy_from_slice(member);
            (cell.length, cell.known, cell.state) = (member.len(), known, state);
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

#[cfg(test)]
mod tests;
