//! Plays a script on nodes: does each step, keeps every byte that leaves, asks the checks.
//!
//! It deliberately decides nothing; what is broken when stands in the script.

use super::check::{Stream, Truth};
use super::fault::Fault;
use super::link::{BATCH, Batch};
use super::node::{Crash, Node};
use super::outlet::Line;
use super::record::{Answer, Post};
use super::release::Reader;
use super::view::Entry;
use super::world::{Plan, Script, Step};
use crate::outcome::{Check, Stats, Violation};
use std::collections::{BTreeMap, BTreeSet};

/// Objects on a page.
const PAGE: usize = 3;

/// A local reader's memory: the last date it has seen, and everything it got.
#[derive(Debug, Default)]
struct Client {
    after: u64,
    seen: BTreeSet<u64>,
}

/// A world being played.
#[derive(Debug)]
pub(super) struct Play<'a> {
    script: &'a Script,
    pub(super) nodes: Vec<Node>,
    pub(super) truth: Truth,
    pub(super) streams: BTreeMap<Stream, Vec<(u64, String)>>,
    pub(super) stats: Stats,
    /// Each circle's list as its convener has it.
    members: BTreeMap<u8, u8>,
    /// Submissions that a crash left without an answer.
    unanswered: Vec<(u8, Post)>,
    clients: BTreeMap<(u8, u8), Client>,
    /// Lines in a batch. Where secrets share links, a session is one batch: what a cut or a
    /// batch's end leaves for later must not depend on them (see [`Fault::AnySchedule`]).
    batch: usize,
    seed: u64,
    now: u64,
}

type Played<T = ()> = Result<T, Violation>;

impl<'a> Play<'a> {
    /// Nodes as the script sets them up.
    pub(super) fn new(seed: u64, script: &'a Script, fault: Option<Fault>) -> Self {
        let sites = script.sites.iter().cloned();
        let mut nodes: Vec<Node> =
            sites.map(|site| Node::new(super::node::Site { fault, ..site })).collect();
        let mut truth = Truth::new(seed);
        for (circle, members) in &script.circles {
            for node in &mut nodes {
                truth.accept(node.site.me, *circle, *members);
                node.disk.append(Entry::Members { circle: *circle, members: *members });
            }
        }
        let any_schedule = fault == Some(Fault::AnySchedule);
        let batch = if script.travel && !any_schedule { usize::MAX } else { BATCH };
        let members = script.circles.clone();
        let (streams, clients) = (BTreeMap::new(), BTreeMap::new());
        let (stats, unanswered) = (Stats::default(), Vec::new());
        let mut play = Self {
            script,
            nodes,
            truth,
            streams,
            stats,
            members,
            unanswered,
            clients,
            batch,
            seed,
            now: 0,
        };
        for (node, partner, card) in &script.cards {
            play.truth.card(*node, *partner, *card);
            let entry = Entry::Card { partner: *partner, card: *card };
            play.nodes.get_mut(usize::from(*node)).into_iter().for_each(|node| {
                node.disk.append(entry.clone());
            });
        }
        play
    }

    /// Goes on to this instant.
    pub(super) fn at(&mut self, now: u64) {
        self.now = now;
        self.truth.set_now(now);
    }

    /// Does one step.
    pub(super) fn step(&mut self, step: &Step) -> Played {
        match step {
            Step::Post { node, posts, crash } => self.post(*node, posts, *crash),
            Step::Link { from, to, plan } => self.session(*from, *to, *plan).map(|_| ()),
            Step::Page { node, audience } => self.page(*node, *audience).map(|_| ()),
            Step::Members { circle, members, accepted_by } => {
                let before = self.members.insert(*circle, *members).unwrap_or(0);
                let name = if members & !before == 0 { "narrowings" } else { "widenings" };
                self.stats.add(name, 1);
                let nodes = (0_u8..).take(self.nodes.len());
                let at_once = nodes.filter(|node| (accepted_by >> node) & 1 == 1);
                at_once.into_iter().try_for_each(|node| self.accept(node, *circle))
            }
            Step::Accept { node, circle } => self.accept(*node, *circle),
            Step::Recall { node, thing } => {
                let recalled = self.commit(*node, Crash::No, |node| node.recall(*thing))?;
                self.stats.add("records recalled", recalled.unwrap_or(0));
                Ok(())
            }
            Step::Withdraw { node, partner, thing } => {
                let sent = self.commit(*node, Crash::No, |node| node.withdraw(*partner, *thing))?;
                let sent = sent.unwrap_or_default();
                self.stats.add("records withdrawn by a person", sent.len());
                self.truth.withdraw((*node, *partner), &sent);
                Ok(())
            }
            Step::Card { node, partner, card } => {
                self.stats.add("cards changed", 1);
                self.truth.card(*node, *partner, *card);
                self.policy(*node, &Entry::Card { partner: *partner, card: *card })
            }
        }
    }

    fn stranger(&self, node: u8) -> Violation {
        let detail = format!("the script names node {node}, which is not there");
        Violation { check: Check::Converge, seed: self.seed, at: self.now, detail }
    }

    fn node(&self, node: u8) -> Played<&Node> {
        self.nodes.get(usize::from(node)).ok_or_else(|| self.stranger(node))
    }

    fn commit<T>(
        &mut self,
        node: u8,
        crash: Crash,
        work: impl FnOnce(&mut Node) -> T,
    ) -> Played<Option<T>> {
        let stranger = self.stranger(node);
        let now = self.now;
        let node = self.nodes.get_mut(usize::from(node)).ok_or(stranger)?;
        let result = node.commit(crash, now, work);
        match crash {
            Crash::No => return Ok(result),
            Crash::Lose => self.stats.add("crashes that lost the commit", 1),
            Crash::Keep => self.stats.add("crashes that kept the commit", 1),
        }
        self.truth.kept(node)?;
        Ok(result)
    }

    fn left(&mut self, stream: Stream, bytes: String) {
        self.streams.entry(stream).or_default().push((self.now, bytes));
    }

    pub(super) fn accept(&mut self, node: u8, circle: u8) -> Played {
        let members = self.members.get(&circle).copied().unwrap_or(0);
        self.truth.accept(node, circle, members);
        self.policy(node, &Entry::Members { circle, members })
    }

    fn policy(&mut self, node: u8, entry: &Entry) -> Played {
        self.commit(node, Crash::No, |node| node.disk.append(entry.clone())).map(|_| ())
    }

    fn post(&mut self, at: u8, posts: &[Post], crash: Crash) -> Played {
        let mut truth = std::mem::take(&mut self.truth);
        let mut stats = std::mem::take(&mut self.stats);
        let now = self.now;
        let stranger = self.stranger(at);
        let Some(node) = self.nodes.get_mut(usize::from(at)) else { return Err(stranger) };
        let answers = node.commit(crash, now, |node| {
            let mut answers = Vec::new();
            for post in posts {
                truth.expect(node, post, &mut stats);
                answers.push(node.post(post, now));
            }
            answers
        });
        (self.truth, self.stats) = (truth, stats);
        self.stats.add("submissions", posts.len());
        self.stats.add("crashes that lost the commit", usize::from(crash == Crash::Lose));
        self.stats.add("crashes that kept the commit", usize::from(crash == Crash::Keep));
        self.truth.kept(node)?;
        let Some(answers) = answers else {
            self.unanswered.extend(posts.iter().map(|post| (at, post.clone())));
            return Ok(());
        };
        for (post, answers) in posts.iter().zip(answers) {
            self.truth.answered(node, post)?;
            let duplicates = answers.iter().filter(|answer| **answer == Answer::Duplicate).count();
            self.stats.add("answers that say duplicate", duplicates);
            let stream = Stream::Answer { node: at, submitter: post.submitter };
            let bytes = format!("{answers:?}\n");
            self.streams.entry(stream).or_default().push((now, bytes));
        }
        Ok(())
    }

    /// One session over a link; answers whether anything was sent.
    pub(super) fn session(&mut self, from: u8, to: u8, plan: Plan) -> Played<bool> {
        let now = self.now;
        let number = move |node: &mut Node| node.number(Reader::Partner(to), now);
        let crash = if let Plan::SenderCrashes(crash) = plan { crash } else { Crash::No };
        self.commit(from, crash, number)?;
        if crash != Crash::No {
            return Ok(true);
        }
        let mut first = self.node(from)?.disk.acked.get(&to).copied().unwrap_or(0);
        let mut sent = false;
        for place in 0_usize.. {
            let Some(batch) = self.node(from)?.batch(to, first, self.batch) else { break };
            sent = true;
            let cut = self.cut(plan, place);
            let acked = self.batch((from, to), &batch, cut)?;
            let Some(upto) = acked else { break };
            self.commit(from, Crash::No, |node| node.disk.acked.insert(to, upto))?;
            if cut.is_some() || upto <= first {
                break;
            }
            first = upto;
        }
        Ok(sent)
    }

    /// Where this batch breaks, if it does.
    fn cut(&self, plan: Plan, place: usize) -> Option<Plan> {
        let breaks = match plan {
            Plan::Whole | Plan::SenderCrashes(_) => return None,
            Plan::Mid { batch, .. }
            | Plan::LostAck { batch }
            | Plan::ReceiverLoses { batch }
            | Plan::ReceiverKeeps { batch } => batch,
        };
        (self.batch == usize::MAX || place == breaks).then_some(plan)
    }

    /// Carries one batch over; the ack, if one comes back.
    fn batch(&mut self, link: (u8, u8), batch: &Batch, cut: Option<Plan>) -> Played<Option<usize>> {
        let (from, to) = link;
        let (bytes, lines) = match cut {
            Some(Plan::Mid { lines, .. }) => (batch.bytes_until(lines), lines),
            _ => (batch.bytes(), batch.lines.len()),
        };
        let through = batch.lines.get(..lines.min(batch.lines.len())).unwrap_or(&[]);
        self.stats.add("lines sent over links", through.len());
        self.truth.left(link, batch.first, through)?;
        self.truth.hops(from, through)?;
        self.truth.to_partner(from, to, &bytes)?;
        self.left(Stream::Link { from, to }, bytes);
        let crash = match cut {
            Some(Plan::Mid { .. }) => {
                self.stats.add("cuts in the middle of a batch", 1);
                return Ok(None);
            }
            Some(Plan::ReceiverLoses { .. }) => Crash::Lose,
            Some(Plan::ReceiverKeeps { .. }) => Crash::Keep,
            Some(Plan::LostAck { .. } | Plan::Whole | Plan::SenderCrashes(_)) | None => Crash::No,
        };
        let upto = self.commit(to, crash, |node| node.take(from, batch))?;
        let Some(upto) = upto else { return Ok(None) };
        self.truth.link_acked(from, self.node(to)?, upto)?;
        if let Some(Plan::LostAck { .. }) = cut {
            self.stats.add("acks lost", 1);
            return Ok(None);
        }
        self.left(Stream::Link { from: to, to: from }, format!("ack {upto}\n"));
        Ok(Some(upto))
    }

    /// A local reader asks for its next page; answers whether there is more.
    pub(super) fn page(&mut self, at: u8, audience: u8) -> Played<bool> {
        let now = self.now;
        self.commit(at, Crash::No, |_| ())?;
        let client = self.clients.entry((at, audience)).or_default();
        let (node, after) = (self.nodes.get(usize::from(at)), client.after);
        let Some(node) = node else { return Ok(false) };
        let page = node.page(audience, after, PAGE);
        for (date, record) in &page.items {
            if *date <= client.after || *date > now + 1_000 {
                let detail = format!("node {at} dates {record} {date}, after {}", client.after);
                return Err(self.truth_broken(detail));
            }
            client.after = *date;
            client.seen.insert(record.canary);
        }
        self.stats.add("pages read", 1);
        let bytes = page.to_string();
        if let Some(rights) = node.site.audiences.get(usize::from(audience)) {
            self.truth.to_audience(at, (audience, rights), &bytes)?;
        }
        self.left(Stream::Page { node: at, audience }, bytes);
        Ok(page.more)
    }

    fn truth_broken(&self, detail: String) -> Violation {
        Violation { check: Check::Once, seed: self.seed, at: self.now, detail }
    }

    /// Everybody accepts the latest lists, and posts again what was not answered.
    pub(super) fn heal(&mut self) -> Played {
        let circles: Vec<u8> = self.members.keys().copied().collect();
        for node in (0_u8..).take(self.nodes.len()) {
            circles.iter().try_for_each(|circle| self.accept(node, *circle))?;
        }
        for (node, post) in std::mem::take(&mut self.unanswered) {
            self.post(node, &[post], Crash::No)?;
        }
        Ok(())
    }

    /// All links, once each; answers whether anything was sent.
    pub(super) fn round(&mut self) -> Played<bool> {
        let mut sent = false;
        for from in (0_u8..).take(self.nodes.len()) {
            for to in (0_u8..).take(self.nodes.len()).filter(|to| *to != from) {
                sent |= self.session(from, to, Plan::Whole)?;
            }
        }
        Ok(sent)
    }

    /// What must hold once everything is still.
    pub(super) fn end(&mut self) -> Played {
        for node in (0_u8..).take(self.nodes.len()) {
            for audience in 0..3 {
                while self.page(node, audience)? {}
            }
        }
        self.truth.settled(&self.nodes)?;
        self.truth.recalls_heard(&self.nodes, &mut self.stats)?;
        for node in &self.nodes {
            for outlet in node.disk.outlets.values() {
                outlet.count(&mut self.stats);
            }
            self.truth.kept(node)?;
            self.truth.applied_once(node)?;
            self.truth.outlets_derive(node)?;
            for audience in 0..3 {
                if let Some(client) = self.clients.get(&(node.site.me, audience)) {
                    self.truth.audience_complete(node, audience, &client.seen)?;
                }
            }
        }
        Ok(())
    }

    /// The streams of readers that were released a secret: those may differ in the twin world.
    pub(super) fn privy(&self) -> BTreeSet<Stream> {
        let mut privy = BTreeSet::new();
        for node in &self.nodes {
            let me = node.site.me;
            for (reader, outlet) in &node.disk.outlets {
                let ids = outlet.lines.iter().map(|line| match line.line {
                    Line::Send { id, .. } | Line::Withdraw { id } | Line::Recall { id } => id,
                });
                let rows = ids.filter_map(|id| node.disk.view.row(id));
                if !rows.into_iter().any(|row| self.truth.is_secret(row.record.canary)) {
                    continue;
                }
                match *reader {
                    Reader::Audience(audience) => {
                        privy.insert(Stream::Page { node: me, audience });
                    }
                    // Acks of what one was sent differ as well.
                    Reader::Partner(to) => {
                        privy.insert(Stream::Link { from: me, to });
                        privy.insert(Stream::Link { from: to, to: me });
                    }
                }
            }
        }
        for (_, step) in &self.script.steps {
            let Step::Post { node, posts, .. } = step else { continue };
            for post in posts.iter().filter(|post| post.secret) {
                privy.insert(Stream::Answer { node: *node, submitter: post.submitter });
            }
        }
        privy
    }
}
