//! Times as people type and read them. The clock itself is the runtime's.

use super::failure::Failure;
use crate::runtime::now;
use model::time::Instant;

/// Reads `2026-12-01`, `2026-12-01T08:00:00Z`, or a span from now such as `90d`, `12h`, `30m`.
pub(crate) fn instant(text: &str) -> Result<Instant, Failure> {
    if let Ok(at) = text.parse() {
        return Ok(at);
    }
    if let Ok(day) = format!("{text}T00:00:00Z").parse() {
        return Ok(day);
    }
    let seconds = seconds(text).ok_or_else(|| {
        Failure::input(format!("`{text}` is no time"))
            .hint("2026-12-01T08:00:00Z, 2026-12-01, or a span from now such as 90d or 12h")
    })?;
    Ok(now().plus_seconds(seconds))
}

/// Reads a time that has passed: the same, but that a span counts back from now.
pub(crate) fn past(text: &str) -> Result<Instant, Failure> {
    match seconds(text) {
        Some(seconds) => Ok(now().plus_seconds(seconds.saturating_neg())),
        None => instant(text),
    }
}

/// Reads a span such as `10m`, `6h` or `7d`, in seconds.
pub(crate) fn span(text: &str) -> Result<u64, Failure> {
    let span = seconds(text).and_then(|seconds| u64::try_from(seconds).ok());
    span.ok_or_else(|| {
        Failure::input(format!("`{text}` is no span")).hint("such as 90s, 10m, 6h or 7d")
    })
}

/// A number and a unit, in seconds.
fn seconds(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1))?;
    let number: i64 = number.parse().ok().filter(|number| *number >= 0)?;
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return None,
    };
    Some(number.saturating_mul(unit))
}

/// A time of our API for a table: UTC, to the second.
pub(crate) fn second(text: &str) -> String {
    match text.get(..19) {
        Some(second) if text.parse::<Instant>().is_ok() => {
            format!("{}Z", second.replacen('T', " ", 1))
        }
        _ => text.to_owned(),
    }
}

/// The same for a time that there may not be.
pub(crate) fn second_or_dash(text: Option<&String>) -> String {
    text.map_or_else(|| "-".to_owned(), |text| second(text))
}
