//! Target: a document of objects: bundle, envelope, array, NDJSON.
//!
//! It does not read the objects; it checks that each piece is a piece of the document, is one
//! object or is refused, and that pieces do not overlap.

use formats::json::{check_object, split};

/// Splits the bytes and looks at each piece.
///
/// # Panics
/// When a piece is not in the document, or overlaps the one before.
pub fn json_split(bytes: &[u8]) {
    let Ok(document) = split(bytes) else { return };
    let inside = bytes.as_ptr_range();
    let mut end = inside.start;
    for piece in &document.pieces {
        let own = piece.bytes.as_ptr_range();
        assert!(inside.start <= own.start && own.end <= inside.end, "not a piece: {piece:?}");
        assert!(end <= own.start, "overlaps the piece before: {piece:?}");
        end = own.end;
        assert_eq!(check_object(piece.bytes), check_object(piece.bytes));
    }
}
