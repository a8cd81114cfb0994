//! `entente policy`: the policy of this node as a file; what another would do; setting it.

use super::asking::{act, print, reason};
use super::client::{Client, wait};
use super::failure::{Ended, Failure, Outcome};
use super::here::Here;
use super::output::{bytes, json, line, plain};
use super::when::second;
use crate::http::api::asking::ForeseenView;
use crate::http::api::policy::PolicyView;
use crate::http::api::ruled::{ChangedView, Ruling};
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};

/// What no partner's card may exceed, and when a person is asked
#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Show the policy as a file that `policy set` takes
    Show {
        /// One that ships instead: closed, community or open
        #[arg(long, value_name = "NAME")]
        preset: Option<String>,
    },
    /// Say who would gain and lose what; change nothing
    Try {
        /// The policy, as `policy show` prints it
        file: PathBuf,
    },
    /// Set the policy
    Set {
        /// The policy, as `policy show` prints it
        file: PathBuf,
        #[command(flatten)]
        said: Said,
    },
}

/// What a person says about a change of a card or the policy beside what it is.
#[derive(Args, Debug)]
pub(crate) struct Said {
    /// Why, in one line; kept with the change
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Open what it opens without being asked
    #[arg(long)]
    widen: bool,
    /// Only if it is still the one with this digest
    #[arg(long, value_name = "DIGEST")]
    was: Option<String>,
}

impl Said {
    /// The change that it is said of; only one that is made needs its reason.
    pub(super) fn of(self, toml: String, dry_run: bool, here: &Here) -> Result<Ruling, Failure> {
        let why = if dry_run { self.reason } else { reason(self.reason, here)? };
        Ok(Ruling { toml, reason: why, widen: self.widen, was: self.was, dry_run })
    }
}

impl Policy {
    pub(crate) fn run(self, here: &Here) -> Ended {
        match self {
            Self::Show { preset: Some(name) } => preset(&name)?,
            Self::Show { preset: None } => {
                let ask = async { Client::new(here)?.get("/api/v1/policy").await };
                let view: PolicyView = wait(ask)?;
                if here.json { json(&view)? } else { show(&view)? }
            }
            Self::Try { file } => {
                let ruling = Ruling { toml: read(&file)?, dry_run: true, ..Ruling::default() };
                let ask = async { Client::new(here)?.post("/api/v1/policy", &ruling).await };
                let foreseen: ForeseenView = wait(ask)?;
                if here.json { json(&foreseen)? } else { print(&foreseen)? }
            }
            Self::Set { file, said } => {
                let ruling = said.of(read(&file)?, false, here)?;
                let foreseen = set(here, "/api/v1/policy", &ruling)?;
                if here.json { json(&foreseen)? } else { told("the policy", &foreseen)? }
            }
        }
        Ok(Outcome::Done)
    }
}

/// Reads a card or a policy from a file.
pub(super) fn read(file: &Path) -> Result<String, Failure> {
    let bytes = std::fs::read(file).map_err(|error| Failure::file(file, &error))?;
    String::from_utf8(bytes).map_err(|_| {
        Failure::input(format!("{}: it is not UTF-8 text", file.display()))
            .hint("write it as a TOML file")
    })
}

/// Sets a card or the policy, asking its person where the node does.
pub(super) fn set(here: &Here, path: &str, ruling: &Ruling) -> Result<ForeseenView, Failure> {
    let body = serde_json::to_value(ruling).map_err(|error| Failure::input(error.to_string()))?;
    wait(async { act(&mut Client::new(here)?, here, (path, body)).await })
}

/// What was set and what it did.
pub(super) fn told(what: &str, foreseen: &ForeseenView) -> Result<(), Failure> {
    line(&format!("{what} is set"))?;
    print(foreseen)
}

/// Where a file comes from, as its first lines.
pub(super) fn heading(changed: Option<&ChangedView>, digest: &str) -> Result<(), Failure> {
    if let Some(changed) = changed {
        let (who, why) = (plain(&changed.who), plain(&changed.why));
        line(&format!("# set {} by {who}: {why}", second(&changed.at)))?;
    }
    line(&format!("# --was {digest}"))
}

fn preset(name: &str) -> Result<(), Failure> {
    let found = node::presets::ALL.iter().find(|(known, _)| *known == name);
    match found {
        Some((_, text)) => bytes(text.as_bytes()),
        None => Err(Failure::input(format!("there is no preset `{}`", plain(name)))
            .hint("closed, community and open ship with the program")),
    }
}

fn show(view: &PolicyView) -> Result<(), Failure> {
    if !view.readable {
        line("# what is stored cannot be read: until another is set, the least holds")?;
    }
    heading(view.changed.as_ref(), &view.digest)?;
    bytes(view.toml.as_bytes())
}
