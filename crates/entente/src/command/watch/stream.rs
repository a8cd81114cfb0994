//! `entente watch`: telemetry to the running node, line by line, matches back. The events stay on
//! this machine.

use super::feed::Feed;
use super::follow::{Follower, Place};
use super::format::{EVTX, Format};
use super::progress::Progress;
use super::road::Road;
use crate::command::client::{Client, Reply, wait};
use crate::command::failure::{Ended, Exit, Failure, Outcome};
use crate::command::here::Here;
use crate::command::output::{bytes, plain, remark};
use crate::runtime::{now, random};
use clap::Args;
use serde::Deserialize;
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::task::JoinHandle;

/// Chunks on their way at once: while one is matched, another is read and a third is told.
const AT_ONCE: usize = 3;

/// Match telemetry against every indicator that this node holds
#[derive(Args, Debug)]
pub(crate) struct Watch {
    /// The file; - is standard input
    #[arg(value_name = "FILE|-")]
    file: PathBuf,
    /// How its lines are written
    ///
    /// auto: each line is read as what it looks like. Or eve, zeek, zeek-tsv, w3c, sysmon, ecs,
    /// ocsf, netflow, cef, leef, syslog, key-value, json, text. Files packed by gzip or zstd are
    /// unpacked; event logs of Windows (evtx) are known by their beginning.
    #[arg(long, default_value = "auto")]
    format: String,
    /// Matches as findings: ocsf, ecs, stix, cef, json
    #[arg(long = "as", value_name = "FORM")]
    wording: Option<String>,
    /// Keep reading while the file grows and is rotated
    #[arg(long)]
    follow: bool,
    /// Keep here how far the file was followed
    ///
    /// Without it the node's folder is the place; the next run goes on there.
    #[arg(long, value_name = "FILE", requires = "follow")]
    state: Option<PathBuf>,
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
    confidence: u8,
    before_valid_from: bool,
}

/// What has come of it so far.
#[derive(Debug, Default)]
struct Sum {
    lines: u64,
    matches: u64,
    bad: u64,
    first_bad: Option<String>,
    /// Bytes of lines too long that were passed over.
    passed: u64,
}

impl Watch {
    pub(crate) fn run(self, here: &Here) -> Ended {
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
            let first = sum.first_bad.as_deref().unwrap_or_default();
            return Err(Failure::input(format!("no line can be read ({first})"))
                .hint("without --format each line is read as what it is"));
        }
        Ok(if sum.matches > 0 { Outcome::Found } else { Outcome::Done })
    }

    /// Keeps a few pieces on their way at once, and tells what they gave in their order.
    async fn stream(&self, here: &Here, sum: &mut Sum) -> Result<(), Failure> {
        let format = Format::named(&self.format)?;
        if self.follow && self.format == EVTX {
            return Err(Failure::input("an EVTX file is written in parts and cannot be followed")
                .hint("let an agent on that machine send its events to /telemetry/"));
        }
        let (mut feed, mut progress) = self.open(here)?;
        let road = Arc::new(Road::new(here, (format.name(), self.wording.as_deref()), self.follow));
        let mut idle = Vec::new();
        while idle.len() < AT_ONCE {
            idle.push(road.client().await?);
        }
        let mut under_way: VecDeque<(Option<Place>, JoinHandle<Sent>)> = VecDeque::new();
        let (mut first, mut more) = (true, true);
        let mut fault = None;
        while more || !under_way.is_empty() {
            tokio::select! {
                done = front(&mut under_way), if !under_way.is_empty() => {
                    let place = under_way.pop_front().and_then(|(place, _)| place);
                    let (client, reply) = done?;
                    idle.push(client);
                    sum.add(&reply);
                    if here.json || self.wording.is_some() {
                        bytes(&reply.body)?;
                    } else {
                        bytes(text(&reply.body).as_bytes())?;
                    }
                    // What was told is done: told twice is better than never.
                    if let (Some(progress), Some(place)) = (&mut progress, place) {
                        progress.acknowledged(&place)?;
                    }
                }
                piece = feed.next(), if more && !idle.is_empty() => {
                    // What came before a fault is matched and told before the fault is.
                    let piece = piece.unwrap_or_else(|failure| {
                        fault = Some(failure);
                        None
                    });
                    let (Some(piece), Some(client)) = (piece, idle.pop()) else {
                        more = false;
                        continue;
                    };
                    sum.passed = sum.passed.saturating_add(piece.passed);
                    if first && let Some(found) = format.look(&piece.bytes)? && !here.json {
                        remark(&format!("this is {found}"));
                    }
                    first = false;
                    let place = piece.place;
                    if let (Some(progress), Some(place)) = (&mut progress, &place) {
                        progress.sending(place)?;
                    }
                    let sent = tokio::spawn(Arc::clone(&road).send(client, piece));
                    under_way.push_back((place, sent));
                }
            }
        }
        fault.map_or(Ok(()), Err)
    }

    /// What is read, and where it is kept how far.
    fn open(&self, here: &Here) -> Result<(Feed, Option<Progress>), Failure> {
        let regular = std::fs::metadata(&self.file).map_or(true, |data| data.is_file());
        if !self.follow || self.file == Path::new("-") || !regular {
            return Ok((Feed::open(&self.file)?, None));
        }
        let log = std::path::absolute(&self.file).map_err(|e| Failure::file(&self.file, &e))?;
        let progress = match &self.state {
            Some(path) => Some(Progress::open(path.clone(), &log)?),
            None => match here.folder().watching(&log) {
                Some(path) => Some(Progress::open(path, &log)?),
                None => None,
            },
        };
        let kept = progress.as_ref().map(Progress::kept).unwrap_or_default();
        let mut stamp = [0; 8];
        random(&mut stamp);
        let (follower, lost) = Follower::begin(log, &kept, u64::from_le_bytes(stamp), now());
        let shown = self.file.display();
        if lost {
            remark(&format!(
                "{shown} is another file than before: what was not read of the old one is gone"
            ));
        }
        if !self.file.exists() {
            remark(&format!("{shown} is not there yet; waiting"));
        }
        Ok((Feed::follow(&self.file, follower), progress))
    }
}

type Sent = Result<(Client, Reply), Failure>;

/// The oldest piece on its way; stays there until it has arrived.
async fn front(under_way: &mut VecDeque<(Option<Place>, JoinHandle<Sent>)>) -> Sent {
    match under_way.front_mut() {
        Some((_, oldest)) => {
            oldest.await.map_err(|error| Failure::new(Exit::Later, error.to_string()))?
        }
        None => std::future::pending().await,
    }
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
        let Self { lines, matches, bad, first_bad, passed } = self;
        let (lines, matches) = (counted(*lines, "line", "s"), counted(*matches, "match", "es"));
        let mut text = format!("{lines}, {matches}");
        if *bad > 0 {
            let bad = counted(*bad, "line", "s");
            let first = first_bad.as_deref().unwrap_or_default();
            write!(text, ", {bad} not readable (first: {first})").ok();
        }
        if *passed > 0 {
            let passed = counted(*passed, "byte", "s");
            write!(text, ", {passed} of lines too long passed over").ok();
        }
        remark(&text);
    }
}

/// A number and its noun.
fn counted(number: u64, noun: &str, plural: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { plural })
}

/// Matches as lines for people.
fn text(body: &[u8]) -> String {
    let mut text = String::new();
    for line in body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let Ok(shown) = serde_json::from_slice::<Shown>(line) else { continue };
        let Shown { indicator, circle, signer, field, value, .. } = shown;
        let Shown { line, tlp, confidence, before_valid_from, .. } = shown;
        let early = if before_valid_from { "  (before the indicator was valid)" } else { "" };
        let (value, field) = (plain(&value), plain(&field));
        let (circle, signer, tlp) = (plain(&circle), plain(&signer), tlp.to_uppercase());
        let told = writeln!(
            text,
            "line {line}  {field}={value}  {indicator}  TLP:{tlp}  confidence {confidence}  \
             {circle}  {signer}{early}"
        );
        told.ok();
    }
    text
}
