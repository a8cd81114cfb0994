//! The door for `cargo fuzz run invitation_code`; the target itself is `entente_fuzz::invitation_code`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entente_fuzz::invitation_code(bytes));
