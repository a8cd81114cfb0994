//! The writer's side of a node: one dispatch over everything that can happen. Each verb lives in
//! a file of its own; nothing here knows what a verb does.

use crate::command::{Administer, Answer, Command};
use crate::effect::Effect;
use crate::identity::Identity;
use crate::outlet::{self, Asked};
use crate::quota::Quotas;
use crate::retention::Retention;
use crate::sighting::Width;
use crate::state::Circles;
use crate::withdraw;
use detect::pacing::Pacing;
use model::id::NodeId;
use model::time::Instant;
use std::collections::{BTreeMap, BTreeSet};
use store::{Partner, Reading, Seq, StoreError, Tx};

/// What a verb works with: the transaction, the instant, randomness, and a place for effects.
pub struct Moment<'m, 's> {
    /// The writer's transaction; committed by the caller, together with others of the batch.
    pub tx: &'m mut Tx<'s>,
    /// Now, by the node's clock.
    pub now: Instant,
    /// Fills a buffer with random bytes.
    pub random: &'m mut dyn FnMut(&mut [u8]),
    /// What to do once the commit is durable.
    pub effects: &'m mut Vec<Effect>,
}

impl std::fmt::Debug for Moment<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Moment").field("now", &self.now).finish_non_exhaustive()
    }
}

impl Moment<'_, '_> {
    /// So many random bytes.
    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.random)(&mut bytes);
        bytes
    }
}

/// One node: its identity and what the writer keeps in memory beside the store.
#[derive(Debug)]
pub struct Node {
    pub(crate) me: Identity,
    pub(crate) circles: Circles,
    pub(crate) pacing: Pacing,
    pub(crate) retention: Retention,
    pub(crate) quotas: Quotas,
    /// Who hears of what this node sights.
    pub(crate) width: Width,
    /// What was erased because nobody gives it waits for its purge since this instant.
    pub(crate) unpurged: Option<Instant>,
    /// How far partners have come by their own word since this node started.
    pub(crate) asked: BTreeMap<NodeId, Asked>,
    /// When time last passed.
    pub(crate) ticked: Option<Instant>,
    /// The latest instant that was seen: a clock may be set back.
    pub(crate) latest: Instant,
    /// The latest instant that is on disk.
    pub(crate) kept: Instant,
    /// A pass over many entries goes on at the next tick.
    pub(crate) hurried: bool,
    /// Givers withdrew what was not judged yet.
    pub(crate) leaving: bool,
    /// By outlet, what the command under way withheld from its reader.
    pub(crate) lost: BTreeMap<String, BTreeSet<Seq>>,
    /// Who stated, since the last batch, that a record of its own is not RED any more.
    pub(crate) freed: BTreeSet<NodeId>,
}

/// A node that cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Node {
    /// Starts from what the store holds.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn open(me: Identity, reading: &Reading<'_>) -> Result<Self, OpenError> {
        let latest = outlet::latest(reading)?;
        Ok(Self {
            me,
            circles: Circles::load(reading)?,
            pacing: crate::counting::resumed(reading)?,
            retention: Retention::default(),
            quotas: Quotas::default(),
            width: Width::default(),
            unpurged: withdraw::unpurged(reading)?,
            asked: BTreeMap::new(),
            ticked: None,
            latest,
            kept: latest,
            hurried: false,
            leaving: reading.is_anything_leaving()?,
            lost: BTreeMap::new(),
            freed: BTreeSet::new(),
        })
    }

    /// Reads again what it keeps in memory beside the store, after a batch that was not committed.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn reread(&mut self, reading: &Reading<'_>) -> Result<(), StoreError> {
        self.circles = Circles::load(reading)?;
        self.pacing = crate::counting::resumed(reading)?;
        self.unpurged = withdraw::unpurged(reading)?;
        self.leaving = reading.is_anything_leaving()?;
        self.lost.clear();
        self.freed.clear();
        Ok(())
    }

    /// Whether a pass over many entries waits for the next tick, which should then come soon.
    #[must_use]
    pub const fn is_hurried(&self) -> bool {
        self.hurried
    }

    /// Who this node is.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.me
    }

    /// Does what a command asks, inside the writer's transaction.
    ///
    /// A refusal is an answer and changes nothing. An error means that the store failed: the
    /// caller must not commit, and must stop.
    ///
    /// # Errors
    /// When the store fails.
    pub fn apply(
        &mut self,
        moment: &mut Moment<'_, '_>,
        command: Command,
    ) -> Result<Answer, StoreError> {
        self.latest = self.latest.max(moment.now);
        let from = moment.effects.len();
        let answer = self.obey_command(moment, command)?;
        crate::outgoing::forget(moment, from)?;
        self.tell_lost(moment)?;
        Ok(answer)
    }

    fn obey_command(
        &mut self,
        moment: &mut Moment<'_, '_>,
        command: Command,
    ) -> Result<Answer, StoreError> {
        match command {
            Command::Publish { submitter, terms, objects } => {
                self.publish(moment, &submitter, &terms, objects)
            }
            Command::Pulled(pulled) => self.pulled(moment, pulled),
            Command::PullEnded(ended) => Self::pull_ended(moment, ended),
            Command::Hide { submitter, circle, entries } => {
                self.hide(moment, &submitter, circle, &entries)
            }
            Command::Arrive(arrival) => self.arrive(moment, arrival),
            Command::Heed(arrival) => self.heed(moment, arrival),
            Command::Returned(returned) => self.returned(moment, returned),
            Command::Acknowledged { partner, receipt } => {
                self.acknowledged(moment, partner, &receipt)
            }
            Command::Number(key) => {
                let unfinished = self.number_for_reader(moment, &key)?;
                Ok(Answer::Numbered { unfinished })
            }
            Command::NumberFor { partner, after, credit } => {
                let unfinished = self.number_for_partner(moment, partner, (after, credit))?;
                Ok(Answer::Numbered { unfinished })
            }
            Command::Read(read) => Self::note_read(moment, &read),
            Command::Matched(matches) => self.matched(moment, &matches),
            Command::Delivered { delivery, matches } => self.delivered(moment, &delivery, matches),
            Command::AnswerSeen(answering) => self.answer_seen(moment, answering),
            Command::Found { delivery, matches, findings } => {
                self.found(moment, delivery.as_ref(), (matches, findings))
            }
            Command::Sent(sent) => Self::sent(moment, sent),
            Command::Tick => self.tick(moment),
            Command::KeepStatus(status) => {
                moment.tx.put_status(&status)?;
                Ok(Answer::Done)
            }
            Command::NumberFeeds(feeds) => Self::number_feeds(moment, &feeds),
            Command::Administer(act) => self.administer(moment, act),
        }
    }

    /// Does one act of administration, asking nobody.
    pub(crate) fn administer(
        &mut self,
        moment: &mut Moment<'_, '_>,
        act: Administer,
    ) -> Result<Answer, StoreError> {
        match act {
            Administer::Act { by, what } => self.act(moment, by, *what),
            Administer::SetCard { partner, card, by } => self.set_card(moment, partner, &card, by),
            Administer::SetPolicy { policy, by } => self.set_policy(moment, &policy, by),
            Administer::Note(note) => self.note(moment, &note).map(|()| Answer::Done),
            Administer::ReleaseFirst { partner, by } => self.release_first(moment, partner, by),
            Administer::UndoSend { thing, by } => self.undo_send(moment, &thing, by),
            Administer::CreateCircle { name, default, ceiling, known_good } => {
                self.create_circle(moment, name, default, ceiling, known_good)
            }
            Administer::AddMember { circle, partner } => self.add_member(moment, circle, partner),
            Administer::Backfill { circle, partner, send } => {
                self.backfill(moment, circle, partner, send)
            }
            Administer::RemoveMember { circle, partner } => {
                self.remove_member(moment, circle, partner)
            }
            Administer::AcceptCircle(circle) => self.accept_circle(moment, circle),
            Administer::CreateToken(token) => Self::create_token(moment, token),
            Administer::RevokeToken(name) => Self::revoke_token(moment, &name),
            Administer::AddSource(new) => self.add_source(moment, new),
            Administer::RemoveSource(name) => Self::remove_source(moment, &name),
            Administer::PullSource(name) => Self::pull_source(moment, &name),
            Administer::AddReceiver(new) => Self::add_receiver(moment, new),
            Administer::RemoveReceiver(name) => Self::remove_receiver(moment, &name),
            Administer::SetSyslog(wanted) => Self::set_syslog(moment, wanted),
            Administer::Invite { circles, trusted } => self.invite(moment, circles, trusted),
            Administer::PromisePast { secret, send } => Self::promise_past(moment, &secret, send),
            Administer::Join(joined) => self.join(moment, &joined),
            Administer::JoinedAt(joined) => self.joined_at(moment, &joined),
            Administer::Introduce { introduction, name } => {
                self.introduced(moment, &introduction, &name)
            }
            Administer::SealTo { partner, key } => Self::told_key(moment, partner, &key),
            Administer::BeginKeys(recovery) => self.begin_keys(moment, recovery),
            Administer::RotateKey(next) => self.rotate_key(moment, &next),
            Administer::UseKey(key) => self.use_key(moment, key),
            Administer::RevokeKey(key) => self.revoke_key(moment, key),
            Administer::RescueKeys { statement, own } => self.rescue_keys(moment, &statement, &own),
            Administer::HearKeys(text) => self.hear_keys(moment, &text),
            Administer::KeysHeard { partner, number } => Self::heard_by(moment, partner, number),
            Administer::Confirm { partner, words } => self.confirm(moment, partner, &words),
            Administer::RemovePartner(partner) => self.remove_partner(moment, partner),
            Administer::RemovedBy { partner, removed } => {
                Self::removed_by(moment, partner, removed)
            }
            Administer::Withdraw { thing, partner } => self.withdraw(moment, &thing, partner),
            Administer::Lift { thing, partner } => self.lift(moment, &thing, partner),
            Administer::ForgetUndone(partner) => self.forget_undone(moment, partner),
            Administer::PartWith { circle, partner } => self.part_with(moment, circle, partner),
            Administer::Tell(telling) => self.tell(moment, &telling),
            Administer::Undo(step) => self.undo(moment, &step),
            Administer::Suppress(suppress) => self.suppress(moment, &suppress),
            Administer::Unsuppress { id, who } => self.unsuppress(moment, id, &who),
            Administer::Dispute(dispute) => self.dispute(moment, &dispute),
            Administer::Ask(asking) => self.ask_partners(moment, &asking),
            Administer::Relabel { thing, tlp } => self.relabel(moment, &thing, tlp),
            Administer::Recall { thing, mode, reason } => {
                self.recall(moment, &thing, mode, &reason)
            }
        }
    }

    /// A partner that has not been removed.
    pub(crate) fn partner(
        reading: &Reading<'_>,
        node: &NodeId,
    ) -> Result<Option<Partner>, StoreError> {
        let partner = reading.partner(node)?;
        Ok(partner.filter(|partner| partner.state != store::PartnerState::Removed))
    }
}
