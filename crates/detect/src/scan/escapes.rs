//! The text of strings whose escapes have been checked.

use std::borrow::Cow;

/// A string's text without its escapes.
pub(crate) fn plain(raw: &str) -> Cow<'_, str> {
    if !raw.contains('\\') {
        return Cow::Borrowed(raw);
    }
    let mut out = String::new();
    unescape(raw, &mut out);
    Cow::Owned(out)
}

/// Writes the text of a string whose escapes have been checked over `out`; a lone surrogate, which
/// no text can hold, becomes U+FFFD.
pub(super) fn unescape(raw: &str, out: &mut String) {
    out.clear();
    let mut rest = raw;
    let mut high: Option<u32> = None;
    while let Some((before, escape)) =
        memchr::memchr(b'\\', rest.as_bytes()).and_then(|at| rest.split_at_checked(at))
    {
        out.push_str(before);
        // The second half of a pair stands right behind the first.
        let first = high.take().filter(|_| before.is_empty());
        let (unit, length) = match escape.as_bytes().get(1) {
            Some(b'u') => {
                let digits = escape.get(2..6);
                (digits.map_or(0xFFFD, |d| u32::from_str_radix(d, 16).unwrap_or(0xFFFD)), 6)
            }
            Some(b'n') => (0x0A, 2),
            Some(b't') => (0x09, 2),
            Some(b'r') => (0x0D, 2),
            Some(b'b') => (0x08, 2),
            Some(b'f') => (0x0C, 2),
            Some(same) => (u32::from(*same), 2),
            None => (0xFFFD, 1),
        };
        if let (Some(first), 0xDC00..0xE000) = (first, unit) {
            let whole = 0x1_0000 + ((first - 0xD800) << 10) + (unit - 0xDC00);
            out.pop();
            out.push(char::from_u32(whole).unwrap_or('\u{fffd}'));
        } else {
            out.push(char::from_u32(unit).unwrap_or('\u{fffd}'));
            high = (0xD800..0xDC00).contains(&unit).then_some(unit);
        }
        rest = escape.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
}
