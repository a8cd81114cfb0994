//! Durations and sizes as people write them: `10m`, `512MiB`. It rounds nothing and guesses no unit.

use std::time::Duration;

const DURATIONS: &[(&str, u64)] =
    &[("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400), ("w", 7 * 86_400)];

const SIZES: &[(&str, u64)] = &[
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
    ("B", 1),
];

/// A duration: a whole number and one of `s`, `m`, `h`, `d`, `w`.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    counted(text, DURATIONS).map(Duration::from_secs)
}

/// A size in bytes: a whole number and one of `B`, `KiB`, `MiB`, `GiB`, `TiB`, or the decimal
/// `kB`, `MB`, `GB`, `TB`.
pub(super) fn size(text: &str) -> Option<u64> {
    counted(text, SIZES)
}

/// A duration in the largest unit that keeps it whole.
pub(crate) fn print_duration(duration: Duration) -> String {
    let weeks_are_days = DURATIONS.iter().rev().filter(|(unit, _)| *unit != "w");
    print(duration.as_secs(), weeks_are_days, "s")
}

/// A size in the largest binary unit that keeps it whole.
pub(crate) fn print_size(bytes: u64) -> String {
    print(bytes, SIZES.iter().filter(|(unit, _)| unit.ends_with("iB")), "B")
}

fn counted(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let text = text.trim();
    let (unit, each) = units.iter().find(|(unit, _)| text.ends_with(unit))?;
    let number = text.strip_suffix(unit)?.trim_end();
    let plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    number.parse::<u64>().ok().filter(|_| plain)?.checked_mul(*each)
}

fn print<'a>(
    number: u64,
    mut units: impl Iterator<Item = &'a (&'a str, u64)>,
    least: &str,
) -> String {
    let whole = units.find(|(_, each)| number > 0 && number.is_multiple_of(*each));
    whole.map_or_else(
        || format!("{number}{least}"),
        |(unit, each)| format!("{}{unit}", number / each),
    )
}

#[cfg(test)]
mod tests;
