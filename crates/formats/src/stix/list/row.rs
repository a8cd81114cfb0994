//! The fields of one line: separators, quotes, doubled quotes. A quoted field never spans lines.

use std::borrow::Cow;

/// Splits a line at the separator, outside of quotes; fields lose surrounding white space.
pub(super) fn fields(line: &str, separator: char) -> Vec<Cow<'_, str>> {
    let mut fields = Vec::with_capacity(4);
    let mut rest = line;
    loop {
        let (field, after) = field(rest.trim_start_matches(' '), separator);
        fields.push(field);
        match after {
            Some(after) => rest = after,
            None => return fields,
        }
    }
}

/// The first field, and what follows the separator behind it.
fn field(text: &str, separator: char) -> (Cow<'_, str>, Option<&str>) {
    if let Some(quoted) = text.strip_prefix('"')
        && let Some((field, after)) = quoted_field(quoted)
    {
        let after = after.split_once(separator).map(|(_, after)| after);
        return (field, after);
    }
    match text.split_once(separator) {
        Some((field, after)) => (Cow::Borrowed(field.trim()), Some(after)),
        None => (Cow::Borrowed(text.trim()), None),
    }
}

/// Reads up to the closing quote; `None` when there is none.
fn quoted_field(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let (first, mut rest) = text.split_once('"')?;
    let mut field = Cow::Borrowed(first);
    while let Some(doubled) = rest.strip_prefix('"') {
        let (more, after) = doubled.split_once('"')?;
        let field = field.to_mut();
        field.push('"');
        field.push_str(more);
        rest = after;
    }
    Some((field, rest))
}
