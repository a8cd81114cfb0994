//! I14: what goes by a file makes the very same store as what goes over a link at the same instants.
//!
//! It deliberately seals nothing, since sealing is the rim's: a file's bytes here are a signed hello
//! and the batches behind it, as they lie in a bundle before it is sealed.

use crate::outcome::Check;
use crate::real::fault::Fault;
use crate::real::run::Breach;
use crate::real::script::Crash;
use crate::real::site::Site;
use crate::real::world::World;
use node::bundle::{Head, Holds, Portion, read_hello, sign_hello};
use node::keys::chain_of;
use node::link::{Hello, Receipt, batch, hello, keys, lens_for, owed_receipts, prepare};
use node::outlet::link_key;
use node::{Answer, Command};

/// Files until nothing more waits: a list in one turns its reader back to the beginning.
const FILES: usize = 6;
/// Batches in one file, or in one session.
const BATCHES: usize = 20;

/// One way of two nodes, at an instant.
struct Way {
    from: Site,
    to: Site,
    at: i64,
    draw: u64,
}

impl World {
    /// Lets two nodes beside this world talk over a link, and their likes by files.
    pub(in crate::real) fn check_file(&mut self, from: usize, to: usize) -> Result<(), Breach> {
        let (at, draw, cut) = (self.at, self.step, self.fault == Some(Fault::FileCutShort));
        let mut way = || -> Result<Way, Breach> {
            Ok(Way { from: self.site_mut(from)?.copy()?, to: self.site_mut(to)?.copy()?, at, draw })
        };
        let (mut link, mut file) = (way()?, way()?);
        let sent = link.by_link()?;
        file.by_files(cut)?;
        let files = file.to.store.image()?;
        if link.to.store.image()? != files {
            let text = format!("step {draw}: node {to} has another store by a file of node {from}");
            return Err(Breach::new(Check::Bundle, text));
        }
        let receipts = |way: &Way| -> Result<_, Breach> {
            let reading = way.from.store.reading();
            let Some(outlet) = reading.outlet(&link_key(&way.to.id))? else { return Ok(None) };
            let held = reading.held_receipts(outlet.id, 1)?.first().map(|held| held.size);
            Ok(Some((outlet.next, outlet.frontier, held)))
        };
        if receipts(&link)? != receipts(&file)? {
            let text = format!("step {draw}: node {from} has other receipts by a file");
            return Err(Breach::new(Check::Bundle, text));
        }
        self.stats.add("entries by file and by link alike", sent);
        Ok(())
    }
}

impl Way {
    fn give(&mut self, command: Command) -> Result<Option<Answer>, Breach> {
        Ok(self.from.apply(self.at, self.draw, command, Crash::No)?.answer())
    }

    fn take(&mut self, command: Command) -> Result<Option<Answer>, Breach> {
        Ok(self.to.apply(self.at, self.draw, command, Crash::No)?.answer())
    }

    /// What the receiver wants next.
    fn next(&self) -> Result<u64, Breach> {
        let cursor = self.to.store.reading().cursor(&self.from.id)?;
        let cursor = cursor.filter(|cursor| cursor.epoch == self.from.epoch());
        Ok(cursor.map_or(0, |cursor| cursor.next))
    }

    /// The batch from a number on, with the number behind it.
    fn batch(&mut self, after: u64) -> Result<Option<(Vec<u8>, u64)>, Breach> {
        self.give(Command::Number(link_key(&self.to.id)))?;
        let reading = self.from.store.reading();
        let lens = lens_for(&reading, &self.to.id, self.from.clock(self.at))?;
        let Some(lens) = lens else { return Ok(None) };
        let batch = batch(&self.from.me, &reading, &lens, after)?;
        let count = u64::try_from(batch.len()).unwrap_or(0);
        Ok((!batch.is_empty()).then(|| (batch.bytes(), after + count)))
    }

    fn acknowledge(&mut self, receipt: Receipt) -> Result<(), Breach> {
        let partner = self.to.id;
        self.give(Command::Acknowledged { partner, receipt }).map(drop)
    }

    /// Batch after batch, each with its receipt; gives how many entries went.
    fn by_link(&mut self) -> Result<usize, Breach> {
        let mut sent = 0;
        for _ in 0..BATCHES {
            let next = self.next()?;
            let Some((bytes, end)) = self.batch(next)? else { break };
            let known = keys(&self.to.store.reading())?;
            let arrival = prepare(self.from.id, &bytes, &known);
            let arrival = arrival.map_err(|problem| Breach::broken(&problem.message))?;
            if let Some(Answer::Receipt(receipt)) = self.take(Command::Arrive(arrival))? {
                self.acknowledge(receipt)?;
            }
            sent += usize::try_from(end - next).unwrap_or(0);
        }
        Ok(sent)
    }

    /// File after file, each whole and then once more; the receipts go back by file as well.
    fn by_files(&mut self, cut: bool) -> Result<(), Breach> {
        for _ in 0..FILES {
            let first = self.next()?;
            let mut batches = Vec::new();
            let mut after = first;
            while let Some((bytes, end)) = self.batch(after)? {
                batches.push(bytes);
                after = end;
            }
            if cut {
                batches.pop();
            }
            if batches.is_empty() {
                break;
            }
            self.import(&batches)?;
            let image = self.to.store.image()?;
            self.import(&batches)?;
            if self.next()? >= after && image != self.to.store.image()? {
                let text = "a file that comes twice changes something".to_owned();
                return Err(Breach::new(Check::Bundle, text));
            }
            let (reading, epoch) = (self.to.store.reading(), self.from.epoch());
            let me = &self.to.me;
            for receipt in owed_receipts(me, &reading, &self.from.id, &epoch, first)? {
                self.acknowledge(receipt)?;
            }
        }
        Ok(())
    }

    /// What the program does with a file's contents.
    fn import(&mut self, batches: &[Vec<u8>]) -> Result<(), Breach> {
        let head = Head { holds: Holds::Records, to: self.to.id, from: self.from.id };
        let reading = self.from.store.reading();
        let chain = chain_of(&reading, &self.from.id)?;
        let greeting = Hello { chain, ..hello(&self.from.me, &reading, &self.to.id)? };
        let text = sign_hello(&head, &greeting, &self.from.me.key);
        read_hello(&head, &text).map_err(|error| Breach::broken(&error))?;
        for bytes in batches {
            let known = keys(&self.to.store.reading())?;
            let arrival = prepare(self.from.id, bytes, &known);
            let arrival = arrival.map_err(|problem| Breach::broken(&problem.message))?;
            match Portion::of(arrival, self.next()?) {
                Portion::Known => {}
                Portion::Gap(..) => return Ok(()),
                Portion::New(new) => drop(self.take(Command::Arrive(new))?),
            }
        }
        Ok(())
    }
}
