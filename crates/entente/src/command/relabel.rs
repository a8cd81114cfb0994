//! `entente relabel`: our own record under another traffic light.

use super::client::{Client, wait};
use super::failure::{Ended, Outcome};
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
}

impl Relabel {
    pub(crate) fn run(self, here: &Here) -> Ended {
        let wanted = Relabelling { id: self.id, tlp: self.tlp.to_string() };
        let ask = async { Client::new(here)?.post("/api/v1/relabel", &wanted).await };
        let done: Relabelled = wait(ask)?;
        if here.json {
            json(&done)?;
        } else {
            line(&format!("{} is TLP:{} now", done.id, done.tlp.to_uppercase()))?;
        }
        Ok(Outcome::Done)
    }
}
