//! `entente seen --rules`: which rules may have matched before they came. It tries no rule.

use super::client::{Client, encoded, wait};
use super::failure::{Ended, Failure, Outcome};
use super::here::Here;
use super::output::{json, remark};
use super::table::Table;
use super::when::second;
use crate::http::api::possible::{PossibleView, RuleView};
use std::collections::BTreeSet;

/// Prints those that may have, of all rules or of one.
pub(super) fn print(here: &Here, only: Option<&str>) -> Ended {
    let (rules, unread) = wait(all(here, only))?;
    unread.iter().for_each(|problem| remark(&format!("note: not asked: {problem}")));
    if here.json {
        rules.iter().try_for_each(json)?;
        return Ok(Outcome::Done);
    }
    let mut table = Table::new(&["RULE", "CIRCLE", "VALUE", "SEEN", "FIRST", "LAST", "SOURCES"]);
    for rule in rules {
        for part in rule.seen {
            table.row([
                rule.rule.clone(),
                rule.circle.clone(),
                part.value,
                part.count.to_string(),
                second(&part.first),
                second(&part.last),
                part.sources.join(", "),
            ]);
        }
    }
    table.print("no value that a rule names was seen")?;
    remark("note: a value of a rule was seen: the rule itself was tried on none of these events");
    Ok(Outcome::Done)
}

/// Page by page.
async fn all(
    here: &Here,
    only: Option<&str>,
) -> Result<(Vec<RuleView>, BTreeSet<String>), Failure> {
    let (mut client, mut rules) = (Client::new(here)?, Vec::new());
    let (mut unread, mut after) = (BTreeSet::new(), 0);
    loop {
        let path = match only {
            Some(id) => format!("/api/v1/seen/possible?rule={}", encoded(id)),
            None => format!("/api/v1/seen/possible?after={after}"),
        };
        let page: PossibleView = client.get(&path).await?;
        rules.extend(page.rules);
        unread.extend(page.unread);
        match page.next {
            Some(next) => after = next,
            None => return Ok((rules, unread)),
        }
    }
}
