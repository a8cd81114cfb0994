//! `entente source`: pulling from elsewhere, again and again: added, listed, pulled now, removed.

use super::client::{Client, encoded, wait};
use super::failure::{Ended, Failure, Outcome};
use super::here::Here;
use super::output::{json, line, plain, remark, told};
use super::table::Table;
use super::when::{second_or_dash, span};
use crate::http::api::sources::{NO_ROOM, PULLING, PullAsked, SourceView, SourceWanted};
use clap::{Args, Subcommand, ValueEnum};
use model::label::Tlp;
use model::limits::SOURCE_SECRET_BYTES_MAX;
use model::time::Instant;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Between two looks at a pull that was asked for.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Sources: what this node pulls from other servers
#[derive(Debug, Subcommand)]
pub(crate) enum SourceAct {
    /// Pull from a URL into a circle, now and then again and again
    Add(Add),
    /// List sources, what they brought and how they fare
    List,
    /// Pull now, and say what came of it
    Pull {
        /// The source
        name: String,
    },
    /// Pull no more; what was brought stays
    Remove {
        /// The source
        name: String,
    },
}

/// What a source speaks.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// A TAXII 2.1 collection: its own URL, or that of its server
    Taxii,
    /// A file: a plain list, CSV, or a STIX bundle
    List,
}

/// A source to be added.
#[derive(Args, Debug)]
pub(crate) struct Add {
    /// Its name, for people
    name: String,
    /// What it speaks
    kind: Kind,
    /// Where it is: http or https
    #[arg(value_name = "URL")]
    address: String,
    /// The circle that what it brings is placed in
    #[arg(long, value_name = "NAME")]
    circle: String,
    /// The label of what comes unmarked; else the circle's
    #[arg(long, value_name = "TLP")]
    tlp: Option<Tlp>,
    /// Between two pulls, such as 10m or 6h
    #[arg(long, value_name = "SPAN", default_value = "10m")]
    every: String,
    /// A file with what the server wants to see
    ///
    /// One line: user:password, a bearer token, or a header such as Auth-Key: abc
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

impl SourceAct {
    pub(crate) fn run(self, here: &Here) -> Ended {
        wait(self.ask(here))
    }

    async fn ask(self, here: &Here) -> Ended {
        match self {
            Self::Add(add) => add.ask(here).await,
            Self::List => {
                let sources: Vec<SourceView> = Client::new(here)?.get("/api/v1/sources").await?;
                if here.json {
                    json(&sources)?;
                } else {
                    print(&sources)?;
                }
                Ok(Outcome::Done)
            }
            Self::Pull { name } => pull(here, &name).await,
            Self::Remove { name } => {
                let path = format!("/api/v1/sources/{}", encoded(&name));
                let removed: serde_json::Value = Client::new(here)?.delete(&path).await?;
                let text = format!("{name} is not pulled any more; what it brought stays");
                told(here.json, &removed, &text)
            }
        }
    }
}

impl Add {
    async fn ask(self, here: &Here) -> Ended {
        let kind = match self.kind {
            Kind::Taxii => "taxii",
            Kind::List => "list",
        };
        let every = u32::try_from(span(&self.every)?);
        let every = every.map_err(|_| Failure::input(format!("{} is too long", self.every)))?;
        let wanted = SourceWanted {
            name: self.name,
            kind: kind.to_owned(),
            url: self.address,
            circle: self.circle,
            tlp: self.tlp.map(|tlp| tlp.to_string()),
            every: Some(every),
            key: self.key_file.as_deref().map(key).transpose()?,
        };
        let told: serde_json::Value = Client::new(here)?.post("/api/v1/sources", &wanted).await?;
        if here.json {
            json(&told)?;
        } else {
            line(&format!("{} is pulled now, and every {} from now on", wanted.name, self.every))?;
            remark("see what comes of it with: entente source list");
        }
        Ok(Outcome::Done)
    }
}

/// The text of a key file, a little more than there may be at most.
fn key(path: &Path) -> Result<String, Failure> {
    let failed = |error: &std::io::Error| Failure::file(path, error);
    let file = std::fs::File::open(path).map_err(|error| failed(&error))?;
    let most = u64::try_from(SOURCE_SECRET_BYTES_MAX).unwrap_or(u64::MAX);
    let mut text = String::new();
    let read = file.take(most.saturating_add(1)).read_to_string(&mut text);
    read.map_err(|error| failed(&error))?;
    Ok(text)
}

/// Asks for a pull and waits until one that began afterwards has ended.
async fn pull(here: &Here, name: &str) -> Ended {
    let mut client = Client::new(here)?;
    let before = find(&mut client, name).await?;
    let path = format!("/api/v1/sources/{}/pull", encoded(name));
    let asked: PullAsked = client.post(&path, &serde_json::json!({})).await?;
    let asked: Option<Instant> = asked.asked.parse().ok();
    let after = loop {
        let source = find(&mut client, name).await?;
        let ran: Option<Instant> = source.last_run.as_ref().and_then(|at| at.parse().ok());
        // Without room nothing is pulled until there is: who waits here is told so now.
        let ended = ran.is_some() && ran >= asked && source.state != PULLING;
        if ended || source.state == NO_ROOM {
            break source;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    };
    let outcome = if after.error.is_some() { Outcome::Found } else { Outcome::Done };
    if here.json {
        json(&after)?;
        return Ok(outcome);
    }
    let since = |after: u64, before: u64| after.saturating_sub(before);
    let (accepted, duplicate) =
        (since(after.accepted, before.accepted), since(after.duplicate, before.duplicate));
    let refused = since(after.refused, before.refused);
    line(&format!("{name}: {accepted} accepted, {duplicate} already there, {refused} refused"))?;
    troubles(&[after])?;
    Ok(outcome)
}

async fn find(client: &mut Client, name: &str) -> Result<SourceView, Failure> {
    let sources: Vec<SourceView> = client.get("/api/v1/sources").await?;
    sources.into_iter().find(|source| source.name == name).ok_or_else(|| {
        Failure::input(format!("no such source: `{name}`"))
            .coded("E-SOURCE-001")
            .hint("`entente source list` shows those that there are")
    })
}

fn print(sources: &[SourceView]) -> Result<(), Failure> {
    let mut table = Table::new(&[
        "NAME",
        "KIND",
        "CIRCLE",
        "STATE",
        "LAST SUCCESS",
        "NEXT",
        "ACCEPTED",
        "THERE",
        "REFUSED",
        "URL",
    ]);
    for source in sources {
        table.row([
            source.name.clone(),
            source.kind.clone(),
            source.circle.clone(),
            source.state.clone(),
            second_or_dash(source.last_success.as_ref()),
            second_or_dash(source.next_run.as_ref()),
            source.accepted.to_string(),
            source.duplicate.to_string(),
            source.refused.to_string(),
            source.url.clone(),
        ]);
    }
    table.print("no sources yet; `entente source add` adds one")?;
    troubles(sources)
}

/// What went wrong, and what to do about it.
fn troubles(sources: &[SourceView]) -> Result<(), Failure> {
    for source in sources {
        if let Some(error) = &source.error {
            line(&plain(&format!("{}: {error} ({} in a row)", source.name, source.failures)))?;
        }
        if let Some(hint) = &source.hint {
            line(&plain(&format!("  Hint: {hint}")))?;
        }
        if let Some(refusal) = source.refusal.as_ref().filter(|_| source.refused > 0) {
            line(&plain(&format!(
                "{}: one of {} refused: {refusal}",
                source.name, source.refused
            )))?;
        }
    }
    Ok(())
}
