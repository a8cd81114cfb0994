//! `/api/v1/retention`: what goes by its age, and with `count=1` how much of it is due now. It
//! erases nothing: the ticks of the node do.

use super::answer::{Answered, json};
use super::asked::{Asked, Pairs};
use crate::http::Administrator;
use crate::runtime::{Runtime, Unavailable, now};
use axum::extract::State;
use node::retention::{Rule, Rules, START, due};
use serde::{Deserialize, Serialize};

/// One rule.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct RuleView {
    /// Its key in the file of settings.
    pub(crate) rule: String,
    /// `None` keeps everything.
    pub(crate) days: Option<u32>,
    /// Entries that are due now; only when they were to be counted.
    pub(crate) due: Option<u64>,
}

pub(super) async fn get(
    State(runtime): State<Runtime>,
    _: Administrator,
    pairs: Pairs,
) -> Answered {
    let mut asked = Asked::of(pairs);
    let counts = asked.flag("count")?;
    asked.end()?;
    let rules = runtime.settings().retention.rules();
    let mut views = Vec::new();
    for rule in Rule::ALL {
        let due = if counts { Some(count(&runtime, rules, rule).await?) } else { None };
        views.push(RuleView { rule: rule.as_str().to_owned(), days: rules.days(rule), due });
    }
    Ok(json(&views))
}

/// Counts look by look, each over a snapshot of its own.
async fn count(runtime: &Runtime, rules: Rules, rule: Rule) -> Result<u64, Unavailable> {
    let (mut place, mut sum, at) = (Some(START), 0, now());
    while let Some(from) = place {
        let found = runtime.read(move |reading| due(reading, &rules, (rule, from), at)).await?;
        sum += found.entries.len() as u64;
        place = found.next;
    }
    Ok(sum)
}
