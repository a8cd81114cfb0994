//! Logs: structured, to standard error, never with names of circles, partners or values.

use std::io::IsTerminal as _;

/// Starts logging; `ENTENTE_LOG` sets the filter, such as `info` or `entente=debug`.
pub(crate) fn start() {
    let filter = crate::config::environment("ENTENTE_LOG").unwrap_or_else(|| "warn".to_owned());
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new(filter))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .finish();
    // A second start in one process is a mistake of ours and harmless.
    drop(tracing::subscriber::set_global_default(subscriber));
}
