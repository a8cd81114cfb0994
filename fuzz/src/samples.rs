//! Input written by hand, one list for each target that has some. Failures found once are kept here.

/// Single objects.
pub const STIX: &[&[u8]] = &[
    br#"{"type":"indicator","spec_version":"2.1","id":"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","created":"2024-01-01T00:00:00.000Z","modified":"2024-01-02T00:00:00.123456Z","name":"made up","pattern":"[ipv4-addr:value = '203.0.113.7'] FOLLOWEDBY [url:value LIKE 'http://%.example/']","pattern_type":"stix","valid_from":"2024-01-01T00:00:00Z","valid_until":"2025-01-01T00:00:00Z","confidence":85,"object_marking_refs":["marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"],"granular_markings":[{"selectors":["name"],"marking_ref":"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"}]}"#,
    br#"{"type":"file","id":"file--e277603e-1060-5ad4-9937-c26c97f1ca68","hashes":{"SHA-256":"aec070645fe53ee3b3763059376134f058cc337247c978add178b6ccdfb0019f"},"size":9007199254740993,"name":"a\u00e9\ud83d\ude00"}"#,
    br#"{"type":"report","spec_version":"2.1","id":"report--84e4d88f-44ea-4bcd-bbf3-b2c1c320bcb3","created_by_ref":"identity--a463ffb3-1bd9-4d94-b02d-74e4f1658283","created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z","name":"r","published":"2024-01-01T00:00:00Z","object_refs":["indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"],"external_references":[{"source_name":"cve","external_id":"CVE-2024-0001"}]}"#,
    br#"{"type":"x-made-up","spec_version":"2.1","id":"x-made-up--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z","deep":[[[{"a":[1,2.5,-3e4,null,true]}]]]}"#,
];

/// Plain lists and CSV.
pub const LISTS: &[&[u8]] = &[
    b"# comment\n203.0.113.7\n2001:db8::1\nexample.org\nhxxp://bad[.]example/x?y=1\r\n\n44d88612fea8a8f36de82e1278abb02f\n",
    b"value,type,comment\n203.0.113.7,ip,\"one, two\"\n\"exa\"\"mple.org\",domain,\n",
    b"198.51.100.0/24;net;\xc3\xbc\n192.0.2.1 # trailing\n",
];

/// Lines of telemetry.
pub const EVENTS: &[&[u8]] = &[
    br#"{"timestamp":"2024-01-01T00:00:00.000001+0000","event_type":"dns","src_ip":"192.0.2.1","dest_ip":"203.0.113.7","dns":{"query":[{"rrname":"example.org","rrtype":"A"}]}}"#,
    br#"{"ts":1704067200.123456,"id.orig_h":"192.0.2.1","query":"b\u00fccher.example","answers":["203.0.113.7",null,true,{"ttl":3.6e3}]}"#,
    br#"{"EventTime":"2024-01-01 00:00:00","Hashes":"MD5=44D88612FEA8A8F36DE82E1278ABB02F,SHA256=0","Image":"C:\\Windows\\a.exe"}"#,
    b"<34>1 2024-01-01T00:00:00Z dns named 5 - [q@1 a=\"\\\"]\" b=\"192.0.2.7\"] \xef\xbb\xbffor www[.]evil[.]example",
    b"<34>Jan  1 00:00:00 fw app[7]: CEF:0|a|b\\||1|7|q|3|rt=1704067200000 cs1=a b cs1Label=Name request=http://a.example/?b\\=c",
    b"LEEF:2.0|a|b|1|7|0x5e|src=192.0.2.7^devTime=Jan 01 2024 00:00:00^x=\xff",
    b"date=2024-01-01 time=00:00:00 a=\"b \\\" c\" and words src=192.0.2.7",
    b"#separator \\x09",
    b"1704067200.5\ta\\x2c\\xc3\\xa9.example\tb.example,-,(empty)",
    b"192.0.2.7 - - [01/Jan/2024:00:00:00 +0000] \"CONNECT hxxp[:]//a(.)example:443\" (3)www(1)a(7)example(0)",
];

/// Markings' definitions.
pub const MARKINGS: &[&[u8]] = &[
    br#"{"type":"marking-definition","spec_version":"2.1","id":"marking-definition--f88d31f6-486f-44da-b317-01333bde0b82","created":"2017-01-20T00:00:00.000Z","definition_type":"tlp","name":"TLP:AMBER","definition":{"tlp":"amber"}}"#,
    br#"{"type":"marking-definition","spec_version":"2.1","id":"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003","created":"2022-10-01T00:00:00.000Z","name":"TLP:AMBER+STRICT","extensions":{"extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d":{"extension_type":"property-extension","tlp_2_0":"amber+strict"}}}"#,
];

/// STIX patterns.
pub const PATTERNS: &[&[u8]] = &[
    b"[ipv4-addr:value = '203.0.113.7'] FOLLOWEDBY [url:value LIKE 'http://%.example/'] WITHIN 5 SECONDS",
    b"([file:hashes.'SHA-256' IN ('a', 'b') AND file:size > 5] REPEATS 2 TIMES) START t'2024-01-01T00:00:00Z' STOP t'2025-01-01T00:00:00Z'",
    b"[network-traffic:dst_ref.value ISSUBSET '198.51.100.0/24' OR file:name MATCHES '^a(b|c)+$']",
];

/// Documents of objects.
pub const DOCUMENTS: &[&[u8]] = &[
    br#"{"type":"bundle","id":"bundle--1","objects":[{"type":"a"},{"b":[1]}]}"#,
    b"\xef\xbb\xbf{\"a\":1}\n\n{\"objects\":[{\"c\":2}]}\r\n",
    br#"[{"a":{}},7,{"b":null}]"#,
    br#"{}"#,
];

/// Query strings.
pub const QUERIES: &[&[u8]] = &[
    b"added_after=2024-01-01T00:00:00.000001Z&limit=10&match[type]=indicator,malware",
    b"match%5Bid%5D=indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f&match[version]=first,last",
    b"next=AQAAAAAAAAAFAAAAAAAAAAA&match[spec_version]=2.1",
];

/// Media types.
pub const MEDIA: &[&[u8]] =
    &[b"application/taxii+json;version=2.1, */*;q=0.1", b"text/html", b"application/*;q=0"];

/// Cards.
pub const CARDS: &[&[u8]] = &[
    b"entente/card/1\ncountry AT\nceiling amber\ntake-ceiling red\npersonal yes\n",
    b"entente/card/1\nceiling clear\ntake-ceiling clear\n",
];

/// A header's value, and below it the body of a foreign TAXII server's answer.
pub const ANSWERS: &[&[u8]] = &[
    b"2016-01-01T00:00:00.000001Z\n{\"more\":true,\"next\":\"AQ\",\"objects\":[{\"type\":\"a\",\"id\":\"a--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f\"}]}",
    b"/api1/\n{\"title\":\"t\",\"default\":\"https://a.example/api1/\",\"api_roots\":[\"https://a.example/api1/\",\"/api2/\",\"//b.example/x\",\"api3\"]}",
    b"W/\"v1\"\n{\"collections\":[{\"id\":\"91a7b528-80eb-42ed-a74d-c6fbd5a26116\",\"title\":\"t\",\"can_read\":true,\"media_types\":[\"application/stix+json;version=2.1\"]},{\"id\":\"..\"}]}",
    b"Sun, 06 Nov 1994 08:49:37 GMT\n{\"objects\":[{\"id\":\"a\",\"date_added\":\"2016-01-01T00:00:00Z\",\"version\":\"2016-01-01T00:00:00Z\"}]}",
    b"120\n{\"items\":[],\"next\":17,\"more\":\"True\"}",
];

/// Single words.
pub const WORDS: &[&[u8]] = &[
    b"2024-01-01T00:00:00.123456Z",
    b"indicator--8E2E2D2B-17d4-4cbf-938f-98ee46b3cd3f",
    b"entente/circle--00000000-0000-4000-8000-000000000001",
    b"00000000-0000-4000-8000-000000000001",
    b"44d88612fea8a8f36de82e1278abb02f",
    b"2001:0DB8:0:0::1/64",
    b"::ffff:203.0.113.7",
    b"198.51.100.077",
    b"HTTP://User@B\xc3\xbccher.Example:80/%7Ea/../b?c#d",
    b"a@B\xc3\xbccher.example",
    b"-9999-01-01T00:00:00Z",
];
