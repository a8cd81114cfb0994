//! Logs: structured, to standard error, never with names of circles, partners or values.

use crate::settings::{Log, LogForm};
use std::io::IsTerminal as _;
use tracing_subscriber::EnvFilter;

/// Starts the log of a running node as its settings say.
pub(crate) fn start(log: &Log) {
    let terminal = std::io::stderr().is_terminal();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(&log.level))
        .with_writer(std::io::stderr)
        .with_ansi(terminal && log.form == LogForm::Text);
    // A second start in one process is a mistake of ours and harmless.
    drop(match log.form {
        LogForm::Text => tracing::subscriber::set_global_default(subscriber.finish()),
        LogForm::Json => tracing::subscriber::set_global_default(subscriber.json().finish()),
    });
}

/// Starts the log of a command that is no node: warnings, unless `ENTENTE_LOG` asks for more.
pub(crate) fn start_quietly() {
    let asked = crate::config::environment("ENTENTE_LOG").filter(|level| is_filter(level));
    start(&Log { level: asked.unwrap_or_else(|| "warn".to_owned()), form: LogForm::Text });
}

/// Whether a text says what to log: a level, or levels for parts of the program, as in
/// `info,entente::wire=debug`.
pub(crate) fn is_filter(text: &str) -> bool {
    let levels = ["off", "error", "warn", "info", "debug", "trace"];
    // A lone word that is no level would be taken for a part, and silence everything else.
    let known = |one: &str| {
        let level = one.split_once('=').map_or(one, |(_, level)| level);
        levels.iter().any(|known| level.eq_ignore_ascii_case(known))
    };
    text.split(',').all(known) && EnvFilter::try_new(text).is_ok()
}

#[cfg(test)]
mod tests;
