//! `entente withdraw`: one record is released to one partner no longer, or again after all.

use super::asking::act;
use super::client::{Client, wait};
use super::failure::{Ended, Failure, Outcome};
use super::here::Here;
use super::output::{json, line};
use crate::http::api::withdraw::{Withdrawing, WithdrawnView};
use clap::Args;

/// Release to one partner no longer; it is erased there
///
/// It erases what it has from this node alone; a copy that another gave it stays. To take back
/// everywhere what this node signed, `entente recall`.
#[derive(Args, Debug)]
pub(crate) struct Withdraw {
    /// Its id, such as indicator--…
    id: String,
    /// The partner's name or node id
    #[arg(long, value_name = "PARTNER")]
    from: String,
    /// Lift it: it may be sent there again
    #[arg(long)]
    undo: bool,
    /// Give it again without being asked
    #[arg(long, requires = "undo")]
    widen: bool,
}

impl Withdraw {
    pub(crate) fn run(self, here: &Here) -> Ended {
        let Self { id, from, undo, widen } = self;
        let wanted = Withdrawing { id, from, undo, widen };
        let body =
            serde_json::to_value(&wanted).map_err(|error| Failure::input(error.to_string()))?;
        let ask = async { act(&mut Client::new(here)?, here, ("/api/v1/withdraw", body)).await };
        let done: WithdrawnView = wait(ask)?;
        let WithdrawnView { id, from, numbers, .. } = &done;
        if here.json {
            json(&done)?;
        } else if undo {
            line(&format!("{id} may be sent to {from} again"))?;
        } else if *numbers == 0 {
            line(&format!("{id} was withdrawn from {from} before"))?;
        } else {
            line(&format!("{id} is withdrawn from {from}"))?;
        }
        Ok(Outcome::Done)
    }
}
