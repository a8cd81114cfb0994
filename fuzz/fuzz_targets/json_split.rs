//! The door for `cargo fuzz run json_split`; the target itself is `entente_fuzz::json_split`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entente_fuzz::json_split(bytes));
