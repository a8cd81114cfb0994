//! `entente publish`: files in, chunk by chunk, what is referred to before what refers to it. The
//! node decides on each object; here they are only put in order and counted.

use super::chunk::{Chunk, chunks};
use crate::command::check::read;
use crate::command::client::{Client, encoded, wait};
use crate::command::failure::{Ended, Failure, Outcome};
use crate::command::here::Here;
use crate::command::output::{json, line, plain, remark};
use crate::command::table::Table;
use crate::command::when::instant;
use crate::http::api::publish::{Format, ProblemView, Published};
use bytes::Bytes;
use clap::Args;
use http::Method;
use indicatif::{ProgressBar, ProgressStyle};
use model::label::Tlp;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Problems shown as text; JSON has all.
const SHOWN: usize = 20;

/// Publish files into a circle
#[derive(Args, Debug)]
pub(crate) struct Publish {
    /// STIX bundles, objects, NDJSON, or plain lists; - is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The circle that they are placed in
    #[arg(long, value_name = "NAME")]
    circle: String,
    /// Only these members; TLP:RED reaches nobody else
    #[arg(long, value_name = "PARTNER")]
    to: Vec<String>,
    /// At least this strict
    #[arg(long)]
    tlp: Option<Tlp>,
    /// Hops that relays may take
    #[arg(long, value_name = "N")]
    hops: Option<u8>,
    /// Not released before: a time, or a span such as 12h
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// The source is not to be named
    #[arg(long)]
    hide_source: bool,
    /// auto, stix, csv or list
    #[arg(long, default_value = "auto")]
    format: String,
    /// Say what would happen, and change nothing
    #[arg(long)]
    dry_run: bool,
}

impl Publish {
    pub(crate) fn run(self, here: &Here) -> Ended {
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
        if self.tlp == Some(Tlp::Red) && self.to.is_empty() {
            remark("note: TLP:RED reaches named nodes only, and --to names nobody");
        }
        // A name that was mistyped is told before anything is published.
        self.files.iter().try_for_each(|file| readable(file))?;
        let mut total = Published::default();
        for file in &self.files {
            let bytes = read(file)?;
            let format = Format::of(&self.format, &bytes)
                .map_err(|problem| Failure::from(problem.inside(&file.display().to_string())))?;
            let (chunks, problems) = chunks(&bytes, format)?;
            let whole =
                if self.files.len() > 1 { format!("{} ", file.display()) } else { String::new() };
            if chunks.is_empty() && problems.is_empty() {
                remark(&format!("note: there is nothing in {}", file.display()));
            }
            let refused = problems.iter().filter(|problem| problem.severity == "error").count();
            total.refused += u64::try_from(refused).unwrap_or(0);
            total.problems.extend(problems.into_iter().map(|problem| within(&whole, problem)));
            let bar = progress(&chunks);
            let path = format!("/api/v1/publish?format={}&{query}", format.name());
            for chunk in chunks {
                let body = Some(("application/octet-stream", Bytes::from(chunk.body.clone())));
                let reply = client.send(Method::POST, &path, body).await?;
                let part: Published = serde_json::from_slice(&reply.body)
                    .map_err(|error| Failure::input(format!("the node's answer: {error}")))?;
                bar.inc(u64::try_from(chunk.body.len()).unwrap_or(0));
                total.accepted += part.accepted;
                total.duplicate += part.duplicate;
                total.refused += part.refused;
                let problems = part.problems.into_iter().map(|problem| chunk.place(problem));
                total.problems.extend(problems.map(|problem| within(&whole, problem)));
                total.losses.extend(part.losses);
            }
            bar.finish_and_clear();
        }
        Ok(total)
    }

    fn query(&self) -> Result<String, Failure> {
        let mut query = format!("circle={}", encoded(&self.circle));
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
        let Published { accepted, duplicate, refused, problems, losses } = published;
        line(&format!(
            "{accepted} {would}accepted, {duplicate} already there, {refused} {would}refused"
        ))?;
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
        return Err(Failure::input(format!("{} is a folder", path.display()))
            .hint("name its files, for instance with a *"));
    }
    Ok(())
}

/// A bar on a terminal, nothing elsewhere.
fn progress(chunks: &[Chunk]) -> ProgressBar {
    let bytes: usize = chunks.iter().map(|chunk| chunk.body.len()).sum();
    let bar = ProgressBar::new(u64::try_from(bytes).unwrap_or(0));
    let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {eta}");
    style.map(|style| bar.set_style(style)).ok();
    bar
}
