//! `entente matches`: what matched in this node's own telemetry, with the raw events. It matches
//! nothing itself.

use super::client::{Client, encoded, wait};
use super::failure::{Ended, Failure, Outcome};
use super::here::Here;
use super::output::bytes;
use super::table::Table;
use super::when::second;
use clap::Args;
use http::Method;
use serde::Deserialize;

/// What matched here, newest first; --json gives the raw events
#[derive(Args, Debug)]
pub(crate) struct MatchesKept {
    /// Only matches of this indicator
    id: Option<String>,
    /// Only what matched since this time
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// At most so many (1000 at once)
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: usize,
    /// As findings of other tools: ocsf, ecs, stix or cef
    #[arg(long = "as", value_name = "FORM")]
    form: Option<String>,
}

/// A match, as far as people read it in a table.
#[derive(Deserialize)]
struct Line {
    kept: String,
    circle: String,
    indicator: String,
    field: String,
    value: String,
    source: String,
}

impl MatchesKept {
    pub(crate) fn run(self, here: &Here) -> Ended {
        let mut path = format!("/api/v1/matches?limit={}", self.limit);
        for (name, value) in [("indicator", &self.id), ("since", &self.since), ("as", &self.form)] {
            value.iter().for_each(|value| path.extend(["&", name, "=", &encoded(value)]));
        }
        let reply = wait(async { Client::new(here)?.send(Method::GET, &path, None).await })?;
        if here.json || self.form.is_some() {
            bytes(&reply.body)?;
            return Ok(Outcome::Done);
        }
        let mut table = Table::new(&["KEPT", "CIRCLE", "VALUE", "FIELD", "SOURCE", "INDICATOR"]);
        for line in reply.body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let line: Line = serde_json::from_slice(line)
                .map_err(|error| Failure::input(format!("the node's answer: {error}")))?;
            let Line { kept, circle, indicator, field, value, source } = line;
            table.row([second(&kept), circle, value, field, source, indicator]);
        }
        table.print("nothing has matched")?;
        Ok(Outcome::Done)
    }
}
