//! `entente seen`: whether a value was seen in this node's own telemetry, before anybody looked for
//! it; partners are asked in `ask`. It reads no telemetry itself.

use super::ask::Ask;
use super::client::{Client, encoded, wait};
use super::failure::{Ended, Outcome};
use super::here::Here;
use super::output::{json, remark};
use super::table::Table;
use super::when::second;
use crate::http::api::seen::SeenView;
use clap::Args;

/// When and how often a value was seen, here or at partners
#[derive(Args, Debug)]
#[command(
    after_help = "A domain finds the names below it, a prefix its addresses, a URL\nitself with any \
    query. What is kept, and for how long, [lookback] says."
)]
pub(crate) struct Seen {
    /// Domain, address, prefix, URL, e-mail address or hash
    #[arg(required_unless_present_any = ["question", "rules", "asked"])]
    value: Vec<String>,
    /// What the values are: file-name, registry-key, mutex...
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Rules of which a value was seen: all, or this id's
    #[arg(long, value_name = "ID", num_args = 0..=1, default_missing_value = "")]
    #[arg(conflicts_with_all = ["value", "kind"])]
    rules: Option<String>,
    #[command(flatten)]
    ask: Ask,
}

impl Seen {
    pub(crate) fn run(self, here: &Here) -> Ended {
        let values = self.value;
        if self.ask.is_meant() {
            return self.ask.run((values, self.kind), here);
        }
        if let Some(rule) = &self.rules {
            return super::possible::print(here, Some(rule.as_str()).filter(|id| !id.is_empty()));
        }
        let kind = self.kind.map(|kind| format!("&kind={}", encoded(&kind))).unwrap_or_default();
        let told: Vec<SeenView> = wait(async {
            let mut client = Client::new(here)?;
            let mut told = Vec::with_capacity(values.len());
            for value in &values {
                let path = format!("/api/v1/seen?value={}{kind}", encoded(value));
                told.push(client.get(&path).await?);
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
