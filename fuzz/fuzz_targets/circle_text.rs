//! The door for `cargo fuzz run circle_text`; the target itself is `entente_fuzz::circle_text`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entente_fuzz::circle_text(bytes));
