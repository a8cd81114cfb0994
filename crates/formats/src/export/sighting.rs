//! A finding as a bundle of STIX: the sighting of the indicator, what was observed, the value and the
//! event as it came. It sends none, and is no record of ours: what partners get is theirs alone.

use super::findings::Finding;
use crate::stix::{tlp_marking_definition, tlp_marking_id};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::facts::ValueKind;
use model::id::ThingId;
use model::label::Tlp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// SPEC: STIX 2.1 §2.9: the namespace of ids that follow from what an observable is.
const OBSERVABLES: Uuid = Uuid::from_u128(0x00ab_edb4_aa42_466c_9c01_fed2_3315_a9b7);
/// The namespace of the ids of findings: the same match has the same.
const FINDINGS: Uuid = Uuid::from_u128(0x2f6e_4d13_9b57_4c7a_8f21_64c0_d7b2_95ee);

/// Values whose path is that of no observable, or of one that they alone do not make.
const NO_OBSERVABLES: [ValueKind; 6] = [
    ValueKind::Asn,
    ValueKind::Cve,
    ValueKind::FilePath,
    ValueKind::Ja3,
    ValueKind::Ja4,
    ValueKind::OtherHash,
];

impl Finding<'_> {
    /// SPEC: STIX 2.1 §4.14 (Observed Data), §5.2 (Sighting), §6 (observables), §8 (bundle).
    ///
    /// Without its event nothing was observed that could be shown, and an indicator without an id of
    /// STIX has no sighting.
    pub(super) fn stix(&self) -> Value {
        let at = self.at.to_stix();
        let mut objects = self.observed();
        let refs: Vec<Value> = objects.iter().filter_map(|one| one.get("id").cloned()).collect();
        let observed = (!refs.is_empty()).then(|| self.id_of("observed-data"));
        objects.extend(observed.as_ref().map(|id| {
            json!({
                "type": "observed-data", "spec_version": "2.1", "id": id,
                "created": at, "modified": at, "first_observed": at, "last_observed": at,
                "number_observed": 1, "object_refs": refs
            })
        }));
        if ThingId::parse_stix(self.indicator).is_ok() {
            let mut sighting = json!({
                "type": "sighting", "spec_version": "2.1", "id": self.id_of("sighting"),
                "created": at, "modified": at, "first_seen": at, "last_seen": at, "count": 1,
                "description": self.title(), "sighting_of_ref": self.indicator
            });
            set(&mut sighting, "observed_data_refs", observed.map(|id| json!([id])));
            objects.push(sighting);
        }
        if let Ok(tlp) = self.tlp.parse::<Tlp>() {
            let under = json!([tlp_marking_id(tlp)]);
            for object in &mut objects {
                set(object, "object_marking_refs", Some(under.clone()));
            }
            // Not every program knows the markings of TLP 2.0 by their ids.
            objects.extend(serde_json::from_str::<Value>(&tlp_marking_definition(tlp)));
        }
        json!({ "type": "bundle", "id": self.id_of("bundle"), "objects": objects })
    }

    /// The same match has the same ids; a short telling of it others.
    fn id_of(&self, kind: &str) -> String {
        let of = format!("{kind} {} {}", self.id, self.short);
        format!("{kind}--{}", Uuid::new_v5(&FINDINGS, of.as_bytes()))
    }

    /// The value and the event.
    fn observed(&self) -> Vec<Value> {
        if self.short {
            return Vec::new();
        }
        let event = match serde_json::from_str::<String>(self.event.get()) {
            Ok(text) => artifact(&text, "text/plain"),
            Err(_) => artifact(self.event.get(), "application/json"),
        };
        self.observable().into_iter().chain([event]).collect()
    }

    /// The value as an object; `None` where STIX has none for such values.
    fn observable(&self) -> Option<Value> {
        let kind = self.kind.filter(|kind| !NO_OBSERVABLES.contains(kind))?;
        let (object, path) = kind.stix_path().split_once(':')?;
        match path.split_once('.') {
            None => Some(named(object, path, self.normal.into())),
            Some(("hashes", algorithm)) => {
                let algorithm = algorithm.trim_matches('\'');
                Some(named(object, "hashes", json!({ algorithm: self.normal })))
            }
            Some(_) => None,
        }
    }
}

fn artifact(event: &str, media_type: &str) -> Value {
    let mut object = named("artifact", "payload_bin", STANDARD.encode(event).into());
    set(&mut object, "mime_type", Some(media_type.into()));
    object
}

fn set(object: &mut Value, property: &str, value: Option<Value>) {
    if let (Some(fields), Some(value)) = (object.as_object_mut(), value) {
        fields.insert(property.to_owned(), value);
    }
}

/// An observable under the id that follows from the property that tells it from others.
fn named(kind: &str, property: &str, value: Value) -> Value {
    let of: Map<String, Value> = [(property.to_owned(), value)].into_iter().collect();
    // SPEC: RFC 8785: with one property, and of a hash one algorithm, this is its only form.
    let id = Uuid::new_v5(&OBSERVABLES, Value::from(of.clone()).to_string().as_bytes());
    let mut object = json!({ "type": kind, "spec_version": "2.1", "id": format!("{kind}--{id}") });
    if let Some(fields) = object.as_object_mut() {
        fields.extend(of);
    }
    object
}

#[cfg(test)]
mod tests;
