//! The real data beside the repository: where it is, and its bytes unpacked. Nothing of it is
//! copied into the repository.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The repository's root.
#[must_use]
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests).to_owned()
}

#[expect(clippy::disallowed_methods, reason = "the one reader of the environment of these tests")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A number that whoever runs the tests has set.
///
/// # Panics
/// When it is no number.
#[must_use]
pub fn number(name: &str) -> Option<u64> {
    variable(name)
        .map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// The folder of real data, if it is here; otherwise one line says what the test did without.
///
/// # Panics
/// When it is missing and `CI` is set: there it must be.
#[must_use]
pub fn folder(test: &str) -> Option<PathBuf> {
    let named = variable("ENTENTE_DATA").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| root().join("../shared/data"));
    if folder.is_dir() {
        return Some(folder);
    }
    let told = format!("{test}: no real data in {} (set ENTENTE_DATA)", folder.display());
    assert!(variable("CI").is_none(), "{told}");
    say(&format!("SKIPPED {told}"));
    None
}

/// One line for who reads the test's output.
#[expect(clippy::print_stdout, reason = "tests speak through their output")]
pub fn say(line: &str) {
    println!("{line}");
}

/// The bytes of a file, unpacked by its ending.
///
/// # Panics
/// When it cannot be read.
#[must_use]
pub fn unpacked(path: &Path) -> Vec<u8> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    match ending {
        "gz" => {
            let packed = std::fs::File::open(path).expect("the data can be opened");
            let mut bytes = Vec::new();
            let mut reader = flate2::read::MultiGzDecoder::new(packed);
            reader.read_to_end(&mut bytes).expect("the data is gzip");
            bytes
        }
        "xz" => {
            let told = Command::new("xz").arg("-dc").arg(path).output().expect("xz is installed");
            assert!(told.status.success(), "xz -dc {}", path.display());
            told.stdout
        }
        _ => std::fs::read(path).expect("the data can be read"),
    }
}
