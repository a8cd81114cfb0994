//! `entente suppress` and `entente false-positive`: what a person silences here for a time, and what
//! a person tells the circle of an indicator.

use super::client::{Client, encoded, wait};
use super::failure::{Ended, Failure, Outcome};
use super::here::Here;
use super::output::{json, line};
use super::table::Table;
use super::when::{instant, second};
use crate::http::api::suppressions::{Disputing, DoneView, Suppressing, SuppressionView};
use clap::Args;
use http::Method;

/// Silence an indicator or a value here for a time
///
/// Without arguments shows what is silent. Matches are counted all the same, and no partner hears
/// of it; to tell the others, `entente false-positive`.
#[derive(Args, Debug)]
pub(crate) struct Suppress {
    /// The indicator's id, or a value
    #[arg(value_name = "ID|VALUE", requires = "reason", requires = "until")]
    what: Option<String>,
    /// Why, in one line
    #[arg(long, value_name = "TEXT", requires = "what")]
    reason: Option<String>,
    /// Until when: 2026-12-01, or a span such as 7d
    #[arg(long, value_name = "TIME", requires = "what")]
    until: Option<String>,
    /// In this circle alone
    #[arg(long, value_name = "NAME", requires = "what")]
    circle: Option<String>,
    /// Silence it no longer
    #[arg(long, value_name = "NUMBER", conflicts_with = "what")]
    remove: Option<i64>,
}

/// Tell the circle that an indicator is a false positive
///
/// A STIX opinion for who has the indicator. At each partner it halves what is left of the
/// indicator's confidence; taking it back is its signer's.
#[derive(Args, Debug)]
pub(crate) struct FalsePositive {
    /// The indicator's id
    id: String,
    /// Why, in one line
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

impl Suppress {
    pub(crate) fn run(self, here: &Here) -> Ended {
        let Self { what, reason, until, circle, remove } = self;
        if let Some(number) = remove {
            let path = format!("/api/v1/suppressions/{}", encoded(&number.to_string()));
            wait(async { Client::new(here)?.send(Method::DELETE, &path, None).await })?;
            return told(here, &DoneView { done: number.to_string() }, "is silent no longer");
        }
        let (Some(what), Some(reason), Some(until)) = (what, reason, until) else {
            return list(here);
        };
        let until = instant(&until)?.to_string();
        let wanted = Suppressing { what, circle, reason, until };
        let done: DoneView =
            wait(async { Client::new(here)?.post("/api/v1/suppressions", &wanted).await })?;
        told(here, &done, &format!("is silent until {}", second(&wanted.until)))
    }
}

impl FalsePositive {
    pub(crate) fn run(self, here: &Here) -> Ended {
        let wanted = Disputing { id: self.id, reason: self.reason };
        let done: DoneView =
            wait(async { Client::new(here)?.post("/api/v1/disputes", &wanted).await })?;
        told(here, &done, "is told to its circle as a false positive")
    }
}

fn told(here: &Here, done: &DoneView, what: &str) -> Ended {
    if here.json {
        json(done)?;
    } else {
        line(&format!("{} {what}", done.done))?;
    }
    Ok(Outcome::Done)
}

fn list(here: &Here) -> Result<Outcome, Failure> {
    let views: Vec<SuppressionView> =
        wait(async { Client::new(here)?.get("/api/v1/suppressions").await })?;
    if here.json {
        json(&views)?;
        return Ok(Outcome::Done);
    }
    let mut table = Table::new(&["NUMBER", "WHAT", "CIRCLE", "UNTIL", "WHO", "REASON"]);
    for one in views {
        let circle = one.circle.unwrap_or_else(|| "all".to_owned());
        table.row([one.id.to_string(), one.what, circle, second(&one.until), one.who, one.reason]);
    }
    table.print("nothing is silent")?;
    Ok(Outcome::Done)
}
