//! The door for `cargo fuzz run statement_text`; the target itself is `entente_fuzz::statement_text`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entente_fuzz::statement_text(bytes));
