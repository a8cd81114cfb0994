//! The door for `cargo fuzz run link_receipt`; the target itself is `entente_fuzz::link_receipt`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entente_fuzz::link_receipt(bytes));
