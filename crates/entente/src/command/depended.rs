//! `entente recalls --here`: what was recalled after it had matched in this node's own telemetry, so
//! that what was done about those matches can be undone. It undoes nothing.

use super::client::{Client, wait};
use super::failure::{Ended, Failure, Outcome};
use super::here::Here;
use super::output::{json, plain};
use super::table::Table;
use super::when::second;
use crate::http::api::depended::DependedView;

/// Prints all of it.
pub(super) fn print(here: &Here) -> Ended {
    let recalls = wait(all(here))?;
    let outcome = if recalls.is_empty() { Outcome::Done } else { Outcome::Found };
    if here.json {
        json(&recalls)?;
        return Ok(outcome);
    }
    let headings = ["RECALLED", "BY", "SINCE", "MATCHES", "FIRST", "LAST", "SOURCES", "WHY"];
    let mut table = Table::new(&headings);
    for one in recalls {
        let mut sources: Vec<&str> =
            one.findings.iter().map(|finding| finding.source.as_str()).collect();
        sources.sort_unstable();
        sources.dedup();
        table.row([
            one.id.clone(),
            one.by.clone(),
            second(&one.since),
            one.matches.to_string(),
            second(&one.first),
            second(&one.last),
            sources.join(", "),
            plain(&one.reason),
        ]);
    }
    table.print("nothing that was recalled had matched here")?;
    Ok(outcome)
}

/// Page by page, so that no answer of the node is large.
async fn all(here: &Here) -> Result<Vec<DependedView>, Failure> {
    let (mut client, mut recalls) = (Client::new(here)?, Vec::<DependedView>::new());
    loop {
        let after = recalls.last().map_or(0, |recall| recall.place);
        let path = format!("/api/v1/recalls/here?after={after}");
        let page: Vec<DependedView> = client.get(&path).await?;
        if page.is_empty() {
            return Ok(recalls);
        }
        recalls.extend(page);
    }
}
