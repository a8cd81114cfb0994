//! The door for `cargo fuzz run stix_marking`; the target itself is `entente_fuzz::stix_marking`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entente_fuzz::stix_marking(bytes));
