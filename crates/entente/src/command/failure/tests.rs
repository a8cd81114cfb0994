//! What people and scripts are told when a command fails.

use super::{Exit, Failure, is_code};
use crate::command::run::mistyped;
use crate::config::ConfigError;
use formats::problem::Problem;
use node::StoreError;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

#[test]
fn people_read_two_lines_and_scripts_one_document() {
    let problem = Problem::error("E-STIX-004", "no such type").at("/objects/3").hint("see §2.1");
    let failure: Failure = problem.into();
    assert_eq!(failure.lines(), "error: E-STIX-004: /objects/3: no such type\nHint: see §2.1\n");
    assert_eq!(
        failure.document(),
        r#"{"error":{"code":"E-STIX-004","message":"/objects/3: no such type","hint":"see §2.1"}}"#
    );
    let bare = Failure::new(Exit::Later, "nobody answers");
    assert_eq!(bare.lines(), "error: E-CLI-075: nobody answers\n");
}

#[test]
fn what_a_stranger_wrote_commands_no_terminal() {
    let failure = Failure::input("\u{1b}[2J is no name").hint("\u{7}");
    assert_eq!(failure.lines(), "error: E-CLI-002: \\u{1b}[2J is no name\nHint: \\u{7}\n");
}

#[test]
fn codes_and_hints_in_the_text_of_deeper_errors_are_taken_out_of_it() {
    let newer: Failure = StoreError::OtherVersion { found: 9, known: 3 }.into();
    assert_eq!(newer.exit, Exit::Configuration);
    assert_eq!(newer.code, "E-STORE-004");
    assert_eq!(newer.message, "the database has version 9, this program knows 3");
    assert_eq!(newer.hint, "use the program that last ran on this folder");
    let problem = Failure::new(Exit::Later, "E-BACKUP-003 /x: no room. Hint: make some");
    assert_eq!((problem.code.as_str(), problem.message.as_str()), ("E-BACKUP-003", "/x: no room"));
    let none: Failure = ConfigError::NoNode(PathBuf::from("/x")).into();
    assert_eq!((none.code.as_str(), none.message.as_str()), ("E-CONFIG-002", "/x holds no node"));
    assert_eq!(none.hint, "`entente init --data /x --name NAME` makes one");
    for (text, code) in [("E-STORE-004", true), ("127.0.0.1", false), ("E-X", false), ("", false)] {
        assert_eq!(is_code(text), code, "{text}");
    }
}

#[test]
fn every_kind_of_unusable_file_has_words_and_a_hint() {
    for kind in [
        ErrorKind::NotFound,
        ErrorKind::PermissionDenied,
        ErrorKind::IsADirectory,
        ErrorKind::NotADirectory,
        ErrorKind::StorageFull,
        ErrorKind::InvalidData,
    ] {
        let failure = Failure::file(Path::new("a/b.json"), &Error::from(kind));
        assert!(failure.message.starts_with("a/b.json: ") && !failure.hint.is_empty(), "{kind:?}");
        assert_eq!(failure.exit, Exit::Input);
        assert!(!failure.message.contains("os error"), "{}", failure.message);
    }
}

#[test]
fn what_was_mistyped_is_told_in_one_line_and_what_to_type_in_another() {
    let told = "error: the following required arguments were not provided:\n  --circle <NAME>\n\n\
                Usage: entente publish --circle <NAME> <FILE>...\n\nFor more information, try \
                '--help'.\n";
    let failure = mistyped(told, "entente publish");
    assert_eq!(
        failure.lines(),
        "error: E-CLI-002: the following required arguments were not provided: --circle <NAME>\n\
         Hint: entente publish --help\n"
    );
    let told = "error: unexpected argument '--circel' found\n\n  tip: a similar argument exists: \
                '--circle'\n\nUsage: entente publish --circle <NAME> <FILE>...\n";
    let hint = "a similar argument exists: '--circle'; see also entente publish --help";
    assert_eq!(mistyped(told, "entente publish").hint, hint);
}
