//! What markings ask for, and what definitions say.

use super::{Classified, classify};
use crate::stix::{read, tlp_marking_definition, tlp_marking_id};
use model::label::{Pap, Tlp};

const ID: &str = "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f";
const RED_1: &str = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed";
const GREEN_2: &str = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb";
const OTHER: &str = "marking-definition--11111111-17d4-4cbf-938f-98ee46b3cd3f";

fn marked(members: &str) -> super::Markings {
    let json = format!(r#"{{"type":"url","id":"url--{ID}","value":"u"{members}}}"#);
    read(json.as_bytes()).unwrap().markings
}

#[test]
fn the_strictest_part_decides_and_the_unknown_is_named() {
    let markings = marked(&format!(
        r#","object_marking_refs":["{GREEN_2}","{OTHER}","{OTHER}"],
        "granular_markings":[{{"selectors":["value"],"marking_ref":"{RED_1}"}},
        {{"selectors":["value"],"lang":"fr"}}]"#
    ));
    assert_eq!(markings.tlp, Some(Tlp::Red));
    assert_eq!(markings.unknown, [OTHER]);
    assert_eq!(markings.warnings[0].code, "W-STIX-101");
}

#[test]
fn two_lights_of_one_edition_for_the_whole_object_are_told_and_the_stricter_counts() {
    let red = tlp_marking_id(Tlp::Red);
    let both = marked(&format!(r#","object_marking_refs":["{GREEN_2}","{red}"]"#));
    assert_eq!(both.tlp, Some(Tlp::Red));
    assert_eq!(both.warnings.iter().map(|w| w.code).collect::<Vec<_>>(), ["W-LABEL-002"]);
    let part = marked(&format!(
        r#","object_marking_refs":["{GREEN_2}","{GREEN_2}"],
        "granular_markings":[{{"selectors":["value"],"marking_ref":"{red}"}}]"#
    ));
    assert_eq!((part.tlp, part.warnings.len()), (Some(Tlp::Red), 0), "a part may be stricter");
}

#[test]
fn no_marking_means_no_tlp_and_labels_only_ever_make_it_stricter() {
    assert_eq!(marked(""), super::Markings::default());
    let markings = marked(r#","labels":["TLP:AMBER","pap:red","personal-data","apt28"]"#);
    assert_eq!((markings.tlp, markings.at_least), (None, Some(Tlp::Amber)));
    assert_eq!((markings.pap, markings.personal), (Some(Pap::Red), true));
    assert_eq!(markings.unknown, [""; 0]);
}

/// As misp-stix writes an attribute: what MISP knows of it, and its tags, as labels.
#[test]
fn what_misp_writes_as_labels_is_read_as_its_tags() {
    let attribute = r#","labels":["misp:type=\"ip-dst\"","misp:to_ids=\"True\"","tlp:amber+strict",
        "PAP:AMBER","admiralty-scale:source-reliability=\"b\""]"#;
    let markings = marked(attribute);
    assert_eq!((markings.at_least, markings.pap), (Some(Tlp::AmberStrict), Some(Pap::Amber)));
    assert_eq!((markings.unknown.len(), markings.tlp), (0, None));
    // National codes and slips: nobody here knows what they forbid.
    for odd in ["tlp:ex:chr", "TLP:UNCLEAR", "tlp:ambre", "PAP:MAUVE"] {
        let markings = marked(&format!(r#","labels":["tlp:clear","{odd}"]"#));
        assert_eq!(
            (markings.unknown.as_slice(), markings.at_least),
            (&[odd.to_owned()][..], Some(Tlp::Red))
        );
        let codes: Vec<_> = markings.warnings.iter().map(|warning| warning.code).collect();
        assert!(codes.contains(&"W-MISP-002"), "{odd}: {codes:?}");
    }
    let both = marked(r#","labels":["tlp:green","tlp:amber"]"#);
    assert_eq!(both.at_least, Some(Tlp::Amber));
    assert!(both.warnings.iter().any(|warning| warning.code == "W-LABEL-002"));
}

#[test]
fn a_marking_in_an_odd_place_or_spelling_still_counts() {
    let odd = [
        format!(r#","object_marking_refs":"{RED_1}""#),
        format!(r#","x":{{"object_marking_refs":["{RED_1}"]}}"#),
        format!(r#","granular_markings":{{"marking_ref":"{}"}}"#, RED_1.to_uppercase()),
        format!(r#","object\u005fmarking_refs":["{RED_1}"]"#),
    ];
    for members in odd {
        assert_eq!(marked(&members).tlp, Some(Tlp::Red), "{members}");
    }
}

#[test]
fn definitions_are_classified_by_what_they_say() {
    let definition = |id: &str, rest: &str| {
        format!(
            r#"{{"type":"marking-definition","id":"{id}","created":"2020-01-01T00:00:00Z"{rest}}}"#
        )
    };
    let light = |tlp| Some(Classified::Tlp(tlp));
    let table = [
        (
            definition(RED_1, r#","definition_type":"tlp","definition":{"tlp":"white"}"#),
            light(Tlp::Red),
        ),
        (
            definition(OTHER, r#","definition_type":"tlp","definition":{"tlp":"amber"}"#),
            light(Tlp::Amber),
        ),
        (definition(OTHER, r#","definition_type":"tlp","definition":{"tlp":"mauve"}"#), None),
        (
            definition(OTHER, r#","definition_type":"statement","definition":{"statement":"(c)"}"#),
            Some(Classified::Statement),
        ),
        (
            definition(
                OTHER,
                r#","definition_type":"statement","definition":{"statement":"custom"},
            "x_opencti_definition":"TLP:AMBER+STRICT""#,
            ),
            light(Tlp::AmberStrict),
        ),
        (
            definition(OTHER, r#","definition_type":"PAP","definition":{"PAP":"PAP:AMBER"}"#),
            Some(Classified::Pap(Pap::Amber)),
        ),
        (
            definition(
                OTHER,
                r#","extensions":{"extension-definition--3a65884d-005a-4290-8335-cb2d778a83ce":{}}"#,
            ),
            None,
        ),
        // As misp-stix writes a tag that is no traffic light.
        (
            definition(
                OTHER,
                r#","definition_type":"statement","definition":{"statement":"PAP:RED"}"#,
            ),
            Some(Classified::Pap(Pap::Red)),
        ),
        (
            definition(
                OTHER,
                r#","definition_type":"statement","definition":{"statement":"TLP:EX:CHR"}"#,
            ),
            None,
        ),
        (
            definition(
                OTHER,
                r#","definition_type":"statement","definition":{"statement":"pap:mauve"}"#,
            ),
            None,
        ),
        (definition(OTHER, ""), None),
        (format!(r#"{{"type":"url","id":"{RED_1}"}}"#), None),
        ("{".to_owned(), None),
    ];
    for (json, wanted) in table {
        assert_eq!(classify(json.as_bytes()), wanted, "{json}");
    }
}

#[test]
fn our_own_definitions_read_back() {
    for tlp in Tlp::ALL {
        let definition = tlp_marking_definition(tlp);
        assert_eq!(read(definition.as_bytes()).unwrap().id, tlp_marking_id(tlp));
        assert_eq!(classify(definition.as_bytes()), Some(Classified::Tlp(tlp)));
        let foreign = definition.replace(tlp_marking_id(tlp), OTHER);
        assert_eq!(classify(foreign.as_bytes()), Some(Classified::Tlp(tlp)));
    }
}
