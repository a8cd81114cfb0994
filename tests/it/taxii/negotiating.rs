//! Endpoints, who may ask, media types, methods, coding. Nothing is changed by these rows.

use super::corner::{Corner, TAXII, Who, get};
use super::world::World;
use std::io::Read as _;
use world_tests::turn;

/// SPEC: TAXII 2.1 §4, §5
fn endpoints() -> Vec<Corner> {
    vec![
        get("discovery", "/taxii2/").at("/default", "/taxii2/root/").contains("\"title\":"),
        get("discovery lists its default", "/taxii2/").at("/api_roots/0", "/taxii2/root/"),
        get("the last slash is a slip", "/taxii2"),
        get("api root", "/taxii2/root/").at("/versions/0", TAXII).contains("max_content_length"),
        get("collections", "/taxii2/root/collections/").at("/collections/0/title", "ring"),
        get("no other's collections", "/taxii2/root/collections/").count("collections", 1),
        get("a stranger's collections", "/taxii2/root/collections/")
            .by(Who::Stranger)
            .at("/collections/0/title", "other")
            .lacks("ring"),
        get("a reader may not write", "/taxii2/root/collections/")
            .by(Who::Reader)
            .at("/collections/0/can_read", true)
            .at("/collections/0/can_write", false),
        get("a writer may not read", "/taxii2/root/collections/")
            .by(Who::Writer)
            .at("/collections/0/can_read", false)
            .at("/collections/0/can_write", true),
        get("collection", "{c}")
            .contains("\"can_read\":true")
            .at("/media_types/0", "application/stix+json;version=2.1"),
        get("collection without slash", "/taxii2/root/collections"),
        get("manifest", "{c}manifest/").has("x-taxii-date-added-last"),
        get("objects", "{c}objects/").has("x-taxii-date-added-first"),
        get("no such root", "/taxii2/nothing/").says(404),
        get("no such collection", "/taxii2/root/collections/00000000-0000-4000-8000-000000000000/")
            .says(404),
        get("a collection that is no id", "/taxii2/root/collections/%00/objects/").says(404),
        get("no such status", "/taxii2/root/status/00000000-0000-4000-8000-000000000000/")
            .says(404),
        get("a status that is no id", "/taxii2/root/status/x%2Fy/").says(404),
        get("a path of nothing", "{c}nothing/").says(404),
        get("PUT is no method", "{c}objects/").method("PUT").says(405).has("allow"),
        get("DELETE of a collection", "{c}").method("DELETE").says(405),
    ]
}

/// SPEC: TAXII 2.1 §1.6.6, §5: who may not know is told that there is nothing, or to authenticate.
fn callers() -> Vec<Corner> {
    vec![
        get("nobody at discovery", "/taxii2/").by(Who::Nobody).says(401),
        get("nobody at the root", "/taxii2/root/").by(Who::Nobody).says(401),
        get("nobody at collections", "/taxii2/root/collections/").by(Who::Nobody).says(401),
        get("nobody at objects", "{c}objects/").by(Who::Nobody).says(401),
        get("nobody at nothing", "/taxii2/root/collections/x/objects/").by(Who::Nobody).says(401),
        get("a wrong token", "{c}objects/").with("Authorization", "Bearer ent_0").says(401),
        get("a wrong scheme", "{c}objects/").with("Authorization", "Digest x=y").says(401),
        get("broken Basic", "{c}objects/").with("Authorization", "Basic %%%").says(401),
        get("an empty Bearer", "{c}objects/").with("Authorization", "Bearer").says(401),
        get("a stranger at a collection", "{c}").by(Who::Stranger).says(404),
        get("a stranger at objects", "{c}objects/").by(Who::Stranger).says(404),
        get("a stranger at the manifest", "{c}manifest/").by(Who::Stranger).says(404),
        get("a writer at objects", "{c}objects/").by(Who::Writer).says(403),
        get("a writer at the manifest", "{c}manifest/").by(Who::Writer).says(403),
        get("a reader at objects", "{c}objects/").by(Who::Reader),
    ]
}

/// SPEC: TAXII 2.1 §1.6.8; RFC 9110 §12.5.1
fn media_types() -> Vec<Corner> {
    let accept = |name, value| get(name, "{c}objects/").with("Accept", value);
    vec![
        accept("our media type", "application/taxii+json;version=2.1"),
        accept("with a space", "application/taxii+json; version=2.1"),
        accept("without a version", "application/taxii+json"),
        accept("in capitals", "APPLICATION/TAXII+JSON;VERSION=2.1"),
        accept("quoted", "application/taxii+json;version=\"2.1\""),
        accept("anything", "*/*"),
        accept("any application", "application/*"),
        accept("what curl sends", ""),
        accept("a list", "application/taxii+json;version=2.1,application/stix+json;version=2.1"),
        accept("weights", "text/html, application/taxii+json;version=2.1;q=0.5, */*;q=0.1"),
        accept("weight and version", "application/taxii+json;q=0.9;version=2.1"),
        accept("an unwanted type", "application/taxii+json;version=2.1;q=0").says(406),
        accept("JSON only", "application/json").says(406),
        accept("HTML only", "text/html").says(406),
        accept("TAXII 2.0", "application/vnd.oasis.taxii+json; version=2.0").says(406),
        accept("a version to come", "application/taxii+json;version=9.9").says(406),
        get("discovery is negotiated too", "/taxii2/").with("Accept", "image/png").says(406),
        get("not acceptable beats nothing", "{c}objects/").with("Accept", "image/png").says(406),
    ]
}

#[test]
fn endpoints_callers_and_media_types() {
    let _turn = turn::shared();
    let mut world = World::new();
    world.check("endpoints", &endpoints());
    world.check("callers", &callers());
    world.check("media types", &media_types());
}

#[test]
fn a_token_comes_as_bearer_basic_or_bare() {
    let _turn = turn::shared();
    let mut world = World::new();
    let token = world.node.token("tool", &["--circle", "ring", "--read"]);
    let basic = [format!("any:{token}"), format!("{token}:"), String::new()];
    let expected = [200, 401, 401];
    for (pair, status) in basic.iter().zip(expected) {
        let value = format!("Basic {}", base64(pair.as_bytes()));
        let headers = [("Authorization", value.as_str())];
        assert_eq!(world.client(Who::Nobody).send("GET", "/taxii2/", &headers, b"").status, status);
    }
    for value in [
        token.clone(),
        format!("bearer {token}"),
        format!("Token {token}"),
        format!("BEARER  {token}"),
    ] {
        let headers = [("Authorization", value.as_str())];
        assert_eq!(world.client(Who::Nobody).send("GET", "/taxii2/", &headers, b"").status, 200);
    }
}

/// RFC 4648, for one header of one test.
fn base64(bytes: &[u8]) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits =
            (0..3).fold(0_u32, |bits, i| bits << 8 | chunk.get(i).map_or(0, |b| u32::from(*b)));
        for place in 0..4 {
            let letter = letters[(bits >> (18 - 6 * place)) as usize & 63];
            text.push(if place > chunk.len() { '=' } else { char::from(letter) });
        }
    }
    text
}

#[test]
fn head_is_get_without_a_body() {
    let _turn = turn::shared();
    let mut world = World::new();
    for path in [
        "/taxii2/",
        "/taxii2/root/",
        "/taxii2/root/collections/",
        "{c}",
        "{c}objects/",
        "{c}manifest/",
    ] {
        let get = get("GET", path);
        let (whole, head) = (world.ask(&get), world.ask(&get.clone().method("HEAD")));
        assert_eq!(head.status, 200, "{path}");
        assert!(head.body.is_empty(), "{path}");
        let but_date = |reply: &world_tests::http::Reply| {
            let headers = reply.headers.iter().filter(|(name, _)| name != "date");
            headers.cloned().collect::<Vec<_>>()
        };
        assert_eq!(but_date(&head), but_date(&whole), "{path}");
        assert_eq!(get.method("HEAD").faults(&head), Vec::<String>::new());
    }
}

/// A page long enough to be worth packing.
const ALL: &str = "{c}objects/?match[version]=all";

#[test]
fn answers_are_packed_when_that_is_asked() {
    let _turn = turn::shared();
    let mut world = World::new();
    let plain = world.gets(ALL);
    assert_eq!(plain.header("content-encoding"), None);
    let packed = world.ask(&get("gzip", ALL).with("Accept-Encoding", "gzip"));
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert!(packed.header("vary").is_some_and(|vary| vary.contains("Accept-Encoding")));
    let mut unpacked = Vec::new();
    let mut reader = flate2::read::GzDecoder::new(packed.body.as_slice());
    reader.read_to_end(&mut unpacked).expect("gzip");
    assert_eq!(unpacked, plain.body);
    for unwanted in ["identity", "gzip;q=0", "br", "*;q=0", ";;,"] {
        let corner = get("not packed", ALL).with("Accept-Encoding", unwanted);
        assert_eq!(world.ask(&corner).body, plain.body, "{unwanted}");
    }
}
