//! The door for `cargo fuzz run stix_pattern`; the target itself is `entente_fuzz::stix_pattern`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entente_fuzz::stix_pattern(bytes));
