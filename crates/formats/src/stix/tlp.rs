//! The predefined TLP markings of STIX: ids both ways, and the TLP 2.0 definitions as text. Other
//! marking definitions are classified by what they say, in `marking`.

use model::label::Tlp;

/// Which TLP a predefined marking belongs to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Edition {
    V1,
    V2,
}

/// SPEC: STIX 2.1 §7.2.1.4 (TLP 1); OASIS cti-stix-common-objects (TLP 2.0)
const PREDEFINED: &[(&str, Tlp, Edition)] = &[
    ("marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487", Tlp::Clear, Edition::V2),
    ("marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb", Tlp::Green, Edition::V2),
    ("marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421", Tlp::Amber, Edition::V2),
    ("marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003", Tlp::AmberStrict, Edition::V2),
    ("marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1", Tlp::Red, Edition::V2),
    ("marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9", Tlp::Clear, Edition::V1),
    ("marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da", Tlp::Green, Edition::V1),
    ("marking-definition--f88d31f6-486f-44da-b317-01333bde0b82", Tlp::Amber, Edition::V1),
    ("marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed", Tlp::Red, Edition::V1),
];

/// The TLP and the edition of a predefined marking's id.
pub(super) fn predefined(id: &str) -> Option<(Tlp, Edition)> {
    let found = PREDEFINED.iter().find(|(known, ..)| known.eq_ignore_ascii_case(id));
    found.map(|(_, tlp, edition)| (*tlp, *edition))
}

/// The id of the TLP 2.0 marking definition.
#[must_use]
pub const fn tlp_marking_id(tlp: Tlp) -> &'static str {
    match tlp {
        Tlp::Clear => "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
        Tlp::Green => "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
        Tlp::Amber => "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
        Tlp::AmberStrict => "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
        Tlp::Red => "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
    }
}

/// The TLP 2.0 marking definition as a STIX object, for exports to programs that lack it.
#[must_use]
pub fn tlp_marking_definition(tlp: Tlp) -> String {
    let word = tlp.as_str();
    let id = tlp_marking_id(tlp);
    format!(
        "{{\"type\":\"marking-definition\",\"spec_version\":\"2.1\",\"id\":\"{id}\",\
         \"created\":\"2022-10-01T00:00:00.000Z\",\"name\":\"TLP:{}\",\
         \"extensions\":{{\"extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d\":\
         {{\"extension_type\":\"property-extension\",\"tlp_2_0\":\"{word}\"}}}}}}",
        word.to_ascii_uppercase()
    )
}
