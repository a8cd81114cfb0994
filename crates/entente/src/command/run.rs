//! Reads the arguments, runs one command, and turns its end into messages and an exit code.

use super::failure::{Ended, Exit, Failure, Outcome};
use super::here::Here;
use super::output::remark;
use super::{
    backup, bench, bundle, card, check, circle, config, copy, demo, doctor, export, init, keys,
    known_good, match_pattern, matches, partner, policy, preview, publish, rebuild, recall,
    recalls, receipts, relabel, restore, retention, search, seen, serve, show, source, suppress,
    token, undo, verify, watch, webhook, who, why, withdraw,
};
use crate::nearest::nearest;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory as _, Parser, Subcommand};
use std::process::ExitCode;

/// Real-time intelligence sharing between partners who stay sovereign
#[derive(Debug, Parser)]
#[command(
    name = "entente",
    bin_name = "entente",
    version,
    propagate_version = false,
    max_term_width = 100
)]
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
    #[command(subcommand)]
    Source(source::SourceAct),
    Publish(publish::Publish),
    Search(search::Search),
    Show(show::Show),
    Watch(watch::Watch),
    Match(match_pattern::Match),
    Matches(matches::MatchesKept),
    #[command(subcommand)]
    Webhook(webhook::Webhook),
    Seen(seen::Seen),
    Who(who::Who),
    Export(export::Export),
    Preview(preview::Preview),
    #[command(subcommand)]
    Card(card::Card),
    Copy(copy::Copy),
    #[command(subcommand)]
    Policy(policy::Policy),
    Relabel(relabel::Relabel),
    Recall(recall::Recall),
    Recalls(recalls::Recalls),
    Withdraw(withdraw::Withdraw),
    Undo(undo::UndoPartner),
    #[command(subcommand)]
    Bundle(bundle::Bundle),
    Receipts(receipts::Receipts),
    Check(check::Check),
    Verify(verify::Verify),
    Rebuild(rebuild::Rebuild),
    Backup(backup::Backup),
    Restore(restore::Restore),
    Retention(retention::Retention),
    #[command(subcommand)]
    Config(config::Config),
    #[command(subcommand)]
    Keys(keys::Keys),
    #[command(subcommand)]
    KnownGood(known_good::KnownGood),
    Why(why::Why),
    Suppress(suppress::Suppress),
    FalsePositive(suppress::FalsePositive),
    Doctor(doctor::Doctor),
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
            Self::Source(command) => command.run(here),
            Self::Publish(command) => command.run(here),
            Self::Search(command) => command.run(here),
            Self::Show(command) => command.run(here),
            Self::Watch(command) => command.run(here),
            Self::Match(command) => command.run(here),
            Self::Matches(command) => command.run(here),
            Self::Webhook(command) => command.run(here),
            Self::Seen(command) => command.run(here),
            Self::Who(command) => command.run(here),
            Self::Export(command) => command.run(here),
            Self::Preview(command) => command.run(here),
            Self::Card(command) => command.run(here),
            Self::Copy(command) => command.run(here),
            Self::Policy(command) => command.run(here),
            Self::Relabel(command) => command.run(here),
            Self::Recall(command) => command.run(here),
            Self::Recalls(command) => command.run(here),
            Self::Withdraw(command) => command.run(here),
            Self::Undo(command) => command.run(here),
            Self::Bundle(command) => command.run(here),
            Self::Receipts(command) => command.run(here),
            Self::Check(command) => command.run(here),
            Self::Verify(command) => command.run(here),
            Self::Rebuild(command) => command.run(here),
            Self::Backup(command) => command.run(here),
            Self::Restore(command) => command.run(here),
            Self::Retention(command) => command.run(here),
            Self::Config(command) => command.run(here),
            Self::Keys(command) => command.run(here),
            Self::KnownGood(command) => command.run(here),
            Self::Why(command) => command.run(here),
            Self::Suppress(command) => command.run(here),
            Self::FalsePositive(command) => command.run(here),
            Self::Doctor(command) => command.run(here),
            Self::Demo(command) => command.run(here),
            Self::Bench(command) => command.run(here),
        }
    }
}

/// Runs the program.
pub(crate) fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // Help and version come here, too; clap knows which stream each belongs to.
        Err(error) if is_help(&error) => {
            error.print().ok();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Exit::Input.code()));
        }
        Err(error) => return fail(&mistyped(&told(&error), &command_meant()), wants_json()),
    };
    let json = cli.here.json;
    if !matches!(cli.command, Command::Serve(_)) {
        crate::observe::start_quietly();
    }
    match cli.command.run(&cli.here) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Found) => ExitCode::from(1),
        Err(failure) => fail(&failure, json),
    }
}

/// Says why a command failed: two lines for people, one document for scripts.
fn fail(failure: &Failure, json: bool) -> ExitCode {
    if failure.exit != Exit::Nobody {
        let text = if json { failure.document() } else { failure.lines() };
        remark(text.trim_end());
    }
    ExitCode::from(failure.exit.code())
}

fn is_help(error: &clap::Error) -> bool {
    let help = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    help || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand && !wants_json()
}

/// Whether `--json` stands among arguments that could not be read.
fn wants_json() -> bool {
    std::env::args_os().any(|argument| argument == "--json")
}

/// The command that was meant, as far as it can be read.
fn command_meant() -> String {
    let cli = Cli::command();
    let (mut command, mut words) = (&cli, vec!["entente".to_owned()]);
    let mut before = String::new();
    for argument in std::env::args().skip(1) {
        if let Some(inner) = command.find_subcommand(&argument) {
            command = inner;
            words.push(argument.clone());
        } else if !argument.starts_with('-') && !before.starts_with('-') {
            // What follows is said to a command, and names none.
            break;
        }
        before = argument;
    }
    words.join(" ")
}

/// What clap says, without a command that it takes for similar and that is another word.
fn told(error: &clap::Error) -> String {
    let told = error.to_string();
    let Some(ContextValue::String(typed)) = error.get(ContextKind::InvalidSubcommand) else {
        return told;
    };
    let known = match error.get(ContextKind::SuggestedSubcommand) {
        Some(ContextValue::Strings(known)) => known.as_slice(),
        _ => &[],
    };
    if nearest(typed, known.iter().map(String::as_str)).is_some() {
        return told;
    }
    let lines = told.lines().filter(|line| !line.trim_start().starts_with("tip: "));
    lines.collect::<Vec<_>>().join("\n")
}

/// What was typed wrongly, in one line, and what to type instead, in another.
pub(super) fn mistyped(told: &str, command: &str) -> Failure {
    let mut parts = told.split("\n\n");
    let what: Vec<&str> = parts.next().unwrap_or_default().split_whitespace().collect();
    let what = what.join(" ");
    let what = what.strip_prefix("error: ").unwrap_or(&what).to_owned();
    let tip = told.lines().find_map(|line| line.trim().strip_prefix("tip: "));
    let help = format!("{command} --help");
    let hint = tip.map_or_else(|| help.clone(), |tip| format!("{tip}; see also {help}"));
    Failure::input(what).hint(hint)
}
