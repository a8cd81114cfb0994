//! A JSON string as it stands in the input, unescaped only when somebody reads it. It does not
//! validate: the scanner has done that.

use std::borrow::Cow;

/// The inside of a valid JSON string.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Text<'a> {
    raw: &'a str,
    escaped: bool,
}

impl<'a> Text<'a> {
    pub(super) const fn new(raw: &'a str, escaped: bool) -> Self {
        Self { raw, escaped }
    }

    /// The text with its escapes resolved; a lone surrogate, which JSON allows and UTF-8 does not,
    /// reads as U+FFFD (the body keeps its bytes).
    pub(crate) fn read(self) -> Cow<'a, str> {
        if self.escaped { Cow::Owned(unescape(self.raw)) } else { Cow::Borrowed(self.raw) }
    }
}

fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((plain, escape)) = rest.split_once('\\') {
        text.push_str(plain);
        let mut chars = escape.chars();
        match chars.next() {
            Some('u') => rest = read_unicode(chars.as_str(), &mut text),
            Some(letter) => {
                text.push(match letter {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    same => same,
                });
                rest = chars.as_str();
            }
            None => rest = "",
        }
    }
    text.push_str(rest);
    text
}

/// Reads what follows `\u`, a second half of a surrogate pair included; gives what is left.
fn read_unicode<'a>(after: &'a str, text: &mut String) -> &'a str {
    let Some((first, rest)) = hex4(after) else {
        text.push(char::REPLACEMENT_CHARACTER);
        return after;
    };
    if (0xD800..0xDC00).contains(&first)
        && let Some((second, beyond)) = rest.strip_prefix("\\u").and_then(hex4)
        && (0xDC00..0xE000).contains(&second)
    {
        let code = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
        text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        return beyond;
    }
    text.push(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
    rest
}

fn hex4(text: &str) -> Option<(u32, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    Some((u32::from_str_radix(digits, 16).ok()?, rest))
}
