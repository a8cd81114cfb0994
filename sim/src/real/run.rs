//! Plays the world of a seed twice, without and with secrets, and compares what readers got.

use super::fault::Fault;
use super::play::Streams;
use super::script::{SECOND, script};
use super::{play, twin};
use crate::outcome::{Check, Stats, Violation};
use std::fmt::Display;

/// 2026-11-22T08:00:00Z.
const BEGIN: i64 = 1_795_334_400 * SECOND;

/// A broken promise, before it knows its seed.
#[derive(Debug)]
pub(super) struct Breach {
    pub(super) check: Check,
    pub(super) detail: String,
}

impl Breach {
    pub(super) fn new(check: Check, detail: impl Into<String>) -> Self {
        Self { check, detail: detail.into() }
    }

    pub(super) fn leak(detail: impl Into<String>) -> Self {
        Self::new(Check::Leak, detail)
    }

    pub(super) fn once(detail: impl Into<String>) -> Self {
        Self::new(Check::Once, detail)
    }

    pub(super) fn ack(detail: impl Into<String>) -> Self {
        Self::new(Check::Ack, detail)
    }

    pub(super) fn converge(detail: impl Into<String>) -> Self {
        Self::new(Check::Converge, detail)
    }

    pub(super) fn label(detail: impl Into<String>) -> Self {
        Self::new(Check::Label, detail)
    }

    pub(super) fn receipt(detail: impl Into<String>) -> Self {
        Self::new(Check::Receipt, detail)
    }

    pub(super) fn recall(detail: impl Into<String>) -> Self {
        Self::new(Check::Recall, detail)
    }

    pub(super) fn hostile(detail: impl Into<String>) -> Self {
        Self::new(Check::Hostile, detail)
    }

    /// Something of the machinery failed that never may.
    pub(super) fn broken(error: &dyn Display) -> Self {
        Self::new(Check::Ack, format!("the node itself failed: {error}"))
    }
}

impl From<node::StoreError> for Breach {
    fn from(error: node::StoreError) -> Self {
        Self::broken(&error)
    }
}

/// Plays the world of a seed and its twin over real nodes.
///
/// # Errors
/// With the first promise that was broken.
pub fn run(seed: u64, fault: Option<Fault>) -> Result<Stats, Violation> {
    let begin = BEGIN + i64::try_from(seed % 86_400).unwrap_or(0) * SECOND;
    let script = script(seed, begin);
    let violation = |(at, breach): (i64, Breach), world: &str| Violation {
        check: breach.check,
        seed,
        at: u64::try_from(at - begin).unwrap_or(0),
        detail: format!("{}{world}", breach.detail),
    };
    let (mut stats, plain) = play::play(&script, fault).map_err(|broken| violation(broken, ""))?;
    let twin = twin::twin(&script, seed);
    let (more, secret) =
        play::play(&twin, fault).map_err(|broken| violation(broken, " (in the twin)"))?;
    stats.add("secrets in twins", usize::try_from(more.count("records secret")).unwrap_or(0));
    compare(&plain, &secret, &mut stats)
        .map_err(|detail| violation((begin, Breach::leak(detail)), ""))?;
    Ok(stats)
}

/// Every reader's bytes must be the same in both worlds.
fn compare(plain: &Streams, secret: &Streams, stats: &mut Stats) -> Result<(), String> {
    for (reader, pieces) in plain {
        let other = secret.get(reader).map(Vec::as_slice).unwrap_or_default();
        stats.add("twin streams compared", 1);
        for (n, (step, bytes)) in pieces.iter().enumerate() {
            let Some((_, twin)) = other.get(n) else {
                return Err(format!("step {step}: {reader} got less beside secrets"));
            };
            if bytes != twin {
                let at = bytes.iter().zip(twin).take_while(|(a, b)| a == b).count();
                let show = |bytes: &[u8]| {
                    let near = bytes.get(at.saturating_sub(60)..).unwrap_or_default();
                    let near = near.get(..160).unwrap_or(near);
                    String::from_utf8_lossy(near).into_owned()
                };
                return Err(format!(
                    "step {step}: {reader} can tell that there are secrets\nalone:  {}\nbeside: {}",
                    show(bytes),
                    show(twin)
                ));
            }
        }
        if let Some((step, _)) = other.get(pieces.len()) {
            return Err(format!("step {step}: {reader} got more beside secrets"));
        }
    }
    Ok(())
}
