//! Sources: added, removed, taken in page by page with their progress, and due again. What they
//! bring is carried under an intake of their own. It speaks to no server and waits for nothing.

use crate::accept::{Prepared, Terms};
use crate::apply::{Moment, Node};
use crate::command::{Answer, Fate, ObjectOutcome, Submitter};
use crate::effect::Effect;
use formats::problem::Problem;
use model::bounds::Give;
use model::circle::valid_name;
use model::id::{CircleId, IntakeId, NodeId};
use model::label::Tlp;
use model::limits::{
    SOURCE_BACKOFF_FIRST_SECONDS, SOURCE_BACKOFF_SECONDS_MAX, SOURCE_EVERY_SECONDS_MAX,
    SOURCE_EVERY_SECONDS_MIN, SOURCE_SECRET_BYTES_MAX, SOURCE_URL_BYTES_MAX, SOURCES_MAX,
};
use model::seal::sha256;
use model::time::Instant;
use policy::{Capacity, Reader};
use store::{Position, PullError, Pulls, Reading, Secret, Source, SourceKind, StoreError};

/// A source to be added. Its URL was checked by who will ask it.
#[derive(Clone, Debug)]
pub struct NewSource {
    /// Its name, unique among the sources that are not removed.
    pub name: String,
    /// What it speaks.
    pub kind: SourceKind,
    /// Where it is.
    pub url: String,
    /// Where what it brings is placed.
    pub circle: CircleId,
    /// The label of what comes without a marking.
    pub default: Option<Tlp>,
    /// Seconds between two pulls.
    pub every: u32,
    /// What it is shown to let us in.
    pub secret: Option<Secret>,
}

/// Objects that a source brought, and how far it has been read with them: both or neither.
#[derive(Debug)]
pub struct Pulled {
    /// The source.
    pub intake: IntakeId,
    /// The objects, already read.
    pub objects: Prepared,
    /// How far; `None` while a document is not at its end.
    pub position: Option<Position>,
}

/// A pull that ended, well or not.
#[derive(Debug)]
pub struct PullEnded {
    /// The source.
    pub intake: IntakeId,
    /// When the pull began.
    pub began: Instant,
    /// Why it failed, if it did.
    pub failed: Option<PullFailed>,
}

/// Why a pull failed.
#[derive(Clone, Debug)]
pub struct PullFailed {
    /// What happened, and what to do about it.
    pub problem: Problem,
    /// Seconds for which the server asked for patience.
    pub retry_after: Option<u64>,
}

/// When a source is to be pulled next; not after `now` means at once.
///
/// Pure: the jitter comes from the source's own random number and its last pull, so that a thousand
/// nodes that were started together do not knock together.
#[must_use]
pub fn due(source: &Source, now: Instant) -> Instant {
    let pulls = &source.pulls;
    if let Some(asked) = pulls.asked {
        return asked.min(now);
    }
    let Some(last) = pulls.last else { return source.added.min(now) };
    // A clock that was set back must not silence a source until it has caught up.
    if last > now {
        return now;
    }
    let seconds = match pulls.failures {
        0 => i64::from(source.every),
        failures => backoff(failures),
    };
    let due = last.plus_micros(jittered(source, seconds.saturating_mul(1_000_000), last));
    let latest = now.plus_seconds(SOURCE_BACKOFF_SECONDS_MAX);
    pulls.not_before.map_or(due, |not_before| due.max(not_before.min(latest)))
}

/// Seconds to wait after so many failures in a row: doubling, up to the bound.
fn backoff(failures: u32) -> i64 {
    let doublings = failures.saturating_sub(1).min(16);
    SOURCE_BACKOFF_FIRST_SECONDS.saturating_mul(1 << doublings).min(SOURCE_BACKOFF_SECONDS_MAX)
}

/// A span, up to a tenth shorter or longer.
fn jittered(source: &Source, micros: i64, last: Instant) -> i64 {
    let digest = sha256(&[source.intake.as_bytes(), &last.micros().to_be_bytes()]);
    let [high, low, ..] = digest.as_bytes();
    let drawn = i64::from(u16::from_be_bytes([*high, *low])) - 32_768;
    micros.saturating_add((micros / 10 / 32_768).saturating_mul(drawn))
}

/// The sources that are not removed, by name.
///
/// # Errors
/// When the store cannot be read.
pub fn living(reading: &Reading<'_>) -> Result<Vec<Source>, StoreError> {
    let sources = reading.sources()?.into_iter();
    Ok(sources.filter(|source| source.removed.is_none()).collect())
}

/// A source as who hands something in: it sees what a reader of its circle sees.
#[must_use]
pub fn submitter(me: NodeId, source: &Source) -> Submitter {
    Submitter {
        name: source.name.clone(),
        intake: source.intake,
        reader: Reader {
            node: me,
            capacity: Capacity::Token { red: false, client: false },
            circles: std::iter::once(source.circle).collect(),
            give: Give::whole(),
            bounds: Vec::new(),
            waits: false,
        },
        default: source.default,
    }
}

fn unknown(name: &str) -> Answer {
    let shown = formats::problem::shown(name);
    let problem = Problem::error("E-SOURCE-001", format!("no such source: `{shown}`"));
    Answer::Refused(problem.hint("`entente source list` shows those that there are"))
}

/// The refusal of a source that nobody should add so.
fn refusal(new: &NewSource, living: &[Source]) -> Option<Problem> {
    let name = formats::problem::shown(&new.name);
    if !valid_name(&new.name) {
        let problem = Problem::error("E-SOURCE-002", format!("`{name}` is no name for a source"));
        return Some(problem.hint("1 to 128 bytes without control characters"));
    }
    if living.iter().any(|source| source.name == new.name) {
        let problem = Problem::error("E-SOURCE-002", format!("there is a source `{name}` already"));
        let hint = format!("choose another name, or end it: entente source remove \"{name}\"");
        return Some(problem.hint(hint));
    }
    if living.len() >= SOURCES_MAX {
        let problem = Problem::error("E-SOURCE-005", format!("more than {SOURCES_MAX} sources"));
        return Some(problem.hint("remove one with `entente source remove`"));
    }
    if !(SOURCE_EVERY_SECONDS_MIN..=SOURCE_EVERY_SECONDS_MAX).contains(&new.every) {
        let days = SOURCE_EVERY_SECONDS_MAX / 86_400;
        let message = format!(
            "a source is pulled every {SOURCE_EVERY_SECONDS_MIN}s to {days}d, not more or less often"
        );
        return Some(Problem::error("E-SOURCE-006", message).hint("such as --every 10m"));
    }
    let secret = new.secret.as_ref().map_or(0, |secret| secret.0.len());
    if new.url.len() > SOURCE_URL_BYTES_MAX || secret > SOURCE_SECRET_BYTES_MAX {
        return Some(Problem::error("E-SOURCE-003", "the URL or the key is too long"));
    }
    None
}

impl Node {
    pub(crate) fn add_source(
        &self,
        moment: &mut Moment<'_, '_>,
        new: NewSource,
    ) -> Result<Answer, StoreError> {
        if self.circles.by_id(&new.circle).is_none() {
            let problem = Problem::error("E-CIRCLE-001", "this node follows no such circle")
                .hint("`entente circle list` shows those that it follows");
            return Ok(Answer::Refused(problem));
        }
        let all = moment.tx.reading().sources()?;
        let (living, removed): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|source| source.removed.is_none());
        if let Some(problem) = refusal(&new, &living) {
            return Ok(Answer::Refused(problem));
        }
        // What it brought before it was removed is still carried under its number: with another
        // one, all of it would come a second time.
        let before = removed.into_iter().find(|source| {
            source.kind == new.kind && source.url == new.url && source.circle == new.circle
        });
        let intake = match before {
            Some(source) => source.intake,
            None => IntakeId::new(moment.bytes()),
        };
        moment.tx.put_source(&Source {
            intake,
            name: new.name,
            kind: new.kind,
            url: new.url,
            circle: new.circle,
            default: new.default,
            every: new.every,
            secret: new.secret,
            added: moment.now,
            removed: None,
            position: Position::default(),
            pulls: Pulls::default(),
        })?;
        moment.effects.push(Effect::Sources);
        Ok(Answer::Done)
    }

    /// Ends a source: what it brought stays, its secret and its progress go.
    pub(crate) fn remove_source(
        moment: &mut Moment<'_, '_>,
        name: &str,
    ) -> Result<Answer, StoreError> {
        let Some(source) = moment.tx.reading().source_named(name)? else {
            return Ok(unknown(name));
        };
        let removed = Some(moment.now);
        let (position, pulls) = (Position::default(), Pulls::default());
        moment.tx.put_source(&Source { removed, secret: None, position, pulls, ..source })?;
        moment.effects.push(Effect::Sources);
        Ok(Answer::Done)
    }

    /// Makes a source due at once.
    pub(crate) fn pull_source(
        moment: &mut Moment<'_, '_>,
        name: &str,
    ) -> Result<Answer, StoreError> {
        let Some(mut source) = moment.tx.reading().source_named(name)? else {
            return Ok(unknown(name));
        };
        source.pulls.asked = Some(moment.now);
        moment.tx.put_source(&source)?;
        moment.effects.push(Effect::Sources);
        Ok(Answer::Done)
    }

    /// Takes in what a source brought, together with how far it has been read.
    // CRASH: before the commit neither the objects nor the progress are there, and the page comes
    // again; after it both are.
    pub(crate) fn pulled(
        &mut self,
        moment: &mut Moment<'_, '_>,
        pulled: Pulled,
    ) -> Result<Answer, StoreError> {
        let found = moment.tx.reading().source(&pulled.intake)?;
        let Some(mut source) = found.filter(|source| source.removed.is_none()) else {
            let problem = Problem::error("E-SOURCE-001", "the source was removed");
            return Ok(Answer::Refused(problem));
        };
        let submitter = submitter(self.me.node(), &source);
        let terms = Terms::of(source.circle);
        let answer = self.publish(moment, &submitter, &terms, pulled.objects)?;
        let Answer::Published(outcomes) = &answer else { return Ok(answer) };
        source.pulls.count(outcomes);
        if let Some(position) = pulled.position {
            source.position = position;
        }
        moment.tx.put_source(&source)?;
        Ok(answer)
    }

    /// Notes how a pull ended.
    pub(crate) fn pull_ended(
        moment: &mut Moment<'_, '_>,
        ended: PullEnded,
    ) -> Result<Answer, StoreError> {
        let found = moment.tx.reading().source(&ended.intake)?;
        let Some(mut source) = found.filter(|source| source.removed.is_none()) else {
            return Ok(Answer::Done);
        };
        let pulls = &mut source.pulls;
        // Asked for while the pull was under way: another one is due.
        pulls.asked = pulls.asked.filter(|asked| *asked > ended.began);
        pulls.last = Some(ended.began);
        if let Some(PullFailed { problem, retry_after }) = ended.failed {
            let wait = retry_after.and_then(|seconds| i64::try_from(seconds).ok());
            let wait = wait.map(|seconds| seconds.min(SOURCE_BACKOFF_SECONDS_MAX));
            pulls.not_before = wait.map(|seconds| moment.now.plus_seconds(seconds));
            pulls.failures = pulls.failures.saturating_add(1);
            pulls.error = Some(PullError {
                code: problem.code.to_owned(),
                message: problem.message,
                hint: problem.hint,
            });
        } else {
            pulls.success = Some(moment.now);
            (pulls.not_before, pulls.failures, pulls.error) = (None, 0, None);
        }
        moment.tx.put_source(&source)?;
        moment.effects.push(Effect::Sources);
        Ok(Answer::Done)
    }
}

/// Counting what became of objects.
trait Count {
    fn count(&mut self, outcomes: &[ObjectOutcome]);
}

impl Count for Pulls {
    fn count(&mut self, outcomes: &[ObjectOutcome]) {
        let mut refusal = None;
        for outcome in outcomes {
            let counter = match &outcome.fate {
                Fate::Accepted => &mut self.accepted,
                Fate::Duplicate => &mut self.duplicate,
                Fate::Refused(problem) => {
                    refusal.get_or_insert_with(|| match outcome.id.as_str() {
                        "" => problem.to_string(),
                        id => format!("{problem} ({})", formats::problem::shown(id)),
                    });
                    &mut self.refused
                }
            };
            *counter = counter.saturating_add(1);
        }
        self.refusal = refusal.or_else(|| self.refusal.take());
    }
}

#[cfg(test)]
mod tests;
