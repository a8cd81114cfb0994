//! Which matches are told, and to whom: what is silent is not, and nobody is told of what he may
//! not read. It looks nothing up in telemetry.

use super::look::Matches;
use super::sums::{seq, sums};
use crate::http::api::names::Names;
use crate::known_good::silence;
use crate::runtime::{Runtime, Unavailable, now};
use model::time::Instant;
use node::Seq;
use node::release::Lens;
use node::watch::{Watched, watched};
use std::collections::HashMap;

/// What is said of an indicator, in words for people.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) indicator: String,
    pub(super) record: String,
    pub(super) circle: String,
    pub(super) signer: String,
    pub(super) tlp: &'static str,
    pub(super) valid_from: Option<Instant>,
}

impl Matches {
    /// Looks the indicators up: what is expired or gone does not alert; what who asked may not
    /// read is counted, and not told.
    pub(super) fn judge(&mut self, runtime: &Runtime, eyes: &Lens) -> Result<(), Unavailable> {
        let now = now();
        let found = &mut self.found;
        let mut living: HashMap<Seq, bool> = HashMap::new();
        self.told = runtime.read_here(|reading| {
            let own = runtime.own_lens(reading)?;
            let names = Names::load(reading, runtime.me())?;
            let mut told = HashMap::new();
            for seq in found.iter().map(|found| seq(&found.found)) {
                if living.contains_key(&seq) {
                    continue;
                }
                let silent = silence(runtime, reading, seq, None, now)?.is_some();
                let alert = watched(reading, &own, seq)?.filter(|_| !silent);
                living.insert(seq, alert.is_some());
                let Some(alert) = alert else { continue };
                let own_eyes = eyes.reader.capacity == node::Capacity::Own;
                let shown = own_eyes || watched(reading, eyes, seq)?.is_some();
                if shown {
                    told.insert(seq, Told::of(&alert, &names));
                }
            }
            Ok(told)
        })?;
        found.retain(|found| living.get(&seq(&found.found)).copied().unwrap_or(false));
        self.sums = sums(found, now);
        let told = &self.told;
        found.retain(|found| told.contains_key(&seq(&found.found)));
        Ok(())
    }
}

impl Told {
    pub(super) fn of(watched: &Watched, names: &Names) -> Self {
        Self {
            indicator: watched.thing.to_string(),
            record: watched.record.to_string(),
            circle: names.circle(&watched.circle),
            signer: names.node(&watched.signer),
            tlp: watched.tlp.as_str(),
            valid_from: watched.valid_from,
        }
    }
}
