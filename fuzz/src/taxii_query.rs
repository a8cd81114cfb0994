//! Target: a query string of TAXII, and the token of the next page in it.
//!
//! It does not ask a store; it checks that our own tokens come back as they were given.

use formats::taxii::{Filter, Next};
use std::hint::black_box;

/// Reads the query, and its token for another request and for its own.
///
/// # Panics
/// When a token that was printed is not read again, or is read for another request.
pub fn taxii_query(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    // Any text may stand where the token stands.
    black_box(Next::parse(text, "objects a", &Filter::default())).ok();
    let Ok(filter) = Filter::parse(text) else { return };
    if let Some(token) = &filter.next {
        black_box(Next::parse(token, "objects a", &filter)).ok();
    }
    let next = Next { offset: u64::try_from(bytes.len()).unwrap_or(0) };
    let token = next.print("objects a", &filter);
    assert_eq!(Next::parse(&token, "objects a", &filter), Ok(next));
    assert!(Next::parse(&token, "objects b", &filter).is_err(), "good for another collection");
}
