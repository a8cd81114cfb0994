//! When a certificate ends: the few fields of X.509 that lie on the way there. It verifies nothing.

use model::time::Instant;

/// SPEC: X.690 §8.1: the tags that we meet.
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// The end of a certificate's validity; `None` when the bytes are no certificate.
///
/// SPEC: RFC 5280 §4.1
pub(crate) fn valid_until(der: &[u8]) -> Option<Instant> {
    let (tag, certificate, _) = take(der)?;
    let (signed_tag, signed, _) = take(certificate)?;
    if (tag, signed_tag) != (SEQUENCE, SEQUENCE) {
        return None;
    }
    let (first, _, after_first) = take(signed)?;
    // The version is left out in version 1; then the serial number stands first.
    let after_serial = if first == VERSION { take(after_first)?.2 } else { after_first };
    let (_, _, after_algorithm) = take(after_serial)?;
    let (_, _, after_issuer) = take(after_algorithm)?;
    let (tag, validity, _) = take(after_issuer)?;
    let (_, _, after_begin) = take(validity).filter(|_| tag == SEQUENCE)?;
    let (kind, end, _) = take(after_begin)?;
    time(kind, std::str::from_utf8(end).ok()?)
}

/// One element: its tag, its content, and what follows.
fn take(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match *first {
        short @ 0..=0x7f => (usize::from(short), rest),
        // Two to four bytes of length: certificates are below 16 MiB.
        long @ 0x81..=0x83 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
            (bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

/// SPEC: RFC 5280 §4.1.2.5: `YYMMDDHHMMSSZ` from 1950 to 2049, `YYYYMMDDHHMMSSZ` beyond.
fn time(kind: u8, text: &str) -> Option<Instant> {
    let digits = text.strip_suffix('Z').filter(|d| d.bytes().all(|byte| byte.is_ascii_digit()))?;
    let full = match (kind, digits.len()) {
        (UTC_TIME, 12) if digits.get(..2)? < "50" => format!("20{digits}"),
        (UTC_TIME, 12) => format!("19{digits}"),
        (GENERALIZED_TIME, 14) => digits.to_owned(),
        _ => return None,
    };
    let part = |from: usize, to: usize| full.get(from..to);
    let (date, clock) = (
        format!("{}-{}-{}", part(0, 4)?, part(4, 6)?, part(6, 8)?),
        format!("{}:{}:{}", part(8, 10)?, part(10, 12)?, part(12, 14)?),
    );
    format!("{date}T{clock}Z").parse().ok()
}

#[cfg(test)]
mod tests;
