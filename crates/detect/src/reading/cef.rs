//! ArcSight's Common Event Format: seven fields between pipes, then `key=value` pairs whose values
//! may hold spaces. What stands before `CEF:` is not its business.

use super::flat::Pairs;
use super::key_value::unescape;

/// How it begins.
pub(super) const BEGINS: &str = "CEF:";

/// The names of the header's fields, as OCSF-like tools know them.
const HEADER: [&str; 6] =
    ["deviceVendor", "deviceProduct", "deviceVersion", "deviceEventClassId", "name", "severity"];

/// Reads a text that begins with `CEF:`; `false` when its header is not whole.
pub(super) fn read(text: &str, pairs: &mut Pairs) -> bool {
    let Some((_, mut rest)) = text.split_once('|') else { return false };
    for name in HEADER {
        let Some(end) = bare(rest, '|') else { return false };
        let (value, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        push(name, value, &['|', '\\'], pairs);
        rest = after.get(1..).unwrap_or_default();
    }
    let first = pairs.len();
    extension(rest.trim_ascii(), pairs);
    if rest.contains("Label=") {
        labels(first, pairs);
    }
    true
}

/// The place of the next such character without a backslash before it.
pub(super) fn bare(text: &str, wanted: char) -> Option<usize> {
    let mut escaped = false;
    text.find(|c: char| {
        let found = c == wanted && !escaped;
        escaped = c == '\\' && !escaped;
        found
    })
}

/// A value ends where the next key begins: at the space before a word and a bare `=`.
fn extension(text: &str, pairs: &mut Pairs) {
    let mut rest = text;
    while let Some(equals) = bare(rest, '=') {
        let (key, value) = rest.split_at_checked(equals).unwrap_or((rest, ""));
        let key = key.rsplit(' ').next().unwrap_or(key);
        let value = value.get(1..).unwrap_or_default();
        // The next bare `=` whose word is a key ends this value; one in a URL's query does not.
        let (mut from, mut end) = (0, value.len());
        while let Some(next) = bare(value.get(from..).unwrap_or_default(), '=') {
            // A key holds no `=`, so the word begins behind the last one at the earliest.
            let before = value.get(from..from.saturating_add(next)).unwrap_or_default();
            let word = before.rfind(' ').map(|space| (space, before.get(space + 1..)));
            if let Some((space, Some(word))) = word
                && is_key(word)
            {
                end = from.saturating_add(space);
                break;
            }
            from = from.saturating_add(next).saturating_add(1);
        }
        let (value, after) = value.split_at_checked(end).unwrap_or((value, ""));
        push(key, value.trim_ascii(), &['=', '\\'], pairs);
        rest = after.trim_ascii_start();
    }
}

fn is_key(word: &str) -> bool {
    let shaped = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'[' | b']');
    !word.is_empty() && word.len() <= 64 && word.bytes().all(shaped)
}

/// A pair, with the backslashes undone before these characters.
pub(super) fn push(name: &str, value: &str, escaped: &[char], pairs: &mut Pairs) {
    if value.contains('\\') {
        pairs.push_with(name, |text| unescape(value, escaped, text));
    } else {
        pairs.push(name, value);
    }
}

/// `cs1=evil.example cs1Label=Domain`: the value goes by the name that its label gives.
fn labels(first: usize, pairs: &mut Pairs) {
    const LABELLED: [&str; 5] = ["cs", "c6a", "deviceCustomString", "flexString", "cn"];
    const MANY: usize = 6;
    let mut key = String::new();
    let mut label = String::new();
    for start in LABELLED {
        for number in 1..=MANY {
            key.clear();
            key.push_str(start);
            key.extend(u32::try_from(number).ok().and_then(|n| char::from_digit(n, 10)));
            let length = key.len();
            key.push_str("Label");
            let found = pairs.flat().value(&key);
            let Some(found) = found else { continue };
            label.clear();
            label.push_str(found);
            key.truncate(length);
            pairs.rename(first, &key, &label);
        }
    }
}
