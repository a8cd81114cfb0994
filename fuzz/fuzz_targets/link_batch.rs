//! The door for `cargo fuzz run link_batch`; the target itself is `entente_fuzz::link_batch`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entente_fuzz::link_batch(bytes));
