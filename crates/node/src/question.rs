//! Asking partners whether they have seen something, and answering them. What was seen stays at
//! home: an answer says as much as the partner's card lets it.

use crate::apply::{Moment, Node};
use crate::command::Answer;
use formats::problem::Problem;
use model::facts::Value;
use model::id::{CircleId, NodeId};
use store::{Seq, StoreError};

/// A question to partners.
#[derive(Clone, Debug)]
pub struct Question {
    /// What is asked for, in normal form.
    pub values: Vec<Value>,
    /// Who is asked.
    pub partners: Vec<NodeId>,
    /// In which circle; the first that is shared with all of them when none is named.
    pub circle: Option<CircleId>,
    /// Who asks.
    pub who: String,
}

/// What this node has to say to a question.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The question's place in the log.
    pub question: Seq,
    /// The text of the answer.
    pub text: String,
}

impl Node {
    pub(crate) fn ask(
        &mut self,
        _moment: &mut Moment<'_, '_>,
        _question: &Question,
    ) -> Result<Answer, StoreError> {
        Ok(Answer::Refused(Problem::error("E-API-501", "partners cannot be asked yet")))
    }

    pub(crate) fn answer_seen(
        &mut self,
        _moment: &mut Moment<'_, '_>,
        _answered: &Answered,
    ) -> Result<Answer, StoreError> {
        Ok(Answer::Refused(Problem::error("E-API-501", "no question can be answered yet")))
    }
}
