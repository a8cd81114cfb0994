//! Where findings are sent. It sends nothing.

use crate::apply::{Moment, Node};
use crate::command::Answer;
use formats::problem::Problem;
use model::id::CircleId;
use store::StoreError;

/// A place that findings are sent to.
#[derive(Clone)]
pub struct Webhook {
    /// What it is called here.
    pub name: String,
    /// Its address.
    pub url: String,
    /// Findings of this circle alone.
    pub circle: Option<CircleId>,
    /// In which form.
    pub form: String,
    /// What its messages are signed with.
    pub secret: Option<Vec<u8>>,
    /// From which severity on, 0 to 100.
    pub severity: Option<u8>,
    /// Who adds it.
    pub who: String,
}

impl std::fmt::Debug for Webhook {
    /// Without the address and the secret, both of which let others in.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Webhook").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Node {
    pub(crate) fn add_webhook(
        _moment: &mut Moment<'_, '_>,
        _webhook: &Webhook,
    ) -> Result<Answer, StoreError> {
        Ok(Answer::Refused(Problem::error("E-API-501", "findings are not sent yet")))
    }

    pub(crate) fn remove_webhook(
        _moment: &mut Moment<'_, '_>,
        _name: &str,
    ) -> Result<Answer, StoreError> {
        Ok(Answer::Refused(Problem::error("E-API-501", "findings are not sent yet")))
    }
}
