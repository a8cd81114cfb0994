//! A rule file as an indicator that carries it. The rule's text travels as its author wrote it; one
//! that is not read here is refused before it is sent.

use crate::runtime::now;
use detect::sigma::{SigmaRule, read};
use formats::problem::Problem;
use formats::stix::write::{NewRule, rule};
use model::time::Instant;
use node::seen::Day;
use std::path::Path;

/// Whether a file is a Sigma rule: by the format that was asked for, or by its name.
pub(super) fn is_rule(format: &str, file: &Path) -> bool {
    let yaml = file.extension().is_some_and(|ending| ending == "yml" || ending == "yaml");
    format == "sigma" || format == "auto" && yaml
}

/// The rule as the text of a STIX indicator.
pub(crate) fn indicator(bytes: &[u8]) -> Result<Vec<u8>, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Problem::error("E-SIGMA-001", format!("byte {} is not UTF-8", error.valid_up_to()))
    })?;
    let read = read(text).map_err(|error| {
        let place = format!("line {}, column {}", error.line, error.column);
        Problem::error(error.code, error.message.clone()).at(place).hint(error.hint())
    })?;
    Ok(wrapped(&read, text).into_bytes())
}

/// What keeps a rule that was read from ever finding anything.
pub(super) fn doubts(bytes: &[u8]) -> Vec<Problem> {
    let read = std::str::from_utf8(bytes).ok().and_then(|text| read(text).ok());
    let unknown = read.filter(|rule| !rule.source.is_known());
    let warning = |_| {
        let message = "no telemetry is known to come from this rule's logsource";
        Problem::warning("W-SIGMA-001", message)
            .at("logsource")
            .hint("with `rules.unrouted = true` it is tried on every event")
    };
    unknown.map(warning).into_iter().collect()
}

fn wrapped(read: &SigmaRule, text: &str) -> String {
    let about = &read.about;
    let day = |text: &Option<String>| text.as_deref().and_then(day);
    let created = day(&about.date).unwrap_or_else(now);
    let modified = day(&about.modified).unwrap_or(created);
    let level = about.level.as_ref().map(|level| format!("sigma.level.{level}"));
    let status = about.status.as_ref().map(|status| format!("sigma.status.{status}"));
    let labels = about.tags.iter().chain(&level).chain(&status).map(String::as_str);
    rule(&NewRule {
        key: about.id.as_deref().unwrap_or(text),
        name: &read.title,
        description: about.description.as_deref(),
        created,
        modified,
        labels: &labels.collect::<Vec<_>>(),
        language: "sigma",
        text,
    })
}

/// `2026-11-22` or `2026/11/22`, from its first instant.
fn day(text: &str) -> Option<Instant> {
    Day::parse(&text.trim().replace('/', "-")).map(Day::begins)
}
