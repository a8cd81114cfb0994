//! One partner that we dial: the calls that both directions make, and how they fail.

use super::client::{Client, ClientError, Content, Reply};
use super::keys;
use super::message::{ACK, HELLO, JSON, KEY_ENDED, ProblemBody, REMOVED};
use crate::runtime::{Runtime, Unavailable, now};
use bytes::Bytes;
use formats::problem::Problem;
use http::StatusCode;
use model::id::NodeId;
use model::keys::KeySet;
use model::seal::{PublicKey, SealingKey};
use node::bundle::is_other_sealing_key;
use node::command::Administer;
use node::link::wire::VERSIONS;
use node::link::{Hello, Receipt};
use node::{Answer, Command};
use std::time::Duration;

/// The code of the refusal that a key meets which nobody there knows.
const STRANGER: &str = "E-LINK-002";
/// How long a short call may take.
pub(super) const CALL: Duration = Duration::from_secs(15);

/// Between two batches that are only looked through: all of a backfill may lie ahead.
pub(super) const AHEAD_EVERY: Duration = Duration::from_millis(100);

/// A partner with an address.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Peer {
    /// Its node.
    pub(super) node: NodeId,
    /// The keys of which it must prove one.
    pub(super) keys: KeySet,
    /// The key that we show it: with another one the link begins anew.
    pub(super) ours: (PublicKey, u32),
    /// `host:port`.
    pub(super) address: String,
    /// Whether it said that it has removed us.
    pub(super) removed_us: bool,
}

/// Why a direction of a link stopped; it is taken up again after a while.
#[derive(Debug, thiserror::Error)]
pub(super) enum LinkError {
    /// No answer.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The partner refused.
    // The partner's words stay out: errors go to the log, and a stranger writes what it likes.
    #[error("refused by the partner ({status} {})", known(code))]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Its code.
        code: String,
        /// Its words.
        detail: String,
    },
    /// This node refused what the partner sent.
    #[error("refused here: {0}")]
    Unacceptable(#[from] Problem),
    /// The partner's answer follows no known form.
    #[error("the partner answers in no known form: {0}")]
    Form(&'static str),
    /// This node is stopping, or its store fails.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// A direction of a link while it stands.
pub(super) struct Session {
    /// This node.
    pub(super) runtime: Runtime,
    /// The partner.
    pub(super) peer: Peer,
    /// The connection to it.
    pub(super) client: Client,
}

impl Session {
    /// Begins; nothing is sent yet.
    pub(super) fn new(runtime: &Runtime, peer: &Peer) -> Result<Self, LinkError> {
        let live = peer.keys.live(now()).copied().collect();
        let client = Client::to_any(runtime.seed(), &peer.address, live);
        let client = client.map_err(ClientError::from)?.by(&runtime.settings().network);
        Ok(Self { runtime: runtime.clone(), peer: peer.clone(), client })
    }

    /// Learns the partner's epoch, and how far each side has read the other.
    pub(super) async fn hello(&mut self) -> Result<Hello, LinkError> {
        let mut hello = self.say_hello().await;
        match &hello {
            // Under a new key we are a stranger, until our chain says who we are.
            Err(LinkError::Refused { code, .. }) if code == STRANGER => {
                let told = keys::tell(self).await?;
                hello = if told { self.say_hello().await } else { hello };
            }
            Err(LinkError::Refused { code, .. }) if code == KEY_ENDED => {
                keys::recall_own(self).await?;
            }
            _ => {}
        }
        let hello = hello?;
        // It hears by the second one that we know its keys now.
        if keys::exchange(self, &hello).await? { self.say_hello().await } else { Ok(hello) }
    }

    async fn say_hello(&mut self) -> Result<Hello, LinkError> {
        // The one who is dialled hears no hello of ours: it learns this by the way.
        let node = self.peer.node;
        let knows = self.runtime.read(move |reading| node::keys::number(reading, &node)).await?;
        let sealing = self.runtime.me().key.sealing();
        let path = if knows > 0 {
            format!("{HELLO}?hpke={sealing}&knows={knows}")
        } else {
            format!("{HELLO}?hpke={sealing}")
        };
        let reply = self.client.get(&path, CALL).await?;
        if reply.status != StatusCode::OK {
            return Err(refused(&reply));
        }
        let hello = std::str::from_utf8(&reply.body).ok().and_then(|text| Hello::read(text).ok());
        let hello = hello.ok_or(LinkError::Form("hello"))?;
        if !self.peer.keys.live(now()).any(|key| *key == hello.key) {
            return Err(LinkError::Form("its hello names another key than its certificate"));
        }
        let common = |version: &str| VERSIONS.split(' ').any(|ours| ours == version);
        if !hello.versions.split(' ').any(common) {
            return Err(LinkError::Form("no version of the protocol in common"));
        }
        self.heard();
        note_sealing(&self.runtime, self.peer.node, hello.hpke).await?;
        if self.peer.removed_us {
            // It was put back to the time before, or thought better of it.
            note_removed(&self.runtime, self.peer.node, false).await?;
        }
        Ok(hello)
    }

    /// The partner has just spoken.
    pub(super) fn heard(&self) {
        self.runtime.meters().links.heard(self.peer.node, now());
    }

    /// What this node would say in its own hello.
    pub(super) async fn our_hello(&self) -> Result<Hello, LinkError> {
        let (runtime, node) = (self.runtime.clone(), self.peer.node);
        let ours =
            move |reading: &node::Reading<'_>| node::link::hello(runtime.me(), reading, &node);
        Ok(self.runtime.read(ours).await?)
    }

    /// Gives a receipt.
    pub(super) async fn acknowledge(&mut self, receipt: &Receipt) -> Result<(), LinkError> {
        let bytes = Bytes::from(receipt.write());
        let content = Content { kind: JSON, packed: false, bytes };
        let reply = self.client.post(ACK, content, CALL).await?;
        if reply.status.is_success() { Ok(()) } else { Err(refused(&reply)) }
    }

    /// Hands a command to this node; a refusal is an error.
    pub(super) async fn write(&self, command: Command) -> Result<Answer, LinkError> {
        let answer = self.runtime.write(command).await?;
        if let Answer::Refused(problem) = answer { Err(problem.into()) } else { Ok(answer) }
    }
}

/// Remembers that a partner has removed us, or has not after all.
pub(super) async fn note_removed(
    runtime: &Runtime,
    partner: NodeId,
    removed: bool,
) -> Result<(), LinkError> {
    let noted = Command::Administer(Administer::RemovedBy { partner, removed });
    runtime.write(noted).await?;
    Ok(())
}

/// Remembers what is sealed to for a partner, as it tells under its own key.
pub(super) async fn note_sealing(
    runtime: &Runtime,
    partner: NodeId,
    told: Option<SealingKey>,
) -> Result<(), Unavailable> {
    let Some(key) = told else { return Ok(()) };
    let asked =
        move |reading: &node::Reading<'_>| is_other_sealing_key(reading, &partner, &key, now());
    if runtime.read(asked).await? {
        let noted = Administer::SealTo { partner, key };
        match runtime.write(Command::Administer(noted)).await {
            // It tells again with its next hello.
            Ok(_) | Err(Unavailable::Full) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

impl LinkError {
    /// Whether the partner says, under the key that we know, that it has removed us.
    pub(super) fn is_removal(&self) -> bool {
        let gone = StatusCode::FORBIDDEN.as_u16();
        matches!(self, Self::Refused { status, code, .. } if code == REMOVED && *status == gone)
    }
}

/// What the partner said instead of what was asked.
pub(super) fn refused(reply: &Reply) -> LinkError {
    let body = ProblemBody::read(reply.status.as_u16(), &reply.body);
    // The status in the body is the partner's word; what it did is in the answer itself.
    LinkError::Refused { status: reply.status.as_u16(), code: body.code, detail: body.detail }
}

/// A code of the partner's if it looks like one of ours.
fn known(code: &str) -> &str {
    let ours = code.starts_with("E-") && code.len() <= 20;
    let plain = code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if ours && plain { code } else { "without a code" }
}

#[cfg(test)]
mod tests;
