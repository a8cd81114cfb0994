//! `entente why`: why a value alerts here, or does not.

use super::client::{Client, encoded, wait};
use super::failure::{Ended, Outcome};
use super::here::Here;
use super::output::{json, line};
use super::table::Table;
use crate::known_good::WhyView;
use clap::Args;

/// Why a value alerts here, or does not
///
/// Names every indicator for it, and what silences it: a known-good list, a suppression, its age,
/// its end. Ends with 1 where it alerts.
#[derive(Args, Debug)]
pub(crate) struct Why {
    /// The value, such as a domain, an address, a URL, a hash
    value: String,
}

impl Why {
    pub(crate) fn run(self, here: &Here) -> Ended {
        let path = format!("/api/v1/why?value={}", encoded(&self.value));
        let view: WhyView = wait(async { Client::new(here)?.get(&path).await })?;
        let ended = if view.alerts { Outcome::Found } else { Outcome::Done };
        if here.json {
            json(&view)?;
            return Ok(ended);
        }
        for remark in &view.remarks {
            line(remark)?;
        }
        if view.indicators.is_empty() {
            return Ok(ended);
        }
        let mut table = Table::new(&["INDICATOR", "CIRCLE", "SIGNER", "CONFIDENCE", "WHY"]);
        for one in view.indicators {
            let says =
                if one.trips { format!("{}; it matches too much", one.says) } else { one.says };
            let confidence = one.confidence.to_string();
            table.row([one.indicator, one.circle, one.signer, confidence, says]);
        }
        table.print("")?;
        Ok(ended)
    }
}
