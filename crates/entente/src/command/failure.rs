//! How a command ends: done, found something, or failed with a reason, a hint and an exit code.

use crate::config::ConfigError;
use crate::runtime::Unavailable;
use formats::problem::Problem;
use node::StoreError;
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

/// Why a command could not do what was asked.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) message: String,
    pub(crate) hint: String,
}

/// How a command ends.
pub(crate) type Ended = Result<Outcome, Failure>;

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), hint: String::new() }
    }

    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self::new(Exit::Input, message)
    }

    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// A file that cannot be used.
    pub(crate) fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::input(format!("{}: {error}", path.display()))
    }

    /// Output that cannot be written; whoever stops reading has what it wanted.
    pub(crate) fn output(error: &std::io::Error) -> Self {
        let broken = error.kind() == std::io::ErrorKind::BrokenPipe;
        let exit = if broken { Exit::Nobody } else { Exit::Later };
        Self::new(exit, format!("cannot write: {error}"))
    }

    /// The lines for standard error.
    pub(crate) fn lines(&self) -> String {
        let told = ["\nHint: ", ". Hint: "].iter().find_map(|mark| self.message.split_once(mark));
        let (message, told) = told.unwrap_or((&self.message, ""));
        let hint = if self.hint.is_empty() { told } else { &self.hint };
        if hint.is_empty() {
            format!("error: {message}\n")
        } else {
            format!("error: {message}\nHint: {hint}\n")
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let exit = match &error {
            ConfigError::Name => Exit::Input,
            ConfigError::File { .. }
            | ConfigError::NoNode(_)
            | ConfigError::Exists(_)
            | ConfigError::Damaged(..)
            | ConfigError::Store(_)
            | ConfigError::Key(_) => Exit::Configuration,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::new(Exit::Later, error.to_string())
    }
}

impl From<Unavailable> for Failure {
    fn from(error: Unavailable) -> Self {
        Self::new(Exit::Later, error.to_string())
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::input(problem.to_string()).hint(problem.hint)
    }
}
