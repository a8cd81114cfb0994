//! The program: reads its arguments, runs one command, and ends with its exit code.

mod backup;
mod bench;
mod bundle;
mod command;
mod config;
mod demo;
mod disk;
mod http;
mod known_good;
mod machine;
mod maintain;
mod matching;
mod meters;
mod nearest;
mod observe;
mod out;
mod rebuild;
mod rekey;
mod rules;
mod runtime;
mod seen;
mod settings;
mod signals;
mod source;
#[cfg(feature = "tap")]
mod tap;
mod telemetry;
mod wire;

fn main() -> std::process::ExitCode {
    command::run()
}
