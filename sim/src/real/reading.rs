//! What local readers are given: pages, manifests, search, objects, and answers to what they post.
//!
//! It deliberately prints everything that a door could print, so that nothing goes uncompared.

use super::canary;
use super::oracle::{Eyes, Fate, Oracle};
use super::run::Breach;
use super::script::{Crash, Place, Post, Token};
use super::twin::SECRET_STEPS;
use super::world::{Accepted, World, describe};
use formats::taxii::{Filter, Versions};
use model::id::{CircleId, NodeId};
use model::record::Authorship;
use node::accept::{Prepared, Terms};
use node::command::{Fate as Real, ObjectOutcome};
use node::outlet::audience_key;
use node::read::{Page, Shape, page, search, show};
use node::token::Caller;
use node::{Answer, Command};
use std::collections::BTreeSet;
use std::fmt::Write as _;

impl World {
    /// Numbers an audience and gives one page of it, everything printed.
    pub(super) fn page(
        &mut self,
        (node, token, circle): (usize, Token, usize),
        filter: &Filter,
        (shape, start, limit): (Shape, Option<u64>, usize),
    ) -> Result<Page, Breach> {
        let circle = self.place(node, Place::Circle(circle))?;
        let lens = self.site(node)?.lens(self.at, token)?;
        let key = audience_key(&circle, lens.reader.capacity);
        self.apply(node, Command::Number(key.clone()), Crash::No)?;
        let reading = self.site(node)?.store.reading();
        let page = page(reading, &lens, (circle, &key), filter, (shape, start, limit))?;
        let mut text = Vec::new();
        for entry in &page.entries {
            text.extend(format!("{} {} {}\n", entry.thing, entry.version, entry.date).into_bytes());
            if let Some(object) = &entry.object {
                text.extend_from_slice(object.bytes());
                text.push(b'\n');
            }
        }
        text.extend(format!("next {:?}\n", page.next).into_bytes());
        self.stats.add("pages", 1);
        self.emit((node, Self::token(node, token)), &self.eyes(node, token)?, text)?;
        Ok(page)
    }

    /// All versions of all objects.
    pub(super) fn everything() -> Filter {
        Filter { versions: Versions::All, ..Filter::default() }
    }

    fn token(node: usize, token: Token) -> String {
        format!("token {} at node {node}", token.name())
    }

    fn eyes(&self, node: usize, token: Token) -> Result<Eyes, Breach> {
        let reader = self.site(node)?.caller(self.at, token)?.submitter.reader;
        let red = matches!(reader.capacity, node::Capacity::Token { red: true, .. });
        Ok(Eyes::Token { circles: reader.circles, red })
    }

    /// Searches for a body's word and shows a thing.
    pub(super) fn look_up(
        &mut self,
        node: usize,
        token: Token,
        (canary, thing): (u64, u64),
    ) -> Result<(), Breach> {
        let site = self.site(node)?;
        let (reading, lens) = (site.store.reading(), site.lens(self.at, token)?);
        let mut found = search(&reading, &lens, &canary::word(canary))?;
        if let Ok(thing) = canary::id(thing).parse() {
            found.extend(show(&reading, &lens, &thing)?);
        }
        let mut text = Vec::new();
        for shown in &found {
            let (row, how) = (&shown.row, shown.how());
            let head = format!("{} {} {how} {}\n", row.thing, row.version, row.signed);
            text.extend(head.into_bytes());
            text.extend_from_slice(shown.object.bytes());
        }
        self.stats.add("searches", 1);
        self.emit((node, Self::token(node, token)), &self.eyes(node, token)?, text)
    }

    /// Somebody hands something in; the oracle knows what must come of it.
    pub(super) fn post(&mut self, post: &Post, crash: Crash) -> Result<(), Breach> {
        let (node, at) = (post.node, self.at);
        let circle = self.place(node, post.place)?;
        let names: Option<BTreeSet<NodeId>> = post
            .to
            .as_ref()
            .map(|to| to.iter().filter_map(|n| self.sites.get(*n)).map(|site| site.id).collect());
        let caller = self.site(node)?.caller(at, post.token)?;
        let expected = {
            let site = self.site(node)?;
            Oracle::of(site, at)?.expected(post, &circle, names.as_ref(), &caller)
        };
        let bodies: Vec<String> = post.items.iter().map(canary::body).collect();
        let document = format!("[{}]", bodies.join(","));
        let objects = Prepared::stix(document.as_bytes())
            .map_err(|problem| Breach::broken(&format!("{problem:?}")))?;
        let until = post.until.map(model::time::Instant::from_micros);
        let (tlp, hops, to) = (post.tlp, post.hops, names);
        let terms = Terms { to, tlp, hops, until, ..Terms::of(circle) };
        let submitter = caller.submitter.clone();
        let before = self.site(node)?.held.last().map_or(0, |held| held.seq);
        let command = Command::Publish { submitter, terms, objects };
        let answer = self.apply(node, command, crash)?.answer();
        self.tally(post, expected.as_deref().unwrap_or_default());
        match (answer, expected) {
            (Some(Answer::Published(outcomes)), Some(expected)) => {
                self.answered(post, (circle, &caller), &outcomes, &expected)?;
                if crash == Crash::No {
                    self.signed(post, before, &expected)?;
                }
            }
            (Some(Answer::Refused(_)) | None, None) => {}
            (None, Some(expected)) if crash == Crash::Keep => {
                self.signed(post, before, &expected)?;
            }
            (None, Some(_)) => {}
            (answer, _) => {
                let problem = format!("step {}: a post was answered {answer:?}", self.step);
                return Err(Breach::once(problem));
            }
        }
        if crash == Crash::No { Ok(()) } else { self.check_acks(node) }
    }

    fn tally(&mut self, post: &Post, expected: &[super::oracle::Expected]) {
        let secret = self.step >= SECRET_STEPS;
        self.stats
            .add(if secret { "records secret" } else { "records handed in" }, post.items.len());
        let refs = post.items.iter().map(|item| item.refs.len()).sum();
        self.stats.add("references", refs);
        let red = expected.iter().filter(|one| one.axes.tlp == model::label::Tlp::Red).count();
        self.stats.add("records RED", red);
    }

    /// Compares an answer with what must be answered, and remembers what was accepted.
    fn answered(
        &mut self,
        post: &Post,
        (circle, caller): (CircleId, &Caller),
        outcomes: &[ObjectOutcome],
        expected: &[super::oracle::Expected],
    ) -> Result<(), Breach> {
        let mut text = String::new();
        for ((outcome, expected), item) in outcomes.iter().zip(expected).zip(&post.items) {
            let ObjectOutcome { id, version, fate, warnings } = outcome;
            writeln!(text, "{id} {version:?} {fate:?} {warnings:?}").ok();
            let real = match fate {
                Real::Accepted => Fate::Accepted,
                Real::Duplicate => Fate::Duplicate,
                Real::Refused(_) => Fate::Refused,
            };
            self.stats.add("answers that say duplicate", usize::from(real == Fate::Duplicate));
            if real != expected.fate {
                return Err(Breach::leak(format!(
                    "step {}: {id} by token {} at node {} was answered {real:?} instead of {:?}",
                    self.step,
                    post.token.name(),
                    post.node,
                    expected.fate
                )));
            }
            if real == Fate::Accepted {
                self.accepted.push(Accepted {
                    node: post.node,
                    thing: canary::id(item.thing)
                        .parse()
                        .map_err(|error: model::id::ParseIdError| Breach::broken(&error))?,
                    version: canary::version(item.version),
                    circle,
                    intake: caller.submitter.intake,
                    body: canary::body(item).into_bytes(),
                });
            }
        }
        if self.step < SECRET_STEPS {
            let reader = Self::token(post.node, post.token);
            self.stats.add("bytes to readers", text.len());
            self.streams.entry(reader).or_default().push((self.step, text.into_bytes()));
        }
        Ok(())
    }

    /// Compares what was signed with the labels that must be signed.
    fn signed(
        &self,
        post: &Post,
        before: i64,
        expected: &[super::oracle::Expected],
    ) -> Result<(), Breach> {
        let site = self.site(post.node)?;
        let new = site.held.iter().filter(|held| held.seq > before && held.is_content());
        let accepted = expected.iter().zip(&post.items).filter(|(e, _)| e.fate == Fate::Accepted);
        let (new, accepted): (Vec<_>, Vec<_>) = (new.collect(), accepted.collect());
        if new.len() != accepted.len() {
            return Err(Breach::once(format!(
                "step {}: {} records were signed for {} accepted objects",
                self.step,
                new.len(),
                accepted.len()
            )));
        }
        for (held, (expected, item)) in new.into_iter().zip(accepted) {
            let (label, wanted) = (&held.header.label, &expected.label);
            let same = super::oracle::Axes::of(label) == expected.axes
                && label.hops == wanted.hops
                && label.embargo == wanted.embargo
                && label.unknown == wanted.unknown
                && label.circle == wanted.circle
                && matches!(held.header.authorship, Authorship::Carries(_))
                && held.body == canary::body(item).into_bytes();
            if !same {
                return Err(Breach::leak(format!(
                    "step {}: {} was signed, but should be {wanted:?}",
                    self.step,
                    describe(site, held)
                )));
            }
        }
        Ok(())
    }
}
