//! How much an indicator is still worth. It knows no indicator, and asks no clock.
//!
//! What is left halves with every half-life since the indicator was stated or last sighted, and once
//! more for each partner who calls it a false positive. Whole numbers alone, so that every machine
//! says the same.

use model::facts::ValueKind;
use model::limits::DISPUTES_MAX;
use model::time::Instant;

/// The confidence of an indicator whose signer states none.
const UNSTATED: u8 = 50;

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// 2^(-n/16) in parts of 65,536: sixteen steps to each half-life, and a straight line between two.
const STEPS: [u64; 17] = [
    65_536, 62_757, 60_097, 57_549, 55_109, 52_772, 50_535, 48_393, 46_341, 44_376, 42_495, 40_693,
    38_968, 37_316, 35_734, 34_219, 32_768,
];

/// What is known of an indicator.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Standing {
    /// What its signer states, 0 to 100.
    pub stated: Option<u8>,
    /// What its value is.
    pub kind: ValueKind,
    /// From when it holds.
    pub since: Instant,
    /// When it was sighted last.
    pub renewed: Option<Instant>,
    /// Partners who call it a false positive.
    pub disputes: u32,
}

/// Days after which half is left: addresses change hands soonest, and a file stays what it is.
#[must_use]
pub const fn half_life_days(kind: ValueKind) -> i64 {
    match kind {
        ValueKind::Ipv4 | ValueKind::Ipv6 => 30,
        ValueKind::Url => 60,
        ValueKind::Domain => 90,
        ValueKind::Email
        | ValueKind::FileName
        | ValueKind::FilePath
        | ValueKind::Mutex
        | ValueKind::RegistryKey
        | ValueKind::Asn
        | ValueKind::Mac
        | ValueKind::Cve
        | ValueKind::Account
        | ValueKind::UserAgent
        | ValueKind::CertSerial
        | ValueKind::Ja3
        | ValueKind::Ja4 => 180,
        ValueKind::Md5
        | ValueKind::Sha1
        | ValueKind::Sha256
        | ValueKind::Sha512
        | ValueKind::OtherHash => 365,
    }
}

/// The confidence at `now`, 0 to 100; a time that lies ahead counts as now.
#[must_use]
pub fn confidence(standing: &Standing, now: Instant) -> u8 {
    let base = standing.stated.unwrap_or(UNSTATED).min(100);
    let since = standing.renewed.map_or(standing.since, |renewed| renewed.max(standing.since));
    let age = now.micros().saturating_sub(since.micros()).max(0);
    let half = half_life_days(standing.kind).saturating_mul(MICROS_PER_DAY);
    let (halves, rest) = (age.div_euclid(half), age.rem_euclid(half));
    let halves = u32::try_from(halves).unwrap_or(u32::MAX);
    let halves = halves.saturating_add(standing.disputes.min(DISPUTES_MAX));
    let left = u64::from(base).saturating_mul(fraction(rest, half)).checked_shr(halves);
    // Rounded to the nearest; what is left of a hundred is a hundred at most.
    let left = left.unwrap_or(0).saturating_add(32_768) >> 16;
    u8::try_from(left).unwrap_or(100)
}

/// 2^(-rest/half) in parts of 65,536.
fn fraction(rest: i64, half: i64) -> u64 {
    let sixteenth = half / 16;
    let step = usize::try_from(rest / sixteenth).unwrap_or(0).min(15);
    let (Some(from), Some(to)) = (STEPS.get(step), STEPS.get(step.saturating_add(1))) else {
        return 65_536;
    };
    let within = u64::try_from(rest % sixteenth).unwrap_or(0);
    let fall = u128::from(from.saturating_sub(*to)).saturating_mul(u128::from(within));
    let fall = fall / u128::from(sixteenth.unsigned_abs().max(1));
    from.saturating_sub(u64::try_from(fall).unwrap_or(0))
}

#[cfg(test)]
mod tests;
