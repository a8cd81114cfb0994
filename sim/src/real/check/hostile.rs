//! I12: a batch that anybody bent on its way is refused whole and leaves not one byte.
//!
//! It deliberately bends true batches: what is nearly right is what slips through.

use crate::real::run::Breach;
use crate::real::world::World;
use crate::rng::Rng;
use model::note::Checkpoint;
use node::Command;
use node::link::wire::{ReadLine, read_line};
use node::link::{keys, prepare};

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
                let (id, known) =
                    (self.site(giver)?.id, keys(&self.site(taker)?.store.reading())?);
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
        let lines: Vec<Vec<u8>> = whole
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(<[u8]>::to_vec)
            .collect();
        let Some((end, entries)) = lines.split_last() else { return Ok(Vec::new()) };
        let place = rng.index(entries.len());
        let with = |change: &dyn Fn(&mut Vec<Vec<u8>>)| {
            let mut lines = lines.clone();
            change(&mut lines);
            joined(&lines)
        };
        let mut bent = vec![
            ("an entry left out", with(&|lines| drop(lines.remove(place)))),
            ("an entry twice", with(&|lines| lines.insert(place, lines[place].clone()))),
            ("no checkpoint", joined(entries)),
            ("a line behind the checkpoint", with(&|lines| lines.push(lines[place].clone()))),
            ("two checkpoints", with(&|lines| lines.insert(place, end.clone()))),
            ("an unknown field", with(&|lines| splice(&mut lines[place], 1, b"\"x\":1,"))),
            ("a line of nothing", with(&|lines| lines.insert(place, b"null".to_vec()))),
            ("numbers one too high", with(&|lines| lines.iter_mut().for_each(raise))),
            ("a cut line", whole.get(..whole.len() - end.len() / 2).unwrap_or_default().to_vec()),
            ("a checkpoint by another", with(&|lines| self.forge(from, lines))),
        ];
        if entries.len() > 1 {
            let other = (place + 1) % entries.len();
            bent.push(("two entries changed places", with(&|lines| lines.swap(place, other))));
        }
        // A character of a body: the leaf is another, and so is the root.
        let inner = entries.iter().position(|line| hit(line, b"canary-").is_some());
        if let Some(place) = inner {
            bent.push(("another body", with(&|lines| {
                if let Some(at) = hit(&lines[place], b"canary-") {
                    lines[place][at] = b'C';
                }
            })));
        }
        Ok(bent)
    }

    /// Signs the checkpoint with the key of another node.
    fn forge(&self, from: usize, lines: &mut Vec<Vec<u8>>) {
        let Some(ReadLine::Checkpoint(note)) = lines.last().and_then(|line| read_line(line)) else {
            return;
        };
        let mut texts = note.lines();
        let (origin, size) = (texts.next().unwrap_or_default(), texts.next().unwrap_or_default());
        let root = texts.next().and_then(|text| root(text));
        let thief = self.sites.iter().find(|site| site.index != from);
        let (Some(thief), Some(root), Ok(size)) = (thief, root, size.parse()) else {
            return;
        };
        let head = Checkpoint { origin: origin.to_owned(), size, root };
        let note = head.sign(&thief.me.name, &thief.me.key);
        let text = note.replace('\n', "\\n");
        lines.pop();
        lines.push(format!("{{\"checkpoint\":\"{text}\"}}").into_bytes());
    }
}
