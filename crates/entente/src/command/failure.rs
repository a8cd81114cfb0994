//! How a command ends: done, found something, or failed with a reason, a hint and an exit code.

use super::output::plain;
use crate::config::ConfigError;
use crate::http::api::asking::ForeseenView;
use crate::runtime::Unavailable;
use formats::problem::Problem;
use node::StoreError;
use serde::Serialize;
use std::io::ErrorKind;
use std::path::Path;

/// How a command ended well.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    /// Done.
    Done,
    /// It found something, or something was refused.
    Found,
}

/// The exit codes of failures; part of the interface.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Exit {
    /// Refused by policy, or not there.
    Refused,
    /// Wrong input.
    Input,
    /// Wrong configuration.
    Configuration,
    /// Try later.
    Later,
    /// Nobody reads what we print: no failure at all.
    Nobody,
}

impl Exit {
    /// The code of failures that have none of their own.
    const fn usual_code(self) -> &'static str {
        match self {
            Self::Nobody => "E-CLI-000",
            Self::Refused => "E-CLI-001",
            Self::Input => "E-CLI-002",
            Self::Configuration => "E-CLI-003",
            Self::Later => "E-CLI-075",
        }
    }

    /// The number.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Nobody => 0,
            Self::Refused => 1,
            Self::Input => 2,
            Self::Configuration => 3,
            Self::Later => 75,
        }
    }
}

/// What people are told of a file that cannot be used, and what to do.
const FILE_WORDS: [(ErrorKind, &str, &str); 5] = [
    (ErrorKind::NotFound, "there is no such file or folder", "is its name spelt right?"),
    (
        ErrorKind::PermissionDenied,
        "this user may not open it",
        "run as the user that owns it, or change its mode",
    ),
    (ErrorKind::IsADirectory, "it is a folder", "name a file in it"),
    (ErrorKind::NotADirectory, "a part of its path is no folder", "is it spelt right?"),
    (ErrorKind::StorageFull, "the disk is full", "make room and try again"),
];

/// Why a command could not do what was asked.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// Stable, such as `E-CIRCLE-001`; it stays when the words are improved.
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) hint: String,
    /// What the node would open, when it asks a person first.
    pub(crate) asks: Option<Box<ForeseenView>>,
}

/// A failure as `--json` prints it.
#[derive(Serialize)]
struct Twin<'a> {
    error: Error<'a>,
}

#[derive(Serialize)]
struct Error<'a> {
    code: &'a str,
    message: &'a str,
    hint: &'a str,
}

/// How a command ends.
pub(crate) type Ended = Result<Outcome, Failure>;

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        let text = message.into();
        // Errors of floors below carry their code and their hint in their text.
        let told = ["\nHint: ", ". Hint: "].iter().find_map(|mark| text.split_once(mark));
        let (message, hint) = told.unwrap_or((&text, ""));
        let coded = message.split_once(' ').filter(|(code, _)| is_code(code.trim_end_matches(':')));
        let (code, message) = coded.unwrap_or((exit.usual_code(), message));
        let code = code.trim_end_matches(':');
        Self {
            exit,
            code: code.to_owned(),
            message: message.to_owned(),
            hint: hint.to_owned(),
            asks: None,
        }
    }

    /// With the stable code of whoever refused.
    #[must_use]
    pub(crate) fn coded(mut self, code: &str) -> Self {
        if !code.is_empty() {
            code.clone_into(&mut self.code);
        }
        self
    }

    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self::new(Exit::Input, message)
    }

    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        let hint = hint.into();
        if !hint.is_empty() {
            self.hint = hint;
        }
        self
    }

    /// A file that cannot be used.
    pub(crate) fn file(path: &Path, error: &std::io::Error) -> Self {
        let shown = path.display();
        let told = FILE_WORDS.iter().find(|(kind, _, _)| *kind == error.kind());
        let Some((_, what, hint)) = told else {
            return Self::input(format!("{shown}: {error}"))
                .coded("E-FILE-001")
                .hint("try another file, or another disk");
        };
        let hint = *hint;
        Self::input(format!("{shown}: {what}")).coded("E-FILE-001").hint(hint)
    }

    /// Output that cannot be written; whoever stops reading has what it wanted.
    pub(crate) fn output(error: &std::io::Error) -> Self {
        let broken = error.kind() == ErrorKind::BrokenPipe;
        let exit = if broken { Exit::Nobody } else { Exit::Later };
        Self::new(exit, format!("cannot write: {error}"))
    }

    /// The lines for standard error: what, and what to do about it.
    pub(crate) fn lines(&self) -> String {
        let Self { code, message, hint, .. } = self;
        let message: Vec<String> = message.lines().map(plain).collect();
        let hint = if hint.is_empty() { String::new() } else { format!("Hint: {}\n", plain(hint)) };
        format!("error: {code}: {}\n{hint}", message.join("\n"))
    }

    /// The document for standard error, for scripts.
    pub(crate) fn document(&self) -> String {
        let Self { code, message, hint, .. } = self;
        let twin = Twin { error: Error { code, message, hint } };
        // Three texts always have a JSON form.
        serde_json::to_string(&twin).unwrap_or_default()
    }
}

/// Whether a text is a stable code, such as `E-STORE-004`.
fn is_code(text: &str) -> bool {
    let mut parts = text.split('-');
    let upper = |part: Option<&str>| {
        part.is_some_and(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_uppercase()))
    };
    upper(parts.next())
        && upper(parts.next())
        && parts.next().is_some_and(|p| p.len() == 3 && p.bytes().all(|b| b.is_ascii_digit()))
        && parts.next().is_none()
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let text = error.to_string();
        let (exit, code, hint) = match error {
            ConfigError::File { path, source } => {
                let failure = Self::file(&path, &source);
                return Self { exit: Exit::Configuration, ..failure };
            }
            ConfigError::Store(error) => return error.into(),
            ConfigError::Name => (Exit::Input, "E-CONFIG-001", "such as --name \"CERT Alpha\""),
            // Its hint names the folder and stands in its text.
            ConfigError::NoNode(_) => (Exit::Configuration, "E-CONFIG-002", ""),
            ConfigError::NoToken(_) => (
                Exit::Configuration,
                "E-CONFIG-007",
                "put it back from a backup; or stop the node, and \
                 `entente token create NAME --admin` writes a new one",
            ),
            ConfigError::Exists(_) => (
                Exit::Configuration,
                "E-CONFIG-003",
                "`entente serve` starts it; --data names another folder",
            ),
            ConfigError::Damaged(..) => (
                Exit::Configuration,
                "E-CONFIG-004",
                "put the file back from a backup; `entente restore` does it for the whole folder",
            ),
            ConfigError::Settings { .. } => (
                Exit::Configuration,
                "E-CONFIG-005",
                "mend that line; docs/operating.md lists every setting, and entente.toml as init \
                 wrote it explains each",
            ),
            ConfigError::Key(_) => (
                Exit::Configuration,
                "E-CONFIG-006",
                "the node's key cannot be used; put node.key back from a backup",
            ),
        };
        Self::new(exit, text).coded(code).hint(hint)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let text = error.to_string();
        let says = |words: &str| text.contains(words);
        let (exit, hint) = match &error {
            StoreError::OtherVersion { .. } => (Exit::Configuration, ""),
            StoreError::Foreign => (Exit::Configuration, "--data names the folder of a node"),
            StoreError::Damaged { .. } => (Exit::Configuration, ""),
            StoreError::UnknownView(_) => (Exit::Input, ""),
            StoreError::NoSuchEntry(_) | StoreError::OutOfRange(_) | StoreError::Packing(_) => {
                (Exit::Later, "`entente doctor` says what is wrong")
            }
            StoreError::Sqlite(_) | StoreError::Failed(_) if says("not a database") => {
                (Exit::Configuration, "store.db was overwritten; restore it from a backup")
            }
            StoreError::Sqlite(_) | StoreError::Failed(_) if says("unable to open") => {
                (Exit::Configuration, "run as the user that owns the folder")
            }
            StoreError::Sqlite(_) | StoreError::Failed(_) => (Exit::Later, ""),
        };
        Self::new(exit, text.as_str()).hint(hint)
    }
}

impl From<Unavailable> for Failure {
    fn from(error: Unavailable) -> Self {
        Self::new(Exit::Later, error.to_string())
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        let Problem { code, path, message, hint, .. } = problem;
        let message = if path.is_empty() { message } else { format!("{path}: {message}") };
        Self::input(message).coded(code).hint(hint)
    }
}

#[cfg(test)]
mod tests;
