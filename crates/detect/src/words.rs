//! Many numbers in a row, looked into at random. Millions of them lie in large pages where the machine
//! gives some: of small ones a processor soon no longer knows where they lie, and looks that up as
//! well. It does not know what a number means.

use crate::near;
use memmap2::MmapMut;

/// A number as it lies in memory that was asked for by bytes.
type Word = [u8; size_of::<u64>()];

/// What takes less lies in small pages.
const LARGE_BYTES_MIN: usize = 2 << 20;

/// The numbers.
#[derive(Debug)]
pub(crate) struct Words(Memory);

#[derive(Debug)]
enum Memory {
    Small(Vec<Word>),
    Large(MmapMut),
}

impl Words {
    /// So many zeros.
    pub(crate) fn zeros(count: usize) -> Self {
        let bytes = count.saturating_mul(size_of::<Word>());
        let large = (bytes >= LARGE_BYTES_MIN).then(|| large(bytes)).flatten();
        let small = || Memory::Small(vec![Word::default(); count]);
        Self(large.map_or_else(small, Memory::Large))
    }

    /// How many.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.all().len()
    }

    /// The one at this place; `None` behind the last.
    #[inline]
    pub(crate) fn get(&self, at: usize) -> Option<u64> {
        self.all().get(at).copied().map(u64::from_ne_bytes)
    }

    /// Puts one there; nothing behind the last.
    #[inline]
    pub(crate) fn set(&mut self, at: usize, word: u64) {
        let place = self.all_mut().get_mut(at).into_iter();
        place.for_each(|place| *place = word.to_ne_bytes());
    }

    /// Makes the first of them zeros.
    pub(crate) fn clear(&mut self, count: usize) {
        self.all_mut().iter_mut().take(count).for_each(|word| *word = Word::default());
    }

    /// The one at this place is asked for soon.
    #[inline]
    pub(crate) fn bring(&self, at: usize) {
        self.all().get(at).into_iter().for_each(near::bring);
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u64> {
        self.all().iter().copied().map(u64::from_ne_bytes)
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> usize {
        self.all().as_flattened().len()
    }

    #[inline]
    fn all(&self) -> &[Word] {
        match &self.0 {
            Memory::Small(words) => words,
            Memory::Large(bytes) => bytes.as_chunks().0,
        }
    }

    #[inline]
    fn all_mut(&mut self) -> &mut [Word] {
        match &mut self.0 {
            Memory::Small(words) => words,
            Memory::Large(bytes) => bytes.as_chunks_mut().0,
        }
    }
}

/// Zeros in large pages, as far as the machine has them; `None` where it gives no memory this way.
fn large(bytes: usize) -> Option<MmapMut> {
    let map = MmapMut::map_anon(bytes).ok()?;
    // Small pages hold the same.
    #[cfg(target_os = "linux")]
    map.advise(memmap2::Advice::HugePage).ok();
    Some(map)
}

#[cfg(test)]
mod tests;
