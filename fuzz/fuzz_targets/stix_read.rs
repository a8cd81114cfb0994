//! The door for `cargo fuzz run stix_read`; the target itself is `entente_fuzz::stix_read`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entente_fuzz::stix_read(bytes));
