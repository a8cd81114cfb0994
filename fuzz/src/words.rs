//! Target: single words from anywhere: ids, times, values, kinds.
//!
//! It does not say what they mean; it checks that what has a normal form has only one.

use detect::observable::{guess, normal};
use formats::stix::timestamp;
use model::facts::ValueKind;
use model::id::{CircleId, Digest, NodeId, ThingId};
use model::kind::Kind;
use model::time::Instant;
use std::fmt::Display;
use std::hint::black_box;
use std::str::FromStr;

/// Reads the bytes as every kind of word.
///
/// # Panics
/// When a word is printed as another, or a normal form is not its own.
pub fn words(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    again::<CircleId>(text);
    again::<NodeId>(text);
    again::<Digest>(text);
    again::<ThingId>(text);
    again::<Kind>(text);
    again::<Instant>(text);
    black_box(timestamp(text));
    // The normal form of a URL has lost its scheme: what is left may look like another URL.
    for observable in guess(text).into_iter().filter(|found| found.kind != ValueKind::Url) {
        let twice = normal(observable.kind, &observable.text);
        assert_eq!(twice.as_ref(), Some(&observable), "its normal form has another");
    }
    black_box(normal(ValueKind::Url, text));
    for kind in [ValueKind::Domain, ValueKind::Ipv4, ValueKind::Ipv6, ValueKind::Mac] {
        if let Some(once) = normal(kind, text) {
            assert_eq!(normal(once.kind, &once.text).as_ref(), Some(&once), "{kind:?}");
        }
    }
}

fn again<T: FromStr + Display>(text: &str) {
    if let Ok(value) = text.parse::<T>() {
        let printed = value.to_string();
        let read = printed.parse::<T>().map(|value| value.to_string());
        assert_eq!(read.ok(), Some(printed), "{text:?} is printed as what it is not");
    }
}
