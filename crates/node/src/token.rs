//! Tokens: made here, kept as a hash, shown once. A token is its node, cut to its circles and
//! ceiling; who presents one becomes a reader and perhaps a submitter.

use crate::apply::{Moment, Node};
use crate::command::{Answer, Submitter};
use formats::problem::{Problem, shown};
use model::bounds::Give;
use model::circle::valid_name;
use model::id::{CircleId, Digest, IntakeId, NodeId};
use model::label::Tlp;
use model::ledger::ledger_of;
use model::limits::TOKENS_MAX;
use model::seal::sha256;
use model::time::Instant;
use policy::{Capacity, Reader};
use store::{Reading, Rights, StoreError, Token};

/// A token to be made.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// Its name, unique among those that are not revoked.
    pub name: String,
    /// Its circles, the first its home; none means all of them for an administrator's token.
    pub circles: Vec<CircleId>,
    /// What it may do.
    pub rights: Rights,
    /// The label of what it hands in without a marking.
    pub default: Option<Tlp>,
    /// Until when it is good.
    pub expires: Option<Instant>,
    /// The text to use instead of a random one: the administrator's own token at `init`.
    pub text: Option<String>,
}

/// Who presented a good token.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The token's name.
    pub name: String,
    /// What it may do.
    pub rights: Rights,
    /// The circles that it was made for; empty for an administrator, who has all.
    pub circles: Vec<CircleId>,
    /// As a reader and submitter.
    pub submitter: Submitter,
}

impl Caller {
    /// Whether it may see this circle.
    #[must_use]
    pub fn sees(&self, circle: &CircleId) -> bool {
        self.rights.has(Rights::ADMIN) || self.circles.contains(circle)
    }

    /// The reader, cut to one circle, as its collection is numbered.
    #[must_use]
    pub fn capacity(&self) -> Capacity {
        self.submitter.reader.capacity
    }
}

/// A new token's text, of a secret that was drawn for it.
#[must_use]
pub fn new_text(secret: [u8; 32]) -> String {
    format!("ent_{}", Digest::new(secret))
}

/// A token's digest, as it is kept.
#[must_use]
pub fn digest(text: &str) -> Digest {
    sha256(&[b"entente/token/1", text.as_bytes()])
}

/// Whether a token is one of this store's and was not revoked; when it expires is not asked.
///
/// # Errors
/// When the store cannot be read.
pub fn is_known(reading: &Reading<'_>, text: &str) -> Result<bool, StoreError> {
    let token = reading.token_by_hash(&digest(text))?;
    Ok(token.is_some_and(|token| token.revoked.is_none()))
}

/// Who presents this token; `None` when it is unknown, revoked or expired, which look alike.
///
/// # Errors
/// When the store cannot be read.
pub fn authenticate(
    reading: &Reading<'_>,
    me: NodeId,
    text: &str,
    now: Instant,
) -> Result<Option<Caller>, StoreError> {
    let token = reading.token_by_hash(&digest(text))?;
    let good = token.filter(|token| {
        token.revoked.is_none() && token.expires.is_none_or(|expires| expires > now)
    });
    let Some(token) = good else { return Ok(None) };
    let admin = token.rights.has(Rights::ADMIN);
    let circles = if admin {
        reading.circles()?.into_iter().filter(|c| c.accepted.is_some()).map(|c| c.circle).collect()
    } else {
        token.circles.clone()
    };
    let capacity = if admin {
        Capacity::Own
    } else {
        let client = crate::state::is_client(reading, &token.name)?;
        Capacity::Token { red: token.rights.has(Rights::RED) && !client, client }
    };
    let reader = Reader {
        node: me,
        capacity,
        // No token is a member of the ledger, whatever it was made for.
        circles: circles.iter().copied().filter(|circle| *circle != ledger_of(&me)).collect(),
        give: Give::whole(),
        bounds: Vec::new(),
        waits: false,
    };
    let submitter = Submitter {
        name: token.name.clone(),
        intake: token.intake,
        reader,
        default: token.default,
    };
    Ok(Some(Caller { name: token.name, rights: token.rights, circles, submitter }))
}

/// Whether the token of this name is neither revoked nor expired: asked again and again for a
/// conversation that lasts longer than one request.
///
/// # Errors
/// When the store cannot be read.
pub fn is_good(reading: &Reading<'_>, name: &str, now: Instant) -> Result<bool, StoreError> {
    let token = reading.token_named(name)?;
    Ok(token.is_some_and(|token| {
        token.revoked.is_none() && token.expires.is_none_or(|expires| expires > now)
    }))
}

impl Node {
    /// Makes a token; its text is the answer, and is kept nowhere.
    pub(crate) fn create_token(
        moment: &mut Moment<'_, '_>,
        new: NewToken,
    ) -> Result<Answer, StoreError> {
        let refuse = |code, message: String, hint: &str| {
            Ok(Answer::Refused(Problem::error(code, message).hint(hint)))
        };
        let tokens = moment.tx.reading().tokens()?;
        let living = tokens.iter().filter(|token| token.revoked.is_none());
        let name = shown(&new.name);
        if !valid_name(&new.name) {
            let hint = "1 to 128 bytes without control characters";
            return refuse("E-TOKEN-005", format!("`{name}` is no name for a token"), hint);
        }
        if living.clone().any(|token| token.name == new.name) {
            let hint = format!("choose another name, or end it: entente token revoke \"{name}\"");
            return refuse("E-TOKEN-001", format!("there is a token `{name}` already"), &hint);
        }
        if living.count() >= TOKENS_MAX {
            let hint = "revoke those that nobody uses; `entente token list` shows them";
            return refuse("E-TOKEN-002", format!("there are {TOKENS_MAX} tokens already"), hint);
        }
        if new.circles.is_empty() && !new.rights.has(Rights::ADMIN) {
            let (message, hint) = ("a token needs at least one circle", "name one with --circle");
            return refuse("E-TOKEN-003", message.to_owned(), hint);
        }
        if new.expires.is_some_and(|expires| expires <= moment.now) {
            let (message, hint) = ("it would be expired already", "such as --expires 90d");
            return refuse("E-TOKEN-006", message.to_owned(), hint);
        }
        let secret: [u8; 32] = moment.bytes();
        let text = new.text.unwrap_or_else(|| new_text(secret));
        let intake = IntakeId::new(moment.bytes());
        moment.tx.put_token(&Token {
            name: new.name,
            hash: digest(&text),
            intake,
            circles: new.circles,
            rights: new.rights,
            default: new.default,
            created: moment.now,
            expires: new.expires,
            revoked: None,
        })?;
        Ok(Answer::Token(text))
    }

    /// Revokes a token at once; one that is revoked already stays so.
    pub(crate) fn revoke_token(
        moment: &mut Moment<'_, '_>,
        name: &str,
    ) -> Result<Answer, StoreError> {
        if moment.tx.revoke_token(name, moment.now)? {
            return Ok(Answer::Done);
        }
        let known = moment.tx.reading().token_named(name)?;
        if let Some(before) = known.and_then(|token| token.revoked) {
            return Ok(Answer::DoneBefore(before));
        }
        let problem = Problem::error("E-TOKEN-004", format!("there is no token `{}`", shown(name)))
            .hint("`entente token list` shows those that there are");
        Ok(Answer::Refused(problem))
    }
}

/// This node's own eyes: its administrator's, and its own machinery's.
#[must_use]
pub fn own_reader(me: NodeId, circles: &[crate::read::CircleLine]) -> Reader {
    let followed = circles.iter().filter(|line| line.accepted).map(|line| line.circle.id);
    Reader {
        node: me,
        capacity: Capacity::Own,
        circles: followed.collect(),
        give: Give::whole(),
        bounds: Vec::new(),
        waits: false,
    }
}
