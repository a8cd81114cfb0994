//! The parts of texts and the patterns of one list. They are tried one by one, in bounded time; what
//! has a name or an address is no part of a text here.

use super::list::Skipped;
use fancy_regex::{Regex, RegexBuilder};
use model::limits::{REGEX_BYTES_MAX, REGEX_LENGTH_MAX, REGEX_STEPS_MAX, REGEX_TEXT_BYTES_MAX};

/// A pattern between slashes, as PHP writes it.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    entry: Box<str>,
    regex: Regex,
}

impl Pattern {
    pub(super) fn read(entry: &str) -> Result<Self, Skipped> {
        let skipped = |why| Skipped { entry: entry.to_owned(), why };
        if entry.len() > REGEX_LENGTH_MAX {
            return Err(skipped("too long"));
        }
        let inner = entry.strip_prefix('/').and_then(|rest| rest.rsplit_once('/'));
        let (text, flags) = inner.unwrap_or((entry, ""));
        let built = RegexBuilder::new(text)
            .case_insensitive(flags.contains('i'))
            .backtrack_limit(REGEX_STEPS_MAX)
            .delegate_size_limit(REGEX_BYTES_MAX)
            .build();
        let regex = built.map_err(|_| skipped("not a regular expression that is run here"))?;
        Ok(Self { entry: entry.into(), regex })
    }

    /// Whether a text has it; one that would take too long is not known to be good.
    pub(super) fn is_in(&self, text: &str) -> Option<&str> {
        let short = text.len() <= REGEX_TEXT_BYTES_MAX;
        (short && self.regex.is_match(text).unwrap_or(false)).then_some(&*self.entry)
    }
}

/// Whether a part stands in a text as whole words: `lo.com` is no part of `hello.com`.
pub(super) fn stands_in(part: &str, text: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let (opens, ends) = (part.starts_with(word), part.ends_with(word));
    text.match_indices(part).any(|(at, _)| {
        let before = text.get(..at).unwrap_or_default();
        let after = text.get(at.saturating_add(part.len())..).unwrap_or_default();
        !(opens && before.ends_with(word) || ends && after.starts_with(word))
    })
}
