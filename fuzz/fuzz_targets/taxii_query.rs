//! The door for `cargo fuzz run taxii_query`; the target itself is `entente_fuzz::taxii_query`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entente_fuzz::taxii_query(bytes));
