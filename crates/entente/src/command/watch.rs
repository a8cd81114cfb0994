//! `entente watch`: telemetry to the running node, line by line, matches back. The events stay on
//! this machine.

mod feed;

use self::feed::Feed;
use super::client::{Client, wait};
use super::failure::{Ended, Exit, Failure, Outcome};
use super::here::Here;
use super::output::{bytes, plain, remark};
use bytes::Bytes;
use clap::Args;
use http::Method;
use serde::Deserialize;
use std::path::PathBuf;

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
        let ended = wait(async {
            tokio::select! {
                ended = self.stream(here, &mut sum) => ended,
                _ = tokio::signal::ctrl_c() => Ok(()),
            }
        });
        if !here.json || sum.bad > 0 {
            sum.remark();
        }
        ended?;
        Ok(if sum.matches > 0 { Outcome::Found } else { Outcome::Done })
    }

    async fn stream(&self, here: &Here, sum: &mut Sum) -> Result<(), Failure> {
        let mut client = Client::new(here)?;
        let mut feed = Feed::open(&self.file, self.follow).await?;
        let mut first = true;
        while let Some(chunk) = feed.next().await? {
            if std::mem::take(&mut first) {
                refuse_tables(&chunk)?;
            }
            let path = format!("/api/v1/watch?line={}", sum.lines.saturating_add(1));
            let body = Some(("application/x-ndjson", Bytes::from(chunk)));
            let reply = client.send(Method::POST, &path, body).await?;
            let count = |name: &str| -> u64 {
                let text = reply.headers.get(name).and_then(|value| value.to_str().ok());
                text.and_then(|text| text.parse().ok()).unwrap_or(0)
            };
            sum.lines = sum.lines.saturating_add(count("entente-lines"));
            sum.matches = sum.matches.saturating_add(count("entente-matches"));
            sum.bad = sum.bad.saturating_add(count("entente-bad-lines"));
            let bad = reply.headers.get("entente-first-bad").and_then(|v| v.to_str().ok());
            sum.first_bad = sum.first_bad.take().or_else(|| bad.map(str::to_owned));
            if here.json {
                bytes(&reply.body)?;
            } else {
                bytes(text(&reply.body).as_bytes())?;
            }
        }
        Ok(())
    }
}

impl Sum {
    fn remark(&self) {
        let Self { lines, matches, bad, first_bad } = self;
        let mut text = format!("{lines} lines, {matches} matches");
        if *bad > 0 {
            let first = first_bad.as_deref().unwrap_or_default();
            text.push_str(&format!(", {bad} lines not readable as JSON (first: {first})"));
        }
        remark(&text);
    }
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
        text.push_str(&format!(
            "line {line}  {field}={value}  {indicator}  TLP:{tlp}  {circle}  {signer}{early}\n"
        ));
    }
    text
}
