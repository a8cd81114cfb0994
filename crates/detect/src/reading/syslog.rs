//! Syslog's headers, RFC 5424 and what goes by RFC 3164, and what they carry. Framing is the door's
//! work; names of the header's fields are those of ECS.

use super::auto::{Carried, carried};
use super::flat::Pairs;
use super::moment::month;

/// Whether a line is syslog: it begins with a priority, or with a time that syslog files begin with.
pub(super) fn begins(line: &str) -> bool {
    priority(line).is_some() || bsd_time(line).is_some()
}

/// Reads the header into pairs, and says what is left as what.
pub(super) fn read<'t>(line: &'t str, pairs: &mut Pairs) -> Carried<'t> {
    let rest = match priority(line) {
        Some((digits, rest)) => {
            pairs.push("log.syslog.priority", digits);
            rest
        }
        None => line,
    };
    // SPEC: RFC 5424 §6.2.2: the version follows the priority without a space.
    let modern = rest.strip_prefix("1 ").and_then(|rest| structured(rest, pairs));
    let content = modern.unwrap_or_else(|| older(rest, pairs));
    carried(content, pairs)
}

/// SPEC: RFC 5424 §6.2.1: `<0>` to `<191>`.
fn priority(line: &str) -> Option<(&str, &str)> {
    let (digits, rest) = line.strip_prefix('<')?.split_once('>')?;
    let number: u16 = digits.parse().ok()?;
    (digits.len() <= 3 && number < 192).then_some((digits, rest))
}

/// SPEC: RFC 5424 §6: `TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA [MSG]`.
fn structured<'t>(text: &'t str, pairs: &mut Pairs) -> Option<&'t str> {
    const NAMES: [&str; 5] =
        ["@timestamp", "host.name", "log.syslog.appname", "log.syslog.procid", "log.syslog.msgid"];
    let first = text.split(' ').next()?;
    if first != "-" && first.bytes().next().is_none_or(|b| !b.is_ascii_digit()) {
        return None;
    }
    let mut rest = text;
    for name in NAMES {
        let (value, after) = rest.split_once(' ').unwrap_or((rest, ""));
        if value != "-" {
            pairs.push(name, value);
        }
        rest = after;
    }
    rest = match rest.strip_prefix('-') {
        Some(after) => after,
        None => elements(rest, pairs),
    };
    Some(rest.trim_start_matches(' ').trim_start_matches('\u{feff}'))
}

/// SPEC: RFC 5424 §6.3: `[id name="value" ...]...`, with `\"`, `\\` and `\]` escaped.
fn elements<'t>(text: &'t str, pairs: &mut Pairs) -> &'t str {
    let mut rest = text;
    while let Some(element) = rest.strip_prefix('[') {
        let id_end = element.find([' ', ']']).unwrap_or(element.len());
        let mut inside = element.get(id_end..).unwrap_or_default();
        // Each step looks no further than the next quote: a message of brackets costs no square.
        loop {
            let start = inside.trim_start();
            let name_end = start.find(['=', ']', '"']).unwrap_or(start.len());
            let (name, rest) = start.split_at_checked(name_end).unwrap_or((start, ""));
            let Some(quoted) = rest.strip_prefix("=\"") else { break };
            let Some(end) = super::cef::bare(quoted, '"') else { break };
            let value = quoted.get(..end).unwrap_or_default();
            pairs.push_with(name, |text| {
                super::key_value::unescape(value, &['"', '\\', ']'], text);
            });
            inside = quoted.get(end + 1..).unwrap_or_default();
        }
        rest = inside.split_once(']').map_or("", |(_, after)| after);
    }
    rest
}

/// What RFC 3164 describes and senders vary: `[time] [host] [tag[pid]:] content`.
fn older<'t>(text: &'t str, pairs: &mut Pairs) -> &'t str {
    let rest = text.trim_start_matches(' ');
    let after = bsd_time(rest).or_else(|| iso_time(rest));
    let Some((time, rest)) = after else { return tagged(rest, pairs) };
    pairs.push("@timestamp", time);
    let rest = rest.trim_start_matches([' ', ':']);
    let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
    let payload = ["CEF:", "LEEF:", "{", "@cee:", "%"].iter().any(|start| rest.starts_with(start));
    if payload || after.is_empty() || word.ends_with(':') || word.contains(['=', '[']) {
        return tagged(rest, pairs);
    }
    pairs.push("host.name", word);
    tagged(after.trim_start_matches(' '), pairs)
}

/// Takes `tag:` or `tag[pid]:` off; a text without one is content.
fn tagged<'t>(text: &'t str, pairs: &mut Pairs) -> &'t str {
    if ["CEF:", "LEEF:", "@cee:"].iter().any(|start| text.starts_with(start)) {
        return text;
    }
    let word = text.split(' ').next().unwrap_or_default();
    // SPEC: RFC 3164 §4.1.3: at most 32 characters; some write more, a URL is none of them.
    let Some((tag, rest)) = text.split_once(':').filter(|(tag, rest)| {
        tag.len() < word.len() && tag.len() <= 64 && (rest.is_empty() || rest.starts_with(' '))
    }) else {
        return text;
    };
    let (name, pid) = match tag.split_once('[') {
        Some((name, pid)) => (name, pid.trim_end_matches(']')),
        None => (tag, ""),
    };
    pairs.push("log.syslog.appname", name);
    pairs.push("log.syslog.procid", pid);
    rest.trim_start_matches(' ')
}

/// `Nov 22 16:00:00`, `Nov 22 2026 16:00:00`, `Nov 22 16:00:00.123 2026`; Cisco marks a clock that is
/// not set with `*` or `.`.
fn bsd_time(text: &str) -> Option<(&str, &str)> {
    let begun = text.strip_prefix(['*', '.']).unwrap_or(text);
    let (name, rest) = begun.split_once(' ')?;
    month(name)?;
    let rest = rest.trim_start_matches(' ');
    let (day, mut rest) = rest.split_once(' ')?;
    day.parse::<u8>().ok()?;
    let clock = |word: &str| word.len() >= 8 && word.get(2..3) == Some(":");
    let word = |text: &str| text.split(' ').next().map_or(0, str::len);
    let mut end = word(rest);
    if !rest.get(..end).is_some_and(clock) {
        // The year before the clock.
        rest.get(..end)?.parse::<u16>().ok()?;
        rest = rest.get(end + 1..)?;
        end = word(rest);
        rest.get(..end).filter(|text| clock(text))?;
    }
    let after = rest.get(end..)?;
    let time = begun.get(..begun.len() - after.len())?;
    Some((time, after))
}

fn iso_time(text: &str) -> Option<(&str, &str)> {
    let (word, rest) = text.split_once(' ')?;
    let shaped = word.len() >= 19 && word.get(10..11) == Some("T") && word.get(4..5) == Some("-");
    shaped.then_some((word, rest))
}
