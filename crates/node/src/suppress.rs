//! What a person silences for a time. It erases nothing, and no partner hears of it.

use crate::apply::{Moment, Node};
use crate::command::Answer;
use formats::problem::Problem;
use model::id::CircleId;
use model::time::Instant;
use store::StoreError;

/// Matches of an indicator or a value that are not told until then.
#[derive(Clone, Debug)]
pub struct Suppress {
    /// The indicator's id, or a value.
    pub what: String,
    /// In this circle alone.
    pub circle: Option<CircleId>,
    /// Why.
    pub reason: String,
    /// Until when.
    pub until: Instant,
    /// Who does it.
    pub who: String,
}

impl Node {
    pub(crate) fn suppress(
        _moment: &mut Moment<'_, '_>,
        _suppress: &Suppress,
    ) -> Result<Answer, StoreError> {
        Ok(Answer::Refused(Problem::error("E-API-501", "nothing can be suppressed yet")))
    }

    pub(crate) fn unsuppress(
        _moment: &mut Moment<'_, '_>,
        _id: i64,
        _who: &str,
    ) -> Result<Answer, StoreError> {
        Ok(Answer::Refused(Problem::error("E-API-501", "nothing can be suppressed yet")))
    }
}
