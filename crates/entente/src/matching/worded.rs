//! A match in the words of other tools, made of the line under which it is kept at home. It decides
//! nothing about who is told.

use detect::observable::guess;
use formats::export::{Finding, FindingForm};
use node::Wording;
use serde::Deserialize;
use serde_json::value::RawValue;

/// A kept line, as far as a finding tells it.
#[derive(Deserialize)]
struct Line<'l> {
    #[serde(rename = "match")]
    id: String,
    kept: String,
    at: Option<String>,
    indicator: String,
    circle: String,
    signer: String,
    tlp: String,
    field: String,
    value: String,
    source: String,
    #[serde(borrow)]
    event: &'l RawValue,
}

/// A kept line in other words; `None` when it cannot be read.
pub(crate) fn worded(line: &str, wording: Wording) -> Option<String> {
    if wording == Wording::Json {
        return Some(line.to_owned());
    }
    let line: Line<'_> = serde_json::from_str(line).ok()?;
    let finding = Finding {
        id: &line.id,
        at: line.at.as_ref().unwrap_or(&line.kept).parse().ok()?,
        indicator: &line.indicator,
        circle: &line.circle,
        signer: &line.signer,
        tlp: &line.tlp,
        field: &line.field,
        value: &line.value,
        kind: guess(&line.value).first().map(|guessed| guessed.kind),
        source: &line.source,
        event: line.event,
    };
    Some(match wording {
        Wording::Json => return None,
        Wording::Ocsf => finding.write(FindingForm::Ocsf),
        Wording::Ecs => finding.write(FindingForm::Ecs),
        Wording::Cef => finding.cef(),
    })
}
