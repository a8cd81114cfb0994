//! The door for `cargo fuzz run media_type`; the target itself is `entente_fuzz::media_type`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entente_fuzz::media_type(bytes));
