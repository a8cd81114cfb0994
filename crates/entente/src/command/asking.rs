//! Acts that the node asks a person about first: at a terminal the person sees what would be opened
//! and says yes or no; elsewhere `--widen` says yes. It decides nothing.

use super::client::Client;
use super::failure::{Exit, Failure};
use super::here::Here;
use super::output::{plain, remark};
use super::table::Table;
use crate::http::api::asking::ForeseenView;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::io::IsTerminal as _;

/// Lines of a question: what does not fit on a screen is not read.
const LINES: usize = 20;

/// Posts an act; where the node asks first, so is the person, and posts it again with the yes.
pub(super) async fn act<T: DeserializeOwned>(
    client: &mut Client,
    here: &Here,
    (path, mut body): (&str, Value),
) -> Result<T, Failure> {
    let failure = match client.post(path, &body).await {
        Ok(done) => return Ok(done),
        Err(failure) => failure,
    };
    let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let Some(foreseen) = failure.asks.as_deref().filter(|_| terminal && !here.json) else {
        return Err(failure);
    };
    remark(&failure.message);
    for line in foreseen.lines.iter().take(LINES) {
        let (partner, circle) = (plain(&line.partner), plain(&line.circle));
        let gains = line.gains.saturating_add(line.later);
        remark(&format!("  {partner} gains {gains} {} of {circle}", plain(&line.kind)));
    }
    remark("Do it? [y/N]");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(|error| Failure::input(error.to_string()))?;
    if !matches!(answer.trim(), "y" | "yes") {
        return Err(Failure::new(Exit::Refused, "nothing was done"));
    }
    if let Some(members) = body.as_object_mut() {
        members.insert("widen".to_owned(), Value::Bool(true));
    }
    client.post(path, &body).await
}

/// The reason of a change: as given, or asked for at a terminal; the node refuses when there is none.
pub(super) fn reason(given: Option<String>, here: &Here) -> Result<Option<String>, Failure> {
    let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    if given.is_some() || here.json || !terminal {
        return Ok(given);
    }
    remark("Why? (one line, kept with the change)");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(|error| Failure::input(error.to_string()))?;
    Ok(Some(line.trim().to_owned()))
}

/// What a change opens and takes away, as a table.
pub(super) fn print(foreseen: &ForeseenView) -> Result<(), Failure> {
    let mut table =
        Table::new(&["PARTNER", "CIRCLE", "KIND", "GAINS", "LOSES", "LATER", "NOW", "THEN"]);
    for line in foreseen.lines.clone() {
        let counts = [line.gains, line.loses, line.later].map(|count| match count {
            0 => "-".to_owned(),
            count => count.to_string(),
        });
        let [gains, loses, later] = counts;
        let (partner, circle, kind) = (line.partner, line.circle, line.kind);
        table.row([partner, circle, kind, gains, loses, later, line.before, line.after]);
    }
    table.print("nobody gains or loses anything by it")?;
    if foreseen.partial {
        remark("note: labels differ in too many ways; there may be more than was counted");
    }
    Ok(())
}
