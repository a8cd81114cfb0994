//! `key=value` pairs, with values in quotes or without; words between them are kept as the text
//! that they are. Which lines are of this form, [`begins`] says.

use super::cef;
use super::flat::Pairs;

/// The name of what stands between the pairs.
const BETWEEN: &str = "message";

/// Whether the text begins with a pair.
pub(super) fn begins(text: &str) -> bool {
    text.split_once('=').is_some_and(|(key, _)| is_key(key))
}

/// Reads all pairs; says how many there were.
pub(super) fn read(text: &str, pairs: &mut Pairs) -> usize {
    let (mut found, mut rest) = (0, text.trim_ascii());
    // Words that belong to no pair, as one stretch of the text.
    let mut between = 0;
    while between < rest.len() {
        let ahead = rest.get(between..).unwrap_or_default();
        let word_end = ahead.find(SEPARATORS).unwrap_or(ahead.len());
        let word = ahead.get(..word_end).unwrap_or_default();
        let Some((key, _)) = word.split_once('=').filter(|(key, _)| is_key(key)) else {
            let next = between.saturating_add(word_end);
            let more = rest.get(next..).unwrap_or_default();
            between = rest.len() - more.trim_start_matches(SEPARATORS).len();
            continue;
        };
        push_between(rest.get(..between).unwrap_or_default(), pairs);
        let value = ahead.get(key.len() + 1..).unwrap_or_default();
        found += 1;
        let after = match value.strip_prefix('"') {
            Some(quoted) => push_quoted(key, quoted, pairs),
            None => {
                let end = value.find(SEPARATORS).unwrap_or(value.len());
                let (value, after) = value.split_at_checked(end).unwrap_or((value, ""));
                pairs.push(key, value);
                after
            }
        };
        (rest, between) = (after.trim_start_matches(SEPARATORS), 0);
    }
    push_between(rest, pairs);
    found
}

const SEPARATORS: [char; 4] = [' ', '\t', ',', ';'];

fn push_between(text: &str, pairs: &mut Pairs) {
    let text = text.trim_matches(SEPARATORS);
    if !text.is_empty() {
        pairs.push(BETWEEN, text);
    }
}

/// A value in quotes, with backslashes undone before quotes and backslashes; gives what follows.
fn push_quoted<'t>(key: &str, quoted: &'t str, pairs: &mut Pairs) -> &'t str {
    let end = cef::bare(quoted, '"');
    let value = end.and_then(|end| quoted.get(..end)).unwrap_or(quoted);
    cef::push(key, value, &['"', '\\'], pairs);
    end.and_then(|end| quoted.get(end + 1..)).unwrap_or_default()
}

/// Writes a text without the backslashes before these characters; all others stay.
pub(super) fn unescape(value: &str, escaped: &[char], out: &mut String) {
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek().copied()) {
            ('\\', Some(next)) if escaped.contains(&next) => {
                out.push(next);
                chars.next();
            }
            _ => out.push(c),
        }
    }
}

fn is_key(key: &str) -> bool {
    let start = key.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '@'));
    let all = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'@' | b':');
    start && key.len() <= 64 && key.bytes().all(all)
}
