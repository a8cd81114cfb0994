//! The list of all targets, with their samples and what they may cost. Nothing runs here.

use crate::drive::{Bounds, Target};
use crate::made::{lines, link, pattern, query, server, stix, telemetry};
use crate::rim::{made_code, packed};
use crate::{
    card_text, circle_text, event_line, invitation_code, json_split, link_batch, link_hello,
    link_join, link_receipt, list_read, media_type, record_header, samples, signed_note,
    source_list, source_taxii, statement_text, stix_marking, stix_pattern, stix_read, taxii_query,
    tree_parts, unpacking, words,
};

/// A target with usual bounds.
macro_rules! target {
    ($run:ident, $make:expr, $samples:expr) => {
        target!($run, $make, $samples, Bounds::USUAL)
    };
    ($run:ident, $make:expr, $samples:expr, $bounds:expr) => {
        Target {
            name: stringify!($run),
            run: $run,
            make: $make,
            samples: $samples,
            bounds: $bounds,
        }
    };
}

/// A stored body is unpacked into a place of the size that its row says: at most the largest body.
const UNPACKING: Bounds = Bounds { each: 64, any: 10 << 20 };

/// A regular expression is compiled up to `REGEX_BYTES_MAX`, for texts and for what ends with a line
/// feed, with caches of as much.
const JUDGING: Bounds = Bounds { each: 256, any: 16 << 20 };

/// All of them.
pub const ALL: &[Target] = &[
    target!(stix_read, stix::object, samples::STIX),
    target!(stix_marking, stix::definition, samples::MARKINGS),
    target!(stix_pattern, pattern::made, samples::PATTERNS, JUDGING),
    target!(json_split, stix::document, samples::DOCUMENTS),
    target!(list_read, telemetry::list, samples::LISTS),
    target!(event_line, telemetry::line, samples::EVENTS),
    target!(taxii_query, query::query, samples::QUERIES),
    target!(media_type, query::media, samples::MEDIA),
    target!(record_header, lines::header_text, &[]),
    target!(circle_text, lines::circle, &[]),
    target!(card_text, lines::card, samples::CARDS),
    target!(statement_text, lines::statement, &[]),
    target!(signed_note, lines::note, &[]),
    target!(tree_parts, tree, &[]),
    target!(link_batch, link::batch, &[]),
    target!(link_receipt, link::receipt, &[]),
    target!(link_hello, link::hello, &[]),
    target!(link_join, link::joining, &[]),
    target!(invitation_code, made_code, &[]),
    target!(unpacking, packed, &[], UNPACKING),
    target!(source_taxii, server::answer, samples::ANSWERS),
    target!(source_list, telemetry::list, samples::LISTS),
    target!(words, word, samples::WORDS),
];

/// The target of this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Target> {
    ALL.iter().find(|target| target.name == name)
}

/// A stored frontier, or hashes.
fn tree(dice: &mut crate::input::Dice) -> Vec<u8> {
    let mut frontier = model::tree::Frontier::default();
    for _ in 0..dice.below(40) {
        frontier.push(&dice.bytes::<32>());
    }
    frontier.encode()
}

/// A word of some kind, or two halves of such.
fn word(dice: &mut crate::input::Dice) -> Vec<u8> {
    let one = |dice: &mut crate::input::Dice| match dice.below(3) {
        0 => stix::id(dice, "indicator").into_bytes(),
        1 => samples::WORDS.get(dice.below(samples::WORDS.len())).map_or(vec![], |w| w.to_vec()),
        _ => {
            let (host, rest) = (
                dice.one_of(&[
                    "a.example",
                    "b\u{fc}cher.example",
                    "203.0.113.7",
                    "[2001:db8::1]",
                    "xn--a",
                ]),
                dice.one_of(&["", ":80", "/", "/%2e%2e/x", "?q=\u{1f600}", "@b.example", "."]),
            );
            format!("{}{host}{rest}", dice.one_of(&["", "http://", "HTTPS://u:p@", "hxxp://"]))
                .into_bytes()
        }
    };
    let first = one(dice);
    if dice.one_in(4) { [first, one(dice)].concat() } else { first }
}
