//! The forms of telemetry that a person may name, and what a first line looks like. It reads no
//! line: the node does.

use crate::command::failure::Failure;
use detect::reading::Form;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// A form, as a person names it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Format {
    name: String,
    /// How its lines are read.
    pub(super) form: Form,
}

/// The members by which a form is known.
#[derive(Debug, Default, Deserialize)]
struct Known {
    event_type: Option<IgnoredAny>,
    timestamp: Option<IgnoredAny>,
    ts: Option<IgnoredAny>,
    uid: Option<IgnoredAny>,
    _path: Option<IgnoredAny>,
    #[serde(rename = "@timestamp")]
    at: Option<IgnoredAny>,
    ecs: Option<IgnoredAny>,
    class_uid: Option<IgnoredAny>,
}

impl Format {
    /// Reads a name.
    pub(super) fn named(name: &str) -> Result<Self, Failure> {
        // The node is given what stands in such a file, record by record.
        let wire = if name == EVTX { "json" } else { name };
        match Form::named(wire) {
            Some(form) => Ok(Self { name: wire.to_owned(), form }),
            None => Err(Failure::input(format!("`{name}` is no format of telemetry")).hint(
                "auto knows it by its lines; or json, zeek-tsv, syslog, cef, leef, evtx, text",
            )),
        }
    }

    /// Its name, for the node.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Looks at the beginning of what is to be matched: says what it is, or refuses what would pass
    /// without a match.
    pub(super) fn look(&self, start: &[u8]) -> Result<Option<&'static str>, Failure> {
        let line = start.trim_ascii_start().split(|byte| *byte == b'\n').next().unwrap_or_default();
        let found = known(line);
        match (self.name.as_str(), found) {
            ("auto", found) => Ok(found),
            ("eve", Some(EVE)) | ("zeek", Some(ZEEK)) => Ok(None),
            // A line that is cut or no JSON is told as such, later and with its number.
            ("eve" | "zeek", None) if serde_json::from_slice::<IgnoredAny>(line).is_err() => {
                Ok(None)
            }
            ("eve", _) => Err(other("Suricata's EVE", "`timestamp` and `event_type`", found)),
            ("zeek", _) => Err(other("Zeek's JSON", "`ts` and `uid` or `_path`", found)),
            _ => Ok(None),
        }
    }
}

/// Event logs of Windows, which are no lines until this command has read them.
pub(super) const EVTX: &str = "evtx";

const EVE: &str = "Suricata EVE";
const ZEEK: &str = "Zeek JSON";
const COLUMNS: &str = "a log with columns";

fn known(line: &[u8]) -> Option<&'static str> {
    if line.starts_with(b"#separator") || line.starts_with(b"#Fields:") {
        return Some(COLUMNS);
    }
    let known: Known = serde_json::from_slice(line).ok()?;
    if known.event_type.is_some() && known.timestamp.is_some() {
        Some(EVE)
    } else if known.ts.is_some() && (known.uid.is_some() || known._path.is_some()) {
        Some(ZEEK)
    } else if known.at.is_some() && known.ecs.is_some() {
        Some("Elastic ECS")
    } else if known.class_uid.is_some() {
        Some("OCSF")
    } else {
        None
    }
}

fn other(wanted: &str, members: &str, found: Option<&'static str>) -> Failure {
    let found = found.map(|found| format!("; it looks like {found}")).unwrap_or_default();
    Failure::input(format!("the first line is not {wanted}: {members} are missing{found}"))
        .hint("without --format each line is read as what it is")
}

#[cfg(test)]
mod tests;
