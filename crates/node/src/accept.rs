//! Accepting what is handed in: bytes, facts, closure, seal, append. What arrives from partners is
//! verified in `link` instead and keeps its own signature.

use crate::apply::{Moment, Node};
use crate::closure::{Closing, close};
use crate::command::{Answer, Fate, ObjectOutcome, Submitter};
use crate::dry_run::Trial;
use crate::effect::Effect;
use crate::values::Values;
use crate::watch;
use formats::problem::Problem;
use formats::stix::{Classified, Markings, SpecVersion, classify};
use model::facts::Facts;
use model::id::{CircleId, NodeId, ThingId};
use model::label::{Label, Tlp};
use model::limits::{HANDED_IN_OBJECTS_MAX, HOPS_MAX, RECIPIENTS_MAX, VERSION_BYTES_MAX};
use model::record::{Authorship, Header, Sealed, Unsealed};
use model::seal::sha256;
use model::time::Instant;
use std::collections::{BTreeMap, BTreeSet};
use store::{Appended, NewEntry, Reading, Row, Seq, StoreError};

/// Into which circle, and under which terms beside the objects' own markings.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The one circle.
    pub circle: CircleId,
    /// Named recipients.
    pub to: Option<BTreeSet<NodeId>>,
    /// At least this strict.
    pub tlp: Option<Tlp>,
    /// Hops that relays may take.
    pub hops: Option<u8>,
    /// Embargo.
    pub until: Option<Instant>,
    /// The source is not to be named.
    pub hide_source: bool,
    /// Say what would happen, and change nothing.
    pub dry_run: bool,
}

impl Terms {
    /// Plain terms: the circle, and nothing beside the objects' own markings.
    #[must_use]
    pub const fn of(circle: CircleId) -> Self {
        Self {
            circle,
            to: None,
            tlp: None,
            hops: None,
            until: None,
            hide_source: false,
            dry_run: false,
        }
    }
}

/// One object, read but neither labelled nor signed.
#[derive(Debug)]
pub struct Draft {
    /// The id as it was spelt.
    pub id: String,
    /// What it is about.
    pub thing: ThingId,
    /// The natural version, if the object has one.
    pub version: Option<String>,
    /// The exact bytes.
    pub body: Vec<u8>,
    /// What the body says.
    pub facts: Facts,
    /// Its own markings.
    pub markings: Markings,
    /// Observable values in normal form, an indicator's pattern included.
    pub values: Values,
    /// Made here from a list line; the same line again adds nothing, whatever its date.
    pub made: bool,
}

/// The objects of one document, each read or refused; in document order.
#[derive(Debug, Default)]
pub struct Prepared(pub Vec<Result<Draft, (String, Problem)>>);

impl Prepared {
    /// Reads a bundle, an envelope, an array, NDJSON or a single object. Pure: any thread may.
    ///
    /// # Errors
    /// When the document as a whole cannot be split, or holds more than `HANDED_IN_OBJECTS_MAX`.
    pub fn stix(document: &[u8]) -> Result<Self, Problem> {
        let document = formats::json::split_at_most(document, HANDED_IN_OBJECTS_MAX);
        let document = document.map_err(|error| error.problem())?;
        let objects = document.pieces.iter().map(|piece| Draft::read(piece.bytes, &piece.path));
        let problems = document.problems.into_iter().map(|problem| Err((String::new(), problem)));
        Ok(Self(objects.chain(problems).collect()))
    }

    /// Reads a plain list or CSV of indicators and makes STIX indicators of it.
    #[must_use]
    pub fn list(text: &[u8], now: Instant) -> Self {
        let items = formats::stix::list::items(text);
        Self(items.map(|item| Draft::make(&item.map_err(|p| (String::new(), p))?, now)).collect())
    }
}

/// The refusal of a list with more lines than `HANDED_IN_OBJECTS_MAX`.
#[must_use]
pub fn too_many() -> Problem {
    let message = format!("more than {HANDED_IN_OBJECTS_MAX} objects at once");
    Problem::error("E-JSON-011", message).hint("split it into several documents")
}

impl Draft {
    /// Makes an indicator of one item of a list.
    fn make(item: &formats::stix::list::Item, now: Instant) -> Result<Self, (String, Problem)> {
        let path = format!("line {}", item.line);
        match item.indicator(now, &[]) {
            Some(body) => {
                Self::read(body.as_bytes(), &path).map(|draft| Self { made: true, ..draft })
            }
            None => {
                let problem = Problem::error("E-LIST-010", "no pattern matches such a value");
                Err((item.value.clone(), problem.at(path)))
            }
        }
    }

    /// Reads one object.
    fn read(bytes: &[u8], path: &str) -> Result<Self, (String, Problem)> {
        let reading = formats::stix::read(bytes)
            .map_err(|problem| (formats::stix::id_of(bytes), problem.inside(path)))?;
        if reading.spec_version == SpecVersion::V2_0 {
            let problem = Problem::error("E-STIX-021", "a STIX 2.0 object").at(path);
            let problem =
                problem.hint("only STIX 2.1 is held; convert it, e.g. with stix2-elevator");
            return Err((reading.id, problem));
        }
        let values = Values::of(&reading.facts);
        Ok(Self {
            id: reading.id,
            thing: reading.thing,
            version: reading.version,
            body: bytes.to_vec(),
            values,
            facts: reading.facts,
            markings: reading.markings,
            made: false,
        })
    }

    /// The version that the header carries: the natural one, else a digest of the body.
    pub(crate) fn header_version(&self) -> String {
        self.version.clone().unwrap_or_else(|| {
            let digest = sha256(&[&self.body]).to_string();
            format!("sha256:{}", digest.get(..32).unwrap_or_default())
        })
    }
}

impl Node {
    /// Closes, signs and appends what a submitter hands in, object by object.
    pub(crate) fn publish(
        &mut self,
        moment: &mut Moment<'_, '_>,
        submitter: &Submitter,
        terms: &Terms,
        objects: Prepared,
    ) -> Result<Answer, StoreError> {
        let Some(circle) = self.circles.by_id(&terms.circle) else {
            let problem = Problem::error("E-CIRCLE-001", "this node follows no such circle")
                .hint("`entente circle list` shows those that it follows");
            return Ok(Answer::Refused(problem));
        };
        let (default, ceiling) = (submitter.default.unwrap_or(circle.default), circle.ceiling);
        let labels = Self::labels(moment, submitter, terms, &objects, default)?;
        let reading = moment.tx.reading();
        let trial = || Trial::new(&reading, self.me.node(), moment.now, &self.circles);
        let mut trial = terms.dry_run.then(trial).transpose()?;
        let mut outcomes = Vec::with_capacity(objects.0.len());
        let mut appended = false;
        for (object, label) in objects.0.into_iter().zip(labels) {
            let (draft, label) = match (object, label) {
                (Ok(draft), Some(label)) => (draft, label),
                (Ok(draft), None) => unlabelled(draft),
                (Err((id, problem)), _) => {
                    outcomes.push(ObjectOutcome {
                        id,
                        version: None,
                        fate: Fate::Refused(problem),
                        warnings: Vec::new(),
                    });
                    continue;
                }
            };
            let draft = outspoken(draft, terms);
            let place = (label, ceiling);
            let outcome = self.place(moment, submitter, trial.as_mut(), draft, place)?;
            appended |= matches!(outcome.fate, Fate::Accepted);
            outcomes.push(outcome);
        }
        if let Some(trial) = trial {
            return Ok(Answer::Tried(outcomes, trial.told()));
        }
        if appended {
            moment.effects.push(Effect::Wake);
        }
        Ok(Answer::Published(outcomes))
    }

    /// The closed label of every object that could be read, in document order.
    fn labels(
        moment: &Moment<'_, '_>,
        submitter: &Submitter,
        terms: &Terms,
        objects: &Prepared,
        default: Tlp,
    ) -> Result<Vec<Option<Label>>, StoreError> {
        let reading = moment.tx.reading();
        let drafts: Vec<&Draft> = objects.0.iter().filter_map(|o| o.as_ref().ok()).collect();
        let mates: Mates<'_> = drafts.iter().rev().map(|draft| (&draft.thing, *draft)).collect();
        let mut batch = Vec::with_capacity(drafts.len());
        for draft in &drafts {
            let label = own_label(&reading, submitter, terms, (draft, &mates), default)?;
            batch.push(Closing { thing: &draft.thing, refs: &draft.facts.refs, label });
        }
        close(&reading, submitter, moment.now, &mut batch)?;
        let mut closed = batch.into_iter().map(|object| object.label);
        Ok(objects.0.iter().map(|o| o.as_ref().ok().and_then(|_| closed.next())).collect())
    }

    /// Appends one object under its closed label, unless it is held already or may not be; with a
    /// trial it is only counted.
    fn place(
        &mut self,
        moment: &mut Moment<'_, '_>,
        submitter: &Submitter,
        mut trial: Option<&mut Trial>,
        draft: Draft,
        (label, ceiling): (Label, Tlp),
    ) -> Result<ObjectOutcome, StoreError> {
        // Made here or not, it came by this intake: a duplicate is one of the same submitter's.
        let authorship = Authorship::Carries(submitter.intake);
        let version = draft.header_version();
        let shown = draft.version.clone().unwrap_or_else(|| moment.now.to_taxii());
        let mut warnings = draft.markings.warnings.clone();
        if label.unknown {
            let problem = Problem::warning("W-LABEL-001", "a marking that is not known here");
            warnings.push(problem.hint("it counts as TLP:RED; hand in its definition as well"));
        }
        let outcome = |id, fate| ObjectOutcome { id, version: Some(shown), fate, warnings };
        if label.effective_tlp() > ceiling {
            let problem = Problem::error(
                "E-LABEL-001",
                format!(
                    "TLP:{} is above the circle's ceiling TLP:{}",
                    label.effective_tlp().to_string().to_uppercase(),
                    ceiling.to_string().to_uppercase()
                ),
            )
            .hint(
                "what was asked for, its own marking or something that it refers to is stricter \
                 than the circle; `entente circle list` shows ceilings",
            );
            return Ok(outcome(draft.id, Fate::Refused(problem)));
        }
        if version.len() > VERSION_BYTES_MAX
            || label.to.as_ref().is_some_and(|to| to.len() > RECIPIENTS_MAX)
        {
            let problem =
                Problem::error("E-LABEL-003", "its version or its recipients are too long");
            return Ok(outcome(draft.id, Fate::Refused(problem.hint("no partner would take it"))));
        }
        let held = Held::find(&moment.tx.reading(), self.me.node(), &draft, authorship, &label)?;
        let against = held.against(&moment.tx.reading(), &draft, &version)?;
        match trial.as_deref_mut().map_or(against, |trial| trial.against(against, &draft)) {
            Against::New => {}
            Against::Same => return Ok(outcome(draft.id, Fate::Duplicate)),
            Against::Other => {
                let problem = Problem::error(
                    "E-STIX-020",
                    "the same id and version were handed in before with other content",
                )
                .hint("a changed object needs a later `modified`");
                return Ok(outcome(draft.id, Fate::Refused(problem)));
            }
        }
        let mut header = Header {
            signer: self.me.node(),
            authorship,
            thing: draft.thing,
            version,
            signed: moment.now,
            label,
            extra: String::new(),
        };
        if self.is_recalled_here(&moment.tx.reading(), &header)? {
            return Ok(outcome(draft.id, Fate::Refused(recalled())));
        }
        if let Some(trial) = trial {
            trial.count(&header.thing.kind, &header.label);
        } else {
            if held.hidden {
                header.signed = self.after_withdrawal(moment, &header)?;
            }
            let sealed = Unsealed { header, body: draft.body }.seal(&self.me.key, moment.bytes());
            self.append(moment, &sealed, &draft.facts, &draft.values, None)?;
        }
        Ok(outcome(draft.id, Fate::Accepted))
    }

    /// Appends a sealed record and keeps live matching in step.
    pub(crate) fn append(
        &mut self,
        moment: &mut Moment<'_, '_>,
        sealed: &Sealed,
        facts: &Facts,
        values: &Values,
        from: Option<(NodeId, u8)>,
    ) -> Result<Seq, StoreError> {
        let (via, hop) = from.map_or((None, 0), |(node, hop)| (Some(node), hop));
        let Values { all, watched, rule } = values;
        let (at, rule) = (moment.now, rule.as_ref());
        let new = NewEntry { record: sealed, facts, values: all, watched, rule, at, via, hop };
        let Appended { seq, rival } = moment.tx.append(&new)?;
        let place = (seq, rival);
        watch::follow(&moment.tx.reading(), place, sealed.header(), values, moment.effects)?;
        Ok(seq)
    }

    /// Seals and appends what this node itself states.
    pub(crate) fn state(
        &mut self,
        moment: &mut Moment<'_, '_>,
        thing: ThingId,
        version: String,
        label: Label,
        (body, facts): (String, &Facts),
    ) -> Result<(Seq, Sealed), StoreError> {
        let header = Header {
            signer: self.me.node(),
            authorship: Authorship::Wrote,
            thing,
            version,
            signed: moment.now,
            label,
            extra: String::new(),
        };
        let sealed =
            Unsealed { header, body: body.into_bytes() }.seal(&self.me.key, moment.bytes());
        let seq = self.append(moment, &sealed, facts, &Values::default(), None)?;
        moment.effects.push(Effect::Wake);
        Ok((seq, sealed))
    }

    /// States a STIX object that this node wrote, with what its own body says.
    pub(crate) fn state_stix(
        &mut self,
        moment: &mut Moment<'_, '_>,
        thing: ThingId,
        label: Label,
        body: String,
    ) -> Result<(Seq, Sealed), StoreError> {
        let (version, facts) = formats::stix::read(body.as_bytes()).map_or_else(
            |_| (moment.now.to_stix(), Facts::default()),
            |read| (read.version.unwrap_or_default(), read.facts),
        );
        self.state(moment, thing, version, label, (body, &facts))
    }
}

fn recalled() -> Problem {
    Problem::error("E-RECORD-005", "this version was recalled; partners would refuse it")
        .hint("a corrected object needs a later `modified`")
}

/// Warns whoever asked for less than the object's own marking does.
fn outspoken(mut draft: Draft, terms: &Terms) -> Draft {
    if let (Some(asked), Some(marked)) = (terms.tlp, draft.markings.tlp)
        && asked < marked
    {
        let message = format!("TLP:{asked} is looser than its marking TLP:{marked}, which counts");
        let hint = "its author may relabel it; `entente copy` makes a looser copy of your own";
        draft.markings.warnings.push(Problem::warning("W-LABEL-003", message).hint(hint));
    }
    draft
}

/// A draft that closure did not reach cannot happen; if it did, nobody else may have it.
fn unlabelled(draft: Draft) -> (Draft, Label) {
    let label = Label::new(Tlp::Red, CircleId::new(uuid::Uuid::nil()));
    (draft, label)
}

/// The label from the object's own markings and the terms, before closure.
fn own_label(
    reading: &Reading<'_>,
    submitter: &Submitter,
    terms: &Terms,
    (draft, mates): (&Draft, &Mates<'_>),
    default: Tlp,
) -> Result<Label, StoreError> {
    let mut own = draft.markings.tlp;
    let mut label = Label::new(default, terms.circle);
    label.pap = draft.markings.pap;
    label.personal = draft.markings.personal;
    for id in &draft.markings.unknown {
        match definition(reading, submitter, mates, id)? {
            Some(Classified::Tlp(tlp)) => own = own.max(Some(tlp)),
            Some(Classified::Pap(pap)) => label.pap = label.pap.max(Some(pap)),
            Some(Classified::Statement) => {}
            None => label.unknown = true,
        }
    }
    let at_least = draft.markings.at_least.unwrap_or(Tlp::Clear);
    label.tlp = own.unwrap_or(default).max(at_least).max(terms.tlp.unwrap_or(Tlp::Clear));
    label.to.clone_from(&terms.to);
    label.hops = terms.hops.unwrap_or(label.hops).min(HOPS_MAX);
    label.embargo = terms.until;
    label.hide_source = terms.hide_source;
    Ok(label)
}

/// The objects of a document by what they are about; the first of several counts.
type Mates<'a> = BTreeMap<&'a ThingId, &'a Draft>;

/// What a marking's definition means, from the same batch or from what the submitter may read.
fn definition(
    reading: &Reading<'_>,
    submitter: &Submitter,
    mates: &Mates<'_>,
    id: &str,
) -> Result<Option<Classified>, StoreError> {
    let Ok(thing) = ThingId::parse_stix(id) else { return Ok(None) };
    if let Some(mate) = mates.get(&thing) {
        return Ok(classify(&mate.body));
    }
    let lens = crate::release::Lens {
        reader: submitter.reader.clone(),
        now: Instant::from_micros(i64::MAX),
    };
    for seq in reading.by_thing(&thing)? {
        // A partner's word on what a marking means would loosen what others hand in here.
        let ours = |row: &Row| row.signer == submitter.reader.node;
        if let Some((_, released)) = lens.body(reading, seq)?.filter(|(row, _)| ours(row)) {
            return Ok(classify(released.bytes()));
        }
    }
    Ok(None)
}

/// Records that the same submitter placed in the same circle about the same thing.
struct Held {
    rows: Vec<Row>,
    /// One was hidden: partners were told to withdraw it.
    hidden: bool,
}

/// How an object compares with what the same submitter handed in before.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Against {
    /// It did not.
    New,
    /// The very same.
    Same,
    /// The same version with another body.
    Other,
}

impl Held {
    fn find(
        reading: &Reading<'_>,
        me: NodeId,
        draft: &Draft,
        authorship: Authorship,
        label: &Label,
    ) -> Result<Self, StoreError> {
        let (mut rows, mut hidden) = (Vec::new(), false);
        for seq in reading.by_thing(&draft.thing)? {
            let Some(row) = reading.row(seq)? else { continue };
            let same = row.signer == me
                && row.authorship == authorship
                && row.label.circle == label.circle
                && !row.erased;
            // What was hidden by its own submitter may be handed in anew, and is numbered anew.
            if same && reading.is_hidden(&label.circle, seq)? {
                hidden = true;
            } else if same {
                rows.push(row);
            }
        }
        Ok(Self { rows, hidden })
    }

    fn against(
        &self,
        reading: &Reading<'_>,
        draft: &Draft,
        version: &str,
    ) -> Result<Against, StoreError> {
        for row in &self.rows {
            let body = reading.body(row.seq)?.unwrap_or_default();
            if draft.made {
                let before = formats::stix::read(&body).ok().map(|read| read.facts);
                let same = before.is_some_and(|facts| {
                    facts.pattern == draft.facts.pattern && facts.title == draft.facts.title
                });
                if same {
                    return Ok(Against::Same);
                }
            } else if row.version == version {
                return Ok(if body == draft.body { Against::Same } else { Against::Other });
            }
        }
        Ok(Against::New)
    }
}
