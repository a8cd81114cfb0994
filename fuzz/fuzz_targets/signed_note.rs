//! The door for `cargo fuzz run signed_note`; the target itself is `entente_fuzz::signed_note`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entente_fuzz::signed_note(bytes));
