//! The public face under hostile input: whatever bytes come, every reader answers and none panics.

use formats::json::split;
use formats::stix::{by_reference, check, classify, list, read};
use formats::taxii::{EnvelopeWriter, Filter, Next, accepts, is_content};

/// A small generator: the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 8).unwrap_or_default() % sides.max(1)
    }

    /// A seed with a few bytes changed, doubled, cut or swapped for tokens that readers look for.
    fn mutate(&mut self, seed: &[u8]) -> Vec<u8> {
        let tokens =
            ["\"", "{", "]", ",", "\n", "\\u", "_ref", "--", "[.]", "%", "=", "\u{e9}", "\0"];
        let mut bytes = seed.to_vec();
        for _ in 0..=self.roll(4) {
            let (a, b) = (self.roll(bytes.len() + 1), self.roll(bytes.len() + 1));
            let (from, to) = (a.min(b), a.max(b));
            match self.roll(5) {
                0 => bytes.truncate(to),
                1 => drop(bytes.drain(from..to.min(from + 8))),
                2 => bytes.extend(seed.get(from..to).unwrap_or_default()),
                3 => bytes.insert(from, u8::try_from(self.roll(256)).unwrap_or_default()),
                _ => {
                    let token = tokens.get(self.roll(tokens.len())).copied().unwrap_or_default();
                    drop(bytes.splice(from..from, token.bytes()));
                }
            }
        }
        bytes
    }
}

const BUNDLE: &str = r#"{"type":"bundle","id":"bundle--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","objects":[
{"type":"marking-definition","id":"marking-definition--1e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","created":"2020-01-01T00:00:00Z","definition_type":"statement","definition":{"statement":"TLP:RED"}},
{"type":"indicator","spec_version":"2.1","id":"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","created":"2020-01-01T00:00:00.5Z","modified":"2020-01-01T00:00:00.5+01:00","pattern":"[a:b = '\u0041']","pattern_type":"stix","valid_from":"2020-01-01T00:00:00Z","object_marking_refs":["marking-definition--1e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"],"labels":["tlp:red"]},
{"type":"file","id":"file--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","hashes":{"MD5":"x"},"parent_directory_ref":"directory--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","size":1E400}]}"#;
const LIST: &str = "# \"ioc\",\"type\"\ntype,value,name\ndomain,a.example,\"x \"\"y\"\"\"\n\
    1.2.3.4:99\n[2001:db8::1]:80\thxxps[:]//a[.]b/c\r\n0.0.0.0 a.example\nASN,AS15169\n";
const QUERY: &str = "added_after=2020-01-01T00%3A00%3A00Z&limit=5&next=AQAAAAAAAAAB&match%5Bid%5D=\
    tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f&match[version]=first,last&match[spec_version]=2.1";
const ACCEPT: &str = "text/html;q=0.5, application/taxii+json; version=\"2.1\";q=1, */*;q=0";
const RUNS: usize = 10_000;

#[test]
fn no_document_makes_a_reader_panic_and_pieces_survive_an_envelope() {
    let mut dice = Dice(88_172_645_463_325_252);
    let mut read_well = 0;
    for _ in 0..RUNS {
        let bytes = dice.mutate(BUNDLE.as_bytes());
        let _listed = check::check(&bytes);
        let Ok(document) = split(&bytes) else { continue };
        let pieces = document.pieces.iter().map(|piece| piece.bytes);
        let first: Vec<&[u8]> = pieces.filter(|bytes| read(bytes).is_ok()).collect();
        let readings: Vec<_> = first.iter().filter_map(|bytes| read(bytes).ok()).collect();
        let order = by_reference(&readings.iter().collect::<Vec<_>>());
        assert_eq!(order.len(), readings.len());
        let _classes: Vec<_> = document.pieces.iter().map(|p| classify(p.bytes)).collect();
        let mut envelope = EnvelopeWriter::default();
        first.iter().for_each(|bytes| envelope.push(bytes));
        let envelope = envelope.finish(false, None);
        let again: Vec<&[u8]> = split(&envelope).unwrap().pieces.iter().map(|p| p.bytes).collect();
        assert_eq!(again, first);
        read_well += readings.len();
    }
    assert!(read_well > RUNS / 10, "the mutations leave too little to read: {read_well}");
}

#[test]
fn no_list_query_or_header_makes_a_reader_panic() {
    let mut dice = Dice(1_181_783_497_276_652_981);
    let (mut items, mut filters, mut accepted) = (0, 0, 0);
    for _ in 0..RUNS {
        let list = dice.mutate(LIST.as_bytes());
        for item in list::items(&list).flatten() {
            items += 1;
            if let Some(json) = item.indicator(model::time::Instant::from_micros(0), &[]) {
                assert!(read(json.as_bytes()).is_ok(), "{json}");
            }
        }
        let query = String::from_utf8_lossy(&dice.mutate(QUERY.as_bytes())).into_owned();
        if let Ok(filter) = Filter::parse(&query) {
            filters += 1;
            if let Some(next) = &filter.next {
                assert!(Next::parse(next, "scope", &filter).is_err());
            }
        }
        let header = String::from_utf8_lossy(&dice.mutate(ACCEPT.as_bytes())).into_owned();
        accepted += usize::from(accepts(Some(&header)) || is_content(Some(&header)));
    }
    assert!(items > RUNS && filters > 0 && accepted > RUNS / 10, "{items} {filters} {accepted}");
}
