//! Invitations, joining, the six words, partners. What TLS proves about a key is proven by the rim;
//! what an invitation's secret proves is proven here.

use crate::apply::{Moment, Node};
use crate::command::Answer;
use crate::effect::Effect;
use crate::outlet::link_key;
use formats::problem::Problem;
use model::card::Card;
use model::circle::valid_name;
use model::id::{CircleId, Digest, NodeId};
use model::limits::{INVITATION_HOURS, NAME_BYTES_MAX, PARTNERS_MAX};
use model::seal::{PublicKey, sha256};
use store::{CircleState, Invitation, Partner, PartnerState, Reading, StoreError};

/// Somebody came to our link port with an invitation's secret.
#[derive(Clone, Debug)]
pub struct Joined {
    /// The secret that the code held.
    pub secret: [u8; 16],
    /// The key that its TLS certificate proved.
    pub key: PublicKey,
    /// The name it gives itself.
    pub name: String,
}

/// We went to an inviter, and it let us in.
#[derive(Clone, Debug)]
pub struct JoinedAt {
    /// The secret that the code held.
    pub secret: [u8; 16],
    /// The inviter's key, as the code's fingerprint pinned it.
    pub key: PublicKey,
    /// The inviter's name.
    pub name: String,
    /// Where it is reached: `host:port`.
    pub address: String,
    /// Whether the code travelled safely, as the inviter says and our own person does.
    pub trusted: bool,
    /// The circles that the invitation named; accepted as soon as their lists arrive.
    pub circles: Vec<(CircleId, NodeId)>,
}

impl Node {
    /// Makes an invitation: a secret, good once and for a day.
    pub(crate) fn invite(
        &self,
        moment: &mut Moment<'_, '_>,
        circles: Vec<CircleId>,
        trusted: bool,
    ) -> Result<Answer, StoreError> {
        let mine = |id| self.circles.by_id(id).is_some_and(|c| c.convener == self.me.node());
        if !circles.iter().all(mine) {
            let problem = Problem::error("E-CIRCLE-004", "only its convener adds to a circle")
                .hint("ask the convener for an invitation; `entente circle list` names it");
            return Ok(Answer::Refused(problem));
        }
        let secret: [u8; 16] = moment.bytes();
        let expires = moment.now.plus_seconds(INVITATION_HOURS * 3600);
        let secret_hash = sha256(&[&secret]);
        let used = false;
        moment.tx.put_invitation(&Invitation { secret_hash, circles, trusted, expires, used })?;
        Ok(Answer::Invitation { secret })
    }

    /// Lets somebody in who brought a secret that is good.
    pub(crate) fn join(
        &mut self,
        moment: &mut Moment<'_, '_>,
        joined: &Joined,
    ) -> Result<Answer, StoreError> {
        let hash = sha256(&[&joined.secret]);
        let reading = moment.tx.reading();
        let invitation = reading.invitation(&hash)?;
        let good = invitation.filter(|i| !i.used && i.expires > moment.now);
        // Unknown, used and expired look alike to who is outside.
        let (Some(invitation), true) = (good, valid_name(&joined.name)) else {
            return Ok(refused("E-PARTNER-002", "the invitation is not valid"));
        };
        let node = joined.key.node();
        if node == self.me.node() {
            return Ok(refused("E-PARTNER-003", "a node cannot be its own partner"));
        }
        let (known, card) = (Self::partner(&reading, &node)?, former_card(&reading, &node)?);
        if known.is_none() && reading.partners()?.len() >= PARTNERS_MAX {
            return Ok(refused("E-PARTNER-004", "this node has as many partners as it may"));
        }
        moment.tx.use_invitation(&hash)?;
        let words = six_words(&self.me.first(), &joined.key, &joined.secret);
        let confirmed = invitation.trusted
            || known.as_ref().is_some_and(|k| k.state == PartnerState::Confirmed);
        let partner = Partner {
            node,
            name: self.free_name(moment, &joined.name, &node)?,
            key: joined.key,
            address: known.as_ref().and_then(|known| known.address.clone()),
            state: if confirmed { PartnerState::Confirmed } else { PartnerState::Joined },
            words: words.clone(),
            card,
            added: moment.now,
            removed_us: None,
        };
        moment.tx.put_partner(&partner)?;
        for circle in &invitation.circles {
            self.add_to(moment, *circle, &partner)?;
            self.keep_promise(moment, (&hash, circle), node)?;
        }
        moment.effects.extend([Effect::Partners, Effect::Wake]);
        let (trusted, circles) = (invitation.trusted, invitation.circles);
        Ok(Answer::Welcome { words, trusted, circles })
    }

    /// Remembers an inviter that let us in, and whose circles we said we would follow.
    pub(crate) fn joined_at(
        &self,
        moment: &mut Moment<'_, '_>,
        joined: &JoinedAt,
    ) -> Result<Answer, StoreError> {
        let node = joined.key.node();
        let reading = moment.tx.reading();
        let (known, card) = (Self::partner(&reading, &node)?, former_card(&reading, &node)?);
        let words = six_words(&joined.key, &self.me.first(), &joined.secret);
        let confirmed =
            joined.trusted || known.as_ref().is_some_and(|k| k.state == PartnerState::Confirmed);
        moment.tx.put_partner(&Partner {
            node,
            name: self.free_name(moment, &joined.name, &node)?,
            key: joined.key,
            address: Some(joined.address.clone()),
            state: if confirmed { PartnerState::Confirmed } else { PartnerState::Joined },
            words: words.clone(),
            card,
            added: moment.now,
            removed_us: None,
        })?;
        // An inviter speaks for its own circles only; what somebody else merely offered under the
        // id of one of them gives way.
        for (circle, convener) in joined.circles.iter().filter(|(_, convener)| *convener == node) {
            let known = moment.tx.reading().circle(circle)?;
            if known.is_none_or(|known| known.accepted.is_none() && known.convener != *convener) {
                moment.tx.put_circle(&CircleState {
                    circle: *circle,
                    convener: *convener,
                    accepted: None,
                    offered: None,
                    auto_accept: true,
                })?;
            }
        }
        moment.effects.extend([Effect::Partners, Effect::Wake]);
        let circles = joined.circles.iter().map(|(circle, _)| *circle).collect();
        Ok(Answer::Welcome { words, trusted: joined.trusted, circles })
    }

    /// The six words were compared: from now on everything that the circles allow flows.
    pub(crate) fn confirm(
        &self,
        moment: &mut Moment<'_, '_>,
        node: NodeId,
        words: &str,
    ) -> Result<Answer, StoreError> {
        let Some(partner) = Self::partner(&moment.tx.reading(), &node)? else {
            return Ok(refused("E-PARTNER-001", "there is no such partner"));
        };
        let typed = words.split_whitespace().map(str::to_lowercase);
        if !typed.eq(partner.words.split_whitespace().map(str::to_owned)) {
            return Ok(Answer::Refused(
                Problem::error("E-PARTNER-005", "the words differ: this may be somebody else")
                    .hint("compare them by telephone; if they differ, remove the partner"),
            ));
        }
        moment.tx.put_partner(&Partner { state: PartnerState::Confirmed, ..partner })?;
        Self::widen(moment, &link_key(&node), None, (1, None))?;
        moment.effects.push(Effect::Wake);
        Ok(Answer::Done)
    }

    /// Ends a partnership. What was shared stays shared; nothing more leaves.
    pub(crate) fn remove_partner(
        &self,
        moment: &mut Moment<'_, '_>,
        node: NodeId,
    ) -> Result<Answer, StoreError> {
        let Some(partner) = Self::partner(&moment.tx.reading(), &node)? else {
            return Ok(refused("E-PARTNER-001", "there is no such partner"));
        };
        moment.tx.put_partner(&Partner { state: PartnerState::Removed, ..partner })?;
        moment.effects.push(Effect::Partners);
        Ok(Answer::Done)
    }

    /// Remembers what a partner said under its own key: that we are none of its partners any more,
    /// or that we are one again. What we would release to it does not change.
    pub(crate) fn removed_by(
        moment: &mut Moment<'_, '_>,
        node: NodeId,
        removed: bool,
    ) -> Result<Answer, StoreError> {
        let known = Self::partner(&moment.tx.reading(), &node)?;
        if let Some(partner) = known.filter(|known| known.removed_us.is_some() != removed) {
            let removed_us = removed.then_some(moment.now);
            moment.tx.put_partner(&Partner { removed_us, ..partner })?;
            moment.effects.push(Effect::Partners);
        }
        Ok(Answer::Done)
    }

    /// The name that a partner is known by here: its own, or with its id when another has it.
    pub(crate) fn free_name(
        &self,
        moment: &Moment<'_, '_>,
        name: &str,
        node: &NodeId,
    ) -> Result<String, StoreError> {
        let partners = moment.tx.reading().partners()?;
        let taken = |name: &str| {
            name == self.me.name || partners.iter().any(|p| p.name == name && p.node != *node)
        };
        let hex = node.to_string();
        // Another may have taken the longer name on purpose, and no name may outgrow its bound.
        let longer = (8..=hex.len()).map(|digits| {
            let id: String = hex.chars().take(digits).collect();
            let room = NAME_BYTES_MAX.saturating_sub(id.len() + 3);
            let fits = |end: &usize| name.is_char_boundary(*end);
            let end = (0..=room.min(name.len())).rev().find(fits).unwrap_or(0);
            format!("{} ({id})", name.get(..end).unwrap_or_default().trim_end())
        });
        let mut names = std::iter::once(name.to_owned()).chain(longer);
        Ok(names.find(|name| !taken(name)).unwrap_or(hex))
    }
}

/// The card that a node has here, also one that was a partner before: what was decided about it
/// holds until somebody decides otherwise.
pub(crate) fn former_card(reading: &Reading<'_>, node: &NodeId) -> Result<String, StoreError> {
    let before = reading.partner(node)?;
    Ok(before.map_or_else(|| Card::default().write(), |before| before.card))
}

fn refused(code: &'static str, message: &str) -> Answer {
    Answer::Refused(Problem::error(code, message.to_owned()))
}

/// Six pronounceable words over both keys and the secret: 96 bits that two people can compare.
pub(crate) fn six_words(inviter: &PublicKey, joiner: &PublicKey, secret: &[u8; 16]) -> String {
    let digest: Digest =
        sha256(&[b"entente/words/1", inviter.as_bytes(), joiner.as_bytes(), secret]);
    let words: Vec<String> = digest.as_bytes().chunks(2).take(6).map(word).collect();
    words.join(" ")
}

/// Six words for a key alone: what a person reads aloud where no invitation is at hand.
#[must_use]
pub fn fingerprint_words(key: &PublicKey) -> String {
    let digest: Digest = sha256(&[b"entente/fingerprint/1", key.as_bytes()]);
    let words: Vec<String> = digest.as_bytes().chunks(2).take(6).map(word).collect();
    words.join(" ")
}

/// One word for 16 bits: consonant, vowel, consonant, vowel, consonant.
fn word(bits: &[u8]) -> String {
    let consonants = "bdfghjklmnprstvz";
    let vowels = "aiou";
    let value = bits.iter().fold(0_usize, |value, byte| value << 8 | usize::from(*byte));
    let letter = |from: &str, shift: usize| {
        from.chars().nth(value >> shift & (from.len() - 1)).unwrap_or('a')
    };
    [(consonants, 12), (vowels, 10), (consonants, 6), (vowels, 4), (consonants, 0)]
        .map(|(from, shift)| letter(from, shift))
        .iter()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::seal::SigningKey;

    #[test]
    fn both_sides_read_the_same_six_words_and_nobody_else_does() {
        let key = |n| SigningKey::from_seed(&[n; 32]).unwrap().public();
        let words = six_words(&key(1), &key(2), &[7; 16]);
        assert_eq!(words.split(' ').count(), 6);
        assert!(words.split(' ').all(|word| word.len() == 5), "{words}");
        assert_eq!(words, six_words(&key(1), &key(2), &[7; 16]));
        assert_ne!(words, six_words(&key(1), &key(3), &[7; 16]));
        assert_ne!(words, six_words(&key(1), &key(2), &[8; 16]));
    }
}
