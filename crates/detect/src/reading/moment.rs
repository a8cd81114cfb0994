//! When an event happened, in the spellings of logs. Times without a zone are taken for UTC; times
//! without a year say nothing, since nothing here knows the year.

use super::event::Flat;
use crate::event::since_1970;
use memchr::memmem::Finder;
use model::time::Instant;
use std::sync::LazyLock;

/// 1990-01-01: what is older was written by a clock that was never set.
pub(super) const EARLIEST: Instant = Instant::from_micros(631_152_000_000_000);

/// Names of fields that say when, the most exact first.
const NAMES: [&str; 14] = [
    "ts",
    "timestamp",
    "@timestamp",
    "time",
    "_time",
    "rt",
    "devTime",
    "eventtime",
    "EventTime",
    "UtcTime",
    "start",
    "end",
    "first",
    "t_first",
];

/// Members that say when at any depth of a document, as its source writes them: Sysmon, the logs of
/// Windows, nfdump, GoFlow2, IPFIX.
static MEMBERS: LazyLock<[Finder<'static>; 5]> = LazyLock::new(|| {
    ["\"UtcTime\"", "\"SystemTime\"", "\"t_first\"", "\"time_flow_start_ns\"", "\"flowStart"]
        .map(|name| Finder::new(name.as_bytes()))
});
/// Places at which one name is looked at: it may be a value as well.
const MEMBER_PLACES_MAX: usize = 4;
/// Bytes of the longest time that is read there.
const MEMBER_BYTES_MAX: usize = 64;

/// The time that a JSON document tells nowhere else. Its bytes are searched: between two bare quotes
/// nothing but the whole of a name can stand.
pub(super) fn of_members(json: &[u8]) -> Option<Instant> {
    let ends = |finder: &'static Finder<'static>| {
        finder.find_iter(json).take(MEMBER_PLACES_MAX).map(|at| at + finder.needle().len())
    };
    MEMBERS.iter().flat_map(ends).find_map(|end| {
        let (_, rest) = json.split_at_checked(end)?;
        let rest = rest.get(..rest.len().min(MEMBER_BYTES_MAX))?;
        let rest = rest.utf8_chunks().next()?.valid();
        // The unit of IPFIX's times is the end of their name; their digits tell it as well.
        let (unit, value) = rest.split_once(':')?;
        let unit = unit.trim_end().trim_end_matches('"');
        if !unit.is_empty() && !matches!(unit, "Seconds" | "Milliseconds" | "Microseconds") {
            return None;
        }
        let value = value.trim_start();
        let value = value.strip_prefix('"').unwrap_or(value);
        moment(value.split(['"', ',', '}']).next()?).filter(|at| *at >= EARLIEST)
    })
}

/// The time that flat fields tell; W3C logs have it in two columns.
pub(super) fn of_flat(flat: &Flat<'_>) -> Option<Instant> {
    if let (Some(day), Some(time)) = (flat.value("date"), flat.value("time")) {
        let mut both = String::with_capacity(32);
        both.extend([day, "T", time]);
        if let Some(at) = moment(&both) {
            return Some(at);
        }
    }
    NAMES.iter().find_map(|name| flat.value(name).and_then(moment))
}

/// The time at the beginning of a text: ISO 8601, seconds since 1970, or in the brackets of an
/// access log.
pub(super) fn leading(text: &str) -> Option<Instant> {
    let mut words = text.split_whitespace();
    let first = words.next()?.trim_matches(['[', ']', ',']);
    let number = || first.parse::<f64>().is_ok() && first.len() >= 10;
    if first.len() >= 19 || number() {
        return moment(first);
    }
    if first.len() == 10
        && let Some(second) = words.next()
    {
        let second = second.trim_matches(['[', ']', ',']);
        if let Some(at) = moment(&format!("{first}T{second}")) {
            return Some(at);
        }
    }
    let (_, rest) = text.split_once('[')?;
    clf(rest.split_once(']')?.0)
}

/// Reads a time in any of the spellings.
pub(super) fn moment(text: &str) -> Option<Instant> {
    let text = text.trim().trim_matches('"');
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return since_1970(text);
    }
    iso(text).or_else(|| clf(text)).or_else(|| named_month(text))
}

/// `2026-11-22T16:00:00.123Z`, with a space for the `T`, with `/` in the date, with or without zone.
fn iso(text: &str) -> Option<Instant> {
    let (day, rest) = text.split_at_checked(10)?;
    let shaped = day.bytes().zip(0..).all(|(byte, place)| match place {
        4 | 7 => matches!(byte, b'-' | b'/'),
        _ => byte.is_ascii_digit(),
    });
    let rest = rest.strip_prefix(['T', ' ', 't'])?;
    if !shaped {
        return None;
    }
    let mut whole = String::with_capacity(40);
    whole.extend(day.chars().map(|c| if c == '/' { '-' } else { c }));
    whole.push('T');
    let rest = rest.trim_end();
    whole.extend(rest.chars().map(|c| if c == ',' { '.' } else { c }).filter(|c| *c != ' '));
    let zoned = rest.ends_with(['Z', 'z']) || rest.get(5..)?.contains(['+', '-']);
    if !zoned {
        whole.push('Z');
    }
    whole.parse().ok()
}

/// `22/Nov/2026:16:00:00 +0000`
fn clf(text: &str) -> Option<Instant> {
    let (day, rest) = text.split_once('/')?;
    let (name, rest) = rest.split_once('/')?;
    let (year, time) = rest.split_once(':')?;
    let (clock, zone) = time.split_once(' ').unwrap_or((time, "+0000"));
    let month = month(name)?;
    let day: u8 = day.parse().ok()?;
    format!("{year}-{month:02}-{day:02}T{clock}{zone}").parse().ok()
}

/// `Nov 22 2026 16:00:00[.123][ UTC]`, as CEF and Cisco write it.
fn named_month(text: &str) -> Option<Instant> {
    let mut words = text.split_ascii_whitespace();
    let month = month(words.next()?)?;
    let day: u8 = words.next()?.parse().ok()?;
    let (third, fourth) = (words.next()?, words.next()?);
    let (year, clock) = if third.contains(':') { (fourth, third) } else { (third, fourth) };
    let year: u16 = year.parse().ok()?;
    let clock = clock.trim_end_matches(':');
    format!("{year:04}-{month:02}-{day:02}T{clock}Z").parse().ok()
}

/// The month of a three-letter English name.
pub(super) fn month(name: &str) -> Option<u8> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let place = MONTHS.iter().position(|month| month.eq_ignore_ascii_case(name))?;
    u8::try_from(place + 1).ok()
}
