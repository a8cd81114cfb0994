//! The door for `cargo fuzz run card_text`; the target itself is `entente_fuzz::card_text`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entente_fuzz::card_text(bytes));
