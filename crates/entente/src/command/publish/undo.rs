//! `entente publish --undo`: taking back what waits in the outbox still, before anybody has it.

use crate::command::client::{Client, wait};
use crate::command::failure::{Ended, Outcome};
use crate::command::here::Here;
use crate::command::output::{json, line, plain};
use crate::http::api::outbox::{Undoing, Undone};

/// Takes back a thing that nobody was sent yet.
pub(super) fn undo(here: &Here, id: String, reason: Option<String>) -> Ended {
    let undoing = Undoing { id, reason };
    let ask = async { Client::new(here)?.post("/api/v1/publish/undo", &undoing).await };
    let done: Undone = wait(ask)?;
    if here.json {
        json(&done)?;
    } else {
        line(&format!("{} is taken back; nobody was sent it", plain(&done.id)))?;
    }
    Ok(Outcome::Done)
}
