//! Targets: what a foreign server answers to a node that pulls from it. The readers live inside the
//! program, which is no library: their files are read in here as they stand.
//!
//! They open no connection; they check that nothing points outside of what came, that no answer
//! leads to a server or a path that was not meant, and that a list is the same in whatever pieces.

use model::limits::{
    SOURCE_BACKOFF_SECONDS_MAX, SOURCE_NEXT_BYTES_MAX, SOURCE_VALIDATOR_BYTES_MAX,
};
use model::time::Instant;

// All are formatted at home, where their own tests are found.
#[rustfmt::skip]
#[path = "../../crates/entente/src/source/address.rs"]
#[expect(dead_code, reason = "only what a server's answer reaches is driven")]
mod address;
#[rustfmt::skip]
#[path = "../../crates/entente/src/source/cut.rs"]
mod cut;
#[rustfmt::skip]
#[path = "../../crates/entente/src/source/taxii/form.rs"]
mod form;
#[rustfmt::skip]
#[path = "../../crates/entente/src/source/header.rs"]
mod header;
#[rustfmt::skip]
#[path = "../../crates/entente/src/source/lines.rs"]
mod lines;

use address::Address;

/// Where the server is.
const HOME: &str = "https://a.example:8443/taxii2/";
/// Some day.
const NOW: Instant = Instant::from_micros(1_700_000_000_000_000);

/// Reads a header's value, and below it the body of an answer.
///
/// # Panics
/// When what was read breaks a promise of its reader.
pub fn source_taxii(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (head, body) = bytes.split_at(end);
    if let Ok(head) = std::str::from_utf8(head) {
        headers(head);
    }
    let body = body.get(1..).unwrap_or_default();
    envelope(body);
    form::latest(body);
    let Ok(resource) = form::resource(body) else { return };
    resource.default.iter().chain(&resource.api_roots).for_each(|root| joined(root));
    for id in resource.collections.iter().map(|collection| &collection.id) {
        if form::is_segment(id) {
            let Ok(home) = Address::read(HOME) else { return };
            let target = home.below(&format!("collections/{id}/objects/")).target();
            let uri: http::Uri = target.parse().expect("a segment fits into a request");
            assert_eq!(uri.path(), format!("/taxii2/collections/{id}/objects/"));
            assert!(!target.contains("/../"), "{id} leads elsewhere");
        }
    }
}

fn headers(text: &str) {
    form::date(text);
    let bound = u64::try_from(SOURCE_BACKOFF_SECONDS_MAX).unwrap_or(u64::MAX);
    assert!((1..=bound).contains(&header::rest(text, NOW)), "rests too long, or not at all");
    assert!(header::REST <= bound);
    let kept = header::validator(text);
    assert!(kept.is_none_or(|kept| (1..=SOURCE_VALIDATOR_BYTES_MAX).contains(&kept.len())));
    joined(text);
}

/// Where an answer leads: a secret goes along to the same host alone, and never out of TLS.
fn joined(reference: &str) {
    let Ok(home) = Address::read(HOME) else { return };
    let Ok(to) = home.join(reference) else { return };
    if home.trusts(&to) {
        assert!(to.is_secure() && to.name() == home.name(), "{reference} is trusted");
    }
    assert!(!to.authority().contains('@'), "{reference} holds a secret");
    if let Ok(again) = Address::read(&to.to_string()) {
        assert!(again.same_origin(&to), "{reference} is printed as another server");
    }
}

fn envelope(body: &[u8]) {
    let Ok(form) = form::envelope(body) else { return };
    let end = form.from.checked_add(form.length).expect("a place in the body");
    let objects = body.get(form.from..end).expect("a place in the body");
    assert!(objects.is_empty() || (objects.starts_with(b"[") && objects.ends_with(b"]")));
    assert!(form.next.is_none_or(|next| (1..=SOURCE_NEXT_BYTES_MAX).contains(&next.len())));
    let none = form::is_empty(objects);
    let Ok(cut) = cut::Cut::of(objects) else { return };
    let (mut parts, mut ended, mut count) = (0, false, 0);
    cut.parts(|part, last| {
        assert!(!ended, "a part comes after the last");
        (parts, ended, count) = (parts + 1, last, count + part.0.len());
        true
    });
    assert!(ended && parts > 0, "there is a last part");
    assert!(!none || count == 0, "objects in an answer that holds none");
}

/// Reads a list as it comes: in one piece, in two, and byte by byte at its start.
///
/// # Panics
/// When the pieces make a difference.
pub fn source_list(bytes: &[u8]) {
    let read = |pieces: &[&[u8]]| {
        let (mut lines, mut parts) = (lines::Lines::default(), Vec::new());
        pieces.iter().for_each(|piece| lines.push(piece, &mut parts));
        parts.extend(lines.end());
        parts
    };
    let whole = read(&[bytes]);
    let (first, second) = bytes.split_at(bytes.len() / 2);
    assert_eq!(read(&[first, second]), whole, "two pieces make a difference");
    let (start, rest) = bytes.split_at(bytes.len().min(16));
    let pieces: Vec<&[u8]> = start.chunks(1).chain([rest]).collect();
    assert_eq!(read(&pieces), whole, "its first bytes make a difference");
}
