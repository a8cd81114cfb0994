//! One match as a finding of other tools: OCSF's Detection Finding, an alert in ECS, or a sighting in
//! STIX. It sends none, and judges none.

use model::facts::ValueKind;
use model::time::Instant;
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// A match, as far as a finding tells it.
#[derive(Clone, Copy, Debug)]
pub struct Finding<'f> {
    /// Its id: the same match has the same.
    pub id: &'f str,
    /// When it happened, or else came.
    pub at: Instant,
    /// The indicator's id.
    pub indicator: &'f str,
    /// The circle's name.
    pub circle: &'f str,
    /// Who signed the indicator.
    pub signer: &'f str,
    /// Its traffic light.
    pub tlp: &'f str,
    /// The field that matched.
    pub field: &'f str,
    /// What it holds.
    pub value: &'f str,
    /// What the value is, where its field or its shape tells.
    pub kind: Option<ValueKind>,
    /// The value in the normal form of its kind.
    pub normal: &'f str,
    /// Where the event came from.
    pub source: &'f str,
    /// The event as it came; one that is no JSON as a string.
    pub event: &'f RawValue,
    /// In the event's place is a word about it, and of a long value only the beginning is there.
    pub short: bool,
}

/// In which form findings are told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FindingForm {
    /// OCSF 1.3, class 2004.
    Ocsf,
    /// ECS 8.
    Ecs,
    /// A bundle of STIX 2.1.
    Stix,
}

impl std::str::FromStr for FindingForm {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text {
            "ocsf" => Ok(Self::Ocsf),
            "ecs" => Ok(Self::Ecs),
            "stix" => Ok(Self::Stix),
            _ => Err("use ocsf, ecs or stix"),
        }
    }
}

impl Finding<'_> {
    /// The finding as one line of JSON, without its end.
    #[must_use]
    pub fn write(&self, form: FindingForm) -> String {
        match form {
            FindingForm::Ocsf => self.ocsf().to_string(),
            FindingForm::Ecs => self.ecs().to_string(),
            FindingForm::Stix => self.stix().to_string(),
        }
    }

    pub(super) fn title(&self) -> String {
        format!("{} matched shared intelligence of {}", self.field, self.circle)
    }

    /// SPEC: OCSF 1.3, Detection Finding \[2004\].
    fn ocsf(&self) -> Value {
        let millis = self.at.micros().div_euclid(1_000);
        let (type_id, kind) = self.ocsf_type();
        json!({
            "activity_id": 1, "activity_name": "Create",
            "category_uid": 2, "category_name": "Findings",
            "class_uid": 2004, "class_name": "Detection Finding", "type_uid": 200_401,
            "time": millis, "severity_id": 0, "status_id": 1,
            "metadata": {
                "version": "1.3.0",
                "product": { "name": "Entente", "vendor_name": "Entente" }
            },
            "finding_info": {
                "uid": self.id, "title": self.title(), "created_time": millis,
                "types": ["Threat intelligence match"], "data_sources": [self.source]
            },
            "observables": [
                { "name": self.field, "type": kind, "type_id": type_id, "value": self.value }
            ],
            "evidences": [{ "data": self.event.get() }],
            "unmapped": {
                "indicator": self.indicator, "circle": self.circle, "signer": self.signer,
                "tlp": self.tlp
            }
        })
    }

    const fn ocsf_type(&self) -> (u32, &'static str) {
        match self.kind {
            Some(ValueKind::Domain) => (1, "Hostname"),
            Some(ValueKind::Ipv4 | ValueKind::Ipv6) => (2, "IP Address"),
            Some(ValueKind::Mac) => (3, "MAC Address"),
            Some(ValueKind::Account) => (4, "User Name"),
            Some(ValueKind::Email) => (5, "Email Address"),
            Some(ValueKind::Url) => (6, "URL String"),
            Some(ValueKind::FileName) => (7, "File Name"),
            Some(
                ValueKind::Md5
                | ValueKind::Sha1
                | ValueKind::Sha256
                | ValueKind::Sha512
                | ValueKind::OtherHash,
            ) => (8, "Hash"),
            Some(
                ValueKind::Mutex
                | ValueKind::RegistryKey
                | ValueKind::Asn
                | ValueKind::Cve
                | ValueKind::UserAgent
                | ValueKind::CertSerial
                | ValueKind::Ja3
                | ValueKind::Ja4
                | ValueKind::FilePath,
            )
            | None => (99, "Other"),
        }
    }

    /// SPEC: ECS 8, Threat fields and Event fields.
    fn ecs(&self) -> Value {
        let mut indicator = json!({
            "provider": self.signer, "reference": self.indicator,
            "marking": { "tlp": self.tlp.to_ascii_uppercase() }
        });
        if let Some((kind, place)) = self.ecs_place()
            && let Some(fields) = indicator.as_object_mut()
        {
            fields.insert("type".to_owned(), kind.into());
            // `file.hash.sha256` is an object within an object.
            let mut names = place.rsplit('.');
            let first = names.next_back().unwrap_or_default().to_owned();
            let inside =
                names.fold(Value::from(self.value), |inside, name| json!({ name: inside }));
            fields.insert(first, inside);
        }
        json!({
            "@timestamp": self.at.to_string(),
            "ecs": { "version": "8.17.0" },
            "message": self.title(),
            "event": {
                "kind": "alert", "category": ["threat"], "type": ["indicator"], "id": self.id,
                "provider": "entente", "dataset": "entente.match", "original": self.event.get()
            },
            "threat": {
                "indicator": indicator,
                "enrichments": [{
                    "indicator": indicator,
                    "matched": {
                        "atomic": self.value, "field": self.field, "id": self.indicator,
                        "index": self.source, "type": "indicator_match_rule"
                    }
                }]
            },
            "labels": { "circle": self.circle }
        })
    }

    /// The type of an indicator, and the field for its value.
    const fn ecs_place(&self) -> Option<(&'static str, &'static str)> {
        Some(match self.kind {
            Some(ValueKind::Domain) => ("domain-name", "url.domain"),
            Some(ValueKind::Ipv4) => ("ipv4-addr", "ip"),
            Some(ValueKind::Ipv6) => ("ipv6-addr", "ip"),
            Some(ValueKind::Url) => ("url", "url.original"),
            Some(ValueKind::Email) => ("email-addr", "email.address"),
            Some(ValueKind::Md5) => ("file", "file.hash.md5"),
            Some(ValueKind::Sha1) => ("file", "file.hash.sha1"),
            Some(ValueKind::Sha256) => ("file", "file.hash.sha256"),
            Some(ValueKind::Sha512) => ("file", "file.hash.sha512"),
            Some(ValueKind::FileName) => ("file", "file.name"),
            Some(ValueKind::FilePath) => ("file", "file.path"),
            Some(ValueKind::RegistryKey) => ("windows-registry-key", "registry.key"),
            Some(
                ValueKind::OtherHash
                | ValueKind::Mutex
                | ValueKind::Asn
                | ValueKind::Mac
                | ValueKind::Cve
                | ValueKind::Account
                | ValueKind::UserAgent
                | ValueKind::CertSerial
                | ValueKind::Ja3
                | ValueKind::Ja4,
            )
            | None => return None,
        })
    }
}

#[cfg(test)]
mod tests;
