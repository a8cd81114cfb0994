//! A match as a line, for who asked and for the journal at home. It sends nothing.

use super::judge::Told;
use super::look::{Found, Matches};
use super::sums::seq;
use super::worded::worded;
use model::id::{CircleId, Digest};
use model::label::Tlp;
use model::limits::OUTGOING_SHORT_TEXT_BYTES_MAX;
use model::seal::hmac;
use model::time::Instant;
use node::{Seq, Wording};
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
    /// What is left of the indicator's, 0 to 100.
    confidence: u8,
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
    confidence: u8,
    before_valid_from: bool,
    /// The event stays here, and so does what is too long of the value.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    short: bool,
    event: Event<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Event<'a> {
    Json(&'a RawValue),
    Text(std::borrow::Cow<'a, str>),
}

/// How a delivery is called, and when it came: the ids of its matches follow from that.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    /// What names it where it may come again.
    pub(crate) delivery: Option<Digest>,
    /// What its sender calls where it comes from.
    pub(crate) source: String,
    /// When.
    pub(crate) at: Instant,
}

impl Named {
    /// Nothing is known of it yet.
    pub(super) const fn at(at: Instant) -> Self {
        Self { delivery: None, source: String::new(), at }
    }
}

/// One match on its way into the journal.
pub(crate) struct AtHome<'m> {
    matches: &'m Matches,
    found: &'m Found,
    told: &'m Told,
    key: &'m [u8; 16],
}

impl AtHome<'_> {
    /// The indicator's place in the log.
    pub(crate) fn seq(&self) -> Seq {
        seq(&self.found.found)
    }

    /// The same line of a delivery that comes again has the same. Made only for what is written: most
    /// of a flood is not.
    pub(crate) fn id(&self) -> String {
        let Self { matches, found: Found { line, found, .. }, told, key } = self;
        let Named { delivery, at, .. } = &matches.named;
        let of = delivery.as_ref().map_or_else(|| at.to_string(), ToString::to_string);
        let head = format!("match {of} {line} {} {} ", told.record, found.field);
        let id = hmac(key.as_slice(), &[head.as_bytes(), found.value.as_bytes()]).to_string();
        id.chars().take(32).collect()
    }

    /// The indicator's circle.
    pub(crate) const fn circle(&self) -> CircleId {
        self.told.home
    }

    /// Whether the indicator is TLP:RED.
    pub(crate) fn is_red(&self) -> bool {
        self.told.tlp == Tlp::Red.as_str()
    }

    /// Bytes of its event.
    pub(crate) fn event_bytes(&self) -> usize {
        self.found.bytes.len()
    }

    /// It as a line, without its end.
    pub(crate) fn line(&self) -> Option<String> {
        let event = self.matches.event(self.found.bytes.clone());
        self.worded((&self.found.found.field, &self.found.found.value), (event, false))
    }

    /// The same where its event is too long for somebody: that is told by its length, and what was
    /// found in it by its beginning.
    pub(crate) fn line_without_event(&self) -> Option<String> {
        let bytes = self.event_bytes();
        let event = Event::Text(format!("{bytes} bytes, kept by the node").into());
        let found = &self.found.found;
        self.worded((beginning(&found.field), beginning(&found.value)), (event, true))
    }

    fn worded(
        &self,
        (field, value): (&str, &str),
        (event, short): (Event<'_>, bool),
    ) -> Option<String> {
        let Self { matches, found: Found { line, found, .. }, told, .. } = self;
        let Named { source, at: now, .. } = &matches.named;
        let twin = KeptTwin {
            id: &self.id(),
            kept: now.to_string(),
            indicator: &told.indicator,
            record: &told.record,
            tlp: told.tlp,
            circle: &told.circle,
            signer: &told.signer,
            field,
            role: found.role.name(),
            value,
            source,
            line: *line,
            at: found.at.map(|at| at.to_string()),
            confidence: told.confidence,
            before_valid_from: early(told, found.at),
            short,
            event,
        };
        serde_json::to_string(&twin).ok()
    }
}

/// As much of a text as a finding without its event has.
fn beginning(text: &str) -> &str {
    text.get(..text.floor_char_boundary(OUTGOING_SHORT_TEXT_BYTES_MAX)).unwrap_or(text)
}

fn early(told: &Told, at: Option<Instant>) -> bool {
    told.valid_from.zip(at).is_some_and(|(from, at)| at < from)
}

impl Matches {
    /// Every match that alerts, whether or not who brought it may see it, for this node's own
    /// people.
    pub(crate) fn at_home<'m>(&'m self, key: &'m [u8; 16]) -> impl Iterator<Item = AtHome<'m>> {
        let all = self.found.iter().chain(&self.untold);
        all.filter_map(move |found| self.home(key, found))
    }

    fn home<'m>(&'m self, key: &'m [u8; 16], found: &'m Found) -> Option<AtHome<'m>> {
        let told = self.told.get(&seq(&found.found))?;
        Some(AtHome { matches: self, found, told, key })
    }

    /// How the delivery is called.
    pub(crate) const fn named(&self) -> &Named {
        &self.named
    }

    /// The delivery is called so.
    pub(crate) fn name(&mut self, named: Named) {
        self.named = named;
    }

    /// Writes one match as a line in other words than ours; false when there are no more.
    pub(crate) fn write_worded(
        &self,
        index: usize,
        (wording, key): (Wording, &[u8; 16]),
        out: &mut Vec<u8>,
    ) -> bool {
        if wording == Wording::Json {
            return self.write(index, out);
        }
        let Some(found) = self.found.get(index) else { return false };
        let line = self.home(key, found).and_then(|found| found.line());
        if let Some(text) = line.and_then(|line| worded(&line, wording)) {
            out.extend_from_slice(text.as_bytes());
            out.push(b'\n');
        }
        true
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
            confidence: told.confidence_told,
            before_valid_from: early(told, found.at),
        };
        if serde_json::to_writer(&mut *out, &twin).is_ok() {
            out.push(b'\n');
        }
        true
    }
}
