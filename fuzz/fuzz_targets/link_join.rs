//! The door for `cargo fuzz run link_join`; the target itself is `entente_fuzz::link_join`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entente_fuzz::link_join(bytes));
