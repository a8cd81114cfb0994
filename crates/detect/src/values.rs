//! The bytes of values one after another in chunks, so that growing never copies them and tables
//! that are made of each other share them. It finds nothing: a table knows the places.

use crate::class::Class;
use std::sync::Arc;

/// Bytes of a chunk; a place is chunk and offset in 32 bits, so 4 GiB in all.
const CHUNK_BITS: u32 = 20;
const CHUNK_BYTES: usize = 1 << CHUNK_BITS;
/// Class and length before each value.
const HEAD_BYTES: usize = 3;

/// The chunks: full ones, which never change, and the one that grows.
#[derive(Debug, Default)]
pub(crate) struct Values {
    full: Vec<Arc<[u8]>>,
    open: Vec<u8>,
    /// Bytes of the full chunks.
    filled: usize,
}

impl Values {
    /// Those of another table, to be added to; nothing is copied but its last chunk.
    pub(crate) fn shared(&self) -> Self {
        Self { full: self.full.clone(), open: self.open.clone(), filled: self.filled }
    }

    /// Adds a value and says where; `None` when there is no room left or it is too long.
    pub(crate) fn push(&mut self, class: Class, bytes: &[u8]) -> Option<u32> {
        let length = u16::try_from(bytes.len()).ok()?;
        if self.open.len() + HEAD_BYTES + bytes.len() > CHUNK_BYTES {
            self.filled += self.open.len();
            self.full.push(Arc::from(std::mem::take(&mut self.open)));
            // A first chunk grows as it must; later ones are full sooner or later.
            self.open.reserve_exact(CHUNK_BYTES);
        }
        let number = u32::try_from(self.full.len()).ok()?;
        let offset = u32::try_from(self.open.len()).ok()?;
        if number >= 1 << (u32::BITS - CHUNK_BITS) {
            return None;
        }
        self.open.push(class.code());
        self.open.extend_from_slice(&length.to_le_bytes());
        self.open.extend_from_slice(bytes);
        Some((number << CHUNK_BITS) | offset)
    }

    /// The value at a place.
    #[inline]
    pub(crate) fn at(&self, place: u32) -> Option<(Class, &[u8])> {
        let full = self.full.get((place >> CHUNK_BITS) as usize);
        let chunk = full.map_or(self.open.as_slice(), |chunk| chunk);
        let rest = chunk.get((place as usize) & (CHUNK_BYTES - 1)..)?;
        let (head, rest) = rest.split_first_chunk::<HEAD_BYTES>()?;
        let [code, low, high] = *head;
        let bytes = rest.get(..usize::from(u16::from_le_bytes([low, high])))?;
        Some((Class::of_code(code)?, bytes))
    }

    /// Whether these very bytes are at a place.
    #[inline]
    pub(crate) fn are(&self, place: u32, class: Class, bytes: &[u8]) -> bool {
        self.at(place) == Some((class, bytes))
    }

    /// Bytes held.
    pub(crate) const fn bytes(&self) -> usize {
        self.filled + self.open.capacity()
    }
}
