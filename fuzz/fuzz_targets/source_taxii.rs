//! The door for `cargo fuzz run source_taxii`; the target itself is `entente_fuzz::source_taxii`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entente_fuzz::source_taxii(bytes));
