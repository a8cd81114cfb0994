//! `entente withdraw`: one record is released to one partner no longer.

use super::client::{Client, wait};
use super::failure::{Ended, Outcome};
use super::here::Here;
use super::output::{json, line};
use crate::http::api::withdraw::{Withdrawing, WithdrawnView};
use clap::Args;

/// Release something to one partner no longer; it is erased there
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
}

impl Withdraw {
    pub(crate) fn run(self, here: &Here) -> Ended {
        let wanted = Withdrawing { id: self.id, from: self.from };
        let ask = async { Client::new(here)?.post("/api/v1/withdraw", &wanted).await };
        let done: WithdrawnView = wait(ask)?;
        if here.json {
            json(&done)?;
        } else if done.numbers == 0 {
            line(&format!("{} was withdrawn from {} before", done.id, done.from))?;
        } else {
            line(&format!("{} is withdrawn from {}", done.id, done.from))?;
        }
        Ok(Outcome::Done)
    }
}
