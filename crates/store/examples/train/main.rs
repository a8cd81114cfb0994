//! Trains the dictionary that ships with the program, from made-up STIX objects only.
//!
//! `cargo run --release -p store --example train -- crates/store/dict/stix-1.zdict`. It refuses to
//! overwrite: a dictionary that has shipped never changes, a better one gets the next number.

mod made_up;

use made_up::MadeUp;
use std::error::Error;
use std::fs::OpenOptions;
use std::io::Write as _;

/// Objects to train on; more change nothing.
const SAMPLES: usize = 9_000;
/// Objects that the dictionary has not seen, to measure with.
const UNSEEN: usize = 2_000;
/// Bytes of the dictionary.
const SIZE: usize = 64 << 10;

fn main() -> Result<(), Box<dyn Error>> {
    let samples: Vec<Vec<u8>> = MadeUp::new(1).take(SAMPLES).collect();
    let dictionary = zstd::dict::from_samples(&samples, SIZE)?;
    let mut zstd = zstd::bulk::Compressor::with_dictionary(3, &dictionary)?;
    let (mut before, mut after) = (0, 0);
    for body in MadeUp::new(2).take(UNSEEN) {
        before += body.len();
        after += zstd.compress(&body)?.len();
    }
    let mut out = std::io::stdout();
    writeln!(out, "{} bytes; {UNSEEN} unseen bodies: {before} -> {after}", dictionary.len())?;
    if let Some(path) = std::env::args().nth(1) {
        OpenOptions::new().write(true).create_new(true).open(path)?.write_all(&dictionary)?;
    }
    Ok(())
}
