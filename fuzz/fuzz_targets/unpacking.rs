//! The door for `cargo fuzz run unpacking`; the target itself is `entente_fuzz::unpacking`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entente_fuzz::unpacking(bytes));
