//! `entente demo`: three nodes and a story, on this machine. What happens is in `demo`.

use super::client::wait;
use super::failure::{Ended, Exit, Failure, Outcome};
use super::here::Here;
use crate::demo::{DEFAULT_VALUE, Plan, Value, run};
use clap::Args;

/// Watch three partners share, on this machine, in a few seconds
#[derive(Args, Debug)]
pub(crate) struct Demo {
    /// What is published
    ///
    /// A domain, an IP address, a URL or a file hash.
    #[arg(long, value_name = "VALUE", default_value = DEFAULT_VALUE)]
    value: String,
    /// Leave out the line of telemetry that meets it
    #[arg(long)]
    no_telemetry: bool,
    /// Keep the nodes running, and show their tokens
    ///
    /// Until Ctrl-C; their addresses are shown, too.
    #[arg(long)]
    stay: bool,
}

impl Demo {
    pub(crate) fn run(self, here: &Here) -> Ended {
        let value: Value = self.value.parse()?;
        let plan = Plan { value, telemetry: !self.no_telemetry, stay: self.stay };
        let json = here.json;
        if wait(async move { Ok(run(&plan, json).await) })? {
            return Ok(Outcome::Done);
        }
        Err(Failure::new(Exit::Refused, "the story ended before its end"))
    }
}
