//! Texts as patterns compare them: composed, as bytes, against wildcards. It knows no operator.

use super::eval::EvalError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use icu_normalizer::ComposingNormalizerBorrowed;
use model::limits::PATTERN_LIKE_STEPS_MAX;
use std::borrow::Cow;
use std::net::IpAddr;

/// A text in normalisation form C.
pub(super) fn composed(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    ComposingNormalizerBorrowed::new_nfc().normalize(text)
}

/// The bytes of a text whose characters are all below U+0100.
///
/// SPEC: STIX 2.1 §9.2, string: U+0000 to 00 through U+00FF to FF.
pub(super) fn bytes_of(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|char| u8::try_from(char).ok()).collect()
}

/// Bytes as a text, one character for each.
pub(super) fn text_of(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// The bytes of pairs of hexadecimal digits.
pub(super) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let pair = |[high, low]: &[u8; 2]| Some(digit(*high)? << 4 | digit(*low)?);
    rest.is_empty().then(|| pairs.iter().map(pair).collect()).flatten()
}

/// The bytes of padded base64.
pub(super) fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Whether a whole text is like a pattern in which `%` stands for any text and `_` for any one
/// character.
pub(super) fn is_like(text: &str, like: &str) -> Result<bool, EvalError> {
    let (mut rest, mut wanted) = (text.chars(), like.chars());
    // Where to go on when what follows the last `%` was not found here.
    let mut again: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
    for _ in 0..PATTERN_LIKE_STEPS_MAX {
        let mut after = wanted.clone();
        let mut behind = rest.clone();
        match (after.next(), behind.next()) {
            (Some('%'), _) => {
                again = Some((rest.clone(), after.clone()));
                wanted = after;
            }
            (Some(char), Some(found)) if char == '_' || char == found => {
                (wanted, rest) = (after, behind);
            }
            (None, None) => return Ok(true),
            (Some(_) | None, _) => {
                let Some((from, like)) = &mut again else { return Ok(false) };
                if from.next().is_none() {
                    return Ok(false);
                }
                (rest, wanted) = (from.clone(), like.clone());
            }
        }
    }
    Err(EvalError::Like)
}

/// An address or a network: its bits with those behind the prefix cleared, the prefix's length, and
/// whether it is IPv6.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Net {
    bits: u128,
    length: u32,
    six: bool,
}

impl Net {
    /// Reads `198.51.100.0/24`, `2001:db8::/32`, or a single address.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let (bits, width, six) = match address.parse::<IpAddr>().ok()? {
            IpAddr::V4(v4) => (u128::from(v4.to_bits()), 32_u32, false),
            IpAddr::V6(v6) => (v6.to_bits(), 128, true),
        };
        let digits = |text: &&str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let length = match length {
            Some(text) => Some(text).filter(digits)?.parse().ok().filter(|l| *l <= width)?,
            None => width,
        };
        let host = width.saturating_sub(length);
        let bits = bits.checked_shr(host).and_then(|top| top.checked_shl(host)).unwrap_or(0);
        Some(Self { bits, length, six })
    }

    /// Whether this is wholly inside another, or the same.
    pub(super) fn is_inside(self, other: Self) -> bool {
        if self.six != other.six || self.length < other.length {
            return false;
        }
        let width: u32 = if self.six { 128 } else { 32 };
        let host = width.saturating_sub(other.length);
        let top = |bits: u128| bits.checked_shr(host).unwrap_or(0);
        top(self.bits) == top(other.bits)
    }
}
