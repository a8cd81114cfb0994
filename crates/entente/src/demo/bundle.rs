//! The story's own data: one value in five objects, and the line of telemetry that will meet it. It
//! sends nothing and knows no node.

use crate::runtime::random;
use formats::problem::Problem;
use formats::stix::{list, tlp_marking_id, write};
use model::facts::ValueKind;
use model::label::Tlp;
use model::time::Instant;
use serde_json::{Value as Json, json};

/// What is published when nothing else is asked for; `.example` belongs to nobody.
pub(crate) const DEFAULT_VALUE: &str = "ferry-tickets.example";
/// Bytes of a value that still fit a line of the terminal.
const VALUE_BYTES_MAX: usize = 200;

/// The value that the story is about.
#[derive(Clone, Debug)]
pub(crate) struct Value {
    kind: ValueKind,
    /// The value, as it is matched and told.
    pub(super) text: String,
}

impl std::str::FromStr for Value {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let refused = || {
            Problem::error("E-DEMO-001", "the demo needs one domain, IP address, URL or file hash")
                .hint("for instance `--value evil.example`")
        };
        if text.len() > VALUE_BYTES_MAX || text.chars().any(char::is_control) {
            return Err(refused());
        }
        let item = list::items(text.as_bytes()).next().and_then(Result::ok);
        let value = item.map(|item| Self { kind: item.kind, text: item.value });
        // A whole network would meet nothing in one line of telemetry.
        value.filter(|value| value.log().is_some() && !value.is_network()).ok_or_else(refused)
    }
}

impl Value {
    fn is_network(&self) -> bool {
        matches!(self.kind, ValueKind::Ipv4 | ValueKind::Ipv6) && self.text.contains('/')
    }

    /// Which of Beta's logs the value is met in, and under which field.
    fn log(&self) -> Option<(&'static str, &'static str)> {
        match self.kind {
            ValueKind::Domain => Some(("its DNS resolver", "query")),
            ValueKind::Ipv4 | ValueKind::Ipv6 => Some(("its firewall", "dest_ip")),
            ValueKind::Url => Some(("its web proxy", "url")),
            ValueKind::Md5 => Some(("its workstations", "md5")),
            ValueKind::Sha1 => Some(("its workstations", "sha1")),
            ValueKind::Sha256 => Some(("its workstations", "sha256")),
            ValueKind::Sha512 => Some(("its workstations", "sha512")),
            ValueKind::Email
            | ValueKind::OtherHash
            | ValueKind::FileName
            | ValueKind::Mutex
            | ValueKind::RegistryKey
            | ValueKind::Asn
            | ValueKind::Mac
            | ValueKind::Cve
            | ValueKind::Account
            | ValueKind::UserAgent
            | ValueKind::CertSerial
            | ValueKind::Ja3
            | ValueKind::Ja4
            | ValueKind::FilePath => None,
        }
    }

    /// Who at Beta writes the line.
    pub(super) fn logged_by(&self) -> &'static str {
        self.log().map_or("its sensors", |(who, _)| who)
    }

    /// One line of telemetry with the value in it.
    pub(super) fn event(&self) -> String {
        let field = self.log().map_or("value", |(_, field)| field);
        let value = Json::from(self.text.as_str());
        format!(r#"{{"src_ip":"10.20.30.40","{field}":{value}}}"#)
    }
}

/// What Alpha publishes for Beta's circle.
#[derive(Debug)]
pub(super) struct Bundle {
    /// The id of the indicator.
    pub(super) indicator: String,
    /// Ids and texts of those that Beta may have, in the order of the bundle.
    pub(super) released: Vec<(String, String)>,
    /// The id of the note that stays at Alpha; it goes before some that Beta gets.
    pub(super) note: String,
    /// The bundle.
    pub(super) json: String,
}

/// Writes the bundle: an indicator and its link to a malware take the circle's label, the malware
/// and the advice are GREEN, and the note is RED and names nobody.
pub(super) fn bundle(value: &Value, now: Instant) -> Bundle {
    let indicator = id("indicator");
    let malware = id("malware");
    let note = id("note");
    let pattern = write::pattern(value.kind, &value.text).unwrap_or_default();
    let objects = [
        (
            &indicator,
            None,
            json!({
                "name": "Where Paper Lantern calls home",
                "indicator_types": ["malicious-activity"],
                "pattern": pattern,
                "pattern_type": "stix",
                "valid_from": now.to_stix(),
                "confidence": 85,
            }),
        ),
        (
            &malware,
            Some(Tlp::Green),
            json!({
                "name": "Paper Lantern",
                "is_family": true,
                "malware_types": ["downloader"],
                "description": "Arrives as a ferry ticket, fetches the rest of itself at night.",
            }),
        ),
        (
            &note,
            Some(Tlp::Red),
            json!({
                "abstract": "For Alpha's eyes only",
                "content": "Our source sits in the ticket office and must not be named.",
                "object_refs": [indicator],
            }),
        ),
        (
            &id("relationship"),
            None,
            json!({
                "relationship_type": "indicates",
                "source_ref": indicator,
                "target_ref": malware,
            }),
        ),
        (
            &id("course-of-action"),
            Some(Tlp::Green),
            json!({
                "name": "Ask your resolver's logs of the last week",
                "description": "The first machine to ask is the one to look at.",
            }),
        ),
    ]
    .map(|(id, tlp, content)| (id.clone(), object(id, now, tlp, content)));
    let json = enclose(objects.iter().map(|(_, text)| text.as_str()));
    let released = objects.into_iter().filter(|(id, _)| *id != note).collect();
    Bundle { indicator, released, note, json }
}

/// The one object that Alpha publishes for the outsider's circle: its id, and a bundle of it.
pub(super) fn letter(now: Instant) -> (String, String) {
    let id = id("course-of-action");
    let content = json!({ "name": "Suppliers: renew your certificates before Friday" });
    let text = object(&id, now, None, content);
    (id, enclose([text.as_str()].into_iter()))
}

/// The text of one object: what all have in common, its marking, its content.
fn object(id: &str, now: Instant, tlp: Option<Tlp>, content: Json) -> String {
    let kind = id.split("--").next().unwrap_or_default();
    let at = now.to_stix();
    let head = json!({
        "type": kind, "spec_version": "2.1", "id": id, "created": at, "modified": at,
    });
    let marking = tlp.map(|tlp| json!({ "object_marking_refs": [tlp_marking_id(tlp)] }));
    let parts = [Some(head), marking, Some(content)].into_iter().flatten();
    let members = parts.filter_map(|part| match part {
        Json::Object(members) => Some(members),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_) => None,
    });
    Json::Object(members.flatten().collect()).to_string()
}

fn enclose<'a>(objects: impl Iterator<Item = &'a str>) -> String {
    let objects: Vec<_> = objects.collect();
    format!(r#"{{"type":"bundle","id":"{}","objects":[{}]}}"#, id("bundle"), objects.join(","))
}

fn id(kind: &str) -> String {
    let mut bytes = [0; 16];
    random(&mut bytes);
    format!("{kind}--{}", uuid::Builder::from_random_bytes(bytes).into_uuid())
}

#[cfg(test)]
mod tests;
