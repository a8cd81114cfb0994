//! All nodes of one world, how they come to know each other, and what every reader was given.
//!
//! It deliberately decides nothing: what happens stands in the script, what is right in the oracle.

use super::canary;
use super::check::{Backup, Kept, Restored};
use super::fault::Fault;
use super::held::{self, Says};
use super::oracle::{Eyes, Oracle};
use super::pager::Pagers;
use super::run::Breach;
use super::script::{Crash, Place, Plan, Script, Token};
use super::site::{Came, Site};
use crate::outcome::Stats;
use model::id::{CircleId, Digest, IntakeId, NodeId, ThingId};
use model::label::Tlp;
use model::record::{Authorship, Header};
use model::time::Instant;
use node::command::Administer;
use node::membership::{Joined, JoinedAt};
use node::token::NewToken;
use node::{Answer, Command, Rights};
use std::collections::BTreeMap;

/// The bytes that each reader was given, piece by piece, each with its step.
pub(super) type Streams = BTreeMap<String, Vec<(u64, Vec<u8>)>>;

/// Something that was answered as accepted.
#[derive(Debug, Clone)]
pub(super) struct Accepted {
    pub(super) node: usize,
    pub(super) thing: ThingId,
    pub(super) version: String,
    pub(super) circle: CircleId,
    pub(super) intake: IntakeId,
    pub(super) body: Vec<u8>,
}

impl Accepted {
    /// Whether it is there, or was recalled.
    pub(super) fn is_at(&self, site: &Site) -> bool {
        site.held.iter().any(|held| {
            held.header.signer == site.id
                && held.header.authorship == Authorship::Carries(self.intake)
                && *held.circle() == self.circle
                && *held.thing() == self.thing
                && held.header.version == self.version
                && held.body == self.body
                && (!held.erased || held::recalled(&site.held, held))
        })
    }
}

/// One world.
pub(super) struct World {
    pub(super) sites: Vec<Site>,
    pub(super) circles: Vec<CircleId>,
    pub(super) pairs: Vec<(usize, usize)>,
    pub(super) at: i64,
    pub(super) step: u64,
    pub(super) streams: Streams,
    pub(super) stats: Stats,
    pub(super) accepted: Vec<Accepted>,
    /// What a receipt says was applied: where, and which leaf.
    pub(super) promised: Vec<(usize, Digest)>,
    /// Every receipt that was given.
    pub(super) receipts: Vec<Kept>,
    /// A node and what its disk held in the middle of the world.
    pub(super) aside: Option<(usize, Vec<u8>)>,
    /// A node and what a backup of it holds.
    pub(super) backup: Option<Backup>,
    /// The node that came back from its backup, and what it had numbered until then.
    pub(super) restored: Option<Restored>,
    /// Links over which nothing comes now.
    pub(super) cut: Vec<(usize, usize)>,
    /// On which links batches are bent before they come whole.
    pub(super) bend: u64,
    /// Matches by node and indicator.
    pub(super) matched: BTreeMap<(usize, ThingId), u64>,
    pub(super) pagers: BTreeMap<(usize, Token, usize), Pagers>,
    pub(super) fault: Option<Fault>,
    /// Whether keys change in it.
    pub(super) keys: bool,
    /// How many acts about keys there were.
    pub(super) key_acts: u64,
    /// Nodes whose keys are in other hands.
    pub(super) stolen: Vec<Stolen>,
}

/// A key that was revoked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stolen {
    pub(super) node: usize,
    pub(super) id: NodeId,
    /// Its number.
    pub(super) key: u8,
    /// When, by its node's clock.
    pub(super) at: Instant,
}

/// Commands of the setting up draw from here on.
const SETUP: u64 = 1 << 50;

impl World {
    pub(super) fn new(script: &Script, at: i64, fault: Option<Fault>) -> Result<Self, Breach> {
        let sites: Result<Vec<Site>, Breach> = (0..script.nodes).map(Site::new).collect();
        let mut world = Self {
            sites: sites?,
            circles: Vec::new(),
            pairs: script.pairs.iter().map(|pair| (pair.a, pair.b)).collect(),
            at,
            step: SETUP,
            streams: Streams::new(),
            stats: Stats::default(),
            accepted: Vec::new(),
            promised: Vec::new(),
            receipts: Vec::new(),
            aside: None,
            backup: None,
            restored: None,
            cut: Vec::new(),
            bend: script.bend,
            matched: BTreeMap::new(),
            pagers: BTreeMap::new(),
            fault: None,
            keys: false,
            key_acts: 0,
            stolen: Vec::new(),
        };
        if script.keys {
            world.begin_keys()?;
        }
        world.gather(script)?;
        for pair in &script.pairs {
            for (inviter, joiner) in [(pair.a, pair.b), (pair.b, pair.a)] {
                let circles: Vec<CircleId> = script
                    .circles
                    .iter()
                    .zip(&world.circles)
                    .filter(|(c, _)| c.convener == inviter && c.members.contains(&joiner))
                    .map(|(_, id)| *id)
                    .collect();
                if inviter == pair.a || !circles.is_empty() {
                    world.join(inviter, joiner, circles, pair.trusted)?;
                }
            }
        }
        for (a, b) in world.pairs.clone() {
            world.session(a, b, Plan::Whole, false)?;
            world.session(b, a, Plan::Whole, false)?;
        }
        // The world begins whole; what is planted shows from then on.
        world.fault = fault;
        world.sites.iter_mut().for_each(|site| site.fault = fault);
        world.cut.clone_from(&script.cut);
        Ok(world)
    }

    pub(super) fn site(&self, index: usize) -> Result<&Site, Breach> {
        self.sites.get(index).ok_or_else(|| Breach::broken(&"no such node"))
    }

    pub(super) fn site_mut(&mut self, index: usize) -> Result<&mut Site, Breach> {
        self.sites.get_mut(index).ok_or_else(|| Breach::broken(&"no such node"))
    }

    /// The circle that a place means at a node.
    pub(super) fn place(&self, node: usize, place: Place) -> Result<CircleId, Breach> {
        let circle = match place {
            Place::Circle(circle) => self.circles.get(circle).copied(),
            Place::Home => self.site(node)?.home,
        };
        circle.ok_or_else(|| Breach::broken(&"no such circle"))
    }

    /// One command at a node.
    pub(super) fn apply(
        &mut self,
        node: usize,
        command: Command,
        crash: Crash,
    ) -> Result<Came, Breach> {
        let (at, draw) = (self.at, self.step);
        let came = self.site_mut(node)?.apply(at, draw, command, crash)?;
        match crash {
            Crash::No => return Ok(came),
            Crash::Lose => self.stats.add("crashes that lost the commit", 1),
            Crash::Keep => self.stats.add("crashes that kept the commit", 1),
        }
        Ok(came)
    }

    /// One act of administration at a node.
    pub(super) fn administer(&mut self, node: usize, act: Administer) -> Result<Answer, Breach> {
        let came = self.apply(node, Command::Administer(act), Crash::No)?;
        came.answer().ok_or_else(|| Breach::broken(&"no answer without a crash"))
    }

    fn setup(&mut self, node: usize, act: Administer) -> Result<Answer, Breach> {
        self.step += 1;
        self.at += 1;
        self.administer(node, act)
    }

    fn gather(&mut self, script: &Script) -> Result<(), Breach> {
        for (n, circle) in script.circles.iter().enumerate() {
            let (default, ceiling) = (circle.default, circle.ceiling);
            let id = self.convene(circle.convener, format!("circle {n}"), default, ceiling)?;
            self.circles.push(id);
        }
        for node in 0..script.nodes {
            let home = self.convene(node, format!("home {node}"), Tlp::AmberStrict, Tlp::Red)?;
            self.site_mut(node)?.home = Some(home);
            for token in Token::ALL {
                let mut circles = self.circles.clone();
                let both = Rights::READ.with(Rights::WRITE);
                let rights = match token {
                    Token::Plain => both,
                    Token::Red | Token::Secret => both.with(Rights::RED),
                    Token::Mute => Rights::WRITE,
                };
                if token == Token::Secret {
                    circles.push(home);
                }
                let name = token.name().to_owned();
                let default = (token == Token::Mute).then_some(Tlp::Amber);
                let new = NewToken { name, circles, rights, default, expires: None, text: None };
                let Answer::Token(text) = self.setup(node, Administer::CreateToken(new))? else {
                    return Err(Breach::broken(&"no token"));
                };
                self.site_mut(node)?.keep_token(token, text);
            }
        }
        Ok(())
    }

    fn convene(
        &mut self,
        node: usize,
        name: String,
        default: Tlp,
        ceiling: Tlp,
    ) -> Result<CircleId, Breach> {
        let create = Administer::CreateCircle { name, default, ceiling, known_good: false };
        let Answer::Circle(id) = self.setup(node, create)? else {
            return Err(Breach::broken(&"no circle"));
        };
        Ok(id)
    }

    fn join(
        &mut self,
        inviter: usize,
        joiner: usize,
        circles: Vec<CircleId>,
        trusted: bool,
    ) -> Result<(), Breach> {
        let invite = Administer::Invite { circles: circles.clone(), trusted };
        let Answer::Invitation { secret } = self.setup(inviter, invite)? else {
            return Err(Breach::broken(&"no invitation"));
        };
        let (key, name) = {
            let me = &self.site(joiner)?.me;
            (me.public(), me.name.clone())
        };
        let welcome = self.setup(inviter, Administer::Join(Joined { secret, key, name }))?;
        if !matches!(welcome, Answer::Welcome { .. }) {
            return Err(Breach::broken(&format!("no welcome: {welcome:?}")));
        }
        let (key, name, id) = {
            let site = self.site(inviter)?;
            (site.me.public(), site.me.name.clone(), site.id)
        };
        let circles = circles.into_iter().map(|circle| (circle, id)).collect();
        let address = "127.0.0.1:1".to_owned();
        let joined = JoinedAt { secret, key, name, address, trusted, circles };
        self.setup(joiner, Administer::JoinedAt(joined)).map(drop)
    }

    /// A partner's name in streams.
    pub(super) fn partner(from: usize, to: usize) -> String {
        format!("node {to} as a partner of node {from}")
    }

    /// Bytes leave a node for a reader: none of them may be of what the oracle withholds.
    pub(super) fn emit(
        &mut self,
        (from, reader): (usize, String),
        eyes: &Eyes,
        bytes: Vec<u8>,
    ) -> Result<(), Breach> {
        self.judge(from, &reader, eyes, &bytes)?;
        self.stats.add("bytes to readers", bytes.len());
        self.streams.entry(reader).or_default().push((self.step, bytes));
        Ok(())
    }

    fn judge(&self, from: usize, reader: &str, eyes: &Eyes, bytes: &[u8]) -> Result<(), Breach> {
        let found = canary::find(bytes);
        if found == canary::Found::default() {
            return Ok(());
        }
        let site = self.site(from)?;
        let oracle = Oracle::of(site, self.at)?;
        let near = |held: &&held::Held| {
            !held.found.bodies.is_disjoint(&found.bodies)
                || !held.found.things.is_disjoint(&found.things)
        };
        let open: Vec<&held::Held> = site
            .held
            .iter()
            .filter(near)
            .filter(|held| oracle.may(held, eyes) || oracle.follows(held, eyes))
            .collect();
        for canary in &found.bodies {
            if !open.iter().any(|held| held.found.bodies.contains(canary)) {
                let whose = site.held.iter().filter(|held| held.found.bodies.contains(canary));
                let labels: Vec<String> = whose.map(|held| describe(site, held)).collect();
                return Err(Breach::leak(format!(
                    "step {}: {reader} got the body {canary:016x} of {}",
                    self.step,
                    labels.join(" and of ")
                )));
            }
        }
        for thing in &found.things {
            let names = open.iter().filter(|held| held.found.things.contains(thing));
            let fair = names.filter(|held| match &held.says {
                Says::Nothing => true,
                // A word about a record is for those who might have had that record, or were to.
                Says::Recall(subject) | Says::Relabel(subject, _) => {
                    let (circle, whose) = (held.circle(), held.header.signer);
                    let mut about =
                        site.held.iter().filter(|one| one.is(circle, &whose, subject)).peekable();
                    about.peek().is_none()
                        || about.any(|one| oracle.might(one, eyes) || oracle.numbered(one, eyes))
                }
                Says::Withdraw(whose, subject) => {
                    let circle = held.circle();
                    let mut about =
                        site.held.iter().filter(|one| one.is(circle, whose, subject)).peekable();
                    about.peek().is_none() || about.any(|one| oracle.might(one, eyes))
                }
            });
            if fair.count() == 0 {
                return Err(Breach::leak(format!(
                    "step {}: {reader} learnt of {}, which nothing that it may have names",
                    self.step,
                    canary::id(*thing)
                )));
            }
        }
        Ok(())
    }

    /// Whether a record may have been signed by a key that was revoked since: who did not have it then
    /// takes it from nobody.
    pub(super) fn is_disowned(&self, held: &held::Held) -> bool {
        let Header { signer, signed, .. } = &held.header;
        self.stolen.iter().any(|stolen| stolen.id == *signer && *signed <= stolen.at)
    }

    /// Everything that was answered is there.
    pub(super) fn check_acks(&self, node: usize) -> Result<(), Breach> {
        let site = self.site(node)?;
        for acked in self.accepted.iter().filter(|acked| acked.node == node) {
            if !acked.is_at(site) {
                return Err(Breach::ack(format!(
                    "step {}: node {node} had accepted {} {} and lost it",
                    self.step, acked.thing, acked.version
                )));
            }
        }
        for (_, leaf) in self.promised.iter().filter(|(at, _)| *at == node) {
            if !site.held.iter().any(|held| held.leaf == *leaf) {
                return Err(Breach::ack(format!(
                    "step {}: node {node} had given a receipt for leaf {leaf} and lost it",
                    self.step
                )));
            }
        }
        Ok(())
    }
}

/// A record in the words of a violation.
pub(super) fn describe(site: &Site, held: &held::Held) -> String {
    let label = held::label(&site.held, held);
    format!(
        "{} {} (TLP:{}{}, to {:?}, hops {}, hop {}, embargo {:?}, erased {}) at node {}",
        held.thing(),
        held.header.version,
        label.tlp,
        if label.unknown { ", unknown marking" } else { "" },
        label.to.as_ref().map(|to| to.len()),
        label.hops,
        held.hop,
        label.embargo.map(|at| at.to_string()),
        held.erased,
        site.index
    )
}
