//! A person's word that an indicator is a false positive, for its circle. It takes nothing back.

use crate::apply::{Moment, Node};
use crate::command::Answer;
use formats::problem::Problem;
use model::id::ThingId;
use store::StoreError;

/// A false positive.
#[derive(Clone, Debug)]
pub struct Dispute {
    /// The indicator.
    pub thing: ThingId,
    /// Why.
    pub reason: String,
    /// Who says so.
    pub who: String,
}

impl Node {
    pub(crate) fn dispute(
        &mut self,
        _moment: &mut Moment<'_, '_>,
        _dispute: &Dispute,
    ) -> Result<Answer, StoreError> {
        Ok(Answer::Refused(Problem::error("E-API-501", "nothing can be disputed yet")))
    }
}
