//! A match in the words of other tools, made of the line under which it is kept at home. It decides
//! nothing about who is told.

use detect::event::Role;
use detect::observable::{Observable, guess};
use formats::export::{Finding, FindingForm};
use model::facts::ValueKind;
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
    role: String,
    value: String,
    source: String,
    #[serde(default)]
    short: bool,
    #[serde(borrow)]
    event: &'l RawValue,
}

/// A kept line in other words; `None` when it cannot be read.
pub(crate) fn worded(line: &str, wording: Wording) -> Option<String> {
    if wording == Wording::Json {
        return Some(line.to_owned());
    }
    let line: Line<'_> = serde_json::from_str(line).ok()?;
    let observable = observable(&line);
    let finding = Finding {
        id: &line.id,
        at: line.at.as_ref().unwrap_or(&line.kept).parse().ok()?,
        indicator: &line.indicator,
        circle: &line.circle,
        signer: &line.signer,
        tlp: &line.tlp,
        field: &line.field,
        value: &line.value,
        kind: observable.as_ref().map(|one| one.kind),
        normal: observable.as_ref().map_or(&line.value, |one| &one.text),
        source: &line.source,
        event: line.event,
        short: line.short,
    };
    Some(match wording {
        Wording::Json => return None,
        Wording::Ocsf => finding.write(FindingForm::Ocsf),
        Wording::Ecs => finding.write(FindingForm::Ecs),
        Wording::Stix => finding.write(FindingForm::Stix),
        Wording::Cef => finding.cef(),
    })
}

/// What the value is: by what its field is for where that says more than its shape, and in normal
/// form. A URL without its scheme is told by its host.
fn observable(line: &Line<'_>) -> Option<Observable> {
    let as_it_is = |kind| Some(Observable { kind, text: line.value.clone() });
    match Role::named(&line.role) {
        Some(Role::File) if line.value.contains(['/', '\\']) => as_it_is(ValueKind::FilePath),
        Some(Role::File) => as_it_is(ValueKind::FileName),
        Some(Role::Registry) => as_it_is(ValueKind::RegistryKey),
        Some(Role::Account) => as_it_is(ValueKind::Account),
        // Digests and numbers of their own kinds, which look like those of files.
        Some(Role::Fingerprint | Role::Certificate | Role::UserAgent) => None,
        _ => {
            let mut guessed = guess(&line.value).into_iter();
            let first = guessed.next()?;
            if first.kind != ValueKind::Url {
                return Some(first);
            }
            let whole = line.value.contains("://");
            if whole { as_it_is(ValueKind::Url) } else { guessed.next() }
        }
    }
}

#[cfg(test)]
mod tests;
