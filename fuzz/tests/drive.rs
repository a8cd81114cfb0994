//! Drives every target with samples changed at random, 100,000 inputs each, from a fixed seed.
//!
//! It does not search for coverage. A failure prints its input, which then becomes a sample.

use std::panic::{AssertUnwindSafe, catch_unwind};

use entente_fuzz::{
    event_line,
    input::{Dice, changed},
    list_read, stix_read,
};

const RUNS: usize = 100_000;

const STIX: &[&[u8]] = &[
    br#"{"type":"indicator","spec_version":"2.1","id":"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","created":"2024-01-01T00:00:00.000Z","modified":"2024-01-02T00:00:00.123456Z","name":"made up","pattern":"[ipv4-addr:value = '203.0.113.7'] FOLLOWEDBY [url:value LIKE 'http://%.example/']","pattern_type":"stix","valid_from":"2024-01-01T00:00:00Z","valid_until":"2025-01-01T00:00:00Z","confidence":85,"object_marking_refs":["marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"],"granular_markings":[{"selectors":["name"],"marking_ref":"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"}]}"#,
    br#"{"type":"file","id":"file--e277603e-1060-5ad4-9937-c26c97f1ca68","hashes":{"SHA-256":"aec070645fe53ee3b3763059376134f058cc337247c978add178b6ccdfb0019f"},"size":9007199254740993,"name":"a\u00e9\ud83d\ude00"}"#,
    br#"{"type":"report","spec_version":"2.1","id":"report--84e4d88f-44ea-4bcd-bbf3-b2c1c320bcb3","created_by_ref":"identity--a463ffb3-1bd9-4d94-b02d-74e4f1658283","created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z","name":"r","published":"2024-01-01T00:00:00Z","object_refs":["indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"],"external_references":[{"source_name":"cve","external_id":"CVE-2024-0001"}]}"#,
    br#"{"type":"x-made-up","spec_version":"2.1","id":"x-made-up--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z","deep":[[[{"a":[1,2.5,-3e4,null,true]}]]]}"#,
];

const LISTS: &[&[u8]] = &[
    b"# comment\n203.0.113.7\n2001:db8::1\nexample.org\nhxxp://bad[.]example/x?y=1\r\n\n44d88612fea8a8f36de82e1278abb02f\n",
    b"value,type,comment\n203.0.113.7,ip,\"one, two\"\n\"exa\"\"mple.org\",domain,\n",
    b"198.51.100.0/24;net;\xc3\xbc\n192.0.2.1 # trailing\n",
];

const EVENTS: &[&[u8]] = &[
    br#"{"timestamp":"2024-01-01T00:00:00.000001+0000","event_type":"dns","src_ip":"192.0.2.1","dest_ip":"203.0.113.7","dns":{"query":[{"rrname":"example.org","rrtype":"A"}]}}"#,
    br#"{"ts":1704067200.123456,"id.orig_h":"192.0.2.1","query":"b\u00fccher.example","answers":["203.0.113.7",null,true,{"ttl":3.6e3}]}"#,
    br#"{"EventTime":"2024-01-01 00:00:00","Hashes":"MD5=44D88612FEA8A8F36DE82E1278ABB02F,SHA256=0","Image":"C:\\Windows\\a.exe"}"#,
];

/// Runs `target` over changed samples and stops at the first input that it cannot stand.
fn drive(target: fn(&[u8]), samples: &[&[u8]], seed: u64) {
    let mut dice = Dice::new(seed);
    for sample in samples {
        target(sample);
    }
    for run in 0..RUNS {
        let input = changed(samples, &mut dice);
        let outcome = catch_unwind(AssertUnwindSafe(|| target(&input)));
        let input = input.escape_ascii();
        assert!(outcome.is_ok(), "run {run} of seed {seed} failed on b\"{input}\"");
    }
}

#[test]
fn a_stix_object_of_any_bytes_is_read_or_refused() {
    drive(stix_read, STIX, 0x5717);
}

#[test]
fn a_list_of_any_bytes_is_read_or_refused() {
    drive(list_read, LISTS, 0x1157);
}

#[test]
fn a_line_of_telemetry_of_any_bytes_is_read_or_refused() {
    drive(event_line, EVENTS, 0xe7e7);
}
