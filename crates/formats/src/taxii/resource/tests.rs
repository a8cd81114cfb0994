//! Resources as bytes.

use super::*;

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[test]
fn empty_lists_and_absent_members_are_left_out() {
    assert_eq!(text(collections(&[])), "{}");
    assert_eq!(text(manifest(&[], false, None)), "{}");
    assert_eq!(text(versions(&[], false, Some("t"))), "{}");
    assert_eq!(
        text(versions(&["v"], true, Some("t"))),
        r#"{"more":true,"next":"t","versions":["v"]}"#
    );
    let none = Discovery { title: "t", description: None, contact: None, api_roots: &[] };
    assert_eq!(text(discovery(&none)), r#"{"title":"t"}"#);
    let roots = Discovery { api_roots: &["/taxii2/root/"], ..none };
    assert_eq!(
        text(discovery(&roots)),
        r#"{"title":"t","default":"/taxii2/root/","api_roots":["/taxii2/root/"]}"#
    );
}

#[test]
fn collections_and_roots_say_what_they_hold() {
    let held = Collection {
        id: Uuid::from_u128(1),
        title: "c",
        description: None,
        alias: None,
        can_read: true,
        can_write: false,
    };
    let wanted = r#"{"id":"00000000-0000-0000-0000-000000000001","title":"c","can_read":true,"can_write":false,"media_types":["application/stix+json;version=2.1"]}"#;
    assert_eq!(text(collection(&held)), wanted);
    assert_eq!(text(collections(&[held])), format!(r#"{{"collections":[{wanted}]}}"#));
    let root = ApiRoot { title: "r", description: None, max_content_length: 9 };
    assert_eq!(
        text(api_root(&root)),
        r#"{"title":"r","versions":["application/taxii+json;version=2.1"],"max_content_length":9}"#
    );
}

#[test]
fn a_manifest_echoes_the_text_of_the_version_and_gives_microseconds() {
    let entry = ManifestEntry {
        id: "x--1",
        date_added: Instant::from_micros(1),
        version: "2020-01-01T00:00:00Z",
        spec_version: "2.1",
    };
    assert_eq!(
        text(manifest(&[entry], false, None)),
        r#"{"objects":[{"id":"x--1","date_added":"1970-01-01T00:00:00.000001Z","version":"2020-01-01T00:00:00Z","media_type":"application/stix+json;version=2.1"}]}"#
    );
}

#[test]
fn a_status_counts_its_lists_and_an_error_spells_its_number() {
    let good = StatusDetail { id: "x--1", version: "v", message: None };
    let bad = StatusDetail { message: Some("no"), ..good };
    let mixed = Status {
        id: Uuid::from_u128(2),
        request_timestamp: Some(Instant::from_micros(0)),
        successes: &[good],
        failures: &[bad],
        pendings: &[],
    };
    assert_eq!(
        text(status(&mixed)),
        r#"{"id":"00000000-0000-0000-0000-000000000002","status":"complete","request_timestamp":"1970-01-01T00:00:00.000000Z","total_count":2,"success_count":1,"successes":[{"id":"x--1","version":"v"}],"failure_count":1,"failures":[{"id":"x--1","version":"v","message":"no"}],"pending_count":0}"#
    );
    let rejection = Rejection { title: "t", description: None, code: Some("E-1"), status: 404 };
    assert_eq!(text(error(&rejection)), r#"{"title":"t","error_code":"E-1","http_status":"404"}"#);
}
