//! The command line: one file per command, and what they share. A command reads files, or asks the
//! running node over HTTP; it decides nothing and holds no intelligence of its own.

mod announce;
mod asking;
mod backup;
mod bench;
mod bundle;
mod card;
mod check;
mod circle;
mod client;
mod config;
mod copy;
mod demo;
mod doctor;
mod door;
mod failure;
mod here;
mod init;
mod keys;
mod lock;
mod match_pattern;
mod memory;
mod notify;
mod output;
mod partner;
mod policy;
mod preview;
mod progress;
mod publish;
mod rebuild;
mod recall;
mod recalls;
mod receipts;
mod relabel;
mod restore;
mod retention;
mod run;
mod search;
mod serve;
mod show;
mod source;
mod table;
#[cfg(test)]
mod tests;
mod token;
mod undo;
mod use_of;
mod verify;
mod watch;
mod when;
mod who;
mod withdraw;
mod work;

pub(crate) use client::encoded;
pub(crate) use run::run;
