//! `entente rebuild`: views dropped and filled from the log, while the node does not run.

use super::failure::{Ended, Failure, Outcome};
use super::here::Here;
use super::lock::Lock;
use super::output::{json, line};
use clap::Args;
use node::rebuild::{rebuild, views};
use serde::Serialize;

/// Drop views and fill them from the log; the node must not be running
#[derive(Args, Debug)]
pub(crate) struct Rebuild {
    /// The view; all of them when none is named
    view: Option<String>,
}

#[derive(Serialize)]
struct Rebuilt {
    view: String,
    entries: u64,
}

impl Rebuild {
    pub(crate) fn run(self, here: &Here) -> Ended {
        let folder = here.folder();
        folder.seed()?;
        let lock = Lock::take(&folder)?;
        let store = folder.open()?;
        let wanted = match self.view {
            Some(view) => vec![view],
            None => views().into_iter().map(str::to_owned).collect(),
        };
        let mut done = Vec::with_capacity(wanted.len());
        for view in wanted {
            let known = views().contains(&view.as_str());
            let (entries, _) = rebuild(&store, &view, &mut |_, _| {}).map_err(|error| {
                if known { error.into() } else { Failure::input(error.to_string()) }
            })?;
            if !here.json {
                line(&format!("{view}: {entries} entries"))?;
            }
            done.push(Rebuilt { view, entries });
        }
        store.close()?;
        drop(lock);
        if here.json {
            json(&done)?;
        }
        Ok(Outcome::Done)
    }
}
