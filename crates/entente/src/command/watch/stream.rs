//! `entente watch`: telemetry to the running node, line by line, matches back. The events stay on
//! this machine.

use super::feed::Feed;
use crate::command::client::{Client, Reply, wait};
use crate::command::failure::{Ended, Exit, Failure, Outcome};
use crate::command::here::Here;
use crate::command::output::{bytes, plain, remark};
use bytes::Bytes;
use clap::Args;
use http::Method;
use serde::Deserialize;
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::path::PathBuf;
use tokio::task::JoinHandle;

/// Chunks on their way at once: while one is matched, another is read and a third is told.
const AT_ONCE: usize = 3;

/// Match telemetry against every indicator that this node holds
#[derive(Args, Debug)]
pub(crate) struct Watch {
    /// The file; - is standard input
    #[arg(value_name = "FILE|-")]
    file: PathBuf,
    /// auto, json, eve or zeek (JSON lines)
    #[arg(long, default_value = "auto")]
    format: String,
    /// Keep reading while the file grows
    #[arg(long)]
    follow: bool,
}

/// A match, as far as a line of text shows it.
#[derive(Deserialize)]
struct Shown {
    indicator: String,
    circle: String,
    signer: String,
    field: String,
    value: String,
    line: u64,
    tlp: String,
    before_valid_from: bool,
}

/// What has come of it so far.
#[derive(Debug, Default)]
struct Sum {
    lines: u64,
    matches: u64,
    bad: u64,
    first_bad: Option<String>,
}

impl Watch {
    pub(crate) fn run(self, here: &Here) -> Ended {
        known(&self.format)?;
        let mut sum = Sum::default();
        wait(async {
            tokio::select! {
                ended = self.stream(here, &mut sum) => ended,
                _ = tokio::signal::ctrl_c() => Ok(()),
            }
        })?;
        if !here.json || sum.bad > 0 {
            sum.remark();
        }
        // "No match" would be believed, although nothing was read.
        if sum.bad > 0 && sum.bad == sum.lines {
            return Err(later("no line is JSON; other forms are"));
        }
        Ok(if sum.matches > 0 { Outcome::Found } else { Outcome::Done })
    }

    /// Keeps a few chunks on their way at once, and tells what they gave in their order.
    async fn stream(&self, here: &Here, sum: &mut Sum) -> Result<(), Failure> {
        let mut idle = vec![Client::new(here)?];
        while idle.len() < AT_ONCE {
            idle.push(Client::new(here)?);
        }
        let mut feed = Feed::open(&self.file, self.follow).await?;
        let mut under_way: VecDeque<JoinHandle<Sent>> = VecDeque::new();
        let (mut line, mut more) = (1_u64, true);
        while more || !under_way.is_empty() {
            tokio::select! {
                done = front(&mut under_way), if !under_way.is_empty() => {
                    under_way.pop_front();
                    let (client, reply) = done?;
                    idle.push(client);
                    sum.add(&reply);
                    if here.json { bytes(&reply.body)? } else { bytes(text(&reply.body).as_bytes())? }
                }
                chunk = feed.next(), if more && !idle.is_empty() => {
                    let (Some(chunk), Some(client)) = (chunk?, idle.pop()) else {
                        more = false;
                        continue;
                    };
                    if line == 1 {
                        refuse_tables(&chunk)?;
                    }
                    let lines = chunk.iter().filter(|byte| **byte == b'\n').count();
                    under_way.push_back(tokio::spawn(send(client, line, chunk)));
                    line = line.saturating_add(u64::try_from(lines).unwrap_or(0));
                }
            }
        }
        Ok(())
    }
}

type Sent = Result<(Client, Reply), Failure>;

/// The oldest chunk on its way; stays there until it has arrived.
async fn front(under_way: &mut VecDeque<JoinHandle<Sent>>) -> Sent {
    match under_way.front_mut() {
        Some(oldest) => {
            oldest.await.map_err(|error| Failure::new(Exit::Later, error.to_string()))?
        }
        None => std::future::pending().await,
    }
}

async fn send(mut client: Client, line: u64, chunk: Vec<u8>) -> Sent {
    let path = format!("/api/v1/watch?line={line}");
    let body = Some(("application/x-ndjson", Bytes::from(chunk)));
    let reply = client.send(Method::POST, &path, body).await?;
    Ok((client, reply))
}

impl Sum {
    fn add(&mut self, reply: &Reply) {
        let header = |name: &str| reply.headers.get(name).and_then(|value| value.to_str().ok());
        let count = |name| header(name).and_then(|text| text.parse().ok()).unwrap_or(0_u64);
        self.lines = self.lines.saturating_add(count("entente-lines"));
        self.matches = self.matches.saturating_add(count("entente-matches"));
        self.bad = self.bad.saturating_add(count("entente-bad-lines"));
        let first = header("entente-first-bad").map(str::to_owned);
        self.first_bad = self.first_bad.take().or(first);
    }

    fn remark(&self) {
        let Self { lines, matches, bad, first_bad } = self;
        let (lines, matches) = (counted(*lines, "line", "s"), counted(*matches, "match", "es"));
        let mut text = format!("{lines}, {matches}");
        if *bad > 0 {
            let bad = counted(*bad, "line", "s");
            let first = first_bad.as_deref().unwrap_or_default();
            write!(text, ", {bad} not readable as JSON (first: {first})").ok();
        }
        remark(&text);
    }
}

/// A number and its noun.
fn counted(number: u64, noun: &str, plural: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { plural })
}

/// Which formats this version reads.
fn known(format: &str) -> Result<(), Failure> {
    match format {
        "auto" | "json" | "eve" | "zeek" => Ok(()),
        "zeek-tsv" | "sysmon" | "ecs" | "ocsf" | "cef" | "syslog" | "text" => {
            Err(later(&format!("the format `{format}` is")))
        }
        other => Err(Failure::input(format!("`{other}` is no format of telemetry"))
            .hint("auto, json, eve or zeek")),
    }
}

fn later(what: &str) -> Failure {
    Failure::new(Exit::Input, format!("{what} not yet supported"))
        .hint("JSON lines are: Suricata's eve.json, Zeek with `LogAscii::use_json=T`, or any other")
}

/// Tab-separated logs would pass without a match: better to say so.
fn refuse_tables(chunk: &[u8]) -> Result<(), Failure> {
    let start = chunk.trim_ascii_start();
    if start.starts_with(b"#separator") || start.starts_with(b"#fields") {
        return Err(later("Zeek's tab-separated form is"));
    }
    Ok(())
}

/// Matches as lines for people.
fn text(body: &[u8]) -> String {
    let mut text = String::new();
    for line in body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let Ok(shown) = serde_json::from_slice::<Shown>(line) else { continue };
        let Shown { indicator, circle, signer, field, value, line, tlp, before_valid_from } = shown;
        let early = if before_valid_from { "  (before the indicator was valid)" } else { "" };
        let (value, field) = (plain(&value), plain(&field));
        let (circle, signer, tlp) = (plain(&circle), plain(&signer), tlp.to_uppercase());
        let told = writeln!(
            text,
            "line {line}  {field}={value}  {indicator}  TLP:{tlp}  {circle}  {signer}{early}"
        );
        told.ok();
    }
    text
}
