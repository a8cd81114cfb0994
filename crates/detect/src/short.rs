//! Parts of short texts, such as keys and names: looking byte by byte is quicker there than a search
//! that has to begin. The byte is ASCII; longer texts are better searched with `memchr`.

/// Whether the text holds the byte.
#[inline]
pub(crate) fn holds(text: &str, byte: u8) -> bool {
    text.bytes().any(|other| other == byte)
}

/// What stands before the first such byte, and what behind it.
#[inline]
pub(crate) fn parted(text: &str, byte: u8) -> Option<(&str, &str)> {
    around(text, text.bytes().position(|other| other == byte)?)
}

/// The same of the last such byte.
#[inline]
pub(crate) fn parted_last(text: &str, byte: u8) -> Option<(&str, &str)> {
    around(text, text.bytes().rposition(|other| other == byte)?)
}

#[inline]
fn around(text: &str, at: usize) -> Option<(&str, &str)> {
    Some((text.get(..at)?, text.get(at + 1..)?))
}
