//! `entente bundle`: partners without a network. A file goes out, one comes in, the receipts go back
//! in a third; and each side's key is pinned once.

use super::client::{Client, encoded, wait};
use super::failure::{Ended, Failure, Outcome};
use super::here::Here;
use super::output::{bytes, counted, json, line, plain, remark};
use crate::bundle::Imported;
use crate::http::api::bundle::{BUNDLE, FIRST, KeyView, KeyWanted, MORE, NEXT, PinnedView};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use clap::Subcommand;
use http::{HeaderMap, Method};
use model::limits::{BUNDLE_BYTES_MAX, BUNDLE_HELLO_BYTES_MAX};
use serde::Serialize;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Refusals of a bundle that are printed.
const REFUSED_SHOWN: usize = 20;

/// Bundles: the link by file, sealed to one partner
#[derive(Debug, Subcommand)]
pub(crate) enum Bundle {
    /// Write what a partner's link would be sent next into one sealed file
    Export {
        /// For whom
        #[arg(long, value_name = "NAME")]
        partner: String,
        /// From this number; else from the first without receipt
        #[arg(long, value_name = "N", conflicts_with = "again")]
        from: Option<u64>,
        /// Everything again, from the first entry on
        #[arg(long)]
        again: bool,
        /// Bytes that the file may have; the rest comes next
        #[arg(long, value_name = "BYTES")]
        max: Option<u64>,
        /// The new file
        file: PathBuf,
    },
    /// Take in a partner's file: records, or receipts for what was sent
    Import {
        /// The file
        file: PathBuf,
        /// Where the receipts go, to be carried back
        ///
        /// Else beside the file, with `.receipts`.
        #[arg(long, value_name = "FILE")]
        receipts: Option<PathBuf>,
    },
    /// Print this node's key for a partner, or pin the partner's
    Key {
        /// Pin what this partner printed
        ///
        /// Who is no partner yet becomes one.
        #[arg(long, value_name = "NAME", requires = "key")]
        of: Option<String>,
        /// The file that it printed, or a known partner's key
        #[arg(value_name = "FILE|HEX", requires = "of")]
        key: Option<String>,
    },
}

/// A bundle that was written.
#[derive(Debug, Serialize)]
struct Written {
    file: Option<PathBuf>,
    records: u64,
    first: u64,
    next: u64,
    more: bool,
    bytes: usize,
}

/// A bundle that was taken in.
#[derive(Debug, Serialize)]
struct Taken {
    #[serde(flatten)]
    imported: Imported,
    /// The file with the receipts.
    receipts_file: Option<PathBuf>,
}

impl Bundle {
    pub(crate) fn run(self, here: &Here) -> Ended {
        match self {
            Self::Export { partner, from, again, max, file } => {
                let mut path = format!("/api/v1/bundle?partner={}", encoded(&partner));
                let from = if again { Some(0) } else { from };
                for (name, number) in [("from", from), ("max", max)] {
                    path.extend(number.map(|number| format!("&{name}={number}")));
                }
                wait(export(here, &partner, &path, &file))
            }
            Self::Import { file, receipts } => {
                let receipts = receipts.unwrap_or_else(|| beside(&file));
                let bytes = read(&file, BUNDLE_BYTES_MAX)?;
                wait(import(here, bytes, &receipts))
            }
            Self::Key { of: Some(of), key: Some(key) } => wait(pin(here, of, key_text(&key)?)),
            Self::Key { .. } => wait(own(here)),
        }
    }
}

fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".receipts");
    PathBuf::from(name)
}

async fn export(here: &Here, partner: &str, path: &str, file: &Path) -> Ended {
    // Looked at before: a bundle is numbered when it is made, and must not be made in vain.
    if file.symlink_metadata().is_ok() {
        return Err(Failure::input(format!("{} exists; nothing is overwritten", file.display()))
            .hint("name a new file"));
    }
    let mut client = Client::new(here)?;
    let reply = client.send(Method::GET, path, None).await?;
    let number = |name: &str| number(&reply.headers, name);
    let (first, next) = (number(FIRST), number(NEXT));
    let written = Written {
        file: (!reply.body.is_empty()).then(|| file.to_owned()),
        records: next.saturating_sub(first),
        first,
        next,
        more: number(MORE) > 0,
        bytes: reply.body.len(),
    };
    if written.file.is_some() {
        write_new(file, &reply.body)?;
    }
    if here.json {
        json(&written)?;
        return Ok(Outcome::Done);
    }
    if written.file.is_none() {
        line(&format!("nothing waits for {}", plain(partner)))?;
        return Ok(Outcome::Done);
    }
    let Written { records, bytes, .. } = written;
    let entries = counted(records, "entry", "entries");
    line(&format!("{}: {entries} from {first} on, {bytes} bytes", file.display()))?;
    if written.more {
        remark(&format!("More waits: entente bundle export --from {next}"));
    }
    remark("There: entente bundle import FILE; it writes the receipts for you to import here.");
    Ok(Outcome::Done)
}

async fn import(here: &Here, bytes: Vec<u8>, receipts: &Path) -> Ended {
    let mut client = Client::new(here)?;
    let body = Some((BUNDLE, bytes.into()));
    let reply = client.send(Method::POST, "/api/v1/bundle", body).await?;
    let odd = |_| Failure::new(super::failure::Exit::Later, "the node answers in no known form");
    let mut imported: Imported = serde_json::from_slice(&reply.body).map_err(odd)?;
    let back = imported.receipts.take().and_then(|text| BASE64_STANDARD.decode(text).ok());
    let receipts_file = match back {
        Some(bytes) => {
            replace(receipts, &bytes)?;
            Some(receipts.to_owned())
        }
        None => None,
    };
    let outcome = if imported.refused.is_empty() { Outcome::Done } else { Outcome::Found };
    let taken = Taken { imported, receipts_file };
    if here.json {
        json(&taken)?;
        return Ok(outcome);
    }
    let Taken { imported, receipts_file } = taken;
    let Imported { holds, new, known, refused, refused_more, .. } = &imported;
    line(&format!("{new} {} were new, {known} were known", plain(holds)))?;
    for entry in refused.iter().take(REFUSED_SHOWN) {
        line(&format!("refused: entry {}: {}", entry.number, plain(&entry.reason)))?;
    }
    let unnamed = count(refused.len().saturating_sub(REFUSED_SHOWN)).saturating_add(*refused_more);
    if unnamed > 0 {
        line(&format!("refused: {unnamed} more"))?;
    }
    if let Some(file) = receipts_file {
        line(&format!("{}: carry it back; there: entente bundle import", file.display()))?;
    } else if holds == "records" {
        line("nothing to carry back: the partner has all receipts")?;
    }
    Ok(outcome)
}

fn count(entries: usize) -> u64 {
    u64::try_from(entries).unwrap_or(u64::MAX)
}

async fn own(here: &Here) -> Ended {
    let mut client = Client::new(here)?;
    let view: KeyView = client.get("/api/v1/bundle/key").await?;
    if here.json {
        json(&view)?;
        return Ok(Outcome::Done);
    }
    bytes(view.key.as_bytes())?;
    remark("There: entente bundle key --of NAME FILE. Then compare the six words.");
    Ok(Outcome::Done)
}

async fn pin(here: &Here, of: String, key: String) -> Ended {
    let mut client = Client::new(here)?;
    let wanted = KeyWanted { of, key };
    let pinned: PinnedView = client.post("/api/v1/bundle/key", &wanted).await?;
    if here.json {
        json(&pinned)?;
        return Ok(Outcome::Done);
    }
    let name = plain(&pinned.name);
    line(&format!("{name} is a partner, and bundles for it can be sealed"))?;
    if !pinned.confirmed {
        line(&format!("Compare with {name}: {}", pinned.words))?;
        remark(&format!(
            "Then: entente partner confirm \"{name}\" WORDS. Until then: up to GREEN."
        ));
    }
    Ok(Outcome::Done)
}

fn number(headers: &HeaderMap, name: &str) -> u64 {
    let text = headers.get(name).and_then(|value| value.to_str().ok());
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// A key in hexadecimal is meant as it is; all else names a file.
fn key_text(key: &str) -> Result<String, Failure> {
    if key.parse::<model::seal::SealingKey>().is_ok() {
        return Ok(key.to_owned());
    }
    let path = Path::new(key);
    let max = u64::try_from(BUNDLE_HELLO_BYTES_MAX).unwrap_or(u64::MAX);
    let read = String::from_utf8(read(path, max)?);
    read.map_err(|_| {
        Failure::input(format!("{}: not a text", path.display()))
            .coded("E-BUNDLE-001")
            .hint("`entente bundle key` prints the text that is wanted")
    })
}

fn read(path: &Path, max: u64) -> Result<Vec<u8>, Failure> {
    let told = |error: std::io::Error| Failure::file(path, &error);
    let length = std::fs::metadata(path).map_err(told)?.len();
    if length > max {
        let message = format!("{}: larger than {max} bytes", path.display());
        return Err(Failure::input(message)
            .coded("E-BUNDLE-001")
            .hint("is it what `entente bundle` wrote? a bundle has a bound: see --max"));
    }
    std::fs::read(path).map_err(told)
}

fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let write = || {
        let mut file = File::create_new(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|error| Failure::file(path, &error))
}

/// Receipts of a second import hold those of the first, and more.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let write = || {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|error| Failure::file(path, &error))
}
