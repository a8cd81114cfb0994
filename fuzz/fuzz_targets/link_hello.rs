//! The door for `cargo fuzz run link_hello`; the target itself is `entente_fuzz::link_hello`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entente_fuzz::link_hello(bytes));
