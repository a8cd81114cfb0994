//! Filters, versions, single objects. Nothing is changed by these rows.

use super::corner::{Corner, get};
use super::world::{ADDRESS, CUSTOM, MALWARE, SHOWN, VERSIONS, World, versioned};
use world_tests::turn;

/// SPEC: TAXII 2.1 §3.4: any malformed parameter is 400.
fn malformed() -> Vec<Corner> {
    let bad = |name, query: &str| get(name, &format!("{{c}}objects/?{query}")).says(400);
    vec![
        bad("limit=0", "limit=0"),
        bad("a negative limit", "limit=-1"),
        bad("a word as limit", "limit=many"),
        bad("a fraction as limit", "limit=1.5"),
        bad("an empty limit", "limit="),
        bad("limit twice", "limit=1&limit=2"),
        bad("broken percent encoding", "limit=%zz"),
        bad("added_after is no time", "added_after=yesterday"),
        bad("added_after is a number", "added_after=1700000000"),
        bad("added_after is a day", "added_after=2026-01-01"),
        bad("added_after in another zone", "added_after=2026-01-01T00:00:00%2B01:00"),
        bad("added_after is impossible", "added_after=2026-13-41T00:00:00.000000Z"),
        bad(
            "added_after twice",
            "added_after=2026-01-01T00:00:00Z&added_after=2026-01-01T00:00:00Z",
        ),
        bad("next of nobody", "next=garbage"),
        bad("an empty next", "next="),
        bad("garbage as version", "match[version]=garbage"),
        bad("all beside another", "match[version]=all,first"),
        bad("first twice", "match[version]=first,first"),
        bad("a version twice", "match[version]=2026-01-01T00:00:00Z,2026-01-01T00:00:00.000Z"),
        bad("a match field twice", "match[type]=malware&match[type]=indicator"),
        bad("an id that is none", "match[id]=nothing"),
        bad("a spec version that is none", "match[spec_version]=latest"),
        bad("an empty type", "match[type]="),
        get("malformed at the manifest", "{c}manifest/?limit=0").says(400),
        get("malformed at an object", &format!("{{c}}objects/{MALWARE}/?limit=x")).says(400),
        get("malformed at versions", &format!("{{c}}objects/{MALWARE}/versions/?added_after=x"))
            .says(400),
    ]
}

/// SPEC: TAXII 2.1 §3.4, §3.5
fn filters() -> Vec<Corner> {
    let ask = |name, query: &str, shown| {
        get(name, &format!("{{c}}objects/?{query}")).count("objects", shown)
    };
    let id = versioned();
    vec![
        get("the last of each", "{c}objects/").count("objects", SHOWN).lacks("\"more\":true"),
        ask("a limit beyond 64 bits", "limit=99999999999999999999999", SHOWN),
        ask("a limit above the cap", "limit=1000000000", SHOWN),
        ask("one", "limit=1", 1).at("/more", true).contains("\"next\":"),
        ask("the limit is exact", "limit=4", 4).lacks("\"more\":true"),
        ask("without a fraction", "added_after=2000-01-01T00:00:00Z", SHOWN),
        ask("with a short fraction", "added_after=2000-01-01T00:00:00.5Z", SHOWN),
        ask("in the future", "added_after=2100-01-01T00:00:00.000000Z", 0).is("{}"),
        ask("one type", "match[type]=malware", 1).contains(MALWARE),
        ask("one of two types", "match[type]=malware,ipv4-addr", 2),
        ask("a type that is not here", "match[type]=sighting", 0).is("{}"),
        ask("a custom type", "match[type]=x-thing", 1).contains("\"x_deep\":{\"a\":[1,2,{}]}"),
        ask("encoded brackets", "match%5Btype%5D=malware", 1),
        ask("one id", &format!("match[id]={ADDRESS}"), 1),
        ask("one of two ids", &format!("match[id]={ADDRESS},{CUSTOM}"), 2),
        ask("id and type", &format!("match[id]={ADDRESS},{CUSTOM}&match[type]=x-thing"), 1),
        ask("id and another type", &format!("match[id]={ADDRESS}&match[type]=malware"), 0),
        ask("a field of nobody", "match[colour]=red", SHOWN),
        ask("a parameter of nobody", "colour=red", SHOWN),
        ask("last", "match[version]=last", SHOWN),
        ask("first", "match[version]=first&match[type]=indicator", 1).contains(VERSIONS[0]),
        ask("first and last", "match[version]=first,last&match[type]=indicator", 2),
        ask("all", "match[version]=all", SHOWN + 2),
        ask("a version by its instant", "match[version]=2026-02-01T00:00:00.000000Z", 1)
            .contains("\"modified\":\"2026-02-01T00:00:00Z\""),
        ask(
            "a version and the last",
            "match[version]=2026-02-01T00:00:00Z,last&match[type]=indicator",
            2,
        ),
        ask("a version of nothing", "match[version]=1999-01-01T00:00:00Z", 0).is("{}"),
        ask("STIX 2.1", "match[spec_version]=2.1", SHOWN),
        ask("STIX 2.0", "match[spec_version]=2.0", 0).is("{}"),
        ask("STIX 9.9", "match[spec_version]=9.9", 0).is("{}"),
        ask("STIX 2.0 or 2.1", "match[spec_version]=2.0,2.1", SHOWN),
        get("bytes are those that came", &format!("{{c}}objects/{id}/"))
            .contains("\"type\": \"indicator\",  \"spec_version\"")
            .contains("12345678901234567890.10"),
        get("manifest of a type", "{c}manifest/?match[type]=ipv4-addr").count("objects", 1),
        get("manifest of all versions", "{c}manifest/?match[version]=all")
            .count("objects", SHOWN + 2),
        get("manifest keeps the spelling", "{c}manifest/?match[version]=all&match[type]=indicator")
            .contains("2026-02-01T00:00:00Z")
            .contains("2026-03-01T00:00:00.123456789Z")
            .at("/objects/0/media_type", "application/stix+json;version=2.1"),
        get("manifest has a next", "{c}manifest/?limit=1").at("/more", true).contains("\"next\":"),
        get("no manifest of nothing", "{c}manifest/?match[type]=sighting").is("{}"),
    ]
}

/// SPEC: TAXII 2.1 §5.6, §5.8
fn objects() -> Vec<Corner> {
    let id = versioned();
    let one = |name, query: &str| get(name, &format!("{{c}}objects/{id}/{query}"));
    vec![
        one("the last version", "").count("objects", 1).contains(VERSIONS[2]),
        one("all versions", "?match[version]=all").count("objects", 3),
        one("the first version", "?match[version]=first").contains(VERSIONS[0]),
        one("no such version", "?match[version]=1999-01-01T00:00:00Z").is("{}"),
        one("the versions", "versions/")
            .at("/versions/0", VERSIONS[0])
            .at("/versions/1", VERSIONS[1])
            .at("/versions/2", VERSIONS[2]),
        one("one version a page", "versions/?limit=1").count("versions", 1).at("/more", true),
        one("no versions of STIX 2.0", "versions/?match[spec_version]=2.0").is("{}"),
        get("an observable", &format!("{{c}}objects/{ADDRESS}/")).count("objects", 1),
        get("an observable's version", &format!("{{c}}objects/{ADDRESS}/versions/"))
            .count("versions", 1),
        get("no such object", "{c}objects/malware--00000000-0000-4000-8000-000000000000/")
            .says(404),
        get(
            "no versions of nothing",
            "{c}objects/malware--00000000-0000-4000-8000-000000000000/versions/",
        )
        .says(404),
        get("an id that is none", "{c}objects/nothing/").says(404),
        get(
            "an id of another type",
            &format!("{{c}}objects/{}/", MALWARE.replace("malware", "tool")),
        )
        .says(404),
    ]
}

#[test]
fn malformed_requests_filters_and_single_objects() {
    let _turn = turn::shared();
    let mut world = World::new();
    world.check("malformed", &malformed());
    world.check("filters", &filters());
    world.check("objects", &objects());
}
