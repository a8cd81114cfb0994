//! Content negotiation: which `Accept` and `Content-Type` headers TAXII's own media type answers.
//! It reads headers only as far as that question needs.

/// The media type of every answer.
///
/// SPEC: TAXII 2.1 §1.6.8.1
pub const TAXII: &str = "application/taxii+json;version=2.1";

/// Whether an answer in [`TAXII`] is acceptable to a client that sent this `Accept` header. No
/// header accepts anything; elements that can't be read are skipped.
///
/// SPEC: TAXII 2.1 §1.6.8.2; RFC 9110 §12.5.1: the most specific range decides.
#[must_use]
pub fn accepts(header: Option<&str>) -> bool {
    let Some(header) = header.filter(|header| !header.trim().is_empty()) else { return true };
    let ranges = split(header, ',').into_iter().filter_map(range);
    ranges.max_by_key(|range| range.specific).is_some_and(|range| range.wanted)
}

/// Whether a body with this `Content-Type` is an envelope of TAXII 2.1.
#[must_use]
pub fn is_content(header: Option<&str>) -> bool {
    let Some(header) = header else { return false };
    let mut parts = split(header, ';').into_iter();
    let is_taxii =
        parts.next().is_some_and(|name| name.trim().eq_ignore_ascii_case("application/taxii+json"));
    is_taxii && parts.filter_map(parameter).all(|(name, value)| name != "version" || value == "2.1")
}

/// A range that covers our media type.
struct Range {
    /// 0: `*/*`, 1: `application/*`, 2: the type, 3: type and version.
    specific: u8,
    /// Its weight is not zero.
    wanted: bool,
}

fn range(element: &str) -> Option<Range> {
    let mut parts = split(element, ';').into_iter();
    let mut specific = match parts.next()?.trim().to_ascii_lowercase().as_str() {
        "*/*" => 0,
        "application/*" => 1,
        "application/taxii+json" => 2,
        _ => return None,
    };
    let mut wanted = true;
    for (name, value) in parts.filter_map(parameter) {
        match name.as_str() {
            "version" if value != "2.1" => return None,
            "version" => specific = 3,
            "q" => wanted = !value.trim_matches(['0', '.']).is_empty(),
            _ => {}
        }
    }
    Some(Range { specific, wanted })
}

/// `name=value` or `name="value"`, the name in lower case.
fn parameter(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=')?;
    let value = value.trim();
    let value = match value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) {
        Some(quoted) => quoted.replace('\\', ""),
        None => value.to_owned(),
    };
    Some((name.trim().to_ascii_lowercase(), value))
}

/// Splits outside of quoted strings.
fn split(text: &str, separator: char) -> Vec<&str> {
    let mut quoted = false;
    let mut escaped = false;
    text.split(|char| {
        let inside = quoted;
        match char {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        char == separator && !inside
    })
    .collect()
}

#[cfg(test)]
mod tests;
