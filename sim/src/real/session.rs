//! Two nodes talk over a link on which anything may go wrong.
//!
//! It deliberately has no sockets: bytes are handed over, cut, lost or handed over twice.

use super::canary;
use super::check::Kept;
use super::fault::Fault;
use super::oracle::Eyes;
use super::run::Breach;
use super::script::{BEND, Crash, Plan};
use super::site::Came;
use super::world::World;
use model::kind::{CIRCLE, OBEYED};
use node::link::wire::{ReadLine, read_line};
use node::link::{Receipt, batch, keys, lens_for, prepare};
use node::outlet::link_key;
use node::release::Lens;
use node::{Answer, Command, StoreError};

/// Batches in one session at most.
const BATCHES: usize = 4;

impl World {
    /// One session: `from` sends what it has for `to`, the plan befalls the first batch.
    pub(super) fn session(
        &mut self,
        from: usize,
        to: usize,
        plan: Plan,
        stale: bool,
    ) -> Result<(), Breach> {
        if self.is_cut(from, to) {
            self.stats.add("sessions that did not come to be", 1);
            return Ok(());
        }
        self.exchange_keys(from, to)?;
        self.ask_back(to, from)?;
        self.ask_back(from, to)?;
        for round in 0..BATCHES {
            let plan = if round == 0 { plan } else { Plan::Whole };
            if !self.one_batch((from, to), plan, stale && round == 0)? {
                break;
            }
        }
        Ok(())
    }

    /// Whether nothing comes over a link now.
    pub(super) fn is_cut(&self, a: usize, b: usize) -> bool {
        self.cut.contains(&(a.min(b), a.max(b)))
    }

    /// True when there may be more.
    fn one_batch(
        &mut self,
        (from, to): (usize, usize),
        plan: Plan,
        stale: bool,
    ) -> Result<bool, Breach> {
        let to_id = self.site(to)?.id;
        let crash = if let Plan::Sender(crash) = plan { crash } else { Crash::No };
        let numbered = self.apply(from, Command::Number(link_key(&to_id)), crash)?;
        if matches!(numbered, Came::Nothing) {
            self.check_acks(from)?;
            return Ok(false);
        }
        let Some(whole) = self.batch(from, to, stale)? else { return Ok(false) };
        let bytes = if let Plan::Cut(percent) = plan {
            self.stats.add("cuts in the middle of a batch", 1);
            let upto = whole.len() * usize::from(percent) / 100;
            whole.get(..upto).unwrap_or_default().to_vec()
        } else {
            whole
        };
        self.stats.add("batches", 1);
        self.emit((from, Self::partner(from, to)), &Eyes::Partner(to_id), bytes.clone())?;
        self.check_passed_on((self.site(from)?.id, to_id), &bytes)?;
        if !stale && self.step % BEND == self.bend && plan == Plan::Whole {
            self.bend((from, to), &bytes)?;
        }
        if plan == Plan::LoseBatch {
            self.stats.add("batches lost", 1);
            return Ok(false);
        }
        let Some(receipt) = self.deliver((from, to), &bytes, plan, stale)? else {
            return Ok(false);
        };
        let kept = Kept { from, to, receipt: receipt.clone(), taken: false };
        self.receipts.push(kept);
        if plan == Plan::LoseReceipt {
            self.stats.add("receipts lost", 1);
            return Ok(false);
        }
        let crash = if let Plan::Keeper(crash) = plan { crash } else { Crash::No };
        match self.apply(from, Command::Acknowledged { partner: to_id, receipt }, crash)? {
            Came::Answer(Answer::Done) => {
                let given = self.receipts.last_mut().filter(|_| crash == Crash::No);
                given.into_iter().for_each(|kept| kept.taken = true);
                Ok(crash == Crash::No)
            }
            Came::Nothing => self.check_acks(from).map(|()| false),
            Came::Answer(other) => Err(Breach::once(format!(
                "step {}: node {from} refused the receipt of node {to}: {other:?}",
                self.step
            ))),
        }
    }

    /// The bytes of the next batch; `None` when there is nothing to send, or nobody to send to.
    fn batch(&self, from: usize, to: usize, stale: bool) -> Result<Option<Vec<u8>>, Breach> {
        let (sender, receiver) = (self.site(from)?, self.site(to)?);
        let reading = sender.store.reading();
        let cursor = receiver.store.reading().cursor(&sender.id)?;
        // As the sender's hello says: a new life of its numbering is read from the beginning.
        let cursor = cursor.filter(|cursor| cursor.epoch == sender.epoch());
        let mut next = cursor.map_or(0, |cursor| cursor.next);
        if stale && let Some(outlet) = reading.outlet(&link_key(&receiver.id))? {
            let held = reading.held_receipts(outlet.id, 1)?;
            next = held.first().map_or(0, |receipt| receipt.size);
        }
        let now = sender.clock(self.at);
        let mut lens = lens_for(&reading, &receiver.id, now)?;
        if self.fault == Some(Fault::OtherReadersLens) {
            lens = self.another(from, to)?.or(lens);
        }
        let Some(lens) = lens else { return Ok(None) };
        let batch = batch(&sender.me, &reading, &lens, next)?;
        Ok((!batch.is_empty()).then(|| batch.bytes()))
    }

    /// Planted: the eyes of some other partner.
    fn another(&self, from: usize, to: usize) -> Result<Option<Lens>, StoreError> {
        let Some(sender) = self.sites.get(from) else { return Ok(None) };
        let reading = sender.store.reading();
        for other in self.sites.iter().filter(|site| site.index != from && site.index != to) {
            if let Some(lens) = lens_for(&reading, &other.id, sender.clock(self.at))? {
                return Ok(Some(lens));
            }
        }
        Ok(None)
    }

    /// A batch comes to a node; the receipt that leaves it, if one does.
    fn deliver(
        &mut self,
        (from, to): (usize, usize),
        bytes: &[u8],
        plan: Plan,
        stale: bool,
    ) -> Result<Option<Receipt>, Breach> {
        let crash = if let Plan::Receiver(crash) = plan { crash } else { Crash::No };
        let Some(answer) = self.arrive((from, to), bytes, plan, crash)? else { return Ok(None) };
        // Who goes by old receipts may begin too early, or too late for who reads again.
        let astray = |code: &str| stale && matches!(code, "E-LINK-004" | "E-LINK-006");
        let known = matches!(&answer, Answer::Refused(problem) if astray(problem.code));
        let Answer::Receipt(receipt) = answer else {
            let text = format!("node {to} refused a good batch of node {from}: {answer:?}");
            return if known { Ok(None) } else { Err(Breach::once(text)) };
        };
        self.promise(to, bytes, &receipt)?;
        if plan == Plan::Twice {
            self.stats.add("batches that came twice", 1);
            let head = self.site(to)?.store.reading().head()?;
            let again = self.arrive((from, to), bytes, plan, Crash::No)?;
            let same = match &again {
                Some(Answer::Receipt(again)) => *again == receipt,
                // The batch brought a list that turned the cursor back to before it.
                Some(Answer::Refused(problem)) => problem.code == "E-LINK-004",
                Some(_) | None => false,
            };
            if !same || self.site(to)?.store.reading().head()? != head {
                return Err(Breach::once(format!(
                    "step {}: a batch of node {from} that came twice to node {to} was answered {again:?}",
                    self.step
                )));
            }
        }
        let text = receipt.write().into_bytes();
        if canary::find(&text) != canary::Found::default() {
            return Err(Breach::leak(format!("step {}: a receipt names a record", self.step)));
        }
        self.stats.add("bytes to readers", text.len());
        let reader = format!("node {from} as the receiver of node {to}'s receipts");
        self.streams.entry(reader).or_default().push((self.step, text));
        Ok(Some(receipt))
    }

    fn arrive(
        &mut self,
        (from, to): (usize, usize),
        bytes: &[u8],
        plan: Plan,
        crash: Crash,
    ) -> Result<Option<Answer>, Breach> {
        let from_id = self.site(from)?.id;
        let known = keys(&self.site(to)?.store.reading())?;
        let arrival = match prepare(from_id, bytes, &known) {
            Ok(arrival) => arrival,
            Err(_) if matches!(plan, Plan::Cut(_)) => return Ok(None),
            Err(problem) => {
                return Err(Breach::once(format!(
                    "step {}: node {to} cannot read a batch of node {from}: {problem:?}",
                    self.step
                )));
            }
        };
        let came = self.apply(to, Command::Arrive(arrival), crash)?;
        if crash != Crash::No {
            self.check_acks(to)?;
        }
        Ok(came.answer())
    }

    /// What a receipt says is applied must be there from now on.
    fn promise(&mut self, to: usize, bytes: &[u8], receipt: &Receipt) -> Result<(), Breach> {
        let size = receipt.size().unwrap_or(0);
        for line in bytes.split(|byte| *byte == b'\n') {
            let Some(ReadLine::Record { offset, parts, .. }) = read_line(line) else { continue };
            let refused = receipt.refused.iter().any(|refused| refused.o == offset);
            let header = model::record::Header::read(&parts.head);
            // A list that is no newer is heard and not kept, and so may words about records be.
            let list = header.is_ok_and(|header| {
                let kind = &header.thing.kind;
                kind.is_word() || [CIRCLE, OBEYED].contains(&kind.as_str())
            });
            if offset < size && !refused && !list {
                let leaf = model::record::leaf(&parts.salt, &parts.head, &parts.body);
                self.promised.push((to, leaf));
                self.stats.add("records applied from a link", 1);
            }
            self.stats.add("records refused from a link", usize::from(refused));
        }
        self.check_acks(to)
    }
}
