//! The door for `cargo fuzz run event_line`; the target itself is `entente_fuzz::event_line`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entente_fuzz::event_line(bytes));
