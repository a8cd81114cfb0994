//! What says what to log.

use super::is_filter;

#[test]
fn a_level_or_levels_for_parts_are_filters_and_nothing_else() {
    for text in ["info", "DEBUG", "info,entente::wire=debug", "warn,entente=off"] {
        assert!(is_filter(text), "{text}");
    }
    for text in ["", "loud", "entente=loud", "info,", "entente", "=", "7"] {
        assert!(!is_filter(text), "{text}");
    }
}
