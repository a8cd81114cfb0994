//! One pull of one source, from its beginning to its end: what comes is handed to the writer with
//! how far it reaches. How a kind of source is spoken to is in `list` and `taxii`.

use super::address::Address;
use super::client::{Client, Patience};
use super::credentials::Credentials;
use super::cut::Cut;
use super::failure::PullFailure;
use super::flow::Whole;
use super::{list, taxii};
use crate::known_good::gate_here;
use crate::runtime::Runtime;
use formats::problem::Problem;
use node::accept::Prepared;
use node::command::{Fate, ObjectOutcome};
use node::source::Pulled;
use node::{Answer, Command, Position, Source, SourceKind};
use tokio::sync::mpsc;

/// What became of the objects of one pull.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Tally {
    pub(super) accepted: u64,
    pub(super) duplicate: u64,
    pub(super) refused: u64,
    /// One of those that were refused, in words.
    pub(super) refusal: Option<String>,
}

impl Tally {
    /// All of them.
    pub(super) const fn count(&self) -> u64 {
        self.accepted.saturating_add(self.duplicate).saturating_add(self.refused)
    }

    fn add(&mut self, outcomes: &[ObjectOutcome]) {
        for outcome in outcomes {
            let counter = match &outcome.fate {
                Fate::Accepted => &mut self.accepted,
                Fate::Duplicate => &mut self.duplicate,
                Fate::Refused(problem) => {
                    self.refusal.get_or_insert_with(|| problem.to_string());
                    &mut self.refused
                }
            };
            *counter = counter.saturating_add(1);
        }
    }
}

/// A pull under way.
#[derive(Debug)]
pub(super) struct Pull {
    runtime: Runtime,
    /// The source, with its position as it is committed.
    pub(super) source: Source,
    pub(super) tally: Tally,
}

/// Pulls once.
pub(super) async fn pull(runtime: Runtime, source: Source) -> Result<Tally, PullFailure> {
    let home = Address::read(&source.url)?;
    let credentials = source.secret.as_ref().map(|secret| Credentials::read(&secret.0));
    let network = &runtime.settings().network;
    let mut client = Client::new(network, &home, credentials.transpose()?, Patience::default())?;
    let kind = source.kind;
    let mut pull = Pull { runtime, source, tally: Tally::default() };
    let ended = match kind {
        SourceKind::List => list::pull(&mut pull, &mut client, &home).await,
        SourceKind::Taxii => taxii::pull(&mut pull, &mut client, &home).await,
    };
    let Tally { accepted, duplicate, refused, refusal } = &pull.tally;
    ended?;
    if accepted.saturating_add(*duplicate) == 0 && *refused > 0 {
        let one = refusal.clone().unwrap_or_default();
        return Err(PullFailure::AllRefused(*refused, one));
    }
    Ok(pull.tally)
}

impl Pull {
    /// Has objects and position committed together.
    pub(super) async fn take(
        &mut self,
        objects: Prepared,
        position: Option<Position>,
    ) -> Result<(), PullFailure> {
        if objects.0.is_empty() && position.as_ref().is_none_or(|p| *p == self.source.position) {
            return Ok(());
        }
        let objects = gate_here(&self.runtime, self.source.circle, objects).await?;
        let intake = self.source.intake;
        let pulled = Pulled { intake, objects, position: position.clone() };
        let answer = self.runtime.write(Command::Pulled(pulled)).await?;
        if let Answer::Refused(problem) = answer {
            return Err(problem.into());
        }
        let Answer::Published(outcomes) = answer else { return Err(PullFailure::Fault) };
        self.tally.add(&outcomes);
        if let Some(position) = position {
            self.source.position = position;
        }
        Ok(())
    }

    /// Has a whole document committed, part by part; its position goes with the last one.
    pub(super) async fn take_document(
        &mut self,
        document: Whole,
        position: Position,
    ) -> Result<(), PullFailure> {
        // One part is made while another is written, and no more are in memory.
        let (parts, mut ready) = mpsc::channel::<(Prepared, bool)>(1);
        let cutting = tokio::task::spawn_blocking(move || -> Result<(), Problem> {
            let cut = Cut::of(document.bytes())?;
            cut.parts(|part, last| parts.blocking_send((part, last)).is_ok());
            Ok(())
        });
        let mut position = Some(position);
        while let Some((part, last)) = ready.recv().await {
            let position = if last { position.take() } else { None };
            self.take(part, position).await?;
        }
        match cutting.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(problem)) if problem.code == "E-JSON-001" => {
                Err(PullFailure::Cut(problem.message))
            }
            Ok(Err(problem)) => Err(PullFailure::Foreign(problem.message)),
            Err(_) => Err(PullFailure::Fault),
        }
    }
}
