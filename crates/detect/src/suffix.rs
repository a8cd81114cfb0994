//! Names under which strangers have names of their own. It holds no list but the public one.

/// Whether a name is a suffix under which anybody may have a name: `com`, `co.uk`, `duckdns.org`.
/// A name of one label is one, known or not.
#[must_use]
pub fn is_suffix(name: &str) -> bool {
    psl::suffix_str(name).is_none_or(|suffix| suffix.len() >= name.len())
}

#[cfg(test)]
mod tests {
    use super::is_suffix;

    #[test]
    fn suffixes_of_registries_and_of_hosters_are_told_from_names() {
        for suffix in ["com", "co.uk", "duckdns.org", "nowhere"] {
            assert!(is_suffix(suffix), "{suffix}");
        }
        for name in ["evil.com", "evil.co.uk", "evil.duckdns.org", "a.nowhere"] {
            assert!(!is_suffix(name), "{name}");
        }
    }
}
