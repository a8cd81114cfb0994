//! Drives every target with 100,000 inputs from a fixed seed: made from the grammar, changed at
//! random, and now and then blown up. A failure prints its input, which then becomes a sample.

use entente_fuzz::drive::drive;
use entente_fuzz::targets::{ALL, named};

const RUNS: usize = 100_000;

/// Drives one target, and tells what it cost.
fn stands(name: &str) {
    let target = named(name).expect("a target of this name");
    let seed = name.bytes().fold(0x5717, |seed, byte| seed << 5 ^ seed >> 59 ^ u64::from(byte));
    match drive(target, RUNS, seed) {
        Ok(summary) => println!("{name}: {summary:?}"),
        Err(finding) => panic!("{finding}"),
    }
}

/// One test for each target, so that they run beside each other.
macro_rules! stands {
    ($($name:ident),* $(,)?) => {
        $(#[test]
        fn $name() {
            stands(stringify!($name));
        })*

        #[test]
        fn every_target_is_driven() {
            let driven = [$(stringify!($name)),*];
            let all: Vec<&str> = ALL.iter().map(|target| target.name).collect();
            assert_eq!(all, driven);
        }
    };
}

stands!(
    stix_read,
    stix_marking,
    stix_pattern,
    json_split,
    list_read,
    event_line,
    taxii_query,
    media_type,
    record_header,
    circle_text,
    card_text,
    statement_text,
    signed_note,
    tree_parts,
    link_batch,
    link_receipt,
    link_hello,
    link_join,
    invitation_code,
    unpacking,
    source_taxii,
    source_list,
    words,
);
