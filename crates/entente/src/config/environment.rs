//! The environment of the process: variables, the program itself, temporary places. It gives them
//! no meaning.

use std::path::PathBuf;

/// A variable of the environment, if it is set and not empty.
#[expect(clippy::disallowed_methods, reason = "this is the one reader of the environment")]
pub(crate) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The file of this very program, to start more of it.
pub(crate) fn this_program() -> std::io::Result<PathBuf> {
    std::env::current_exe()
}

/// This program as the person typed it, to be typed again.
pub(crate) fn typed_name() -> String {
    std::env::args().next().unwrap_or_else(|| "entente".to_owned())
}

/// The machine's folder for temporary files.
pub(crate) fn temporary() -> PathBuf {
    std::env::temp_dir()
}
