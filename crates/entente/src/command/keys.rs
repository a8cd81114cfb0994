//! `entente keys`: this node's keys, changing the one that signs, and taking back one that may be in
//! other hands. The recovery key is read here and goes nowhere.

use super::client::{Client, wait};
use super::failure::{Ended, Failure, Outcome};
use super::here::Here;
use super::output::{bytes, counted, json, line, plain};
use super::table::Table;
use crate::config::read_key_file;
use crate::http::api::keys::{KeysView, NextView, Revoking, Rotating, UnsentView};
use crate::runtime::now;
use clap::Subcommand;
use model::keys::KeyChain;
use model::seal::PublicKey;
use std::path::{Path, PathBuf};

/// This node's keys: show them, change them, revoke one
#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// Show all keys, and which partners know the newest
    Show {
        /// One line for `verify --keys`: the node and its first key
        #[arg(long)]
        pinned: bool,
        /// All that was stated, each statement signed
        #[arg(long, conflicts_with = "pinned")]
        chain: bool,
    },
    /// Change the key that signs; partners learn the new one first
    Rotate {
        /// Sign with it at once, whoever knows it yet
        #[arg(long)]
        now: bool,
    },
    /// Take back a key that may be in other hands
    Revoke {
        /// The key; the one that was stated last when none is named
        key: Option<String>,
        /// The recovery key: needed for the key that signs
        #[arg(long, value_name = "FILE")]
        recovery: Option<PathBuf>,
    },
}

impl Keys {
    pub(crate) fn run(self, here: &Here) -> Ended {
        let view = match self {
            Self::Show { pinned, chain } => {
                let view: KeysView = wait(async { get(here).await })?;
                if pinned {
                    line(&format!("{} {}", view.node, view.first))?;
                    return Ok(Outcome::Done);
                }
                if chain {
                    bytes(view.chain.as_bytes())?;
                    return Ok(Outcome::Done);
                }
                view
            }
            Self::Rotate { now } => {
                let wanted = Rotating { now };
                wait(async { Client::new(here)?.post("/api/v1/keys/rotate", &wanted).await })?
            }
            Self::Revoke { key, recovery } => match recovery {
                None => {
                    let Some(key) = key else { return Err(which()) };
                    let wanted = Revoking { key: Some(key), statement: None };
                    wait(async { Client::new(here)?.post("/api/v1/keys/revoke", &wanted).await })?
                }
                Some(file) => wait(rescue(here, key.as_deref(), &file))?,
            },
        };
        if here.json {
            json(&view)?;
        } else {
            show(&view)?;
        }
        Ok(Outcome::Done)
    }
}

fn which() -> Failure {
    Failure::input("E-KEY-006: a former key is named, or --recovery says who speaks")
        .hint("`entente keys show` names the former keys; the recovery key was made by `init`")
}

async fn get(here: &Here) -> Result<KeysView, Failure> {
    Client::new(here)?.get("/api/v1/keys").await
}

/// Signs with the recovery key here; the node completes it with the key that is to sign.
async fn rescue(here: &Here, key: Option<&str>, file: &Path) -> Result<KeysView, Failure> {
    let recovery = read_key_file(file)?;
    let mut client = Client::new(here)?;
    let view: KeysView = client.get("/api/v1/keys").await?;
    let odd = |error: model::keys::KeySetError| Failure::input(error.to_string());
    let chain = KeyChain::read(&view.chain).map_err(odd)?;
    let last = chain.last();
    if last.recovery != Some(recovery.public()) {
        let shown = file.display();
        return Err(Failure::input(format!("E-KEY-006: {shown} is not this node's recovery key"))
            .hint("`entente keys show` names the recovery key that partners know"));
    }
    let named: Option<PublicKey> = key.map(str::parse).transpose().map_err(|_| which())?;
    let revoked = named.unwrap_or(last.key);
    let next = if revoked == last.key {
        let next: NextView = client.post("/api/v1/keys/next", &serde_json::json!({})).await?;
        next.key.parse().map_err(|_| which())?
    } else {
        last.key
    };
    let statement = KeyChain::rescue(last.revoking(revoked, next, now()), &recovery);
    let wanted = Revoking { key: None, statement: Some(statement) };
    client.post("/api/v1/keys/revoke", &wanted).await
}

fn show(view: &KeysView) -> Result<(), Failure> {
    line(&format!("node      {}", view.node))?;
    line(&format!("signs     {}", view.signs))?;
    match &*view.change {
        "waits" => {
            line(&format!("then      {}", view.key))?;
            line("          once all partners know it, or 23 hours after it was stated")?;
        }
        "due" => line(&format!("then      {} (at once)", view.key))?,
        "unknown" => {
            line(&format!("stated    {}", view.key))?;
            line("          this folder and its keys are of two times: see `entente doctor`")?;
        }
        _ => {}
    }
    let none = "none: the key that signs cannot be revoked";
    line(&format!("recovery  {}", view.recovery.as_deref().unwrap_or(none)))?;
    line(&format!("statement {} of {}", view.number, view.since))?;
    for former in &view.former {
        line(&format!("was       {} until {}", former.key, former.at))?;
    }
    for revoked in &view.revoked {
        line(&format!("revoked   {} from {}", revoked.key, revoked.at))?;
    }
    let behind = view.partners.iter().filter(|partner| partner.number < view.number);
    let mut table = Table::new(&["PARTNER", "KNOWS", "NEXT"]);
    let mut lacking = false;
    for partner in behind {
        lacking = true;
        let knows = if partner.number == 0 {
            "the first key".to_owned()
        } else {
            format!("statement {}", partner.number)
        };
        table.row([plain(&partner.partner), knows, "waits for its link".to_owned()]);
    }
    if lacking {
        table.print("")?;
    }
    view.unsent.as_ref().map_or(Ok(()), told)
}

/// What is to be done about what the revoked key had signed and nobody has.
fn told(unsent: &UnsentView) -> Result<(), Failure> {
    let least = if unsent.partial { "at least " } else { "" };
    if unsent.records > 0 {
        let records = counted(unsent.records, "record", "records");
        line(&format!("unsent    {least}{records}: signed by the revoked key, with no partner"))?;
        line("          publish a later version, and it is signed with the new key:")?;
        for id in &unsent.samples {
            line(&format!("          {}", plain(id)))?;
        }
    }
    if unsent.words > 0 {
        let words = counted(unsent.words, "word", "words");
        line(&format!(
            "unsaid    {least}{words}: recalls, relabels, withdrawals, lists of members"
        ))?;
        line("          say them of a later version; a circle's next change says its list anew")?;
    }
    Ok(())
}
