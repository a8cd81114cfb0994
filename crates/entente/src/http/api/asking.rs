//! Acts that open something: what is foreseen is looked at over a snapshot, and where it is much the
//! answer is a question, which the caller says yes to by `"widen": true`. It decides nothing.

use super::answer::{Refusal, done};
use super::names::Names;
use crate::http::problem::problem_with;
use crate::runtime::{Runtime, now};
use formats::problem::{Problem, shown};
use http::StatusCode;
use node::command::{Act, Administer};
use node::read::{Change, Foreseen};
use node::token::Caller;
use node::{Answer, Command};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What an act would open and take away.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct ForeseenView {
    /// Records opened, summed over partners; those under embargo as well.
    pub(crate) gains: u64,
    /// Records taken away, summed over partners.
    pub(crate) loses: u64,
    /// There may be more than was counted.
    pub(crate) partial: bool,
    pub(crate) lines: Vec<ForeseenLineView>,
}

/// What it does to one partner in one circle and kind.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct ForeseenLineView {
    pub(crate) partner: String,
    pub(crate) circle: String,
    pub(crate) kind: String,
    pub(crate) gains: u64,
    pub(crate) loses: u64,
    /// Opened at the end of an embargo.
    pub(crate) later: u64,
    /// What decides now.
    pub(crate) before: String,
    /// What decides then.
    pub(crate) after: String,
}

/// What a person has said about an act beside what it is.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    pub(super) why: Option<String>,
    pub(super) widen: bool,
}

/// How many partners a question names.
const NAMED: usize = 3;

/// What a change would do, over one snapshot: the writer is not held up.
pub(super) async fn foreseen(runtime: &Runtime, change: Change) -> Result<Foreseen, Refusal> {
    let me = runtime.me().node();
    let read = runtime.read(move |reading| node::read::foresee(reading, me, &change, now()));
    Ok(read.await?)
}

/// The same for people and programs.
pub(super) async fn view(runtime: &Runtime, foreseen: Foreseen) -> Result<ForeseenView, Refusal> {
    let inside = runtime.clone();
    let names = runtime.read(move |reading| Names::load(reading, inside.me())).await?;
    let (gains, loses, partial) = (foreseen.gains(), foreseen.loses(), foreseen.partial);
    let lines = foreseen.lines.into_iter().map(|line| ForeseenLineView {
        partner: line.name,
        circle: names.circle(&line.circle),
        kind: line.kind.to_string(),
        gains: line.gains,
        loses: line.loses,
        later: line.later,
        before: line.before.sentence(),
        after: line.after.sentence(),
    });
    Ok(ForeseenView { gains, loses, partial, lines: lines.collect() })
}

/// Who does it, and what that person has agreed to.
pub(super) fn by(caller: &Caller, said: &Said) -> Act {
    let (who, why) = (caller.name.clone(), said.why.clone().unwrap_or_default());
    Act { who, why, widen: said.widen, ..Act::default() }
}

/// The writer's answer; its question becomes a refusal that says what to say yes to.
pub(super) async fn answered(runtime: &Runtime, act: Administer) -> Result<Answer, Refusal> {
    let answer = runtime.write(Command::Administer(act)).await?;
    if let Answer::Asks(foreseen) = answer {
        let view = view(runtime, foreseen).await?;
        return Err(question(&view));
    }
    done(answer)
}

/// What is asked before much is opened.
fn question(view: &ForeseenView) -> Refusal {
    let mut partners: BTreeMap<&str, u64> = BTreeMap::new();
    for line in view.lines.iter().filter(|line| line.gains > 0 || line.later > 0) {
        *partners.entry(&line.partner).or_default() += line.gains.saturating_add(line.later);
    }
    let named = partners.iter().take(NAMED);
    let named: Vec<String> =
        named.map(|(name, gains)| format!("{gains} to {}", shown(name))).collect();
    let more = if partners.len() > NAMED { ", and to others" } else { "" };
    let message = if named.is_empty() {
        "this makes a label freer; a person is asked first".to_owned()
    } else {
        format!("this opens records: {}{more}; a person is asked first", named.join(", "))
    };
    let problem = Problem::error("E-POLICY-004", message)
        .hint("if that is meant, say so: --widen, or \"widen\": true");
    let mut more = Map::new();
    // Numbers and texts always have a JSON form.
    more.insert("foreseen".to_owned(), serde_json::to_value(view).unwrap_or(Value::Null));
    Refusal::because(problem_with(StatusCode::CONFLICT, &problem, &more))
}
