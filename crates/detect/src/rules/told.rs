//! What an event says in the words of STIX, flat: which text is an address, a command line, a file's
//! name, by the names of its fields and by shape, as the index of values reads them. It makes no
//! object of it (`sco` does) and keeps nothing beyond the event but the names of fields.

use super::words::{File, Said, said};
use crate::event::{Buffers, Field, LineError, Path, Role, Scalar};
use crate::live::SPLIT_URLS;
use crate::named;
use crate::observable::{Observable, guess, is_separator, normal};
use crate::reading::{Event, fields};
use crate::url::url_into;
use hashbrown::HashMap;
use model::facts::ValueKind;
use model::limits::{FIELD_NAMES_HELD_MAX, OBSERVABLE_BYTES_MAX, RULE_VALUES_MAX};
use std::borrow::Cow;
use std::ops::Range;

#[cfg(test)]
mod tests;

/// What a text of an event is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum What {
    /// A value in normal form.
    Value(ValueKind),
    /// A URL as the event spells it.
    Url,
    /// A key of the registry as the event spells it.
    Key,
    /// The name of a file, in lower case.
    Name(File),
    /// The folder that it lies in, in lower case; stands behind the name.
    Folder(File),
    /// What the name of the field says.
    Said(Said),
}

/// One text of an event.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    pub(super) what: What,
    pub(super) role: Role,
    text: Range<usize>,
    /// The place of the field's name.
    field: usize,
}

/// What the name of a field tells, worked out once.
#[derive(Clone, Copy, Debug)]
struct Known {
    said: Option<Said>,
    file: Option<File>,
    kind: Option<ValueKind>,
    role: Role,
    is_name: bool,
    half: Option<(usize, bool)>,
}

/// Half of a URL, the object that it is a member of, and its field.
#[derive(Debug)]
struct Half {
    pair: usize,
    is_path: bool,
    object: usize,
    text: Range<usize>,
    field: usize,
}

/// What an event says, in memory that is used again.
#[derive(Debug, Default)]
pub(super) struct Told {
    facts: Vec<Fact>,
    text: String,
    halves: Vec<Half>,
    places: HashMap<Box<str>, usize>,
    known: Vec<(Box<str>, Known)>,
    key: String,
    normal: String,
    pub(super) buffers: Buffers,
}

impl Told {
    /// Takes what an event says.
    pub(super) fn fill(&mut self, event: &Event<'_>) -> Result<(), LineError> {
        self.facts.clear();
        self.text.clear();
        self.halves.clear();
        // LIMIT: whoever makes up names of fields has them read anew.
        if self.known.len() >= FIELD_NAMES_HELD_MAX {
            self.known.clear();
            self.places.clear();
        }
        let mut buffers = std::mem::take(&mut self.buffers);
        let ended = fields(event, &mut buffers, &mut |field| self.take(field));
        self.buffers = buffers;
        self.join_urls();
        ended
    }

    /// All of it.
    pub(super) fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// The text of one.
    pub(super) fn text(&self, fact: &Fact) -> &str {
        self.text.get(fact.text.clone()).unwrap_or_default()
    }

    /// The keys that lead to its field, joined by dots.
    pub(super) fn field(&self, fact: &Fact) -> &str {
        self.known.get(fact.field).map(|(name, _)| &**name).unwrap_or_default()
    }

    /// The first text that a field's name says this of.
    pub(super) fn said(&self, said: Said) -> Option<&str> {
        let fact = self.facts.iter().find(|fact| fact.what == What::Said(said))?;
        Some(self.text(fact))
    }

    /// The first address that something comes from or goes to.
    pub(super) fn address(&self, role: Role) -> Option<&str> {
        let address = |what| matches!(what, What::Value(ValueKind::Ipv4 | ValueKind::Ipv6));
        let fact = self.facts.iter().find(|fact| fact.role == role && address(fact.what))?;
        Some(self.text(fact))
    }

    fn take(&mut self, field: &Field<'_>) {
        if self.facts.len() >= RULE_VALUES_MAX {
            return;
        }
        let (at, known) = self.known(field.path);
        let (Scalar::Text(text) | Scalar::Number(text) | Scalar::Bool(text)) = field.value;
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        if let Some((said, text)) = known.said.and_then(|said| Some((said, word(said, text)?))) {
            self.push(What::Said(said), (at, known.role), &text);
        }
        if !matches!(field.value, Scalar::Text(_)) {
            if known.kind == Some(ValueKind::Asn) {
                self.named(ValueKind::Asn, (at, known), text);
            }
            return;
        }
        if text.len() > OBSERVABLE_BYTES_MAX {
            return;
        }
        if shaped(text) || known.is_name {
            self.shaped((at, known), text);
        }
        if let Some(kind) = known.kind {
            self.named(kind, (at, known), text);
        }
        // LIMIT: halves of URLs beyond those of any event are no URLs.
        if let (Some((pair, is_path)), Some(object)) = (known.half, field.object)
            && self.halves.len() < RULE_VALUES_MAX
        {
            let start = self.text.len();
            self.text.push_str(text);
            let text = start..self.text.len();
            self.halves.push(Half { pair, is_path, object, text, field: at });
        }
    }

    /// What a text is by its shape.
    fn shaped(&mut self, (at, known): (usize, Known), text: &str) {
        let mut readings = guess(text);
        if readings.is_empty() && known.is_name {
            readings.extend(normal(ValueKind::Domain, text));
        }
        for Observable { kind, text: normal } in readings {
            if kind == ValueKind::Url {
                self.push(What::Url, (at, known.role), text);
            }
            self.push(What::Value(kind), (at, known.role), &normal);
        }
    }

    /// What a text is by the name of its field.
    fn named(&mut self, kind: ValueKind, (at, known): (usize, Known), text: &str) {
        if let Some(file) = known.file {
            let (folder, name) = match text.rsplit_once(is_separator) {
                Some((folder, name)) => (folder, name),
                None => ("", text),
            };
            if !name.is_empty() {
                self.push(What::Name(file), (at, known.role), &name.to_lowercase());
                if !folder.is_empty() {
                    self.push(What::Folder(file), (at, known.role), &folder.to_lowercase());
                }
            }
            return;
        }
        if kind == ValueKind::RegistryKey {
            self.push(What::Key, (at, known.role), text);
        }
        let mut out = std::mem::take(&mut self.normal);
        named::readings(kind, text, &mut out, &mut |kind, text| {
            self.push(What::Value(kind), (at, known.role), text);
        });
        self.normal = out;
        let value = text.trim_end_matches('\\').rsplit_once('\\');
        if let (ValueKind::RegistryKey, Some((_, value))) = (kind, value) {
            self.push(What::Said(Said::DataName), (at, known.role), value);
        }
    }

    /// URLs whose host and path are two members of one object.
    fn join_urls(&mut self) {
        let halves = std::mem::take(&mut self.halves);
        let mut hosts: HashMap<(usize, usize), usize> = HashMap::new();
        for (place, host) in halves.iter().enumerate().filter(|(_, half)| !half.is_path) {
            hosts.entry((host.pair, host.object)).or_insert(place);
        }
        for path in halves.iter().filter(|half| half.is_path) {
            let host = hosts.get(&(path.pair, path.object));
            let Some(host) = host.and_then(|place| halves.get(*place)) else { continue };
            let part = |half: &Half| self.text.get(half.text.clone()).unwrap_or_default();
            if !part(path).starts_with('/') {
                continue;
            }
            let spelled = format!("http://{}{}", part(host), part(path));
            let mut plain = std::mem::take(&mut self.normal);
            if url_into(&spelled, &mut plain).is_some() {
                let from = (path.field, Role::Url);
                self.push(What::Url, from, &spelled);
                self.push(What::Value(ValueKind::Url), from, &plain);
            }
            self.normal = plain;
        }
        self.halves = halves;
    }

    fn push(&mut self, what: What, (field, role): (usize, Role), text: &str) {
        let start = self.text.len();
        self.text.push_str(text);
        self.facts.push(Fact { what, role, text: start..self.text.len(), field });
    }

    /// What the name of a field tells, and its place among the names.
    fn known(&mut self, path: Path<'_>) -> (usize, Known) {
        let key = path.dotted_in(&mut self.key);
        if let Some(place) = self.places.get(key)
            && let Some((_, known)) = self.known.get(*place)
        {
            return (*place, *known);
        }
        let place = self.known.len();
        let known = Known::of(key, path);
        self.known.push((key.into(), known));
        self.places.insert(key.into(), place);
        (place, known)
    }
}

impl Known {
    fn of(key: &str, path: Path<'_>) -> Self {
        let last = path.last();
        let kind = named::at(path);
        let pairs = || SPLIT_URLS.iter().enumerate();
        let half = pairs().find_map(|(pair, [host, url])| {
            (last == *host || last == *url).then(|| (pair, last == *url))
        });
        Self {
            said: said(key),
            file: (kind == Some(ValueKind::FileName)).then(|| File::of(key)),
            kind,
            role: Role::at(path),
            is_name: Role::of(&last).is_name(),
            half,
        }
    }
}

/// A text as the objects have it: protocols by name and in lower case.
fn word(said: Said, text: &str) -> Option<Cow<'_, str>> {
    let lower = match said {
        Said::Protocol => match text {
            "1" => "icmp".to_owned(),
            "6" => "tcp".to_owned(),
            "17" => "udp".to_owned(),
            "58" => "ipv6-icmp".to_owned(),
            name => name.to_lowercase(),
        },
        Said::Layer => {
            let layer = text.to_lowercase();
            return LAYERS.contains(&layer.as_str()).then_some(Cow::Owned(layer));
        }
        Said::CommandLine
        | Said::ParentCommandLine
        | Said::Cwd
        | Said::Pid
        | Said::ParentPid
        | Said::SourcePort
        | Said::DestinationPort
        | Said::BytesOut
        | Said::BytesIn
        | Said::Method
        | Said::Target
        | Said::HostHeader
        | Said::Referrer
        | Said::CertSubject
        | Said::CertIssuer
        | Said::MailSubject
        | Said::Data
        | Said::DataName
        | Said::Computer
        | Said::Station => return Some(Cow::Borrowed(text)),
    };
    Some(Cow::Owned(lower))
}

/// Sorts of events that are named by a protocol.
const LAYERS: [&str; 12] =
    ["dns", "http", "tls", "ssl", "smtp", "ssh", "ftp", "smb", "rdp", "dhcp", "quic", "ntp"];

/// Whether a text can be anything by its shape: most texts cannot.
fn shaped(text: &str) -> bool {
    let marked = text.bytes().any(|byte| matches!(byte, b'.' | b':' | b'@' | b'='));
    marked || text.len() >= 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
