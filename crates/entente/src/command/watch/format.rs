//! Which forms of telemetry are read, and what a first line looks like. Every form is JSON, one
//! event a line: the fields are known by their usual names, so nothing is converted.

use crate::command::failure::{Exit, Failure};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// A form, as a person names it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Format {
    Auto,
    Json,
    Eve,
    Zeek,
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
        match name {
            "auto" => Ok(Self::Auto),
            "json" => Ok(Self::Json),
            "eve" => Ok(Self::Eve),
            "zeek" => Ok(Self::Zeek),
            "zeek-tsv" | "sysmon" | "ecs" | "ocsf" | "cef" | "syslog" | "text" => {
                Err(later(&format!("the format `{name}` is")))
            }
            other => Err(Failure::input(format!("`{other}` is no format of telemetry"))
                .hint("auto, json, eve or zeek")),
        }
    }

    /// Looks at the beginning of what is to be matched: says what it is, or refuses what would pass
    /// without a match.
    pub(super) fn look(self, start: &[u8]) -> Result<Option<&'static str>, Failure> {
        let line = start.trim_ascii_start().split(|byte| *byte == b'\n').next().unwrap_or_default();
        if line.starts_with(b"#separator") || line.starts_with(b"#fields") {
            return Err(later("Zeek's tab-separated form is"));
        }
        let found = known(line);
        match (self, found) {
            (Self::Auto, found) => Ok(found),
            (Self::Json, _) | (Self::Eve, Some(EVE)) | (Self::Zeek, Some(ZEEK)) => Ok(None),
            // A line that is cut or no JSON is told as such, later and with its number.
            (Self::Eve | Self::Zeek, _) if serde_json::from_slice::<IgnoredAny>(line).is_err() => {
                Ok(None)
            }
            (Self::Eve, _) => Err(other("Suricata's EVE", "`timestamp` and `event_type`", found)),
            (Self::Zeek, _) => Err(other("Zeek's JSON", "`ts` and `uid` or `_path`", found)),
        }
    }
}

const EVE: &str = "Suricata EVE";
const ZEEK: &str = "Zeek JSON";

fn known(line: &[u8]) -> Option<&'static str> {
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
        .hint("without --format any JSON is matched")
}

/// What another version will read.
pub(super) fn later(what: &str) -> Failure {
    Failure::new(Exit::Input, format!("{what} not yet supported"))
        .hint("JSON lines are: Suricata's eve.json, Zeek with `LogAscii::use_json=T`, or any other")
}

#[cfg(test)]
mod tests;
