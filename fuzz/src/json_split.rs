//! Target: a document of objects: bundle, envelope, array, NDJSON.
//!
//! It does not read the objects; it checks that each piece is a piece of the document and is split
//! into itself.

use formats::json::{check_object, split};

/// Splits the bytes, and each piece again.
///
/// # Panics
/// When a piece is not in the document, or is not one object when it stands alone.
pub fn json_split(bytes: &[u8]) {
    let Ok(document) = split(bytes) else { return };
    let inside = bytes.as_ptr_range();
    for piece in &document.pieces {
        let own = piece.bytes.as_ptr_range();
        assert!(inside.start <= own.start && own.end <= inside.end, "not a piece: {piece:?}");
        let first = check_object(piece.bytes);
        assert_eq!(first, check_object(piece.bytes));
    }
    let lone = document.pieces.first().filter(|_| document.pieces.len() == 1);
    if let Some(lone) = lone.filter(|lone| check_object(lone.bytes).is_ok()) {
        assert!(split(lone.bytes).is_ok(), "{lone:?} cannot be split again");
    }
}
