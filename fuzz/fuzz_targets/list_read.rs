//! The door for `cargo fuzz run list_read`; the target itself is `entente_fuzz::list_read`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entente_fuzz::list_read(bytes));
