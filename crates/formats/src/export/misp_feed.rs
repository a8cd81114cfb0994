//! A feed as MISP pulls it: a folder with a list of events, the events themselves, one for each day
//! on which indicators began, and a list of digests by which values are looked up. It fetches
//! nothing, and gives out no numbers: where a time of change belongs, it leaves room ([`Unstamped`]).
//!
//! Ids follow from the circle, the node and the day, so that the same event has the same id for ever.

use super::line::{About, Line, is_plain};
use super::md5::md5;
use model::facts::ValueKind;
use model::id::Digest;
use model::label::{Pap, Tlp};
use model::limits::{FEED_DAYS_MAX, FEED_FIRST_DAY};
use model::seal::sha256;
use model::time::Instant;
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use uuid::Uuid;

/// Which of a folder's files.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum MispFile {
    /// The list of events.
    Manifest,
    /// The digests of all values.
    Hashes,
    /// One event.
    Event(Uuid),
}

/// A file with room for numbers that say when something in it changed last.
#[derive(Debug, Default)]
pub struct Unstamped {
    bytes: Vec<u8>,
    stamps: Vec<Stamp>,
}

/// Something that is numbered whenever it changes.
#[derive(Debug)]
pub struct Stamp {
    /// What it is called in its feed.
    pub name: String,
    /// What it says.
    pub says: Digest,
    places: Vec<usize>,
}

/// Ten digits: every second from 2001 to 2286.
const ROOM: &[u8; 10] = b"1000000000";

impl Unstamped {
    /// A file without any.
    #[must_use]
    pub const fn whole(bytes: Vec<u8>) -> Self {
        Self { bytes, stamps: Vec::new() }
    }

    /// What wants a number.
    #[must_use]
    pub fn stamps(&self) -> &[Stamp] {
        &self.stamps
    }

    /// The file under these numbers, in the order of its stamps.
    #[must_use]
    pub fn stamped(mut self, numbers: &[u32]) -> Vec<u8> {
        for (stamp, number) in self.stamps.iter().zip(numbers) {
            let digits = format!("{:010}", (*number).max(1_000_000_000));
            for place in &stamp.places {
                let room = self.bytes.get_mut(*place..).and_then(|rest| rest.get_mut(..ROOM.len()));
                room.into_iter().for_each(|room| room.copy_from_slice(digits.as_bytes()));
            }
        }
        self.bytes
    }

    fn stamp(&mut self, name: &str, says: Digest) {
        self.stamps.push(Stamp { name: name.to_owned(), says, places: Vec::new() });
    }

    fn room(&mut self) {
        let place = self.bytes.len();
        if let Some(stamp) = self.stamps.last_mut() {
            stamp.places.push(place);
        }
        self.bytes.extend_from_slice(ROOM);
    }

    fn text(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }
}

/// The day that an indicator is told of under: days since 1970. Everything before the first day that
/// is an event of its own is of day 0: whoever writes down many old days makes no list too long.
pub(super) fn misp_day(since: Option<Instant>) -> i64 {
    let day = since.map_or(0, |since| since.micros().div_euclid(DAY_MICROS));
    if day < FEED_FIRST_DAY { 0 } else { day }
}

/// The day that an event of this id is of, up to and with a last one.
#[must_use]
pub fn misp_day_of(event: Uuid, publisher: Uuid, last: i64) -> Option<i64> {
    (0..=last).rev().find(|day| event_id(publisher, *day) == event)
}

/// When a day begins and when it ends; day 0 has all days before the first that is an event of its own.
#[must_use]
pub const fn misp_span(day: i64) -> (Instant, Instant) {
    let last = if day == 0 { FEED_FIRST_DAY } else { day.saturating_add(1) };
    let (begins, ends) = (day.saturating_mul(DAY_MICROS), last.saturating_mul(DAY_MICROS));
    (Instant::from_micros(begins), Instant::from_micros(ends))
}

const DAY_MICROS: i64 = 86_400_000_000;

fn event_id(publisher: Uuid, day: i64) -> Uuid {
    Uuid::new_v5(&publisher, format!("entente/misp/1 {day}").as_bytes())
}

/// What is said of a day.
#[derive(Debug)]
struct Day {
    event: Uuid,
    says: Digest,
    tlp: Tlp,
    pap: Option<Pap>,
}

#[derive(Debug)]
pub(super) struct Misp {
    file: MispFile,
    publisher: Uuid,
    days: BTreeMap<i64, Day>,
    hashes: Vec<([u8; 16], i64)>,
    attributes: Vec<u8>,
    /// What an event holds already: MISP refuses a value twice.
    held: HashSet<Digest>,
}

impl Misp {
    pub(super) fn new(file: MispFile, publisher: Uuid) -> Self {
        let (days, hashes, attributes) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self { file, publisher, days, hashes, attributes, held: HashSet::new() }
    }

    pub(super) fn push(&mut self, line: &Line<'_>) {
        let Some((kind, category, ids)) = kind(line.kind) else { return };
        if !is_plain(line.value) {
            return;
        }
        let day = misp_day(line.since);
        if self.file == MispFile::Hashes {
            self.hashes.push((md5(line.value.as_bytes()), day));
            return;
        }
        let new = || Day {
            event: event_id(self.publisher, day),
            says: sha256(&[b"entente/misp/1"]),
            tlp: line.tlp,
            pap: line.pap,
        };
        let told = self.days.entry(day).or_insert_with(new);
        told.says = says(&told.says, line);
        (told.tlp, told.pap) = (told.tlp.max(line.tlp), told.pap.max(line.pap));
        let event = told.event;
        if self.file == MispFile::Event(event)
            && self.held.insert(sha256(&[kind.as_bytes(), b" ", line.value.as_bytes()]))
        {
            self.attribute(event, (kind, category, ids), line);
        }
    }

    fn attribute(
        &mut self,
        event: Uuid,
        (kind, category, ids): (&str, &str, bool),
        line: &Line<'_>,
    ) {
        let named = format!("indicator--{} {kind} {}", line.id, line.value);
        let signer = if is_plain(line.signer) { line.signer } else { "" };
        let attribute = Attribute {
            uuid: Uuid::new_v5(&event, named.as_bytes()).to_string(),
            kind,
            category,
            value: line.value,
            to_ids: ids && line.pap.is_none_or(|pap| pap <= Pap::Green),
            comment: &format!("indicator--{} of {signer}", line.id),
            // SPEC: MISP core format: seconds, as a string.
            timestamp: &line.since.map_or(0, |at| at.micros().div_euclid(1_000_000)).to_string(),
            distribution: "5",
            deleted: false,
            tags: &tags(line.tlp, line.pap),
        };
        if !self.attributes.is_empty() {
            self.attributes.extend_from_slice(b",\n");
        }
        self.attributes.extend(serde_json::to_vec(&attribute).unwrap_or_default());
    }

    pub(super) fn bytes(&self) -> usize {
        self.attributes
            .len()
            .saturating_add(self.hashes.len().saturating_mul(HASH_LINE_BYTES))
            .saturating_add(self.days.len().saturating_mul(EVENT_BYTES))
    }

    /// Whether there are more days than a list of events can hold.
    pub(super) fn is_too_long(&self) -> bool {
        self.days.len() > FEED_DAYS_MAX
    }

    /// The file; nothing where it is an event that this feed does not have.
    pub(super) fn finish(self, about: &About<'_>) -> Option<Unstamped> {
        match self.file {
            MispFile::Manifest => Some(self.manifest(about)),
            MispFile::Hashes => Some(self.hashes()),
            MispFile::Event(event) => self.event(event, about),
        }
    }

    fn manifest(self, about: &About<'_>) -> Unstamped {
        let mut out = Unstamped::default();
        out.text("{");
        for (n, (day, told)) in self.days.iter().enumerate() {
            out.text(if n == 0 { "\n" } else { ",\n" });
            let head = Head::of(*day, told, about);
            out.stamp(&day.to_string(), said(&head, told));
            let Head { organisation, tags, info, date, .. } = &head;
            let event = told.event;
            // In this list the numbers are numbers, in an event they are strings.
            out.text(&format!(
                "\"{event}\":{{\"Orgc\":{organisation},\"Tag\":{tags},\"info\":{info},\
                 \"date\":\"{date}\",\"analysis\":2,\"threat_level_id\":4,\"timestamp\":"
            ));
            out.room();
            out.text("}");
        }
        out.text("\n}\n");
        out
    }

    fn hashes(mut self) -> Unstamped {
        self.hashes.sort_unstable();
        self.hashes.dedup();
        let mut ids: BTreeMap<i64, Uuid> = BTreeMap::new();
        let mut text = String::with_capacity(self.hashes.len().saturating_mul(HASH_LINE_BYTES));
        for (digest, day) in &self.hashes {
            for byte in digest {
                write!(text, "{byte:02x}").ok();
            }
            let event = ids.entry(*day).or_insert_with(|| event_id(self.publisher, *day));
            writeln!(text, ",{event}").ok();
        }
        Unstamped::whole(text.into_bytes())
    }

    fn event(self, event: Uuid, about: &About<'_>) -> Option<Unstamped> {
        let found = self.days.iter().find(|(_, told)| told.event == event);
        let (day, told) = found?;
        let head = Head::of(*day, told, about);
        let mut out = Unstamped::default();
        out.stamp(&day.to_string(), said(&head, told));
        let Head { organisation, tags, info, date } = &head;
        out.text(&format!(
            "{{\"Event\":{{\"uuid\":\"{event}\",\"info\":{info},\"date\":\"{date}\",\
             \"analysis\":\"2\",\"threat_level_id\":\"4\",\"extends_uuid\":\"\",\
             \"published\":true,\"publish_timestamp\":\""
        ));
        out.room();
        out.text("\",\"timestamp\":\"");
        out.room();
        out.text(&format!("\",\n\"Orgc\":{organisation},\"Tag\":{tags},\"Attribute\":[\n"));
        out.bytes.extend_from_slice(&self.attributes);
        out.text("\n]}}\n");
        Some(out)
    }
}

/// Bytes of a line of digests.
const HASH_LINE_BYTES: usize = 70;
/// Bytes of an event in the list, about.
const EVENT_BYTES: usize = 500;

/// What an event says of itself, as pieces of JSON.
struct Head {
    organisation: String,
    tags: String,
    info: String,
    date: String,
}

impl Head {
    fn of(day: i64, told: &Day, about: &About<'_>) -> Self {
        let date: String = misp_span(day).0.to_string().chars().take(10).collect();
        let json = |text: &str| serde_json::to_string(text).unwrap_or_default();
        let plain = |text: &str| text.chars().filter(|c| is_plain(&c.to_string())).collect();
        let (circle, by): (String, String) = (plain(about.name), plain(about.by));
        let organisation = format!("{{\"name\":{},\"uuid\":\"{}\"}}", json(&by), about.by_id);
        let tags = serde_json::to_string(&tags(told.tlp, told.pap)).unwrap_or_default();
        Self { organisation, tags, info: json(&format!("{circle} {date}")), date }
    }
}

/// What a day says with one value more: all that is told of it.
fn says(before: &Digest, line: &Line<'_>) -> Digest {
    let since = line.since.map_or(i64::MIN, Instant::micros).to_le_bytes();
    let pap = line.pap.map(Pap::as_str).unwrap_or_default();
    // Each part is of a fixed length, ends with a byte that no text has, or is the last.
    sha256(&[
        before.as_bytes(),
        line.id.as_bytes(),
        &[line.kind.code()],
        &since,
        line.tlp.as_str().as_bytes(),
        b"\0",
        pap.as_bytes(),
        b"\0",
        line.signer.as_bytes(),
        b"\0",
        line.value.as_bytes(),
    ])
}

/// What an event says: its own words and its attributes.
fn said(head: &Head, told: &Day) -> Digest {
    let Head { organisation, tags, info, date } = head;
    let parts = [organisation, tags, info, date].map(|part| part.as_bytes());
    let [organisation, tags, info, date] = parts;
    sha256(&[told.says.as_bytes(), organisation, tags, info, date])
}

/// SPEC: MISP core format §2.4.
#[derive(Serialize)]
struct Attribute<'a> {
    uuid: String,
    #[serde(rename = "type")]
    kind: &'a str,
    category: &'a str,
    value: &'a str,
    to_ids: bool,
    comment: &'a str,
    timestamp: &'a str,
    /// That of the event.
    distribution: &'a str,
    deleted: bool,
    #[serde(rename = "Tag")]
    tags: &'a [Tag],
}

#[derive(Debug, Serialize)]
struct Tag {
    name: String,
    colour: &'static str,
    local: bool,
    relationship_type: &'static str,
}

/// A label as tags, in the colours of MISP's taxonomies.
fn tags(tlp: Tlp, pap: Option<Pap>) -> Vec<Tag> {
    let tag = |name, colour| Tag { name, colour, local: false, relationship_type: "" };
    let colour = match tlp {
        Tlp::Clear => "#FFFFFF",
        Tlp::Green => "#33FF00",
        Tlp::Amber | Tlp::AmberStrict => "#FFC000",
        Tlp::Red => "#FF2B2B",
    };
    let mut tags = vec![tag(format!("tlp:{tlp}"), colour)];
    tags.extend(pap.map(|pap| {
        let colour = match pap {
            Pap::Clear => "#FFFFFF",
            Pap::Green => "#00AD1C",
            Pap::Amber => "#FFA800",
            Pap::Red => "#FF0000",
        };
        tag(format!("PAP:{}", pap.as_str().to_ascii_uppercase()), colour)
    }));
    tags
}

/// MISP's type and category of a value, and whether it is made to be detected by; `None` for what it
/// has no type for.
const fn kind(kind: ValueKind) -> Option<(&'static str, &'static str, bool)> {
    const NETWORK: &str = "Network activity";
    const PAYLOAD: &str = "Payload delivery";
    Some(match kind {
        ValueKind::Domain => ("domain", NETWORK, true),
        ValueKind::Ipv4 | ValueKind::Ipv6 => ("ip-dst", NETWORK, true),
        ValueKind::Url => ("url", NETWORK, true),
        ValueKind::Email => ("email", NETWORK, true),
        ValueKind::Md5 => ("md5", PAYLOAD, true),
        ValueKind::Sha1 => ("sha1", PAYLOAD, true),
        ValueKind::Sha256 => ("sha256", PAYLOAD, true),
        ValueKind::Sha512 => ("sha512", PAYLOAD, true),
        ValueKind::FileName => ("filename", PAYLOAD, true),
        ValueKind::Mutex => ("mutex", "Artifacts dropped", true),
        ValueKind::RegistryKey => ("regkey", "Persistence mechanism", true),
        ValueKind::Asn => ("AS", NETWORK, false),
        ValueKind::Mac => ("mac-address", NETWORK, false),
        ValueKind::Cve => ("vulnerability", "External analysis", false),
        ValueKind::UserAgent => ("user-agent", NETWORK, false),
        ValueKind::Ja3 => ("ja3-fingerprint-md5", NETWORK, true),
        ValueKind::OtherHash
        | ValueKind::Account
        | ValueKind::CertSerial
        | ValueKind::Ja4
        | ValueKind::FilePath => return None,
    })
}

#[cfg(test)]
mod tests;
