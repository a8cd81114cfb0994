//! Going to an inviter with its code, and writing such codes. What an invitation opens is decided
//! by who gave it.

use super::client::{Client, ClientError, Content};
use super::code::Code;
use super::keys;
use super::message::{JOIN, JSON, JoinAnswer, JoinCircle, JoinRequest, ProblemBody};
use crate::runtime::{Runtime, now};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use formats::problem::Problem;
use http::StatusCode;
use model::circle::valid_name;
use model::id::{CircleId, NodeId};
use model::limits::CIRCLES_MAX;
use model::seal::PublicKey;
use node::command::Administer;
use node::membership::JoinedAt;
use node::{Answer, Command};
use std::time::Duration;

/// How long joining may take.
const JOIN_WAIT: Duration = Duration::from_secs(20);

/// The inviter let us in.
#[derive(Clone, Debug)]
pub(crate) struct Welcome {
    /// The inviter's node.
    pub(crate) node: NodeId,
    /// The name that it gives itself.
    pub(crate) name: String,
    /// Six words to compare with a person there.
    pub(crate) words: String,
    /// Whether this side need not compare the words.
    pub(crate) trusted: bool,
    /// Whether the inviter need not: it said that the code travelled safely.
    pub(crate) trusted_there: bool,
}

/// The code of an invitation: `address` is the `host:port` at which partners reach our link port.
pub(crate) fn invitation_code(address: &str, key: PublicKey, secret: [u8; 16]) -> String {
    Code { address: address.to_owned(), key, secret }.to_string()
}

/// Goes to the inviter and becomes its partner. That the code travelled safely is for both to say:
/// the inviter knows how it sent it, and `trust` is our own person's word on how it came.
///
/// # Errors
/// With a stable code, when the code is none, nobody with the code's key answers at its address, or
/// the inviter refuses.
pub(crate) async fn join(runtime: &Runtime, code: &str, trust: bool) -> Result<Welcome, Problem> {
    let code: Code = code.parse().map_err(|error: super::code::CodeError| {
        Problem::error("E-PARTNER-006", error.to_string())
            .hint("copy the whole code; `entente partner invite` there makes a new one")
    })?;
    if code.key == runtime.me().first() {
        return Err(Problem::error("E-PARTNER-003", "a node cannot be its own partner"));
    }
    let answer = ask(runtime, &code).await?;
    let circles = answer.circles.iter().map(read_circle).collect::<Option<Vec<_>>>();
    let circles = circles.filter(|circles| circles.len() <= CIRCLES_MAX);
    let (Some(circles), true) = (circles, valid_name(&answer.name)) else {
        return Err(Problem::error("E-PARTNER-007", "the inviter answers in no known form"));
    };
    let joined = JoinedAt {
        secret: code.secret,
        key: code.key,
        name: answer.name.clone(),
        address: code.address,
        trusted: answer.trusted && trust,
        circles,
    };
    let done = runtime.write(Command::Administer(Administer::JoinedAt(joined))).await;
    let done = done.map_err(|error| Problem::error("E-NODE-001", error.to_string()))?;
    if let Answer::Refused(problem) = done {
        return Err(problem);
    }
    let Answer::Welcome { words, trusted, .. } = done else {
        return Err(Problem::error("E-PARTNER-007", "this node did not remember the inviter"));
    };
    let (node, trusted_there) = (code.key.node(), answer.trusted);
    Ok(Welcome { node, name: answer.name, words, trusted, trusted_there })
}

/// Asks the inviter to be let in; only the key that the code names is spoken to.
async fn ask(runtime: &Runtime, code: &Code) -> Result<JoinAnswer, Problem> {
    let secret = BASE64_STANDARD.encode(code.secret);
    let me = runtime.me().node();
    let keys = runtime.read(move |reading| node::keys::said(reading, &me)).await;
    let keys = keys.map_err(|error| Problem::error("E-NODE-001", error.to_string()))?;
    let request = JoinRequest { secret, name: runtime.me().name.clone(), keys };
    let bytes = Bytes::from(serde_json::to_vec(&request).unwrap_or_default());
    let content = Content { kind: JSON, packed: false, bytes };
    let reply = async {
        let mut client = inviter(runtime, code).await?;
        client.post(JOIN, content, JOIN_WAIT).await
    };
    let reply = reply.await.map_err(|error: ClientError| {
        Problem::error("E-PARTNER-008", format!("{}: {error}", code.address))
            .hint("is the inviter's link port reachable from here, and was its key changed?")
    })?;
    if reply.status != StatusCode::OK {
        return Err(refused(&ProblemBody::read(reply.status.as_u16(), &reply.body)));
    }
    serde_json::from_slice(&reply.body)
        .map_err(|_| Problem::error("E-PARTNER-007", "the inviter answers in no known form"))
}

/// A client for the node that the code names: under the key in the code, or under a later one that its
/// chain leads to.
async fn inviter(runtime: &Runtime, code: &Code) -> Result<Client, ClientError> {
    let network = &runtime.settings().network;
    let mut anybody = Client::to_anybody(runtime.seed(), &code.address)?.by(network);
    let chain = keys::fetch(&mut anybody).await.ok();
    let live = chain.filter(|chain| chain.node() == code.key.node());
    let live = live.map(|chain| chain.last().live(now()).copied().collect());
    let expected = live.unwrap_or_else(|| vec![code.key]);
    Ok(Client::to_any(runtime.seed(), &code.address, expected)?.by(network))
}

/// The inviter's refusal under the codes that we know.
fn refused(body: &ProblemBody) -> Problem {
    let known = ["E-PARTNER-002", "E-PARTNER-003", "E-PARTNER-004"];
    let code = known.into_iter().find(|code| *code == body.code).unwrap_or("E-PARTNER-009");
    let problem = Problem::error(code, format!("the inviter refused: {}", body.detail));
    if code == "E-PARTNER-002" {
        return problem.hint("a code is good once and for 24 hours; ask for a new one");
    }
    problem
}

fn read_circle(circle: &JoinCircle) -> Option<(CircleId, NodeId)> {
    Some((circle.id.parse().ok()?, circle.convener.parse().ok()?))
}
