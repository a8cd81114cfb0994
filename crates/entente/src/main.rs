//! The program: reads its arguments, runs one command, and ends with its exit code.

mod backup;
mod bench;
mod bundle;
mod command;
mod config;
mod demo;
mod disk;
mod http;
mod machine;
mod maintain;
mod matching;
mod meters;
mod nearest;
mod observe;
mod rebuild;
mod rules;
mod runtime;
mod settings;
mod source;
mod wire;

fn main() -> std::process::ExitCode {
    command::run()
}
