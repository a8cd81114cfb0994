//! A match as a line, for who asked and for the journal at home. It sends nothing.

use super::judge::Told;
use super::look::{Found, Matches};
use super::sums::seq;
use model::id::Digest;
use model::seal::hmac;
use model::time::Instant;
use node::Seq;
use serde::Serialize;
use serde_json::value::RawValue;
use std::ops::Range;

/// A match on the wire.
#[derive(Serialize)]
struct Twin<'a> {
    indicator: &'a str,
    record: &'a str,
    circle: &'a str,
    signer: &'a str,
    field: &'a str,
    value: &'a str,
    event: Event<'a>,
    line: u64,
    tlp: &'static str,
    before_valid_from: bool,
}

/// A match as it is kept. What is searched by stands first, before any text of a stranger's.
#[derive(Serialize)]
struct KeptTwin<'a> {
    #[serde(rename = "match")]
    id: &'a str,
    kept: String,
    indicator: &'a str,
    record: &'a str,
    tlp: &'static str,
    circle: &'a str,
    signer: &'a str,
    field: &'a str,
    role: &'static str,
    value: &'a str,
    source: &'a str,
    line: u64,
    /// When it happened, by the event's own clock.
    at: Option<String>,
    before_valid_from: bool,
    event: Event<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Event<'a> {
    Json(&'a RawValue),
    Text(std::borrow::Cow<'a, str>),
}

/// One match on its way into the journal.
pub(crate) struct AtHome<'m> {
    matches: &'m Matches,
    found: &'m Found,
    told: &'m Told,
    id: String,
    now: Instant,
}

impl AtHome<'_> {
    /// The indicator's place in the log.
    pub(crate) fn seq(&self) -> Seq {
        seq(&self.found.found)
    }

    /// Writes it as a line of the journal.
    pub(crate) fn write(&self, source: &str, out: &mut Vec<u8>) {
        let Self { matches, found: Found { line, bytes, found }, told, id, now } = self;
        let twin = KeptTwin {
            id,
            kept: now.to_string(),
            indicator: &told.indicator,
            record: &told.record,
            tlp: told.tlp,
            circle: &told.circle,
            signer: &told.signer,
            field: &found.field,
            role: found.role.name(),
            value: &found.value,
            source,
            line: *line,
            at: found.at.map(|at| at.to_string()),
            before_valid_from: early(told, found.at),
            event: matches.event(bytes.clone()),
        };
        let Ok(text) = serde_json::to_string(&twin) else { return };
        out.extend_from_slice(format!("{} {text}\n", self.seq()).as_bytes());
    }
}

fn early(told: &Told, at: Option<Instant>) -> bool {
    told.valid_from.zip(at).is_some_and(|(from, at)| at < from)
}

impl Matches {
    /// Every match that alerts, whether or not who brought it may see it, for this node's own
    /// people. The same line of a delivery that comes again has the same id.
    pub(crate) fn at_home<'m>(
        &'m self,
        key: &'m [u8; 16],
        delivery: Option<&'m Digest>,
        now: Instant,
    ) -> impl Iterator<Item = AtHome<'m>> {
        self.found.iter().chain(&self.untold).filter_map(move |found| {
            let told = self.told.get(&seq(&found.found))?;
            let of = delivery.map_or_else(|| now.to_string(), ToString::to_string);
            let Found { line, found: what, .. } = found;
            let head = format!("match {of} {line} {} {} ", told.record, what.field);
            let id = hmac(key, &[head.as_bytes(), what.value.as_bytes()]).to_string();
            let id = id.chars().take(32).collect();
            Some(AtHome { matches: self, found, told, id, now })
        })
    }

    fn event(&self, bytes: Range<usize>) -> Event<'_> {
        let text = self.bytes.get(bytes).unwrap_or_default().trim_ascii();
        match serde_json::from_slice(text) {
            Ok(json) => Event::Json(json),
            Err(_) => Event::Text(String::from_utf8_lossy(text)),
        }
    }

    /// Writes one match as a line; false when there are no more.
    pub(crate) fn write(&self, index: usize, out: &mut Vec<u8>) -> bool {
        let Some(Found { line, bytes, found }) = self.found.get(index) else { return false };
        let Some(told) = self.told.get(&seq(found)) else { return true };
        let twin = Twin {
            indicator: &told.indicator,
            record: &told.record,
            circle: &told.circle,
            signer: &told.signer,
            field: &found.field,
            value: &found.value,
            event: self.event(bytes.clone()),
            line: *line,
            tlp: told.tlp,
            before_valid_from: early(told, found.at),
        };
        if serde_json::to_writer(&mut *out, &twin).is_ok() {
            out.push(b'\n');
        }
        true
    }
}
