//! The door for `cargo fuzz run source_list`; the target itself is `entente_fuzz::source_list`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entente_fuzz::source_list(bytes));
