//! Documents cut into parts that the writer takes in one go: what is referred to before what refers
//! to it, objects copied as they are. What cannot be read goes along, so that it is counted.

use formats::json::{Piece, split};
use formats::problem::Problem;
use formats::stix::{Reading, by_reference, read};
use model::limits::PUBLISH_OBJECTS_MAX;
use node::accept::Prepared;

/// Bytes of one part; a single larger object is one alone.
const PART_BYTES: usize = 4 << 20;

/// A document with the order in which its objects go.
#[derive(Debug)]
pub(super) struct Cut<'a> {
    pieces: Vec<Piece<'a>>,
    order: Vec<usize>,
    problems: Vec<Problem>,
}

impl<'a> Cut<'a> {
    /// Cuts a document.
    ///
    /// # Errors
    /// When it cannot be read as a whole.
    pub(super) fn of(bytes: &'a [u8]) -> Result<Self, Problem> {
        let document = split(bytes).map_err(|error| error.problem())?;
        let pieces = document.pieces;
        let (mut readings, mut places): (Vec<Reading>, Vec<usize>) = (Vec::new(), Vec::new());
        let mut unread = Vec::new();
        for (place, piece) in pieces.iter().enumerate() {
            match read(piece.bytes) {
                Ok(reading) => {
                    readings.push(reading);
                    places.push(place);
                }
                Err(_) => unread.push(place),
            }
        }
        let order = by_reference(&readings.iter().collect::<Vec<_>>());
        let order = order.into_iter().filter_map(|index| places.get(index).copied());
        let order = order.chain(unread).collect();
        Ok(Self { pieces, order, problems: document.problems })
    }

    /// The parts in their order, each with whether it is the last; at least one, which may be empty.
    pub(super) fn parts(self, mut each: impl FnMut(Prepared, bool) -> bool) {
        let mut problems = self.problems;
        let mut waiting = self.order.iter().filter_map(|place| self.pieces.get(*place)).peekable();
        loop {
            let (mut body, mut count) = (b"[".to_vec(), 0_usize);
            while let Some(piece) = waiting.peek() {
                let full = body.len().saturating_add(piece.bytes.len()) > PART_BYTES;
                if count >= PUBLISH_OBJECTS_MAX || (full && count > 0) {
                    break;
                }
                if count > 0 {
                    body.push(b',');
                }
                body.extend_from_slice(piece.bytes);
                count = count.saturating_add(1);
                waiting.next();
            }
            body.push(b']');
            let mut part = Prepared::stix(&body).unwrap_or_default();
            part.0.extend(problems.drain(..).map(|problem| Err((String::new(), problem))));
            let last = waiting.peek().is_none();
            if !each(part, last) || last {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests;
