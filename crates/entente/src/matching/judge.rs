//! Which matches are told, and to whom: what is silent is not, and nobody is told of what he may
//! not read. It looks nothing up in telemetry.

use super::look::{Found, Matches};
use super::sums::{seq, sums};
use crate::http::api::names::Names;
use crate::known_good::{Judge, Silence, Standing};
use crate::runtime::{Runtime, Unavailable, now};
use model::id::CircleId;
use model::time::Instant;
use node::Seq;
use node::release::Lens;
use node::watch::{Watched, watched};
use std::collections::{HashMap, HashSet};

/// What is said of an indicator, in words for people.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) indicator: String,
    pub(super) record: String,
    pub(super) circle: String,
    pub(super) home: CircleId,
    pub(super) signer: String,
    pub(super) tlp: &'static str,
    pub(super) valid_from: Option<Instant>,
    /// What is left of its confidence, as this node knows.
    pub(super) confidence: u8,
    /// The same, as far as who asked may know.
    pub(super) confidence_told: u8,
}

impl Matches {
    /// Looks the indicators up: what is expired or gone does not alert; what who asked may not
    /// read is counted, and not told.
    pub(super) fn judge(&mut self, runtime: &Runtime, eyes: &Lens) -> Result<(), Unavailable> {
        let now = now();
        let found = &mut self.found;
        let mut living: HashMap<Seq, Option<Standing>> = HashMap::new();
        let mut silent: HashMap<Seq, Silence> = HashMap::new();
        let mut hidden: HashSet<Seq> = HashSet::new();
        let mut judge = None;
        self.told = runtime.read_here(|reading| {
            let own = runtime.own_lens(reading)?;
            let names = Names::load(reading, runtime.me())?;
            let judge = judge.insert(Judge::open(runtime, reading, now)?);
            let mut told = HashMap::new();
            for seq in found.iter().map(|found| seq(&found.found)) {
                if living.contains_key(&seq) {
                    continue;
                }
                let (silence, standing) = judge.indicator(reading, seq)?;
                let alert = watched(reading, &own, seq)?.filter(|_| silence.is_none());
                living.insert(seq, alert.is_some().then_some(standing));
                silent.extend(silence.map(|silence| (seq, silence)));
                let Some(alert) = alert else { continue };
                let own_eyes = eyes.reader.capacity == node::Capacity::Own;
                let shown = own_eyes || watched(reading, eyes, seq)?.is_some();
                let confidence = judge.confidence(reading, seq, None)?;
                let confidence_told = if shown && !own_eyes {
                    judge.confidence(reading, seq, Some(eyes))?
                } else {
                    confidence
                };
                told.insert(seq, Told::of(&alert, &names, [confidence, confidence_told]));
                if !shown {
                    hidden.insert(seq);
                }
            }
            Ok(told)
        })?;
        let mut hushed: HashMap<(&'static str, String), u64> = HashMap::new();
        found.retain(|Found { found, .. }| {
            let seq = seq(found);
            let value = living.get(&seq).copied().flatten().zip(judge.as_mut());
            let of_value = value.map(|(standing, judge)| judge.value(standing, &found.value));
            let because = silent.get(&seq).or(of_value.as_ref().and_then(Option::as_ref));
            if let Some(because) = because {
                let (why, list) = because.counted();
                *hushed.entry((why, list.to_owned())).or_default() += 1;
            }
            matches!(of_value, Some(None))
        });
        for ((why, list), count) in hushed {
            runtime.known_good().silenced(why, &list, count);
        }
        self.sums = sums(found, now);
        self.untold = found.extract_if(.., |f| hidden.contains(&seq(&f.found))).collect();
        Ok(())
    }
}

impl Told {
    pub(super) fn of(
        watched: &Watched,
        names: &Names,
        [confidence, confidence_told]: [u8; 2],
    ) -> Self {
        Self {
            indicator: watched.thing.to_string(),
            record: watched.record.to_string(),
            circle: names.circle(&watched.circle),
            home: watched.circle,
            signer: names.node(&watched.signer),
            tlp: watched.tlp.as_str(),
            valid_from: watched.valid_from,
            confidence,
            confidence_told,
        }
    }
}
