//! What any two nodes have of their own, taken out of what they say: so that answers can be compared.

/// Every instant becomes `TIME`, every digest `DIGEST`, every id of a sighting `SIGHTING`: any two
/// nodes have their own.
#[must_use]
pub fn times_masked(text: &str) -> String {
    let mut masked = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some(length) = time(rest) {
            masked.push_str("TIME");
            rest = after(rest, length);
        } else if rest.len() >= 64 && rest.bytes().take(64).all(|byte| byte.is_ascii_hexdigit()) {
            masked.push_str("DIGEST");
            rest = after(rest, 64);
        } else if rest.starts_with("sighting--") && rest.len() >= 46 {
            masked.push_str("SIGHTING");
            rest = after(rest, 46);
        } else {
            masked.push(first);
            rest = after(rest, first.len_utf8());
        }
    }
    masked
}

/// What follows so many bytes; nothing when a character would be cut.
fn after(text: &str, bytes: usize) -> &str {
    text.get(bytes..).unwrap_or_default()
}

/// Bytes of an instant at the beginning: `2026-11-22T08:00:00.123456Z`.
fn time(text: &str) -> Option<usize> {
    let shape = |text: &str| -> String {
        text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect()
    };
    let head = text.get(..19)?;
    if !head.starts_with("20") || shape(head) != "0000-00-00T00:00:00" {
        return None;
    }
    let rest = after(text, 19);
    let fraction = rest
        .strip_prefix('.')
        .map_or(0, |digits| 1 + digits.bytes().take_while(u8::is_ascii_digit).count());
    after(rest, fraction).starts_with('Z').then_some(19 + fraction + 1)
}
