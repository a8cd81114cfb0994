//! What is a duration, what a size, and what is neither.

use super::{duration, print_duration, print_size, size};
use std::time::Duration;

#[test]
fn durations_and_sizes_are_read_and_printed_again() {
    for (text, seconds) in [("0s", 0), ("45s", 45), ("10m", 600), ("36h", 129_600), ("7d", 604_800)]
    {
        assert_eq!(duration(text), Some(Duration::from_secs(seconds)), "{text}");
    }
    assert_eq!(duration("2w"), duration("14d"));
    for (text, bytes) in [
        ("0B", 0),
        ("512MiB", 512 << 20),
        ("8 GiB", 8 << 30),
        ("3kB", 3_000),
        ("1TB", 1_000_000_000_000),
    ] {
        assert_eq!(size(text), Some(bytes), "{text}");
    }
    for text in ["45s", "10m", "36h", "7d"] {
        assert_eq!(print_duration(duration(text).unwrap()), text);
    }
    for text in ["0B", "17B", "512MiB", "8GiB", "3KiB"] {
        assert_eq!(print_size(size(text).unwrap()), text);
    }
}

#[test]
fn what_is_no_whole_number_with_a_unit_is_neither() {
    for text in
        ["", "10", "m", "-5m", "+5m", "1.5h", "5 months", "10M", "1e3s", "99999999999999999w"]
    {
        assert_eq!(duration(text), None, "{text}");
    }
    for text in ["", "512", "MiB", "1.5GiB", "-1B", "5MIB", "5mb", "99999999999TiB"] {
        assert_eq!(size(text), None, "{text}");
    }
}
