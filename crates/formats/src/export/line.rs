//! One value with what is said of it, which texts may stand in a line at all, and plain lines of them.
//! It knows no form.

use model::facts::ValueKind;
use model::label::{Pap, Tlp};
use model::time::Instant;
use uuid::Uuid;

/// One value of one indicator, in normal form, as a reader may have it.
#[derive(Clone, Copy, Debug)]
pub struct Line<'l> {
    /// The UUID of the indicator.
    pub id: Uuid,
    /// What the value is.
    pub kind: ValueKind,
    /// The value.
    pub value: &'l str,
    /// Who signed it, by the name that this node uses.
    pub signer: &'l str,
    /// What its author says of its confidence, 0 to 100.
    pub stated: Option<u8>,
    /// What is left of it now, where that was asked for.
    pub confidence: Option<u8>,
    /// From when it holds.
    pub since: Option<Instant>,
    /// Until when it holds, exclusive.
    pub until: Option<Instant>,
    /// Its traffic light.
    pub tlp: Tlp,
    /// What may be done with it.
    pub pap: Option<Pap>,
    /// Names below it are meant as well: it is no suffix under which strangers have names.
    pub below: bool,
}

/// What a feed is of.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The circle's id.
    pub circle: Uuid,
    /// The circle's name.
    pub name: &'a str,
    /// A number that rises with what the feed says.
    pub serial: u32,
    /// The node that publishes it, by the name that it gives itself.
    pub by: &'a str,
    /// What stands for that node among organisations.
    pub by_id: Uuid,
}

/// Whether a text stays within its line wherever it is written: no control character, none that
/// some reader takes for the end of a line, and nothing that changes the direction of writing.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let ends = |c: char| matches!(c, '\u{2028}' | '\u{2029}');
    !text.is_empty() && !text.chars().any(|c| c.is_control() || ends(c) || turns(c))
}

/// Values, one a line, sorted, each once.
pub(super) fn lines(mut values: Vec<Box<str>>, bytes: usize) -> Vec<u8> {
    values.sort_unstable();
    values.dedup();
    let mut out = Vec::with_capacity(bytes);
    for value in &values {
        out.extend_from_slice(value.as_bytes());
        out.push(b'\n');
    }
    out
}

/// A name as a word that no form has another meaning for.
pub(super) fn word(name: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    name.chars().take(WORD_CHARS_MAX).map(letter).collect()
}

/// Letters of a name that are repeated.
const WORD_CHARS_MAX: usize = 32;
