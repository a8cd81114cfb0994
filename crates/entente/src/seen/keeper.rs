//! Who keeps what deliveries saw, and looks back for what is new. It answers no request.

use crate::config::Folder;
use crate::runtime::Runtime;
use crate::settings::Lookback;
use detect::past::Gathered;
use model::facts::{Rule, Value};
use model::time::Instant;
use node::Seq;

/// The keeper of a node; it keeps nothing yet.
#[derive(Debug, Default)]
pub(crate) struct Keeper;

impl Keeper {
    /// The folder that the node lives in is known; the node is about to serve.
    pub(crate) const fn open(&self, _folder: &Folder, _key: [u8; 16], _settings: &Lookback) {}

    /// Where a delivery gathers what it sees; nothing where nothing is kept.
    pub(crate) const fn begin(&self, _key: [u8; 16], _now: Instant) -> Option<Gathered> {
        None
    }

    /// Takes what a delivery saw.
    pub(crate) fn take(&self, _gathered: Gathered, _source: &str) {}

    /// A new indicator: whether it was seen before.
    pub(crate) const fn look_back(&self, _seq: Seq, _values: &[Value]) {}

    /// A new rule: whether its values were seen before.
    pub(crate) const fn look_back_for(&self, _seq: Seq, _rule: &Rule) {}

    /// An indicator is gone.
    pub(crate) const fn forget(&self, _seq: Seq) {}

    /// A partner asks something, in the record at this place.
    pub(crate) const fn asked(&self, _seq: Seq) {}
}

/// Writes down, looks back and lets go of old days until the node stops; there is nothing to do yet.
pub(crate) async fn keep(runtime: Runtime) {
    runtime.stopping().wait_for(|stop| *stop).await.ok();
}
