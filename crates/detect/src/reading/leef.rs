//! QRadar's Log Event Extended Format, 1.0 and 2.0: a header between pipes, then `key=value` pairs
//! between tabs or a delimiter that the header names.

use super::flat::Pairs;

/// How it begins.
pub(super) const BEGINS: &str = "LEEF:";

const HEADER: [&str; 4] = ["deviceVendor", "deviceProduct", "deviceVersion", "deviceEventClassId"];

/// Reads a text that begins with `LEEF:`; `false` when its header is not whole.
pub(super) fn read(text: &str, pairs: &mut Pairs) -> bool {
    let Some((version, mut rest)) = text.split_once('|') else { return false };
    for name in HEADER {
        let Some((value, after)) = rest.split_once('|') else { return false };
        pairs.push(name, value);
        rest = after;
    }
    let mut delimiter = '\t';
    if version.ends_with("2.0")
        && let Some((text, after)) = rest.split_once('|')
        && let Some(read) = character(text)
    {
        (delimiter, rest) = (read, after);
    }
    for pair in rest.split(delimiter) {
        if let Some((key, value)) = pair.split_once('=') {
            pairs.push(key.trim_ascii(), value.trim_ascii());
        }
    }
    true
}

/// `^`, `x5E`, `0x5e`; nothing stands for a tab.
fn character(text: &str) -> Option<char> {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (None, _) => Some('\t'),
        (Some(one), None) => Some(one),
        _ => {
            let digits = text.trim_start_matches("0x").trim_start_matches(['x', '\\']);
            let code = u32::from_str_radix(digits, 16).ok().filter(|_| digits.len() <= 4);
            code.and_then(char::from_u32)
        }
    }
}
