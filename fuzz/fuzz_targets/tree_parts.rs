//! The door for `cargo fuzz run tree_parts`; the target itself is `entente_fuzz::tree_parts`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entente_fuzz::tree_parts(bytes));
