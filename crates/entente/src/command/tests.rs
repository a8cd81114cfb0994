//! The command line read as people type it, and what they see.

use super::run::{Cli, Command};
use super::table::Table;
use super::when::second;
use clap::{CommandFactory as _, Parser as _};

#[test]
fn the_command_line_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn every_short_help_fits_79_columns() {
    fn longer(command: &mut clap::Command, found: &mut Vec<String>) {
        let (help, name) = (command.render_help().to_string(), command.get_name().to_owned());
        let long = help.lines().filter(|line| line.chars().count() > 79);
        found.extend(long.map(|line| format!("{name}: {line}")));
        command.get_subcommands_mut().for_each(|command| longer(command, found));
    }
    let mut command = Cli::command();
    command.build();
    let mut found = Vec::new();
    longer(&mut command, &mut found);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn commands_of_the_interface_are_understood() {
    let lines = [
        "entente init --data d --name CERT",
        "entente serve --data d --listen 127.0.0.1:0 --link 127.0.0.1:0",
        "entente circle create demo --default green --tlp amber+strict --known-good off",
        "entente circle list --json",
        "entente circle add demo Bravo --reason asked",
        "entente circle accept demo",
        "entente token create t --circle a --circle b --read --write --red --expires 90d",
        "entente token revoke t",
        "entente partner invite --circle demo --trust-code",
        "entente partner join ent1:abc --yes",
        "entente partner confirm Bravo one two three four five six",
        "entente publish a.json - --circle c --to B --tlp TLP:AMBER --hops 1 --until 12h --dry-run",
        "entente search evil.example",
        "entente show indicator--1 --version 2 --raw",
        "entente watch --format zeek --follow conn.log --data d",
        "entente who indicator--1",
        "entente recall indicator--1 --reason wrong --mode stop",
        "entente relabel indicator--1 --tlp clear",
        "entente check file.json --format stix",
        "entente verify d",
        "entente rebuild things",
        "entente export rpz --circle c --min-confidence 70 --action walled:stop.example",
        "entente matches indicator--1 --since 2026-11-22T00:00:00Z --limit 10",
        "entente export suricata --circle c --kind domain",
    ];
    for line in lines {
        assert!(Cli::try_parse_from(line.split(' ')).is_ok(), "{line}");
    }
}

#[test]
fn what_would_lose_a_restriction_is_refused() {
    let lines = [
        "entente publish a.json",
        "entente publish a.json --circle c --tlp pink",
        "entente publish a.json --circle c --hops many",
        "entente relabel indicator--1",
        "entente recall indicator--1",
    ];
    for line in lines {
        assert!(Cli::try_parse_from(line.split(' ')).is_err(), "{line}");
    }
}

#[test]
fn global_options_stand_before_or_after_the_command() {
    for line in ["entente --json --data x who id", "entente who id --data x --json"] {
        let cli = Cli::try_parse_from(line.split(' ')).unwrap();
        assert!(cli.here.json && cli.here.data.ends_with("x"));
        assert!(matches!(cli.command, Command::Who(_)));
    }
}

#[test]
fn tables_are_aligned_and_a_strangers_text_commands_no_terminal() {
    let mut table = Table::new(&["NAME", "TITLE"]);
    table.row(["é".to_owned(), "plain".to_owned()]);
    table.row(["longer".to_owned(), "\u{1b}[2Jgone\n".to_owned()]);
    assert_eq!(table.text(), "NAME    TITLE\né       plain\nlonger  \\u{1b}[2Jgone\\n\n");
}

#[test]
fn times_are_shown_in_utc_to_the_second() {
    assert_eq!(second("2026-11-22T08:00:01.123456Z"), "2026-11-22 08:00:01Z");
    assert_eq!(second("not a time at all, surely"), "not a time at all, surely");
}
