//! What was gathered as bytes of a journal, and back. Sources are not among them, nor fingerprints:
//! what they are told apart by in memory is made again.

use super::gathered::Gathered;
use super::row::Value;
use super::sorted::SeenRow;
use crate::fingerprint::Key;
use model::facts::ValueKind;

/// Bytes that are no rows.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("E-SEEN-004: these rows cannot be read")]
pub struct GatherError;

/// Bytes before the text of a row.
const HEAD: usize = 25;

impl SeenRow<'_> {
    /// Appends it as bytes, for a journal.
    pub fn write(&self, out: &mut Vec<u8>) {
        let text = self.value.as_bytes();
        let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
        let count = u32::try_from(self.count).unwrap_or(u32::MAX);
        out.reserve(HEAD + text.len());
        out.push(self.kind.code());
        out.extend_from_slice(&self.roles.to_le_bytes());
        out.extend_from_slice(&self.first.micros().to_le_bytes());
        out.extend_from_slice(&self.last.micros().to_le_bytes());
        out.extend_from_slice(&count.to_le_bytes());
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(text);
    }
}

impl Gathered {
    /// Appends all rows as bytes, for a journal.
    pub fn write(&self, out: &mut Vec<u8>) {
        self.seen().for_each(|row| self.told(row).write(out));
    }

    /// Takes in what [`Gathered::write`] gave, as from this source.
    ///
    /// # Errors
    /// When the bytes are no rows; then none of them is taken in.
    pub fn read(&mut self, mut bytes: &[u8], source: &str) -> Result<(), GatherError> {
        let mut other = Self::new(self.key(), self.now());
        let marks = Key::new(self.key());
        while !bytes.is_empty() {
            other.read_row(&mut bytes, marks).ok_or(GatherError)?;
        }
        self.absorb(&other, source);
        Ok(())
    }

    fn read_row(&mut self, bytes: &mut &[u8], marks: Key) -> Option<()> {
        let [code] = take(bytes)?;
        let kind = *ValueKind::ALL.get(usize::from(code))?;
        let roles = u16::from_le_bytes(take(bytes)?);
        let (first, last) = (i64::from_le_bytes(take(bytes)?), i64::from_le_bytes(take(bytes)?));
        let count = u32::from_le_bytes(take(bytes)?);
        let length = u16::from_le_bytes(take(bytes)?);
        let (text, rest) = bytes.split_at_checked(length.into())?;
        *bytes = rest;
        let mark = marks.fingerprint(code, text);
        let at = self.place(Value::new(kind, std::str::from_utf8(text).ok()?, mark))?;
        let row = self.row_mut(at)?;
        (row.roles, row.first, row.last, row.count) = (roles, first, last, count);
        Some(())
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*taken)
}

#[cfg(test)]
mod tests;
