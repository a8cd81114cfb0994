//! `entente seen VALUE --ask PARTNER`: whether partners saw a value. It asks, waits a while for the
//! answers, and prints what came; what comes later is read with `--question`.

use super::client::{Client, encoded};
use super::failure::{Ended, Failure, Outcome};
use super::here::Here;
use super::output::{json, remark};
use super::table::Table;
use super::when::{second, span};
use crate::http::api::questions::{
    AnswerView, AnswersView, AskedHereView, AskedView, AskingView, ToldView,
};
use clap::Args;
use serde::Serialize;
use std::time::Duration;

/// Between two looks for answers.
const LOOK: Duration = Duration::from_millis(300);

/// Whom to ask, and how long to wait.
#[derive(Args, Debug)]
pub(super) struct Ask {
    /// Ask these partners instead; each is told of itself alone
    #[arg(long, value_name = "PARTNER", value_delimiter = ',')]
    ask: Vec<String>,
    /// The circle to ask in, of those that are shared
    #[arg(long, value_name = "NAME", requires = "ask")]
    circle: Option<String>,
    /// Wait so long for answers
    #[arg(long, value_name = "SPAN", default_value = "20s")]
    wait: String,
    /// Read the answers to what was asked before
    #[arg(long, value_name = "ID", conflicts_with_all = ["ask", "value", "rules"])]
    question: Option<String>,
    /// What partners asked here in the last day, and were told
    #[arg(long, conflicts_with_all = ["ask", "value", "question", "rules"])]
    asked: bool,
}

/// What a partner said of one value, as a line of JSON.
#[derive(Debug, Serialize)]
struct AskedLine<'a> {
    partner: &'a str,
    #[serde(flatten)]
    told: &'a ToldView,
    question: &'a str,
}

impl Ask {
    /// Whether partners are asked, or were, or asked.
    pub(super) const fn is_meant(&self) -> bool {
        !self.ask.is_empty() || self.question.is_some() || self.asked
    }

    pub(super) fn run(self, (values, kind): (Vec<String>, Option<String>), here: &Here) -> Ended {
        if self.asked {
            return asked_here(here);
        }
        let wait = Duration::from_secs(span(&self.wait)?);
        let asking = AskingView { kind, values, partners: self.ask, circle: self.circle };
        let answers = super::client::wait(conversation((asking, self.question), wait, here))?;
        print(&answers, here)
    }
}

/// Asks, unless that was done before, and waits for the answers.
async fn conversation(
    (asking, before): (AskingView, Option<String>),
    wait: Duration,
    here: &Here,
) -> Result<AnswersView, Failure> {
    let mut client = Client::new(here)?;
    let id = match before {
        Some(id) => id,
        None => client.post::<AskedView>("/api/v1/seen/ask", &asking).await?.question,
    };
    let path = format!("/api/v1/seen/ask/{}", encoded(&id));
    let until = tokio::time::Instant::now() + wait;
    loop {
        let answers: AnswersView = client.get(&path).await?;
        let waits = answers.partners.iter().any(|one| !is_said(one));
        if !waits || tokio::time::Instant::now() >= until {
            return Ok(answers);
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn is_said(answer: &AnswerView) -> bool {
    matches!(answer.state.as_str(), "answered" | "refused")
}

fn print(answers: &AnswersView, here: &Here) -> Ended {
    let question = answers.question.as_str();
    let mut table = Table::new(&["PARTNER", "VALUE", "SEEN", "FIRST", "LAST"]);
    for AnswerView { partner, values, .. } in &answers.partners {
        for told in values {
            if here.json {
                json(&AskedLine { partner, told, question })?;
            }
            let day = |day: &Option<String>| day.clone().unwrap_or_else(|| "-".to_owned());
            let value = told.value.clone();
            table.row([partner.clone(), value, seen(told), day(&told.first), day(&told.last)]);
        }
    }
    if answers.partners.iter().any(|one| !is_said(one)) {
        remark(&format!("note: not all have answered; entente seen --question {question}"));
    }
    if !here.json {
        table.print("nobody was asked")?;
    }
    Ok(Outcome::Done)
}

/// What is said of a value, in a word.
fn seen(told: &ToldView) -> String {
    match (told.answer.as_str(), &told.band, told.count) {
        ("no", _, _) => "never".to_owned(),
        (_, Some(band), _) => band.clone(),
        (_, _, Some(count)) => count.to_string(),
        (answer, None, None) => answer.to_owned(),
    }
}

/// What partners asked here, and what they were told.
fn asked_here(here: &Here) -> Ended {
    let asked: Vec<AskedHereView> =
        super::client::wait(async { Client::new(here)?.get("/api/v1/seen/ask").await })?;
    if here.json {
        asked.iter().try_for_each(json)?;
        return Ok(Outcome::Done);
    }
    let mut table = Table::new(&["ASKED", "PARTNER", "VALUE", "TOLD"]);
    for one in asked {
        for told in &one.values {
            let (at, value) = (second(&one.asked), told.value.clone());
            table.row([at, one.partner.clone(), value, seen(told)]);
        }
    }
    table.print("nobody asked anything")?;
    Ok(Outcome::Done)
}
