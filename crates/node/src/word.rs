//! What a signer said later about a record (relabelled, withdrawn), remembered under a key, so that
//! the word counts whichever comes first: the record, its relay, or the word about it.
//!
//! It obeys nothing; `recall` does. What is kept names nothing: the key is an HMAC.

use crate::apply::{Moment, Node};
use model::id::{CircleId, Digest, NodeId, ThingId};
use model::label::Tlp;
use model::record::{Authorship, Header};
use model::seal::hmac;
use model::statement::Subject;
use model::time::Instant;
use store::{Reading, StoreError};

/// Which word.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum About {
    /// A new traffic light.
    Relabel,
    /// Its own signer no longer gives it to anyone in the circle.
    Withdraw,
}

/// The newest word about a record.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Word {
    /// When it was signed; a record signed later is not meant.
    pub signed: Instant,
    /// The traffic light from then on.
    pub tlp: Tlp,
    /// The freest that it ever had: who might have it must hear of a recall.
    pub freest: Tlp,
}

impl Word {
    fn write(self) -> [u8; 10] {
        let mut bytes = [self.tlp.rank(), self.freest.rank(), 0, 0, 0, 0, 0, 0, 0, 0];
        for (to, from) in bytes.iter_mut().skip(2).zip(self.signed.micros().to_be_bytes()) {
            *to = from;
        }
        bytes
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (ranks, micros) = bytes.split_at_checked(2)?;
        let tlp = |place: usize| ranks.get(place).copied().and_then(Tlp::from_rank);
        let signed = Instant::from_micros(i64::from_be_bytes(micros.try_into().ok()?));
        Some(Self { signed, tlp: tlp(0)?, freest: tlp(1)? })
    }
}

/// The record of `header` as a statement would name it.
pub(crate) fn named(header: &Header) -> Subject {
    let (thing, version) = (header.thing.clone(), header.version.clone());
    Subject { thing, version, authorship: header.authorship }
}

impl Node {
    /// The newest word about a record, if its signer ever said one.
    pub(crate) fn word(
        &self,
        reading: &Reading<'_>,
        about: About,
        (signer, circle, subject): (&NodeId, &CircleId, &Subject),
    ) -> Result<Option<Word>, StoreError> {
        let key = self.word_key(about, signer, circle, subject);
        Ok(reading.setting(&key)?.and_then(|bytes| Word::read(&bytes)))
    }

    /// Remembers a word.
    pub(crate) fn put_word(
        &self,
        moment: &mut Moment<'_, '_>,
        about: About,
        (signer, circle, subject): (&NodeId, &CircleId, &Subject),
        word: Word,
    ) -> Result<(), StoreError> {
        let key = self.word_key(about, signer, circle, subject);
        moment.tx.put_spoken_of(&self.spoken_mac(&subject.thing))?;
        moment.tx.put_setting(&key, &word.write())
    }

    /// Whether anything was ever said of a thing, by whomever: one short look that spares nearly
    /// every record that arrives three long ones.
    pub(crate) fn is_spoken_of(
        &self,
        reading: &Reading<'_>,
        thing: &ThingId,
    ) -> Result<bool, StoreError> {
        reading.is_spoken_of(&self.spoken_mac(thing))
    }

    /// Under which a thing is remembered as spoken of.
    pub(crate) fn spoken_mac(&self, thing: &ThingId) -> Digest {
        hmac(&self.me.local_key, &[b"spoken", thing.uuid.as_bytes()])
    }

    fn word_key(
        &self,
        about: About,
        signer: &NodeId,
        circle: &CircleId,
        subject: &Subject,
    ) -> String {
        let mac = self.subject_mac(signer, circle, subject);
        match about {
            About::Relabel => format!("relabel.{mac}"),
            About::Withdraw => format!("withdraw.{mac}"),
        }
    }

    /// One version of a thing in one circle as one intake brought it, under this node's key.
    pub(crate) fn subject_mac(
        &self,
        signer: &NodeId,
        circle: &CircleId,
        subject: &Subject,
    ) -> Digest {
        let how = match subject.authorship {
            Authorship::Wrote => String::new(),
            Authorship::Carries(intake) => intake.to_string(),
        };
        let (thing, version) = (&subject.thing, &subject.version);
        let text = format!("{signer}\n{circle}\n{thing}\n{version}\n{how}");
        hmac(&self.me.local_key, &[text.as_bytes()])
    }
}
