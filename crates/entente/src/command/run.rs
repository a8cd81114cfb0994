//! Reads the arguments, runs one command, and turns its end into messages and an exit code.

use super::failure::{Ended, Exit, Outcome};
use super::here::Here;
use super::output::remark;
use super::{
    bench, check, circle, demo, init, partner, publish, rebuild, recall, relabel, search, serve,
    show, token, verify, watch, who,
};
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Real-time intelligence sharing between partners who stay sovereign
#[derive(Debug, Parser)]
#[command(name = "entente", version, propagate_version = false, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 done, 1 found something or refused, 2 wrong input,\n            \
    3 wrong configuration, 75 try later."
)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) here: Here,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Init(init::Init),
    Serve(serve::Serve),
    #[command(subcommand)]
    Circle(circle::Circle),
    #[command(subcommand)]
    Token(token::Token),
    #[command(subcommand)]
    Partner(partner::Partner),
    Publish(publish::Publish),
    Search(search::Search),
    Show(show::Show),
    Watch(watch::Watch),
    Who(who::Who),
    Relabel(relabel::Relabel),
    Recall(recall::Recall),
    Check(check::Check),
    Verify(verify::Verify),
    Rebuild(rebuild::Rebuild),
    Demo(demo::Demo),
    Bench(bench::Bench),
}

impl Command {
    fn run(self, here: &Here) -> Ended {
        match self {
            Self::Init(command) => command.run(here),
            Self::Serve(command) => command.run(here),
            Self::Circle(command) => command.run(here),
            Self::Token(command) => command.run(here),
            Self::Partner(command) => command.run(here),
            Self::Publish(command) => command.run(here),
            Self::Search(command) => command.run(here),
            Self::Show(command) => command.run(here),
            Self::Watch(command) => command.run(here),
            Self::Who(command) => command.run(here),
            Self::Relabel(command) => command.run(here),
            Self::Recall(command) => command.run(here),
            Self::Check(command) => command.run(here),
            Self::Verify(command) => command.run(here),
            Self::Rebuild(command) => command.run(here),
            Self::Demo(command) => command.run(here),
            Self::Bench(command) => command.run(here),
        }
    }
}

/// Runs the program.
pub(crate) fn run() -> ExitCode {
    crate::observe::start();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come here, too; clap knows which stream each belongs to.
            error.print().ok();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Exit::Input.code()));
        }
    };
    match cli.command.run(&cli.here) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Found) => ExitCode::from(1),
        Err(failure) => {
            if failure.exit != Exit::Nobody {
                remark(failure.lines().trim_end());
            }
            ExitCode::from(failure.exit.code())
        }
    }
}
