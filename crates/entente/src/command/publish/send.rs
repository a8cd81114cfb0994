//! `entente publish`: files in, chunk by chunk, what is referred to before what refers to it. The
//! node decides on each object; here they are only put in order and counted.

use super::chunk::{Chunk, chunks};
use super::reach;
use super::undo::undo;
use crate::command::check::read;
use crate::command::client::{Client, encoded, read as read_answer, wait};
use crate::command::failure::{Ended, Exit, Failure, Outcome};
use crate::command::here::Here;
use crate::command::output::{counted, json, line, plain, remark};
use crate::command::progress::{Progress, Unit};
use crate::command::rule_file;
use crate::command::table::Table;
use crate::command::when::instant;
use crate::http::api::publish::{Format, ProblemView, Published};
use bytes::Bytes;
use clap::Args;
use formats::problem::Problem;
use http::Method;
use model::label::Tlp;
use model::limits::HOPS_MAX;
use std::fmt::Write as _;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Problems shown as text; JSON has all.
const SHOWN: usize = 20;

/// Publish files into a circle
#[derive(Args, Debug)]
pub(crate) struct Publish {
    /// STIX bundles, objects, NDJSON, or plain lists; - is standard input
    #[arg(required_unless_present = "undo", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The circle that they are placed in
    #[arg(long, required_unless_present = "undo", value_name = "NAME")]
    circle: Option<String>,
    /// Only these members; TLP:RED reaches nobody else
    #[arg(long, value_name = "PARTNER")]
    to: Vec<String>,
    /// At least this strict
    #[arg(long)]
    tlp: Option<Tlp>,
    /// Hops that relays may take, 0 to 8
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(..=i64::from(HOPS_MAX)))]
    hops: Option<u8>,
    /// Not released before: a time, or a span such as 12h
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// The source is not to be named
    #[arg(long)]
    hide_source: bool,
    /// auto, stix, csv, list or sigma
    #[arg(long, default_value = "auto")]
    format: String,
    /// Say what would happen, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Take back what still waits in the outbox
    #[arg(long, value_name = "ID", conflicts_with_all = ["files", "circle", "dry_run"])]
    undo: Option<String>,
    /// Why it is taken back, in one line; kept with the act
    #[arg(long, value_name = "TEXT", requires = "undo")]
    reason: Option<String>,
}

impl Publish {
    pub(crate) fn run(mut self, here: &Here) -> Ended {
        if let Some(id) = self.undo.take() {
            return undo(here, id, self.reason.take());
        }
        let published = wait(self.send(here))?;
        let outcome = if published.refused == 0 { Outcome::Done } else { Outcome::Found };
        if here.json {
            json(&published)?;
        } else {
            self.print(&published)?;
        }
        Ok(outcome)
    }

    async fn send(&self, here: &Here) -> Result<Published, Failure> {
        let mut client = Client::new(here)?;
        let query = self.query()?;
        // A name that was mistyped is told before anything is published.
        self.files.iter().try_for_each(|file| readable(file))?;
        let mut total = Published::default();
        let sent = self.send_all(here, &mut client, &query, &mut total).await;
        match sent {
            Ok(()) if total.is_nothing() => Err(nothing(&self.files)),
            Ok(()) => Ok(total),
            Err(failure) if self.dry_run => Err(failure),
            Err(failure)
                if total.accepted + total.duplicate == 0 && failure.exit != Exit::Later =>
            {
                Err(failure)
            }
            Err(failure) => Err(unfinished(failure, &total)),
        }
    }

    /// Sends file after file, and sums up what was acknowledged.
    async fn send_all(
        &self,
        here: &Here,
        client: &mut Client,
        query: &str,
        total: &mut Published,
    ) -> Result<(), Failure> {
        for file in &self.files {
            let bytes = read(file)?;
            let inside =
                |problem: Problem| Failure::from(problem.inside(&file.display().to_string()));
            let (bytes, format) = if rule_file::is_rule(&self.format, file) {
                (rule_file::indicator(&bytes).map_err(inside)?, Format::Stix)
            } else {
                let format = Format::of(&self.format, &bytes).map_err(inside)?;
                (bytes, format)
            };
            let (chunks, problems) = chunks(&bytes, format).map_err(|failure| {
                let message = format!("{}: {}", file.display(), failure.message);
                Failure { message, ..failure }
            })?;
            let whole =
                if self.files.len() > 1 { format!("{} ", file.display()) } else { String::new() };
            let refused = problems.iter().filter(|problem| problem.severity == "error").count();
            total.refused += u64::try_from(refused).unwrap_or(0);
            total.problems.extend(problems.into_iter().map(|problem| within(&whole, problem)));
            let bar = progress(here, &chunks);
            let path = format!("/api/v1/publish?format={}&{query}", format.name());
            for chunk in chunks {
                let body = Some(("application/octet-stream", Bytes::from(chunk.body.clone())));
                let reply = client.send(Method::POST, &path, body).await?;
                let part: Published = read_answer(&reply.body)?;
                bar.advance(u64::try_from(chunk.body.len()).unwrap_or(0));
                total.add(part, |problem| within(&whole, chunk.place(problem)));
            }
        }
        Ok(())
    }

    fn query(&self) -> Result<String, Failure> {
        let mut query = format!("circle={}", encoded(self.circle.as_deref().unwrap_or_default()));
        let mut add = |name: &str, value: &str| {
            write!(query, "&{name}={}", encoded(value)).ok();
        };
        self.to.iter().for_each(|partner| add("to", partner));
        if let Some(tlp) = self.tlp {
            add("tlp", tlp.as_str());
        }
        if let Some(hops) = self.hops {
            add("hops", &hops.to_string());
        }
        if let Some(until) = &self.until {
            add("until", &instant(until)?.to_string());
        }
        if self.hide_source {
            add("hide_source", "1");
        }
        if self.dry_run {
            add("dry_run", "1");
        }
        Ok(query)
    }

    fn print(&self, published: &Published) -> Result<(), Failure> {
        let would = if self.dry_run { "would be " } else { "" };
        let Published { accepted, duplicate, refused, problems, losses, .. } = published;
        line(&format!(
            "{accepted} {would}accepted, {duplicate} already there, {refused} {would}refused"
        ))?;
        if let (Some(reaches), 1..) = (&published.reaches, accepted) {
            reach::print(reaches, published.withheld.as_deref().unwrap_or_default())?;
        }
        let labelled = self.tlp.is_some() || !self.to.is_empty() || self.until.is_some();
        if *duplicate > 0 && (labelled || self.hops.is_some() || self.hide_source) {
            remark("note: what is already there keeps its label; entente relabel changes it");
        }
        if self.tlp == Some(Tlp::Red) && self.to.is_empty() && *accepted > 0 {
            remark("note: TLP:RED reaches named nodes only, and --to names nobody");
        }
        if !problems.is_empty() {
            let mut table = Table::new(&["CODE", "WHERE", "WHAT", "ID"]);
            let mut hints: Vec<&str> = Vec::new();
            for problem in problems.iter().take(SHOWN) {
                let ProblemView { code, path, message, id, hint, .. } = problem;
                table.row([code.clone(), path.clone(), message.clone(), id.clone()]);
                if !hint.is_empty() && !hints.contains(&hint.as_str()) {
                    hints.push(hint);
                }
            }
            table.print("")?;
            hints.into_iter().for_each(|hint| remark(&format!("Hint: {}", plain(hint))));
        }
        if let Some(more) = problems.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            line(&format!("and {more} more; --json lists all"))?;
        }
        for loss in losses.iter().take(SHOWN) {
            line(&format!("lost at {}: {}", plain(&loss.path), plain(&loss.what)))?;
        }
        Ok(())
    }
}

/// Nothing was found to be published.
fn nothing(files: &[PathBuf]) -> Failure {
    let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    Failure::input(format!("there is nothing to publish in {}", names.join(", ")))
        .coded("E-FILE-002")
        .hint(
            "a file is empty, holds comments only, or has no STIX object; see `entente check FILE`",
        )
}

/// A failure half-way: what is on disk there already, and what to do about the rest.
fn unfinished(failure: Failure, total: &Published) -> Failure {
    let done = total.accepted + total.duplicate;
    let Failure { exit, code, message, hint, asks } = failure;
    let done = counted(
        done,
        "object was acknowledged before and is",
        "objects were acknowledged before and are",
    );
    let message = format!("{message}; {done} kept");
    let again = "run it again: what is there already is not added twice";
    let hint = if hint.is_empty() { again.to_owned() } else { format!("{hint}; then {again}") };
    Failure { exit, code, message, hint, asks }
}

/// The problem with its file's name, where there are several.
fn within(file: &str, mut problem: ProblemView) -> ProblemView {
    problem.path.insert_str(0, file);
    problem
}

/// That there is such a file, and that it is one.
fn readable(path: &Path) -> Result<(), Failure> {
    if path == Path::new("-") {
        return Ok(());
    }
    let opened = std::fs::File::open(path).map_err(|error| Failure::file(path, &error))?;
    if opened.metadata().is_ok_and(|found| found.is_dir()) {
        return Err(Failure::file(path, &ErrorKind::IsADirectory.into())
            .hint("name its files, for instance with a *"));
    }
    Ok(())
}

/// A bar over all that is sent.
fn progress(here: &Here, chunks: &[Chunk]) -> Progress {
    let bytes: usize = chunks.iter().map(|chunk| chunk.body.len()).sum();
    Progress::new(here, "publishing", Unit::Bytes, u64::try_from(bytes).ok())
}
