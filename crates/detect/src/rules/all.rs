//! All rules of a node, live at once. It keeps no event; what patterns over several events keep
//! stands in `states`, and Sigma's rules over several events are refused and counted.

use super::buckets::Buckets;
use super::compound::{Compounds, Seen};
use super::fields::Fields;
use super::plan::{Asked, Literal, Plan, Proof, witness};
use super::states::Forgotten;
use super::told::Told;
use super::values::Values;
use super::witness::Witness;
use crate::event::{self, Role, Scalar};
use crate::index::Handle;
use crate::live::Match;
use crate::reading::{Event, Flat, time};
use crate::sigma::{folded, logsource, read};
use hashbrown::HashMap;
use model::facts::{Language, Rule};
use model::limits::{MATCHES_PER_EVENT_MAX, RULES_MAX};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A rule that cannot be looked for.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("E-RULE-001: {0}")]
pub struct RuleError(pub String);

/// The rules.
#[derive(Debug)]
pub struct Rules {
    fields: Fields,
    /// By the slot, which is never given again.
    slots: Vec<Option<Arc<Sigma>>>,
    by_handle: HashMap<Handle, u32>,
    buckets: Buckets,
    everywhere: bool,
    /// Rules that ask for keywords.
    keywords: usize,
    skipped: u64,
    unrouted: u64,
    given_up: AtomicU64,
    compounds: Compounds,
    deliveries: AtomicU64,
}

/// A Sigma rule.
#[derive(Debug)]
struct Sigma {
    handle: Handle,
    plan: Plan,
    keywords: bool,
    literals: Option<Vec<Literal>>,
}

/// Work for another thread: what tells quickly that no rule can hold.
#[derive(Debug)]
pub struct Compile(Vec<Job>);

/// All rules of one source, by their slots.
#[derive(Debug)]
struct Job {
    bucket: usize,
    rules: Vec<(u32, Arc<Sigma>)>,
}

/// What came of it.
#[derive(Debug)]
pub struct Compiled(Vec<(usize, Witness, HashSet<u32>)>);

/// Memory that is used again for every event; one for each thread.
#[derive(Debug, Default)]
pub struct RuleScratch {
    values: Values,
    buckets: Vec<usize>,
    candidates: Vec<u32>,
    all: Vec<(String, String)>,
    told: Told,
    parts: Vec<(u32, u32)>,
}

impl Compile {
    /// Does the work.
    #[must_use]
    pub fn run(self) -> Compiled {
        let one = |Job { bucket, rules }: Job| {
            let literals = rules.iter().filter_map(|(slot, rule)| {
                rule.literals.as_deref().map(|literals| (*slot, literals))
            });
            let witness = Witness::new(literals)?;
            Some((bucket, witness, rules.iter().map(|(slot, _)| *slot).collect()))
        };
        Compiled(self.0.into_iter().filter_map(one).collect())
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            fields: Fields::new(),
            slots: Vec::new(),
            by_handle: HashMap::new(),
            buckets: Buckets::default(),
            everywhere: false,
            keywords: 0,
            skipped: 0,
            unrouted: 0,
            given_up: AtomicU64::new(0),
            compounds: Compounds::default(),
            deliveries: AtomicU64::new(0),
        }
    }
}

impl Rules {
    /// No rules.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Has rules for unknown sources of logs tried on every event, from here on.
    pub const fn try_unrouted(&mut self, everywhere: bool) {
        self.everywhere = everywhere;
    }

    /// Adds a rule; it is looked for from the next event on.
    ///
    /// # Errors
    /// When it cannot be looked for; it is counted then.
    pub fn insert(&mut self, handle: Handle, rule: &Rule) -> Result<(), RuleError> {
        let added = match rule.language {
            Language::Sigma => self.insert_sigma(handle, &rule.text),
            Language::Stix => self.compounds.insert(handle, &rule.text),
        };
        added.map_err(|message| {
            self.skipped = self.skipped.saturating_add(1);
            RuleError(message)
        })
    }

    fn insert_sigma(&mut self, handle: Handle, text: &str) -> Result<(), String> {
        if self.by_handle.len() >= RULES_MAX {
            return Err(format!("more than {RULES_MAX} rules"));
        }
        let rule = read(text).map_err(|error| error.to_string())?;
        self.remove(handle);
        let known = rule.source.is_known();
        if !known {
            self.unrouted = self.unrouted.saturating_add(1);
        }
        let plan = Plan::of(&rule.test, &mut self.fields);
        let literals = witness(&plan).map(|(literals, _)| literals);
        let slot = u32::try_from(self.slots.len()).map_err(|_| "too many rules".to_owned())?;
        let source = if known { Some(&rule.source) } else { None };
        if known || self.everywhere {
            self.buckets.add(source, slot, literals.is_some());
        }
        let keywords = plan.has_keywords();
        self.keywords += usize::from(keywords);
        self.slots.push(Some(Arc::new(Sigma { handle, plan, keywords, literals })));
        self.by_handle.insert(handle, slot);
        Ok(())
    }

    /// Removes a rule at once and for good.
    pub fn remove(&mut self, handle: Handle) {
        self.compounds.remove(handle);
        let Some(slot) = self.by_handle.remove(&handle) else { return };
        self.buckets.remove(slot);
        let slot = usize::try_from(slot).ok().and_then(|slot| self.slots.get_mut(slot));
        let gone = slot.and_then(Option::take);
        self.keywords -= usize::from(gone.is_some_and(|rule| rule.keywords));
    }

    /// Takes back what was inserted and never came to be.
    pub fn take_back(&mut self, handles: &HashSet<Handle>) {
        handles.iter().for_each(|handle| self.remove(*handle));
    }

    /// How many rules are looked for.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_handle.len() + self.compounds.len()
    }

    /// Whether no rule is looked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Rules that could not be added.
    #[must_use]
    pub const fn skipped(&self) -> u64 {
        self.skipped
    }

    /// Rules that were added, but whose source of logs no event comes from, and patterns of objects
    /// that no event is read as.
    #[must_use]
    pub const fn unrouted(&self) -> u64 {
        self.unrouted + self.compounds.unseen()
    }

    /// Comparisons that were given up: a text too long for a regular expression, or too many steps.
    #[must_use]
    pub fn given_up(&self) -> u64 {
        self.given_up.load(Ordering::Relaxed) + self.compounds.given_up()
    }

    /// Machines of which something is kept for patterns over several events, once for each pattern,
    /// and what was forgotten for want of room.
    #[must_use]
    pub fn windows(&self) -> (usize, Forgotten) {
        self.compounds.windows()
    }

    /// Whether a rule came that is tried on every event of its source.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.buckets.stale().next().is_some()
    }

    /// Work for another thread, where a rule came that is tried on every event of its source until
    /// then.
    #[must_use]
    pub fn freeze(&self) -> Option<Compile> {
        let rule = |slot: u32| {
            let rule = self.slots.get(usize::try_from(slot).ok()?)?.as_ref()?;
            rule.literals.is_some().then(|| (slot, Arc::clone(rule)))
        };
        let stale = self.buckets.stale().map(|(bucket, slots)| Job {
            bucket,
            rules: slots.iter().filter_map(|slot| rule(*slot)).collect(),
        });
        let stale: Vec<_> = stale.collect();
        (!stale.is_empty()).then_some(Compile(stale))
    }

    /// Takes over what another thread made; what came meanwhile stays as it is.
    pub fn adopt(&mut self, compiled: Compiled) -> bool {
        let any = !compiled.0.is_empty();
        for (bucket, witness, covered) in compiled.0 {
            self.buckets.adopt(bucket, witness, &covered);
        }
        any
    }

    /// Numbers for the events of a delivery that nothing names: its first, and those behind it.
    #[must_use]
    pub fn unnamed(&self) -> u64 {
        self.deliveries.fetch_add(1, Ordering::Relaxed) << 32
    }

    /// Adds to `out` every rule that holds with this event, and every pattern that it completes. A
    /// part of the event that cannot be read is reported by who looks its values up.
    pub fn event(
        &self,
        event: &Event<'_>,
        seen: Seen,
        scratch: &mut RuleScratch,
        out: &mut Vec<Match>,
    ) {
        if self.compounds.len() > 0 && scratch.told.fill(event).is_ok() {
            let RuleScratch { told, parts, .. } = scratch;
            self.compounds.event((event, told), seen, parts, out);
        }
        if !self.by_handle.is_empty() {
            self.sigma(event, scratch, out);
        }
    }

    fn sigma(&self, event: &Event<'_>, scratch: &mut RuleScratch, out: &mut Vec<Match>) {
        if scratch.values.fill(&self.fields, event).is_err() {
            return;
        }
        let RuleScratch { values, buckets, candidates, all, .. } = scratch;
        buckets.clear();
        let told = |place: usize| u32::try_from(place).ok().and_then(|field| values.one(field));
        logsource::sources(told, &mut |source| self.buckets.of(&source, buckets));
        self.buckets.everywhere(buckets);
        candidates.clear();
        if self.keywords > 0 {
            values.take_line(event);
        }
        for bucket in buckets.iter() {
            self.buckets.candidates(*bucket, values, candidates);
        }
        if candidates.is_empty() {
            return;
        }
        candidates.sort_unstable();
        candidates.dedup();
        all.clear();
        let start = out.len();
        for slot in candidates.iter() {
            let slot = usize::try_from(*slot).ok().and_then(|slot| self.slots.get(slot));
            let Some(Some(rule)) = slot else { continue };
            if rule.keywords && all.is_empty() {
                strings(event, values, all);
            }
            let mut asked = Asked { values, all, proof: None, given_up: 0 };
            if out.len() - start < MATCHES_PER_EVENT_MAX && rule.plan.holds(&mut asked) {
                let (field, value) = self.shown(&asked);
                let role = Role::of(&field);
                let handle = rule.handle;
                out.push(Match { handle, field, role, value, at: None, parent: false });
            }
            if asked.given_up > 0 {
                self.given_up.fetch_add(asked.given_up, Ordering::Relaxed);
            }
        }
        if out.len() > start {
            let at = time(event, &mut values.buffers);
            out.iter_mut().skip(start).for_each(|found| found.at = at);
        }
    }

    /// The field and the value that proved a rule; none where only absence did.
    fn shown(&self, asked: &Asked<'_>) -> (String, String) {
        match asked.proof {
            None => Default::default(),
            Some(Proof::Value(place)) => {
                let field = asked.values.field(place).map(|field| self.fields.name(field));
                (field.unwrap_or_default().to_owned(), asked.values.text(place).to_owned())
            }
            Some(Proof::Word(place)) => {
                let word = asked.all.get(place).map(|(own, _)| own.clone());
                ("message".to_owned(), word.unwrap_or_default())
            }
        }
    }
}

/// Every string, number and truth of an event, and its free text whole.
fn strings(event: &Event<'_>, values: &mut Values, all: &mut Vec<(String, String)>) {
    let mut push = |text: &str| all.push((text.to_owned(), folded(text)));
    event.flat.iter().flat_map(Flat::iter).for_each(|(_, text)| push(text));
    if let Some(json) = event.json {
        let read = event::fields(json, &mut values.buffers, &mut |field| {
            let (Scalar::Text(text) | Scalar::Number(text) | Scalar::Bool(text)) = field.value;
            push(text);
        });
        debug_assert!(read.is_ok(), "what cannot be read was refused before");
    }
    event.free.into_iter().for_each(push);
}
