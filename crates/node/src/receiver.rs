//! Who is told of matches outside this node: added and removed by administrators, or by the
//! settings. What waits for them is in `outgoing`; it speaks to nobody.

use crate::apply::{Moment, Node};
use crate::command::Answer;
use crate::effect::Effect;
use formats::problem::{Problem, shown};
use model::circle::valid_name;
use model::id::CircleId;
use model::limits::{
    HOOK_SECRET_BYTES_MIN, SOURCE_SECRET_BYTES_MAX, SOURCE_URL_BYTES_MAX, WEBHOOKS_MAX,
};
use std::fmt::Write as _;
use store::{Reading, Receiver, Secret, StoreError, Wording};

/// The name of the receiver that the settings name.
pub const SYSLOG: &str = "syslog";

/// A receiver to be added. Its URL was checked by who will speak to it.
#[derive(Clone, Debug)]
pub struct NewReceiver {
    /// Its name, unique.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// In which words it is told.
    pub wording: Wording,
    /// Only of matches in this circle.
    pub circle: Option<CircleId>,
    /// Also of what is TLP:RED.
    pub red: bool,
    /// What findings are signed with; without it one is made.
    pub secret: Option<Secret>,
    /// What it is shown to let us in.
    pub key: Option<Secret>,
}

/// All receivers, by name.
///
/// # Errors
/// When the store cannot be read.
pub fn all(reading: &Reading<'_>) -> Result<Vec<Receiver>, StoreError> {
    reading.receivers()
}

/// The receiver of this name.
///
/// # Errors
/// When the store cannot be read.
pub fn named(reading: &Reading<'_>, name: &str) -> Result<Option<Receiver>, StoreError> {
    Ok(reading.receivers()?.into_iter().find(|receiver| receiver.name == name))
}

/// The refusal of a name that no receiver has.
#[must_use]
pub fn unknown(name: &str) -> Problem {
    let message = format!("no such webhook: `{}`", shown(name));
    Problem::error("E-HOOK-001", message).hint("`entente webhook list` shows those that there are")
}

/// The refusal of a receiver that nobody should add so.
fn refusal(new: &NewReceiver, known: &[Receiver]) -> Option<Problem> {
    let name = shown(&new.name);
    if !valid_name(&new.name) || new.name == SYSLOG {
        let problem = Problem::error("E-HOOK-002", format!("`{name}` is no name for a webhook"));
        return Some(problem.hint("1 to 128 bytes without control characters, and not `syslog`"));
    }
    if known.iter().any(|receiver| receiver.name == new.name) {
        let problem = Problem::error("E-HOOK-002", format!("there is a webhook `{name}` already"));
        let hint = format!("choose another name, or end it: entente webhook remove \"{name}\"");
        return Some(problem.hint(hint));
    }
    if known.iter().filter(|receiver| receiver.name != SYSLOG).count() >= WEBHOOKS_MAX {
        let problem = Problem::error("E-HOOK-005", format!("more than {WEBHOOKS_MAX} webhooks"));
        return Some(problem.hint("remove one with `entente webhook remove`"));
    }
    let length = new.secret.as_ref().map(|secret| secret.0.len());
    if length.is_some_and(|n| !(HOOK_SECRET_BYTES_MIN..=SOURCE_SECRET_BYTES_MAX).contains(&n)) {
        let message = format!(
            "a secret has {HOOK_SECRET_BYTES_MIN} to {SOURCE_SECRET_BYTES_MAX} bytes in one line"
        );
        return Some(Problem::error("E-HOOK-004", message).hint("without one, the node makes it"));
    }
    let key = new.key.as_ref().map_or(0, |key| key.0.len());
    if new.url.len() > SOURCE_URL_BYTES_MAX || key > SOURCE_SECRET_BYTES_MAX {
        return Some(Problem::error("E-HOOK-003", "the URL or the key is too long"));
    }
    None
}

impl Node {
    /// Adds a webhook; answers with its secret when that was made here.
    pub(crate) fn add_receiver(
        moment: &mut Moment<'_, '_>,
        mut new: NewReceiver,
    ) -> Result<Answer, StoreError> {
        if let Some(problem) = refusal(&new, &moment.tx.reading().receivers()?) {
            return Ok(Answer::Refused(problem));
        }
        let mut answer = Answer::Done;
        if new.secret.is_none() {
            let mut text = String::new();
            for byte in moment.bytes::<32>() {
                // Writing to a text cannot fail.
                write!(text, "{byte:02x}").ok();
            }
            answer = Answer::Token(text.clone());
            new.secret = Some(Secret(text));
        }
        put(moment, new)?;
        Ok(answer)
    }

    /// Ends a webhook, and forgets what waits for it.
    pub(crate) fn remove_receiver(
        moment: &mut Moment<'_, '_>,
        name: &str,
    ) -> Result<Answer, StoreError> {
        let Some(receiver) = named(&moment.tx.reading(), name)? else {
            return Ok(Answer::Refused(unknown(name)));
        };
        if name == SYSLOG {
            let problem = Problem::error("E-HOOK-002", "`syslog` is named in the settings");
            return Ok(Answer::Refused(problem.hint("take out.syslog out of entente.toml")));
        }
        moment.tx.drop_receiver(receiver.id)?;
        moment.effects.push(Effect::Receivers);
        Ok(Answer::Done)
    }

    /// The syslog server that the settings name, or none: what waits for another one goes with it.
    pub(crate) fn set_syslog(
        moment: &mut Moment<'_, '_>,
        wanted: Option<(String, Wording)>,
    ) -> Result<Answer, StoreError> {
        let known = named(&moment.tx.reading(), SYSLOG)?;
        let same = known.as_ref().map(|known| (known.url.clone(), known.wording)) == wanted;
        if same {
            return Ok(Answer::Done);
        }
        if let Some(known) = known {
            moment.tx.drop_receiver(known.id)?;
        }
        if let Some((url, wording)) = wanted {
            let name = SYSLOG.to_owned();
            let (circle, secret, key) = (None, None, None);
            put(moment, NewReceiver { name, url, wording, circle, red: false, secret, key })?;
        }
        moment.effects.push(Effect::Receivers);
        Ok(Answer::Done)
    }
}

fn put(moment: &mut Moment<'_, '_>, new: NewReceiver) -> Result<(), StoreError> {
    // Drawn, so that nothing that is under way for a receiver that was removed meets another one.
    let id = i64::from_be_bytes(moment.bytes()) & i64::MAX;
    let NewReceiver { name, url, wording, circle, red, secret, key } = new;
    moment.tx.put_receiver(&Receiver {
        id,
        name,
        url,
        wording,
        circle,
        red,
        secret,
        key,
        added: moment.now,
        waiting: 0,
        bytes: 0,
        sent: 0,
        dropped: 0,
        dropped_at: None,
        failures: 0,
        last: None,
        success: None,
        error: None,
        hint: String::new(),
    })?;
    moment.effects.push(Effect::Receivers);
    Ok(())
}
