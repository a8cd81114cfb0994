//! A TAXII 2.1 collection of numbered objects as a script for a server: right in everything but one
//! fault. What is wrong with real servers, and where that was seen, stands beside each fault.

use serde_json::json;
use std::collections::BTreeMap;
use world_tests::scripted::{Reply, Request};
use world_tests::stix::{indicator, indicator_id};

/// Where the collection is.
pub(super) const COLLECTION: &str = "/api/collections/91a7b528-80eb-42ed-a74d-c6fbd5a26116/";
const TAXII: &str = "application/taxii+json;version=2.1";

/// What is wrong. Those with a number go wrong that many times and are right from then on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Fault {
    /// Nothing.
    None,
    /// `next` is forgotten before it is used (medallion, after 30 seconds).
    NextExpires,
    /// `next` is a place on the server that moves when it is asked for, and one answer is lost on
    /// its way (medallion).
    NextPops(u32),
    /// `next` is understood beside the same `limit` only (medallion).
    NextNeedsLimit,
    /// `next` and `more` are of odd types.
    OddTypes,
    /// `more` without `next` (OpenTAXII's manifests; allowed by the specification).
    NoNext,
    /// The same, and more objects of one date than a page holds.
    NoNextOneDate,
    /// A web page with a 200.
    Html(u32),
    /// The right thing, called a web page.
    CalledHtml,
    /// The header says `undefined` (OpenCTI #6973).
    DatesUndefined,
    /// A date as JavaScript prints it, and no `next` (attack-workbench #32).
    DatesOdd,
    /// Neither dates nor a manifest.
    DatesMissing,
    /// Dates that lie a hundred years ahead.
    DatesAhead,
    /// Dates that fall from page to page.
    DatesFall,
    /// `items` instead of `objects` (attack-workbench #21).
    Items,
    /// The first page, whatever is asked for, with a `next`.
    SamePage(u32),
    /// The first page, whatever is asked for, without one.
    SamePageNoNext(u32),
    /// It fails (everywhere).
    Fails(u32),
    /// 406 unless the media type is spelt with a space (OpenTAXII's 415, the other way round).
    Spelling,
    /// It wants to be asked later.
    Busy(u32),
    /// JSON that ends before its end, of the announced length.
    Truncated(u32),
    /// A connection that ends before the answer does.
    Cut(u32),
    /// An answer without an end.
    Endless(u32),
    /// An empty page between two others, that says so.
    EmptyPages,
    /// Empty pages without an end.
    OnlyEmpty(u32),
    /// `more` on every page, the last and the empty one included.
    MoreAtEnd,
    /// `spec_version` is the object's type (OpenTAXII 0.9.3), on every tenth object.
    SpecVersion,
}

/// The collection.
#[derive(Debug)]
pub(super) struct Collection {
    /// The dates of its objects, ascending, in microseconds of one day.
    dates: Vec<u64>,
    /// Objects on a page, whatever is asked for.
    cap: usize,
    fault: Fault,
    /// How often it went wrong.
    wrong: u32,
    /// Pages that were given.
    pages: u32,
    /// Where `next` leads.
    places: BTreeMap<String, usize>,
    series: u32,
}

/// `2026-03-01T…`, so many microseconds into the day.
fn date(micros: u64, year: u32) -> String {
    let (seconds, micros) = (micros / 1_000_000, micros % 1_000_000);
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year}-03-01T{hours:02}:{minutes:02}:{seconds:02}.{micros:06}Z")
}

impl Collection {
    /// So many objects of a series, on pages of at most `cap`.
    pub(super) fn new(series: u32, count: u64, cap: usize, fault: Fault) -> Self {
        let one = |n: u64| match fault {
            Fault::NoNextOneDate if n < count / 2 => 5,
            // Three of each date: pages end between them.
            Fault::NoNext => n / 3 * 1_001 + 5,
            _ => n * 1_001 + 5,
        };
        let dates = (0..count).map(one).collect();
        let places = BTreeMap::new();
        Self { dates, cap, fault, wrong: 0, pages: 0, places, series }
    }

    /// Adds objects after those that there are.
    pub(super) fn grow(&mut self, count: u64) {
        let last = self.dates.last().copied().unwrap_or_default();
        self.dates.extend((1..=count).map(|n| last + n * 1_001));
    }

    /// Whether it goes wrong once more.
    fn goes_wrong(&mut self, times: u32) -> bool {
        self.wrong += 1;
        self.wrong <= times
    }

    /// Answers any request.
    pub(super) fn answer(&mut self, request: &Request) -> Reply {
        if let Fault::Fails(times) = self.fault
            && self.goes_wrong(times)
        {
            return Reply::status(500).with("Content-Type", "text/html");
        }
        let reply = match request.path.as_str() {
            "/taxii2/" => json!({"title": "one", "default": "/api/", "api_roots": ["/api/"]}),
            "/api/" => json!({"title": "root", "versions": [TAXII], "max_content_length": 1}),
            "/api/collections/" => {
                let id = COLLECTION.trim_end_matches('/').rsplit('/').next();
                json!({"collections": [{"id": id, "title": "c", "can_read": true, "can_write": false}]})
            }
            path if path == format!("{COLLECTION}manifest/") => return self.manifest(request),
            path if path == format!("{COLLECTION}objects/") => return self.objects(request),
            _ => return Reply::status(404),
        };
        Reply::ok(reply.to_string()).with("Content-Type", TAXII)
    }

    fn object(&self, n: usize) -> String {
        let number = u64::try_from(n).expect("small");
        let text = indicator(self.series, number, &format!("{number}.s{}.example", self.series));
        if self.fault == Fault::SpecVersion && n.is_multiple_of(10) {
            return text.replace(r#""spec_version":"2.1""#, r#""spec_version":"indicator""#);
        }
        text
    }

    fn manifest(&self, request: &Request) -> Reply {
        if self.fault == Fault::DatesMissing {
            return Reply::status(404);
        }
        let wanted = request.parameter("match[id]").unwrap_or_default();
        let known =
            |n: &usize| indicator_id(self.series, u64::try_from(*n).expect("small")) == wanted;
        let found = (0..self.dates.len()).find(known);
        let records: Vec<_> = found
            .map(|n| json!({"id": wanted, "date_added": date(self.dates[n], 2026), "version": "1"}))
            .into_iter()
            .collect();
        Reply::ok(json!({"objects": records}).to_string()).with("Content-Type", TAXII)
    }

    fn before(&mut self, request: &Request) -> Option<Reply> {
        let fault = self.fault;
        match fault {
            Fault::Html(times) if self.goes_wrong(times) => {
                Some(Reply::ok("<html>please log in</html>").with("Content-Type", "text/html"))
            }
            Fault::Spelling if !request.header("accept")?.contains("; version") => {
                Some(Reply::status(406))
            }
            Fault::Busy(times) if self.goes_wrong(times) => {
                Some(Reply::status(503).with("Retry-After", "120"))
            }
            Fault::Endless(times) if self.goes_wrong(times) => Some(Reply::ok("{").endless()),
            Fault::OnlyEmpty(times) if self.goes_wrong(times) => {
                let text = json!({"more": true, "next": self.wrong.to_string()}).to_string();
                Some(Reply::ok(text).with("Content-Type", TAXII))
            }
            Fault::EmptyPages if self.pages % 2 == 1 => {
                self.pages += 1;
                let next = request.parameter("next")?;
                let text = json!({"more": true, "next": next, "objects": []}).to_string();
                Some(Reply::ok(text).with("Content-Type", TAXII))
            }
            _ => None,
        }
    }

    /// The first object that is asked for, or a refusal.
    fn start(&mut self, request: &Request) -> Result<usize, Reply> {
        let since = request.parameter("added_after");
        let year = if self.fault == Fault::DatesAhead { 2126 } else { 2026 };
        let upto = |since: &str| {
            self.dates.iter().take_while(|d| date(**d, year).as_str() <= since).count()
        };
        let by_date = since.map_or(0, upto);
        let Some(next) = request.parameter("next") else { return Ok(by_date) };
        let limited = request.parameter("limit").is_some();
        match (self.fault, self.places.get(next)) {
            (Fault::NextExpires, _) | (_, None) => Err(Reply::status(400)),
            (Fault::NextNeedsLimit, _) if !limited => Err(Reply::status(400)),
            (_, Some(place)) => Ok(*place),
        }
    }

    fn objects(&mut self, request: &Request) -> Reply {
        if let Some(reply) = self.before(request) {
            return reply;
        }
        let start = match self.start(request) {
            Ok(start) => start,
            Err(reply) => return reply,
        };
        let limit = request.parameter("limit").and_then(|limit| limit.parse().ok());
        let limit: usize = limit.unwrap_or(usize::MAX);
        let grows = self.fault == Fault::NoNextOneDate && limit > 1_000;
        let size = limit.min(if grows { usize::MAX } else { self.cap });
        let fault = self.fault;
        let start = match fault {
            Fault::SamePage(times) | Fault::SamePageNoNext(times) if self.goes_wrong(times) => 0,
            _ => start,
        };
        let end = start.saturating_add(size).min(self.dates.len());
        self.page(start..end)
    }

    fn page(&mut self, range: std::ops::Range<usize>) -> Reply {
        self.pages += 1;
        let objects: Vec<String> = range.clone().map(|n| self.object(n)).collect();
        let more =
            range.end < self.dates.len() || (self.fault == Fault::MoreAtEnd && range.is_empty());
        let no_next = matches!(
            self.fault,
            Fault::NoNext
                | Fault::NoNextOneDate
                | Fault::DatesOdd
                | Fault::SamePageNoNext(_)
                | Fault::MoreAtEnd
        );
        let token = match self.fault {
            // One place on the server, wherever it is.
            Fault::NextPops(_) => "here".to_owned(),
            _ => format!("4{}", range.end),
        };
        self.places.insert(token.clone(), range.end);
        let next = match (more && !no_next, self.fault) {
            (false, _) => String::new(),
            (true, Fault::OddTypes) => format!(r#","next":{token}"#),
            (true, _) => format!(r#","next":"{token}""#),
        };
        let name = if self.fault == Fault::Items { "items" } else { "objects" };
        let said = match self.fault {
            Fault::OddTypes => format!(r#""{more}""#),
            _ => more.to_string(),
        };
        let text = if objects.is_empty() && !more {
            "{}".to_owned()
        } else {
            format!(r#"{{"more":{said}{next},"{name}":[{}]}}"#, objects.join(","))
        };
        let kind = if self.fault == Fault::CalledHtml { "text/html" } else { TAXII };
        let reply = self.dated(Reply::ok(text.clone()).with("Content-Type", kind), &range);
        let fault = self.fault;
        match fault {
            Fault::NextPops(times) if self.pages == 3 && self.goes_wrong(times) => reply.cut(200),
            Fault::Cut(times) if self.pages > 2 && self.goes_wrong(times) => reply.cut(300),
            Fault::Truncated(times) if self.pages > 2 && self.goes_wrong(times) => {
                let half = text.get(..text.len() / 2).unwrap_or_default();
                self.dated(Reply::ok(half).with("Content-Type", kind), &range)
            }
            _ => reply,
        }
    }

    fn dated(&self, reply: Reply, range: &std::ops::Range<usize>) -> Reply {
        let Some(last) = range.end.checked_sub(1).filter(|_| !range.is_empty()) else {
            return reply;
        };
        let (first, last) = (self.dates[range.start], self.dates[last]);
        let [first, last] = match self.fault {
            Fault::DatesMissing => return reply,
            Fault::DatesUndefined => ["undefined".to_owned(), "undefined".to_owned()],
            Fault::DatesOdd => {
                let odd = "Thu Feb 20 2020 10:11:12 GMT+0000 (Coordinated Universal Time)";
                [odd.to_owned(), odd.to_owned()]
            }
            Fault::DatesAhead => [date(first, 2126), date(last, 2126)],
            Fault::DatesFall => {
                let fallen = 80_000_000_000 - last;
                [date(fallen, 2025), date(fallen, 2025)]
            }
            _ => [date(first, 2026), date(last, 2026)],
        };
        reply.with("X-TAXII-Date-Added-First", first).with("X-TAXII-Date-Added-Last", last)
    }
}
