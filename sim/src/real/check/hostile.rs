//! I12: a batch that anybody bent on its way is refused whole and leaves not one byte.
//!
//! It deliberately bends true batches: what is nearly right is what slips through.

use crate::real::run::Breach;
use crate::real::world::World;
use crate::rng::Rng;
use model::note::Checkpoint;
use node::Command;
use node::link::wire::{ReadLine, read_line};
use node::link::{Receipt, keys, prepare};

impl World {
    /// Hands every bent form of a batch to its receiver.
    pub(in crate::real) fn bend(
        &mut self,
        (from, to): (usize, usize),
        whole: &[u8],
    ) -> Result<(), Breach> {
        let from_id = self.site(from)?.id;
        let mut rng = Rng::new(self.step).fork(0xbe4d);
        for (how, bytes) in self.bent(from, whole, &mut rng)? {
            let known = keys(&self.site(to)?.store.reading())?;
            self.stats.add("bent batches", 1);
            let Ok(arrival) = prepare(from_id, &bytes, &known) else { continue };
            self.unmoved(to, Command::Arrive(arrival), how)?;
        }
        // The very batch, under another's name and at another's door.
        for (giver, taker) in self.pairs.clone() {
            for (giver, taker) in [(giver, taker), (taker, giver)] {
                if (giver, taker) == (from, to) || giver != from && taker != to {
                    continue;
                }
                let (id, known) = (self.site(giver)?.id, keys(&self.site(taker)?.store.reading())?);
                let Ok(arrival) = prepare(id, whole, &known) else { continue };
                self.unmoved(taker, Command::Arrive(arrival), "a batch for another")?;
            }
        }
        Ok(())
    }

    fn bent(
        &self,
        from: usize,
        whole: &[u8],
        rng: &mut Rng,
    ) -> Result<Vec<(&'static str, Vec<u8>)>, Breach> {
        let lines = whole.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let lines: Vec<Vec<u8>> = lines.map(<[u8]>::to_vec).collect();
        let Some((end, entries)) = lines.split_last() else { return Ok(Vec::new()) };
        let place = rng.index(entries.len());
        let Some(entry) = entries.get(place) else { return Ok(Vec::new()) };
        let with = |change: &dyn Fn(&mut Vec<Vec<u8>>)| {
            let mut lines = lines.clone();
            change(&mut lines);
            joined(&lines)
        };
        let half = whole.len().saturating_sub(end.len() / 2);
        let mut bent = vec![
            ("an entry left out", with(&|lines| drop(lines.remove(place)))),
            ("an entry twice", with(&|lines| lines.insert(place, entry.clone()))),
            ("no checkpoint", joined(entries)),
            ("a line behind the checkpoint", with(&|lines| lines.push(entry.clone()))),
            ("two checkpoints", with(&|lines| lines.insert(place, end.clone()))),
            ("a line of nothing", with(&|lines| lines.insert(place, b"null".to_vec()))),
            ("an unknown field", changed(&lines, place, b"{", b"{\"x\":1,")),
            ("another number", changed(&lines, place, b"\"o\":", b"\"o\":1")),
            ("another root", changed(&lines, entries.len(), b"\\n", b"\\n1")),
            ("a cut line", whole.get(..half).unwrap_or_default().to_vec()),
            ("a checkpoint by another", with(&|lines| self.forge(from, lines))),
        ];
        if entries.len() > 1 {
            let other = (place + 1) % entries.len();
            bent.push(("two entries in each other's place", with(&|l| l.swap(place, other))));
        }
        // A character of a body: the leaf is another, and so is the root.
        let body = entries.iter().position(|line| find(line, b"canary-").is_some());
        if let Some(place) = body {
            bent.push(("another body", changed(&lines, place, b"canary-", b"canarY-")));
        }
        Ok(bent)
    }

    /// Signs the checkpoint with the key of another node.
    fn forge(&self, from: usize, lines: &mut Vec<Vec<u8>>) {
        let note = lines.pop().and_then(|line| read_line(&line));
        let Some(ReadLine::Checkpoint(checkpoint)) = note else { return };
        let origin = checkpoint.lines().next().unwrap_or_default().to_owned();
        let receipt = Receipt { checkpoint, refused: Vec::new(), sig: String::new() };
        let thief = self.sites.iter().find(|site| site.index != from);
        let (Some(thief), Some(root), Some(size)) = (thief, receipt.root(), receipt.size()) else {
            return;
        };
        let note = Checkpoint { origin, size, root }.sign(&thief.me.name, &thief.me.key);
        let text = note.replace('\n', "\\n");
        lines.push(format!("{{\"checkpoint\":\"{text}\"}}").into_bytes());
    }
}

fn joined(lines: &[Vec<u8>]) -> Vec<u8> {
    lines.iter().flat_map(|line| line.iter().copied().chain([b'\n'])).collect()
}

/// The lines with the first of these bytes in one of them replaced.
fn changed(lines: &[Vec<u8>], place: usize, old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut lines = lines.to_vec();
    if let Some(line) = lines.get_mut(place)
        && let Some(at) = find(line, old)
    {
        line.splice(at..at + old.len(), new.iter().copied());
    }
    joined(&lines)
}

fn find(line: &[u8], what: &[u8]) -> Option<usize> {
    line.windows(what.len()).position(|window| window == what)
}
