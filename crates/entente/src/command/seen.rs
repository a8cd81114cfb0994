//! `entente seen`: whether a value was seen in this node's own telemetry, before anybody looked for
//! it. It reads no telemetry itself.

use super::client::{Client, encoded, wait};
use super::failure::{Ended, Outcome};
use super::here::Here;
use super::output::{json, remark};
use super::table::Table;
use super::when::second;
use crate::http::api::seen::SeenView;
use clap::Args;

/// Whether a value was seen here, when and how often
#[derive(Args, Debug)]
#[command(
    after_help = "A domain finds the names below it, a prefix its addresses, a URL\nitself with any \
    query. What is kept, and for how long, [lookback] says."
)]
pub(crate) struct Seen {
    /// Domain, address, prefix, URL, e-mail address or hash
    #[arg(required = true)]
    value: Vec<String>,
}

impl Seen {
    pub(crate) fn run(self, here: &Here) -> Ended {
        let values = self.value;
        let told: Vec<SeenView> = wait(async {
            let mut client = Client::new(here)?;
            let mut told = Vec::with_capacity(values.len());
            for value in &values {
                told.push(client.get(&format!("/api/v1/seen?value={}", encoded(value))).await?);
            }
            Ok(told)
        })?;
        let unread = told.iter().flat_map(|view| &view.unread);
        unread.for_each(|problem| remark(&format!("note: not asked: {problem}")));
        if told.iter().any(|view| !view.keeps) {
            remark("note: nothing is kept from now on: lookback.keep is false");
        }
        if here.json {
            told.iter().try_for_each(json)?;
            return Ok(Outcome::Done);
        }
        let mut table = Table::new(&["VALUE", "SEEN", "FIRST", "LAST", "SOURCES"]);
        for view in told {
            let time = |at: Option<String>| at.map_or_else(|| "-".to_owned(), |at| second(&at));
            let seen = if view.count == 0 { "never".to_owned() } else { view.count.to_string() };
            let sources = view.sources.join(", ");
            table.row([view.value, seen, time(view.first), time(view.last), sources]);
        }
        table.print("nothing was asked")?;
        Ok(Outcome::Done)
    }
}
