//! `entente relabel`: our own record under another traffic light.

use super::asking::act;
use super::client::{Client, wait};
use super::failure::{Ended, Failure, Outcome};
use super::here::Here;
use super::output::{json, line};
use crate::http::api::relabel::{Relabelled, Relabelling};
use clap::Args;
use model::label::Tlp;

/// Give what this node signed a stricter or looser label
#[derive(Args, Debug)]
pub(crate) struct Relabel {
    /// Its id, such as indicator--…
    id: String,
    /// The new label
    #[arg(long, value_name = "T")]
    tlp: Tlp,
    /// Open what a freer label opens without being asked
    #[arg(long)]
    widen: bool,
}

impl Relabel {
    pub(crate) fn run(self, here: &Here) -> Ended {
        let Self { id, tlp, widen } = self;
        let wanted = Relabelling { id, tlp: tlp.to_string(), widen };
        let body =
            serde_json::to_value(&wanted).map_err(|error| Failure::input(error.to_string()))?;
        let ask = async { act(&mut Client::new(here)?, here, ("/api/v1/relabel", body)).await };
        let done: Relabelled = wait(ask)?;
        if here.json {
            json(&done)?;
        } else {
            line(&format!("{} is TLP:{} now", done.id, done.tlp.to_uppercase()))?;
        }
        Ok(Outcome::Done)
    }
}
