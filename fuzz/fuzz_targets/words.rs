//! The door for `cargo fuzz run words`; the target itself is `entente_fuzz::words`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entente_fuzz::words(bytes));
