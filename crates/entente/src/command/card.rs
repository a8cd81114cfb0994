//! `entente card`: the card of a partner as a file, and setting it.

use super::asking::print;
use super::client::{Client, encoded, wait};
use super::failure::{Ended, Failure, Outcome};
use super::here::Here;
use super::output::{bytes, json, line, plain};
use super::policy::{Said, heading, read, set, told};
use crate::http::api::asking::ForeseenView;
use crate::http::api::cards::CardView;
use clap::Subcommand;
use std::path::PathBuf;

/// A partner's card: what it may get, and what is taken from it
#[derive(Debug, Subcommand)]
pub(crate) enum Card {
    /// Show a partner's card as a file that `card set` takes
    Show {
        /// The partner
        partner: String,
    },
    /// Set a partner's card
    Set {
        /// The partner
        partner: String,
        /// The card, as `card show` prints it
        file: PathBuf,
        #[command(flatten)]
        said: Said,
        /// Say what it would open and take away; change nothing
        #[arg(long)]
        dry_run: bool,
    },
}

impl Card {
    pub(crate) fn run(self, here: &Here) -> Ended {
        match self {
            Self::Show { partner } => {
                let path = format!("/api/v1/partners/{}/card", encoded(&partner));
                let view: CardView = wait(async { Client::new(here)?.get(&path).await })?;
                if here.json { json(&view)? } else { show(&view)? }
            }
            Self::Set { partner, file, said, dry_run } => {
                let path = format!("/api/v1/partners/{}/card", encoded(&partner));
                let ruling = said.of(read(&file)?, dry_run, here)?;
                let foreseen: ForeseenView = set(here, &path, &ruling)?;
                match (here.json, dry_run) {
                    (true, _) => json(&foreseen)?,
                    (false, true) => print(&foreseen)?,
                    (false, false) => {
                        told(&format!("the card of {}", plain(&partner)), &foreseen)?;
                    }
                }
            }
        }
        Ok(Outcome::Done)
    }
}

fn show(view: &CardView) -> Result<(), Failure> {
    line(&format!("# card of {}", plain(&view.partner)))?;
    if !view.readable {
        line("# what is stored cannot be read: until another is set, the least holds")?;
    }
    if view.waits {
        line("# the first share with it waits: entente partner release NAME")?;
    }
    heading(view.changed.as_ref(), &view.digest)?;
    bytes(view.toml.as_bytes())
}
