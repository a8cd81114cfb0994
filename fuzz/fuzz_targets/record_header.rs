//! The door for `cargo fuzz run record_header`; the target itself is `entente_fuzz::record_header`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entente_fuzz::record_header(bytes));
