//! Bodies at every door: malformed, truncated, huge, deep, doubled, packed into bombs, with a million
//! of everything.

use super::world::{TAXII, World};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use std::io::Write as _;
use world_tests::entente::Running;
use world_tests::stix::{envelope, indicator};
use world_tests::turn;

/// The doors that take a body: path and media type.
fn doors(circle: &str) -> Vec<(String, &'static str)> {
    let json = "application/json";
    let mut doors = vec![(Running::objects(circle), TAXII)];
    let ours = [
        "/api/v1/publish?circle=ring",
        "/api/v1/publish?circle=ring&format=list",
        "/api/v1/publish?circle=ring&format=stix&dry_run=1",
        "/api/v1/watch",
        "/telemetry/",
        "/telemetry/_bulk",
        "/services/collector/event",
        "/api/v1/recall",
        "/api/v1/relabel",
        "/api/v1/circles",
        "/api/v1/tokens",
        "/api/v1/partners/join",
        "/health/live",
        "/taxii2/",
        "/nowhere",
    ];
    doors.extend(ours.map(|path| (path.to_owned(), json)));
    doors
}

/// An indicator with more members.
fn with(more: &str) -> String {
    let object = indicator(0xbad, 1, "bad.example");
    let open = object.strip_suffix('}').unwrap_or(&object);
    envelope(&[format!("{open},{more}}}")])
}

/// Small bodies that are none, or not what they should be.
fn malformed() -> Vec<Vec<u8>> {
    let good = envelope(&[indicator(0xbad, 2, "good.example")]);
    let half = good.get(..good.len() / 2).unwrap_or_default().to_owned();
    let texts = [
        "",
        "{",
        "[",
        "]",
        "null",
        "0",
        "\"a\"",
        "[]",
        "{}",
        "{\"objects\":null}",
        "{\"objects\":{}}",
        "{\"objects\":[]}",
        "{\"objects\":[1,null,\"a\",[]]}",
        "{\"objects\":[],\"objects\":[]}",
        "{\"objects\":[{\"type\":\"indicator\",\"type\":\"malware\"}]}",
        "\u{feff}{}",
        "{}{}",
        "{\"a\":1e999999}",
        "{\"objects\":[{\"type\":7,\"id\":[],\"modified\":{}}]}",
        "a,b\n\"c",
        "\n\n\n",
        "{\"id\":null,\"tlp\":[]}",
        "{\"code\":\"ent1:AAAA\"}",
        "{\"name\":\"\\u0000\",\"circles\":[\"\\ud800\"]}",
        "{\"index\":{}}\n{",
    ];
    let mut all: Vec<Vec<u8>> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    all.push(half.into_bytes());
    all.push(good.replace("indicator--", "indicator--\\u0000").into_bytes());
    all.push(good.replace("good", "go\u{0}d").into_bytes());
    all.push([good.as_bytes(), b"\0\0\0"].concat());
    all.push(b"{\"objects\":[{\"type\":\"\xff\xfe\"}]}".to_vec());
    all.push(good.encode_utf16().flat_map(u16::to_le_bytes).collect());
    for more in [
        r#""object_marking_refs":7"#,
        r#""object_marking_refs":[[]]"#,
        r#""granular_markings":[{}]"#,
        r#""confidence":-1e400"#,
        r#""labels":[null]"#,
        r#""extensions":{"a":{"a":{"a":[]}}}"#,
        r#""valid_until":"9999-99-99T99:99:99Z""#,
        r#""x":"\ud800""#,
        r#""revoked":"yes""#,
    ] {
        all.push(with(more).into_bytes());
    }
    all
}

/// Large ones: each would be a bomb for a reader that builds a tree or believes a count.
fn huge() -> Vec<(&'static str, Vec<u8>)> {
    let many = |piece: &str, times: usize| format!("[{}]", vec![piece; times].join(","));
    let marking = "\"marking-definition--00000000-0000-4000-8000-0000000000aa\"";
    let granular = format!("{{\"selectors\":[\"name\"],\"marking_ref\":{marking}}}");
    let refs = "\"malware--00000000-0000-4000-8000-0000000000bb\"";
    let keys: Vec<String> = (0..400_000).map(|n| format!("\"k{n}\":0")).collect();
    vec![
        ("a million brackets", b"[".repeat(1 << 20)),
        (
            "deep in an object",
            with(&format!("\"x\":{}{}", "[".repeat(200_000), "]".repeat(200_000))).into_bytes(),
        ),
        ("deep objects", "{\"a\":".repeat(300_000).into_bytes()),
        (
            "a million labels",
            with(&format!("\"labels\":{}", many("\"a\"", 1_000_000))).into_bytes(),
        ),
        (
            "many markings",
            with(&format!("\"object_marking_refs\":{}", many(marking, 200_000))).into_bytes(),
        ),
        (
            "many granular markings",
            with(&format!("\"granular_markings\":{}", many(&granular, 100_000))).into_bytes(),
        ),
        ("many references", with(&format!("\"object_refs\":{}", many(refs, 400_000))).into_bytes()),
        ("many members", with(&keys.join(",")).into_bytes()),
        ("a long name", with(&format!("\"x\":\"{}\"", "a".repeat(20 << 20))).into_bytes()),
        ("a long number", with(&format!("\"x\":{}", "9".repeat(2 << 20))).into_bytes()),
        ("empty objects", format!("{{\"objects\":{}}}", many("{}", 1_000_000)).into_bytes()),
        ("no objects", format!("{{\"objects\":{}}}", many("0", 2_000_000)).into_bytes()),
        ("more than may be", vec![b' '; (32 << 20) + 1]),
        ("one long line", vec![b'a'; 8 << 20]),
        ("many lines", b"{\"a\":\n".repeat(1 << 20)),
        ("many values", "203.0.113.7\n".repeat(200_000).into_bytes()),
    ]
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(bytes).expect("memory takes it");
    packer.finish().expect("memory takes it")
}

/// Small when packed: coding, bytes.
fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let zeros = vec![0_u8; 64 << 20];
    let once = gzip(&zeros);
    let many = [once.as_slice(); 32].concat();
    let mut deflated = DeflateEncoder::new(Vec::new(), Compression::fast());
    deflated.write_all(&zeros).expect("memory takes it");
    let packed = zstd::bulk::compress(&zeros, 3).expect("memory takes it");
    let long = zstd_of_window(&zeros);
    let objects = format!("{{\"objects\":[{}]}}", vec!["{}"; 9_000_000].join(","));
    vec![
        ("gzip", once.clone()),
        ("gzip", many),
        ("gzip", gzip(&gzip(&once))),
        ("gzip, gzip", gzip(&once)),
        ("gzip", gzip(objects.as_bytes())),
        ("zstd", packed.clone()),
        ("zstd", [packed.as_slice(); 64].concat()),
        ("zstd", long),
        ("deflate", deflated.finish().expect("memory takes it")),
        ("br", once.clone()),
        ("gzip", once.get(..once.len() / 2).unwrap_or_default().to_vec()),
        ("gzip", b"not packed at all".to_vec()),
        ("zstd", b"\x28\xb5\x2f\xfd\xff".to_vec()),
        ("gzip", b"\x1f\x8b\x08\x00".to_vec()),
    ]
}

/// A frame that asks its reader for a window of 1 GiB.
fn zstd_of_window(bytes: &[u8]) -> Vec<u8> {
    let mut packer = zstd::stream::Encoder::new(Vec::new(), 1).expect("an encoder");
    packer.window_log(30).expect("a large window");
    packer.write_all(bytes).expect("memory takes it");
    packer.finish().expect("memory takes it")
}

fn send(world: &mut World, what: &str, coding: &str, bytes: &[u8]) {
    let mut client = world.attacker();
    for (path, media_type) in doors(&world.circle) {
        let headers = [("Content-Type", media_type), ("Content-Encoding", coding)];
        let reply = client.try_send("POST", &path, &headers, bytes);
        world.answered(&format!("{what} at {path}"), reply);
    }
}

#[test]
fn no_body_at_any_door_stops_the_node_or_slows_an_honest_client() {
    let _turn = turn::alone();
    let mut world = World::new("CERT Bodies");
    world.phase("malformed", |world| {
        for (number, body) in malformed().iter().enumerate() {
            send(world, &format!("malformed {number}"), "", body);
        }
    });
    for (what, body) in huge() {
        world.phase(what, |world| send(world, what, "", &body));
    }
    world.phase("bombs", |world| {
        for (number, (coding, body)) in bombs().iter().enumerate() {
            send(world, &format!("bomb {number} ({coding})"), coding, body);
        }
    });
    world.phase("questions", questions);
    let mut series = 0xfa7;
    world.phase("true documents", |world| {
        series += 1;
        true_document(world, series);
    });
    world.end();
}

/// A thousand objects at once, all of them good: what honest tools send.
fn true_document(world: &mut World, series: u32) {
    let objects: Vec<String> =
        (0..1_000).map(|n| indicator(series, n, &format!("n{n}.true.example"))).collect();
    let path = Running::objects(&world.circle);
    let mut client = world.attacker();
    let headers = [("Content-Type", TAXII)];
    let reply = client.try_send("POST", &path, &headers, envelope(&objects).as_bytes());
    world.answered("a true document", reply);
}

/// Questions that are none, or would cost far more than they may.
fn questions(world: &mut World) {
    let mut client = world.attacker();
    let objects = Running::objects(&world.circle);
    let ids = vec!["indicator--00000bad-0000-4000-8000-000000000001"; 900].join(",");
    let long = "a".repeat(60_000);
    let mut paths: Vec<String> = [
        "match[type]=no-such-type",
        "limit=0",
        "limit=-1",
        "limit=99999999999999999999",
        "limit=a",
        "next=%00",
        "next=AQ",
        "added_after=yesterday",
        "added_after=9999-12-31T23:59:59.999999Z",
        "match[version]=all,first,last,7",
        "limit=1&limit=2",
        "match[id]=%ff",
        "match[id]=indicator--",
        "%",
        "&&&&",
        "=",
        "match[spec_version]=9.9",
        "match[type]=%00",
    ]
    .iter()
    .map(|query| format!("{objects}?{query}"))
    .collect();
    paths.extend([
        format!("{objects}?match[id]={ids}"),
        format!("{objects}?match[type]={long}"),
        format!("{objects}{long}/"),
        format!("{objects}indicator--%00/"),
        "/api/v1/search?q=".to_owned(),
        format!("/api/v1/search?q={long}"),
        format!("/api/v1/search?q={}", "number%20".repeat(2_000)),
        "/api/v1/search?q=%22%27%28*%29%20NEAR%20AND%20OR%20NOT%20a*".to_owned(),
        "/api/v1/search?q=number".to_owned(),
        "/api/v1/search?q=%ff&q=2&zzz=1".to_owned(),
        "/api/v1/objects/nothing".to_owned(),
        "/api/v1/objects/indicator--00000bad-0000-4000-8000-000000000001?version=%00".to_owned(),
        "/api/v1/sightings?since=never&limit=-4".to_owned(),
        "/api/v1/who/..%2f..%2fetc%2fpasswd".to_owned(),
        "/taxii2/root/collections/00000000-0000-0000-0000-000000000000/objects/".to_owned(),
        "/taxii2/root/status/%00/".to_owned(),
        format!("/api/v1/publish?circle=ring&to={}", vec!["x"; 20_000].join("&to=")),
    ]);
    for path in paths {
        for method in ["GET", "POST", "DELETE", "PUT", "OPTIONS"] {
            let reply = client.try_send(method, &path, &[("Content-Type", TAXII)], b"");
            let shown: String = path.chars().take(80).collect();
            world.answered(&format!("{method} {shown}"), reply);
        }
    }
}
