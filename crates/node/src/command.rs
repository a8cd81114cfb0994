//! Everything that can happen to a node, and what it answers. A closed list: whoever adds a verb
//! adds it here, in `apply`, and in a file of its own.

use crate::accept::{Prepared, Terms};
use crate::bundle::Introduction;
use crate::dry_run::Reach;
use crate::foresee::Foreseen;
use crate::link::{Arrival, Receipt};
use crate::membership::{Joined, JoinedAt};
use crate::outgoing::{Finding, Sent};
use crate::question::{Answering, Asking};
use crate::reads::Read;
use crate::receiver::NewReceiver;
use crate::returns::Returned;
use crate::source::{NewSource, PullEnded, Pulled};
use crate::token::NewToken;
use crate::watch::Matched;
use formats::problem::Problem;
use model::card::Card;
use model::id::{CircleId, Digest, IntakeId, NodeId, ThingId};
use model::label::Tlp;
use model::policy::Policy;
use model::seal::{PublicKey, SealingKey, SigningKey};
use model::statement::RecallMode;
use model::time::Instant;
use policy::Reader;

/// Who hands something in.
#[derive(Clone, Debug)]
pub struct Submitter {
    /// The token's or source's name, for people.
    pub name: String,
    /// Its opaque number: what it carries is marked with it.
    pub intake: IntakeId,
    /// What it may read: an answer never tells it what else is held.
    pub reader: Reader,
    /// The label of what it hands in without a marking, before the circle's default.
    pub default: Option<Tlp>,
}

/// Everything that can happen.
#[derive(Debug)]
pub enum Command {
    /// Objects handed in by a person, a tool or a source.
    Publish {
        /// By whom.
        submitter: Submitter,
        /// Into which circle and under which terms.
        terms: Terms,
        /// The objects, already read.
        objects: Prepared,
    },
    /// A part of what a source brought, with its progress.
    Pulled(Pulled),
    /// A pull of a source came to its end.
    PullEnded(PullEnded),
    /// A TAXII DELETE.
    Hide {
        /// By whom.
        submitter: Submitter,
        /// In which collection.
        circle: CircleId,
        /// The entries, as `read` found them.
        entries: Vec<store::Seq>,
    },
    /// A batch from a partner.
    Arrive(Arrival),
    /// A batch from further on in a partner's outlet, for which only what takes back is heard.
    Heed(Arrival),
    /// A page of what this node signed, had lost, and gets back from a partner.
    Returned(Returned),
    /// A partner's receipt for what we sent.
    Acknowledged {
        /// The partner.
        partner: NodeId,
        /// Its receipt.
        receipt: Receipt,
    },
    /// A token is about to be given something for the first time.
    Read(Read),
    /// Number what an outlet lacks.
    Number(String),
    /// Number what a partner takes: no further ahead, so that a recall waits behind little.
    NumberFor {
        /// The partner.
        partner: NodeId,
        /// The number of the first entry that it lacks.
        after: u64,
        /// How many entries it takes ahead of that.
        credit: u64,
    },
    /// Matches found in telemetry.
    Matched(Vec<Matched>),
    /// Matches found in telemetry that may be sent again: each counts once.
    Delivered {
        /// Which delivery: a digest that its bytes and its sender determine.
        delivery: Digest,
        /// The matches.
        matches: Vec<Matched>,
    },
    /// What was found for a partner's question: it is answered.
    AnswerSeen(Answering),
    /// The same, together with what is told of them outside this node.
    Found {
        /// Which delivery, where it may come again.
        delivery: Option<Digest>,
        /// The matches.
        matches: Vec<Matched>,
        /// The findings, as they will be sent.
        findings: Vec<Finding>,
    },
    /// What came of sending findings to a receiver.
    Sent(Sent),
    /// Time has passed: hourly sightings, embargoes, old statuses.
    Tick,
    /// Keep a TAXII status for the day that the specification asks.
    KeepStatus(store::StatusRow),
    /// The numbers under which feeds say something: which feed for which audience, and the digest of
    /// what it says.
    NumberFeeds(Vec<(Digest, Digest)>),
    /// An act of administration.
    Administer(Administer),
}

/// Who does an act of administration, why, and what that person has agreed to.
#[derive(Clone, Debug, Default)]
pub struct Act {
    /// The name of the token or person.
    pub who: String,
    /// Why: one line of 1 to `WHY_BYTES_MAX` bytes. Needed for cards and the policy; may be empty
    /// elsewhere.
    pub why: String,
    /// The person has been asked, and opens what the act opens.
    pub widen: bool,
    /// The digest of the text that the person saw, which a card or policy replaces; `None` replaces
    /// whatever is there.
    pub was: Option<Digest>,
    /// What was foreseen on a snapshot; without it the writer looks itself, which holds it up.
    pub foreseen: Option<Foreseen>,
}

/// Acts of administration.
#[derive(Debug)]
pub enum Administer {
    /// Another act, by somebody who is asked when it opens much ([`Answer::Asks`]). An act that comes
    /// without this is done as it is: the person was asked elsewhere.
    Act {
        /// By whom and why.
        by: Act,
        /// What.
        what: Box<Self>,
    },
    /// Give a partner another card.
    SetCard {
        /// The partner.
        partner: NodeId,
        /// Its card from now on.
        card: Box<Card>,
        /// By whom and why.
        by: Act,
    },
    /// Give this node another policy.
    SetPolicy {
        /// The policy from now on.
        policy: Box<Policy>,
        /// By whom and why.
        by: Act,
    },
    /// What this node's people should know of later, such as a card that was refused: for the ledger.
    Note(model::ledger::Note),
    /// Take back what was published here and is in the outbox still.
    UndoSend {
        /// The thing; all our records of it are meant.
        thing: ThingId,
        /// By whom and why.
        by: Act,
    },
    /// Let the first share with a partner begin, where the policy has it wait for a person.
    ReleaseFirst {
        /// The partner.
        partner: NodeId,
        /// By whom and why.
        by: Act,
    },
    /// Convene a new circle.
    CreateCircle {
        /// Its name.
        name: String,
        /// The label of what comes without a marking.
        default: Tlp,
        /// Above it objects are refused.
        ceiling: Tlp,
        /// Whether known-good lists silence its matches.
        known_good: bool,
    },
    /// Add a partner to a circle that we convene.
    AddMember {
        /// The circle.
        circle: CircleId,
        /// The partner.
        partner: NodeId,
    },
    /// A person's word on what a circle had before a member came.
    Backfill {
        /// The circle.
        circle: CircleId,
        /// The member.
        partner: NodeId,
        /// Send it from now on, or not.
        send: bool,
    },
    /// Remove a member from a circle that we convene.
    RemoveMember {
        /// The circle.
        circle: CircleId,
        /// The member.
        partner: NodeId,
    },
    /// Follow the newest version that a convener offered.
    AcceptCircle(CircleId),
    /// Create a token.
    CreateToken(NewToken),
    /// Revoke a token.
    RevokeToken(String),
    /// Pull from somewhere, again and again.
    AddSource(NewSource),
    /// Pull from there no more; what it brought stays.
    RemoveSource(String),
    /// Pull from there now.
    PullSource(String),
    /// Tell somebody of matches from now on; the answer is the secret, where it was made here.
    AddReceiver(NewReceiver),
    /// Tell there no more; what waits is forgotten.
    RemoveReceiver(String),
    /// The syslog server that the settings name, and its words; or none.
    SetSyslog(Option<(String, store::Wording)>),
    /// Create an invitation; the answer is its secret.
    Invite {
        /// Circles that the invited partner is added to.
        circles: Vec<CircleId>,
        /// The code travels safely: no words need to be compared.
        trusted: bool,
    },
    /// A person's word on the pasts of its circles, for who comes with this invitation.
    PromisePast {
        /// The invitation's secret.
        secret: [u8; 16],
        /// Send them, or not.
        send: bool,
    },
    /// Somebody came with an invitation's secret.
    Join(Joined),
    /// We went to somebody with an invitation's secret, and were let in.
    JoinedAt(JoinedAt),
    /// A node made itself known by a file.
    Introduce {
        /// What it says.
        introduction: Box<Introduction>,
        /// Its name here, if it is no partner yet.
        name: String,
    },
    /// A partner told, under its own key, what files for it are sealed to.
    SealTo {
        /// The partner.
        partner: NodeId,
        /// What to seal to.
        key: SealingKey,
    },
    /// This node was just made: state its first key, and the key that speaks in need.
    BeginKeys(PublicKey),
    /// State another key, which signs once partners know it.
    RotateKey(SigningKey),
    /// Sign with this key from now on, the newest that was stated.
    UseKey(SigningKey),
    /// State that a former key proves nothing that is not held already.
    RevokeKey(PublicKey),
    /// Take a statement that the recovery key signed.
    RescueKeys {
        /// Its text.
        statement: String,
        /// The key that it says is to sign.
        own: SigningKey,
    },
    /// Somebody tells a node's chain of keys, which proves itself.
    HearKeys(String),
    /// A partner told how much of our own chain it knows.
    KeysHeard {
        /// The partner.
        partner: NodeId,
        /// The number of the last statement that it knows.
        number: u32,
    },
    /// The six words were compared.
    Confirm {
        /// The partner.
        partner: NodeId,
        /// The words as the person typed them.
        words: String,
    },
    /// End a partnership.
    RemovePartner(NodeId),
    /// A partner said that it has removed us, or let us in again after all.
    RemovedBy {
        /// The partner.
        partner: NodeId,
        /// Whether we are removed.
        removed: bool,
    },
    /// A stricter or looser label for our own record.
    Relabel {
        /// The thing; its newest version in each circle is meant.
        thing: ThingId,
        /// The new traffic light.
        tlp: Tlp,
    },
    /// Release a record to one partner no longer, and tell it so.
    Withdraw {
        /// The thing; every version that was sent there is meant.
        thing: ThingId,
        /// The partner.
        partner: NodeId,
    },
    /// Release a record to a partner again that a person withdrew from it.
    Lift {
        /// The thing; every version that was withdrawn is meant.
        thing: ThingId,
        /// The partner.
        partner: NodeId,
    },
    /// One step of forgetting what was taken out with what came from a partner.
    ForgetUndone(NodeId),
    /// Remove a member from a circle that we convene, and leave it what it was sent there.
    PartWith {
        /// The circle.
        circle: CircleId,
        /// The member.
        partner: NodeId,
    },
    /// A person told a reader of a recall.
    Tell(crate::obeyed::Telling),
    /// One step of taking out what came from a partner alone.
    Undo(crate::undo::Undo),
    /// Silence matches for a time.
    Suppress(crate::suppress::Suppress),
    /// Silence them no longer.
    Unsuppress {
        /// The number of the suppression.
        id: i64,
        /// Who does it.
        who: String,
    },
    /// Call an indicator a false positive.
    Dispute(crate::dispute::Dispute),
    /// Ask partners whether they saw something.
    Ask(Asking),
    /// Take our own record back, everywhere.
    Recall {
        /// The thing; every version and placement is meant.
        thing: ThingId,
        /// Erase or stop.
        mode: RecallMode,
        /// Why.
        reason: String,
    },
}

/// What happened to one object.
#[derive(Clone, Debug)]
pub struct ObjectOutcome {
    /// The object's id as it was spelt; empty when it could not be read.
    pub id: String,
    /// Its version as TAXII shows it.
    pub version: Option<String>,
    /// Accepted, already held from the same submitter, or refused.
    pub fate: Fate,
    /// What its submitter should know of an object that was accepted.
    pub warnings: Vec<Problem>,
}

/// The fate of one object.
#[derive(Clone, Debug)]
pub enum Fate {
    /// Signed and appended, or would be in a dry run.
    Accepted,
    /// The same submitter had handed in the very same before.
    Duplicate,
    /// Refused.
    Refused(Problem),
}

/// What a command answers.
#[derive(Debug)]
pub enum Answer {
    /// Done; there is nothing to say.
    Done,
    /// An outlet was numbered as far as one command may go.
    Numbered {
        /// There is more: ask again.
        unfinished: bool,
    },
    /// What became of each object, in the order handed in.
    Published(Vec<ObjectOutcome>),
    /// What would become of each object, and whom it would reach; nothing changed.
    Tried(Vec<ObjectOutcome>, Vec<Reach>),
    /// The receipt for a batch.
    Receipt(Receipt),
    /// A page came back from a partner.
    CameBack {
        /// Records that were lacking here.
        new: u64,
        /// Whether it was the partner's last.
        done: bool,
    },
    /// The numbers of feeds, in the order in which they were asked for.
    Serials(Vec<u32>),
    /// A circle, created or changed.
    Circle(CircleId),
    /// A token's text, or a webhook's secret, shown once.
    Token(String),
    /// An invitation's secret and when it ends.
    Invitation {
        /// The secret, 16 bytes.
        secret: [u8; 16],
    },
    /// A partner let in: the words to compare, and the circles that the invitation named.
    Welcome {
        /// Six words.
        words: String,
        /// Whether the words need not be compared.
        trusted: bool,
        /// Circles.
        circles: Vec<CircleId>,
    },
    /// A record was withdrawn from a partner, under so many numbers that it had there.
    Withdrawn {
        /// 0 when it was told of all of them before.
        numbers: u64,
    },
    /// So many records may be sent again to whom they were withdrawn from.
    Lifted {
        /// How many.
        records: u64,
    },
    /// One step of an undo.
    Undone(crate::undo::Undone),
    /// Partners are asked, under this id.
    Asked(uuid::Uuid),
    /// Digests of records that a statement was made about.
    Statements(Vec<Digest>),
    /// It was done before, at this instant, and nothing changed.
    DoneBefore(Instant),
    /// Nothing changed: this much would be opened, and a person is to say so (`Act::widen`).
    Asks(Foreseen),
    /// Refused, and nothing changed.
    Refused(Problem),
    /// Nothing changed, and the same may be asked again after so many seconds: a partner's quota.
    Later(u64),
}
