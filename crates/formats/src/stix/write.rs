//! Writes our own STIX objects as text: indicators made from values, and sightings. It never
//! rewrites an object that somebody else made.

use model::facts::ValueKind;
use model::id::ThingId;
use model::kind::Kind;
use model::time::Instant;
use uuid::Uuid;

/// The namespace of ids that we derive: the same value is the same indicator on every node.
const NAMESPACE: Uuid = Uuid::from_u128(0x5f1c_0be7_4f0e_5a3c_9d52_e1a7_70c6_3b18);
/// SPEC: STIX 2.1 §5.2: `count` is at most 999,999,999.
const SIGHTING_COUNT_MAX: u64 = 999_999_999;

/// What an indicator of one value says.
#[derive(Clone, Copy, Debug)]
pub struct NewIndicator<'a> {
    /// What the value is.
    pub kind: ValueKind,
    /// The value, not escaped.
    pub value: &'a str,
    /// A name for tables; the value itself when there is none.
    pub name: Option<&'a str>,
    /// A sentence more.
    pub description: Option<&'a str>,
    /// Created, modified and valid from then.
    pub created: Instant,
    /// `malicious-activity` and the like.
    pub indicator_types: &'a [&'a str],
    /// Free labels.
    pub labels: &'a [&'a str],
}

/// The STIX pattern that matches this value; `None` for hashes whose algorithm is not known.
#[must_use]
pub fn pattern(kind: ValueKind, value: &str) -> Option<String> {
    match kind {
        // No path of STIX, and no carrier that all understand.
        ValueKind::OtherHash | ValueKind::Ja3 | ValueKind::Ja4 => None,
        ValueKind::Asn => {
            let number: u32 = value.parse().ok()?;
            Some(format!("[{} = {number}]", kind.stix_path()))
        }
        ValueKind::Domain
        | ValueKind::Ipv4
        | ValueKind::Ipv6
        | ValueKind::Url
        | ValueKind::Email
        | ValueKind::Md5
        | ValueKind::Sha1
        | ValueKind::Sha256
        | ValueKind::Sha512
        | ValueKind::FileName
        | ValueKind::Mutex
        | ValueKind::RegistryKey
        | ValueKind::Mac
        | ValueKind::Cve
        | ValueKind::Account
        | ValueKind::UserAgent
        | ValueKind::CertSerial
        | ValueKind::FilePath => {
            // SPEC: STIX 2.1 §9.3: a quote and a backslash are escaped in string constants.
            let escaped = value.replace('\\', "\\\\").replace('\'', "\\'");
            Some(format!("[{} = '{escaped}']", kind.stix_path()))
        }
    }
}

/// The id of the indicator that [`indicator`] writes for this value.
#[must_use]
pub fn indicator_id(kind: ValueKind, value: &str) -> String {
    let key = format!("{}={value}", kind.stix_path());
    format!("indicator--{}", Uuid::new_v5(&NAMESPACE, key.as_bytes()))
}

/// An indicator as the text of a STIX 2.1 object; `None` when no pattern matches such a value.
#[must_use]
pub fn indicator(new: &NewIndicator<'_>) -> Option<String> {
    let pattern = pattern(new.kind, new.value)?;
    let at = new.created.to_stix();
    let id = indicator_id(new.kind, new.value);
    let mut object = Object::new("indicator", &id);
    object.text("created", &at).text("modified", &at);
    object.text("name", new.name.unwrap_or(new.value));
    if let Some(description) = new.description {
        object.text("description", description);
    }
    object.list("indicator_types", new.indicator_types).list("labels", new.labels);
    object.text("pattern", &pattern).text("pattern_type", "stix").text("valid_from", &at);
    Some(object.end())
}

/// What an indicator that carries a rule says.
#[derive(Clone, Copy, Debug)]
pub struct NewRule<'a> {
    /// What names the rule among all: its own id, or its text.
    pub key: &'a str,
    /// Its title.
    pub name: &'a str,
    /// A sentence more.
    pub description: Option<&'a str>,
    /// When it was written, and valid from then.
    pub created: Instant,
    /// When it was written last.
    pub modified: Instant,
    /// Free labels.
    pub labels: &'a [&'a str],
    /// The language, as STIX names it.
    pub language: &'a str,
    /// The rule, as its author wrote it.
    pub text: &'a str,
}

/// An indicator that carries a rule, as the text of a STIX 2.1 object. The same rule is the same
/// indicator on every node.
#[must_use]
pub fn rule(new: &NewRule<'_>) -> String {
    let key = format!("{}={}", new.language, new.key);
    let id = format!("indicator--{}", Uuid::new_v5(&NAMESPACE, key.as_bytes()));
    let created = new.created.to_stix();
    let mut object = Object::new("indicator", &id);
    object.text("created", &created);
    object.text("modified", &new.modified.max(new.created).to_stix());
    object.text("name", new.name);
    if let Some(description) = new.description {
        object.text("description", description);
    }
    object.list("indicator_types", &["malicious-activity"]).list("labels", new.labels);
    object.text("pattern", new.text).text("pattern_type", new.language);
    object.text("valid_from", &created);
    object.end()
}

/// What a sighting says: how often an indicator was seen, never which value or where.
#[derive(Clone, Copy, Debug)]
pub struct NewSighting<'a> {
    /// Handed in: the caller decides when two sightings are one.
    pub uuid: Uuid,
    /// The STIX id of the indicator, as its body spells it.
    pub sighting_of: &'a str,
    /// When the sighting was first stated.
    pub created: Instant,
    /// When this version was stated.
    pub modified: Instant,
    /// How often; what STIX can't hold is written as its most.
    pub count: u64,
    /// First seen.
    pub first_seen: Instant,
    /// Last seen.
    pub last_seen: Instant,
}

/// A sighting as the text of a STIX 2.1 object.
#[must_use]
pub fn sighting(new: &NewSighting<'_>) -> String {
    let mut object = Object::new("sighting", &format!("sighting--{}", new.uuid));
    object.text("created", &new.created.to_stix()).text("modified", &new.modified.to_stix());
    object.text("first_seen", &new.first_seen.to_taxii());
    object.text("last_seen", &new.last_seen.max(new.first_seen).to_taxii());
    object.number("count", new.count.min(SIGHTING_COUNT_MAX));
    object.text("sighting_of_ref", new.sighting_of);
    object.end()
}

/// The thing that [`sighting`] writes about.
#[must_use]
pub fn sighting_thing(uuid: Uuid) -> ThingId {
    ThingId { kind: Kind::ours("stix/sighting"), uuid }
}

/// What an opinion against an indicator says.
#[derive(Clone, Copy, Debug)]
pub struct NewOpinion<'a> {
    /// Handed in: one node has one opinion of one indicator in one circle.
    pub uuid: Uuid,
    /// The STIX id of the indicator.
    pub about: &'a str,
    /// Why.
    pub explanation: &'a str,
    /// When it was stated.
    pub created: Instant,
}

/// An opinion that something is a false positive, as the text of a STIX 2.1 object.
#[must_use]
pub fn opinion(new: &NewOpinion<'_>) -> String {
    let at = new.created.to_stix();
    let mut object = Object::new("opinion", &format!("opinion--{}", new.uuid));
    object.text("created", &at).text("modified", &at);
    object.text("explanation", new.explanation).text("opinion", "strongly-disagree");
    object.list("object_refs", &[new.about]);
    object.end()
}

/// The thing that [`opinion`] writes about.
#[must_use]
pub fn opinion_thing(uuid: Uuid) -> ThingId {
    ThingId { kind: Kind::ours("stix/opinion"), uuid }
}

/// One JSON object under construction, members in the order of the calls.
struct Object(String);

impl Object {
    fn new(kind: &str, id: &str) -> Self {
        let mut object = Self(String::with_capacity(512));
        object.text("type", kind).text("spec_version", "2.1").text("id", id);
        object
    }

    fn key(&mut self, key: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        quote(&mut self.0, key);
        self.0.push(':');
    }

    fn text(&mut self, key: &str, text: &str) -> &mut Self {
        self.key(key);
        quote(&mut self.0, text);
        self
    }

    fn number(&mut self, key: &str, number: u64) -> &mut Self {
        self.key(key);
        self.0.push_str(&number.to_string());
        self
    }

    /// SPEC: STIX 2.1 §2.11: a list is never empty.
    fn list(&mut self, key: &str, texts: &[&str]) -> &mut Self {
        if !texts.is_empty() {
            self.key(key);
            for (index, text) in texts.iter().enumerate() {
                self.0.push(if index == 0 { '[' } else { ',' });
                quote(&mut self.0, text);
            }
            self.0.push(']');
        }
        self
    }

    fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

/// Appends a JSON string.
fn quote(json: &mut String, text: &str) {
    json.push('"');
    for char in text.chars() {
        match char {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            control if control < ' ' => {
                json.push_str("\\u00");
                let code = u32::from(control);
                json.extend(
                    [code >> 4, code & 15].into_iter().filter_map(|d| char::from_digit(d, 16)),
                );
            }
            plain => json.push(plain),
        }
    }
    json.push('"');
}

#[cfg(test)]
mod tests;
