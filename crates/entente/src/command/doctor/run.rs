//! Looks at everything, with the running node or without one, and prints what was found.

use super::finding::Finding;
use super::{around, inside};
use crate::command::client::{Client, wait};
use crate::command::failure::{Ended, Exit, Failure, Outcome};
use crate::command::here::Here;
use crate::command::lock::Lock;
use crate::command::output::{json, line};
use crate::config::Folder;
use crate::http::api::cube::CellView;
use crate::http::api::partners::PartnerView;
use crate::http::api::rules::RulesView;
use crate::runtime::now;
use crate::settings::Settings;
use clap::Args;
use serde::Serialize;
use std::time::Duration;

/// How long erased bytes may be under way before it is said; a step takes milliseconds.
const PURGE_LOOKS: u32 = 30;
const PURGE_EVERY: Duration = Duration::from_millis(100);

/// Look at the node, running or not, and say what to do next
#[derive(Args, Debug)]
pub(crate) struct Doctor {}

#[derive(Serialize)]
struct Examined<'a> {
    ok: bool,
    running: bool,
    findings: &'a [Finding],
}

impl Doctor {
    pub(crate) fn run(self, here: &Here) -> Ended {
        if here.url.is_some() {
            return Err(Failure::input("doctor looks into the node's folder")
                .hint("run it on the node's own machine, with --data"));
        }
        let folder = here.folder();
        // Without a node there is nothing to look at, and the way to one is known.
        folder.seed()?;
        let running = matches!(Lock::take(&folder), Err(failure) if failure.exit == Exit::Later);
        let findings = examine(here, &folder, running);
        let outcome = if findings.is_empty() { Outcome::Done } else { Outcome::Found };
        if here.json {
            json(&Examined { ok: findings.is_empty(), running, findings: &findings })?;
            return Ok(outcome);
        }
        for finding in &findings {
            line(&finding.lines())?;
        }
        let state = if running { "The node is running" } else { "The node is not running" };
        match findings.len() {
            0 => line(&format!("{state}; nothing to complain about."))?,
            1 => line(&format!("{state}; 1 finding."))?,
            many => line(&format!("{state}; {many} findings."))?,
        }
        Ok(outcome)
    }
}

/// Everything there is to look at; the worst first.
fn examine(here: &Here, folder: &Folder, running: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    let settings = match here.settings() {
        Ok(effective) => effective.settings,
        Err(error) => {
            findings.push(around::settings(&error));
            Settings::default()
        }
    };
    let at = now();
    findings.extend(around::permissions(folder, &settings));
    findings.extend(around::certificate(&settings, at));
    findings.extend(around::authorities(&settings, at));
    findings.extend(around::disk(folder, &settings));
    findings.extend(around::wal(folder));
    findings.extend(around::seen(folder));
    findings.extend(around::clock());
    findings.extend(around::link_address(&settings));
    if !running && folder.addresses().exists() {
        let what = "run/addresses.json is left of a node that was killed or crashed";
        let next = format!("entente serve --data {}; its log says why", here.data.display());
        findings.push(Finding::warning("addresses", what).next(next));
    }
    findings.extend(around::files(folder));
    findings.extend(store(here, folder, (&settings, running)));
    if running && !folder.addresses().exists() {
        let what =
            "the node runs, and has no room on the disk to say where: commands do not find it";
        let next = "make room; until then --url names it, with a token in ENTENTE_TOKEN";
        findings.push(Finding::error("addresses", what).next(next));
    } else if running {
        let asked =
            wait(async { Client::new(here)?.get::<Vec<PartnerView>>("/api/v1/partners").await });
        match asked {
            Ok(partners) => {
                findings.extend(inside::links(&partners));
                let path = "/api/v1/cube?tripped=1";
                let told = wait(async { Client::new(here)?.get::<Vec<CellView>>(path).await });
                findings.extend(inside::tripped(&told.unwrap_or_default()));
                let path = "/api/v1/rules";
                let told = wait(async { Client::new(here)?.get::<RulesView>(path).await });
                findings.extend(inside::rules(&told.unwrap_or_default()));
            }
            // A token that is missing or unknown is told of among the files.
            Err(failure) if failure.exit == Exit::Configuration => {}
            Err(failure) => {
                let what = format!("the node runs and does not answer: {}", failure.message);
                let next = "look at its log; restart it if it says nothing";
                findings.push(Finding::error("serving", what).next(next));
            }
        }
    }
    findings.sort_by_key(|finding| finding.severity);
    findings
}

/// What the store tells.
fn store(here: &Here, folder: &Folder, (settings, running): (&Settings, bool)) -> Vec<Finding> {
    let verify = format!("entente verify {}", here.data.display());
    let broken = |error: String| vec![Finding::error("store", error).next(verify.clone())];
    let snapshots = match folder.snapshots() {
        Ok(snapshots) => snapshots,
        Err(error) => return broken(error.to_string()),
    };
    let read = snapshots.open().and_then(|mut open| open.read(|r| inside::kept(r, settings)));
    let kept = match read {
        Ok(kept) => kept,
        Err(error) => return broken(error.to_string()),
    };
    let mut findings = kept.findings(settings, now());
    let own = snapshots.open().and_then(|mut open| open.read(|r| super::keys::keys(folder, r)));
    findings.extend(own.unwrap_or_default());
    if kept.is_purging() {
        let still = |snapshots: &node::Snapshots| -> Result<bool, node::StoreError> {
            snapshots.open()?.read(inside::is_purging)
        };
        let over =
            running && wait(async { Ok(soon_over(|| still(&snapshots)).await) }).unwrap_or(false);
        if !over {
            let what = "what was erased is not gone from every file yet";
            let next = if running {
                "entente doctor, in a minute; restart the node if it says the same".to_owned()
            } else {
                format!("entente serve --data {}; it goes on with that", here.data.display())
            };
            findings.push(Finding::warning("purge", what).next(next));
        }
    }
    findings
}

/// Whether a purge that is under way ends while we look.
async fn soon_over(still: impl Fn() -> Result<bool, node::StoreError>) -> bool {
    for _ in 0..PURGE_LOOKS {
        if matches!(still(), Ok(false)) {
            return true;
        }
        tokio::time::sleep(PURGE_EVERY).await;
    }
    false
}
