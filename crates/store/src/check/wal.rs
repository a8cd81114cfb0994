//! The write-ahead log, frame by frame: SQLite silently drops everything after a frame that does
//! not fit, which after a crash is right and after damage is a loss.

use super::damage::{Damage, Place};
use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::path::Path;

/// SPEC: SQLite file format §4.1: the header of the write-ahead log and of a frame, in bytes.
const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// The page sizes that there are.
const PAGE_MAX: usize = 65_536;

/// Checks the write-ahead log beside the database at `path`, while no node writes it; none, or an
/// empty one, is as it should be.
///
/// # Errors
/// When the file cannot be read.
pub fn check_wal(path: &Path) -> io::Result<Vec<Damage>> {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    match File::open(name) {
        Ok(file) => Wal { file: BufReader::with_capacity(1 << 20, file) }.check(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

struct Wal {
    file: BufReader<File>,
}

/// The running sums over all frames so far.
#[derive(Clone, Copy, Default, Eq, PartialEq)]
struct Sums(u32, u32);

impl Sums {
    /// SPEC: SQLite file format §4.2: two words at a time, each sum fed by the other.
    fn add(mut self, bytes: &[u8], word: fn([u8; 4]) -> u32) -> Self {
        for pair in bytes.as_chunks::<8>().0 {
            let [a, b, c, d, e, f, g, h] = *pair;
            self.0 = self.0.wrapping_add(word([a, b, c, d])).wrapping_add(self.1);
            self.1 = self.1.wrapping_add(word([e, f, g, h])).wrapping_add(self.0);
        }
        self
    }
}

fn number(bytes: &[u8], at: usize) -> u32 {
    let word = bytes.get(at..at.saturating_add(4)).and_then(|word| word.try_into().ok());
    word.map_or(0, u32::from_be_bytes)
}

impl Wal {
    fn check(mut self) -> io::Result<Vec<Damage>> {
        let mut header = [0; HEADER];
        if !self.fill(&mut header)? || header.iter().all(|byte| *byte == 0) {
            return Ok(Vec::new());
        }
        let word: fn([u8; 4]) -> u32 = match number(&header, 0) {
            0x377f_0682 => u32::from_le_bytes,
            0x377f_0683 => u32::from_be_bytes,
            _ => return Ok(vec![header_damage()]),
        };
        let sums = Sums::default().add(header.get(..24).unwrap_or_default(), word);
        let size = usize::try_from(number(&header, 8)).unwrap_or(0);
        if sums != Sums(number(&header, 24), number(&header, 28)) || !valid_size(size) {
            return Ok(vec![header_damage()]);
        }
        let salts = (number(&header, 16), number(&header, 20));
        Ok(self.frames(sums, word, (size, salts))?.into_iter().collect())
    }

    /// Walks the frames up to the first that does not fit, and looks whether any of this life of
    /// the file comes after it.
    fn frames(
        &mut self,
        mut sums: Sums,
        word: fn([u8; 4]) -> u32,
        (size, salts): (usize, (u32, u32)),
    ) -> io::Result<Option<Damage>> {
        let mut frame = vec![0; FRAME_HEADER + size];
        let (mut count, mut bad) = (0_u64, None);
        while self.fill(&mut frame)? {
            count += 1;
            let (head, page) = frame.split_at(FRAME_HEADER);
            let theirs = (number(head, 8), number(head, 12));
            // An older life has other salts, both of them.
            let ours = theirs.0 == salts.0 || theirs.1 == salts.1;
            match bad {
                None => {
                    let fed = sums.add(head.get(..8).unwrap_or_default(), word).add(page, word);
                    if theirs == salts && fed == Sums(number(head, 16), number(head, 20)) {
                        sums = fed;
                    } else if ours {
                        return Ok(Some(frame_damage(count)));
                    } else {
                        bad = Some(count);
                    }
                }
                Some(first) if theirs == salts => return Ok(Some(frame_damage(first))),
                Some(_) => {}
            }
        }
        Ok(None)
    }

    /// False when the file ends within the buffer.
    fn fill(&mut self, buffer: &mut [u8]) -> io::Result<bool> {
        match self.file.read_exact(buffer) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
            Err(error) => Err(error),
        }
    }
}

const fn valid_size(size: usize) -> bool {
    size.is_power_of_two() && size >= 512 && size <= PAGE_MAX
}

fn header_damage() -> Damage {
    Damage::at(Place::Frame(0), "its header does not fit: nothing in it would be read")
}

fn frame_damage(frame: u64) -> Damage {
    let what = "the frame does not fit its checksum: it and what follows would be dropped; right \
                after a power cut that is how an unfinished write looks, and nothing is lost";
    Damage::at(Place::Frame(frame), what)
}
