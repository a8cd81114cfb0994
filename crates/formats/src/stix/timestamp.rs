//! STIX timestamps as instants. The text itself is data and stays in the body: two spellings of
//! one instant are one version for comparison and two texts for people.

use model::time::Instant;

/// Digits of a second that parsers agree on; the rest is cut.
const FRACTION_DIGITS: usize = 9;

/// Reads a timestamp with any number of digits of a second; below a microsecond it truncates.
/// An offset (`+02:00`) is understood although STIX wants `Z`: some producers write it.
///
/// SPEC: STIX 2.1 §2.16
#[must_use]
pub fn timestamp(text: &str) -> Option<Instant> {
    let (seconds, rest) = text.split_at_checked(19)?;
    let shape = "0000-00-00T00:00:00".bytes();
    let fits = seconds.bytes().zip(shape).all(|(byte, wanted)| match wanted {
        b'0' => byte.is_ascii_digit(),
        mark => byte == mark,
    });
    let (fraction, zone) = match rest.strip_prefix('.') {
        Some(after) => {
            let end = after.find(|c: char| !c.is_ascii_digit()).filter(|end| *end > 0)?;
            after.split_at_checked(end)?
        }
        None => ("", rest),
    };
    if !fits || !is_zone(zone) {
        return None;
    }
    match fraction.split_at_checked(FRACTION_DIGITS) {
        Some((kept, _)) => format!("{seconds}.{kept}{zone}").parse().ok(),
        None => text.parse().ok(),
    }
}

/// `Z`, or an offset such as `+02:00`.
fn is_zone(zone: &str) -> bool {
    match zone.as_bytes() {
        b"Z" => true,
        [b'+' | b'-', a, b, b':', c, d] => [a, b, c, d].iter().all(|b| b.is_ascii_digit()),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
