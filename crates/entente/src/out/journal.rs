//! The files of the match journal: one a day, a line for each match, each led by its indicator's place
//! in the log, which is never shown. It judges nothing, and knows no node.

use super::gone::Gone;
use model::limits::{MATCH_LINE_BYTES_MAX, MATCHES_TOLD_MAX};
use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, BufWriter, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// What a file's name ends with.
const END: &str = ".ndjson";
/// What that of a day ends with which says what is left of matches that are gone.
const GONE: &str = ".gone";
/// What one that is written anew ends with until it takes the other's place.
const PART: &str = ".part";

/// A folder of days.
#[derive(Debug)]
pub(super) struct Journal(PathBuf);

impl Journal {
    /// Opens a folder; makes it where there is none, and removes what a crash left half written.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        std::fs::DirBuilder::new().mode(0o700).recursive(true).create(folder)?;
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.to_string_lossy().ends_with(PART) {
                std::fs::remove_file(&path)?;
            }
        }
        let journal = Self(folder.to_owned());
        // CRASH: the last line may be torn; the next one begins a line of its own.
        for (day, bytes) in journal.days()? {
            if bytes > 0 && !journal.is_whole(&day)? {
                journal.append(&day, b"\n")?;
            }
        }
        Ok(journal)
    }

    fn is_whole(&self, day: &str) -> io::Result<bool> {
        let mut file = File::open(self.path(day))?;
        file.seek(io::SeekFrom::End(-1))?;
        let mut last = [0];
        file.read_exact(&mut last)?;
        Ok(last == *b"\n")
    }

    fn path(&self, day: &str) -> PathBuf {
        self.0.join(format!("{day}{END}"))
    }

    fn gone(&self, day: &str) -> PathBuf {
        self.0.join(format!("{day}{GONE}"))
    }

    /// Adds lines to a day: all of them, or none where the disk has no room.
    pub(super) fn append(&self, day: &str, lines: &[u8]) -> io::Result<()> {
        add(&self.path(day), lines)
    }

    /// The days, oldest first, with their bytes.
    pub(super) fn days(&self) -> io::Result<Vec<(String, u64)>> {
        let mut days = Vec::new();
        for entry in std::fs::read_dir(&self.0)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if let Some(day) = name.strip_suffix(END) {
                days.push((day.to_owned(), entry.metadata()?.len()));
            }
        }
        days.sort_unstable();
        Ok(days)
    }

    /// Lets go of days before this one, and then of the oldest until the rest has these bytes at
    /// most.
    pub(super) fn retain(&self, from: &str, bytes_max: u64) -> io::Result<()> {
        let days = self.days()?;
        let mut bytes: u64 = days.iter().map(|(_, bytes)| *bytes).sum();
        for (day, size) in days {
            if day.as_str() >= from && bytes <= bytes_max {
                break;
            }
            std::fs::remove_file(self.path(&day))?;
            match std::fs::remove_file(self.gone(&day)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
            bytes = bytes.saturating_sub(size);
        }
        Ok(())
    }

    /// The newest lines that are wanted, at most so many, newest first; one that was kept twice is
    /// told once. `from` is the first day to look at.
    pub(super) fn newest(
        &self,
        from: &str,
        limit: usize,
        wanted: &dyn Fn(&str) -> bool,
    ) -> io::Result<Vec<String>> {
        let limit = limit.min(MATCHES_TOLD_MAX);
        let (mut told, mut known) = (Vec::new(), HashSet::new());
        for (day, _) in self.days()?.into_iter().rev().filter(|(day, _)| day.as_str() >= from) {
            let mut last: VecDeque<String> = VecDeque::new();
            self.each(&day, &mut |_, line| {
                if wanted(line) && known.insert(head(line).to_owned()) {
                    last.push_back(line.to_owned());
                    if last.len() > limit.saturating_sub(told.len()) {
                        last.pop_front();
                    }
                }
            })?;
            told.extend(last.into_iter().rev());
            if told.len() >= limit {
                break;
            }
        }
        Ok(told)
    }

    /// The places that are named anywhere.
    pub(super) fn places(&self) -> io::Result<BTreeSet<i64>> {
        let mut places = BTreeSet::new();
        for (day, _) in self.days()? {
            self.each(&day, &mut |place, _| places.extend([place]))?;
        }
        Ok(places)
    }

    /// Writes every day anew without the lines of these places, and beside it what is left of them.
    pub(super) fn forget(&self, places: &BTreeSet<i64>) -> io::Result<()> {
        for (day, _) in self.days()? {
            let (mut found, mut left) = (false, Vec::new());
            self.each(&day, &mut |place, line| {
                if places.contains(&place) {
                    found = true;
                    if let Some(gone) = Gone::of(line).and_then(|gone| gone.write()) {
                        left.extend_from_slice(format!("{place} {gone}\n").as_bytes());
                    }
                }
            })?;
            if found {
                // CRASH: what is left may be written twice; it has an id, and is told once. Where
                // there is no room for it, the match goes all the same.
                let _noted = add(&self.gone(&day), &left);
                self.rewrite(&day, places)?;
            }
        }
        Ok(())
    }

    fn rewrite(&self, day: &str, without: &BTreeSet<i64>) -> io::Result<()> {
        let path = self.path(day);
        let part = self.0.join(format!("{day}{PART}"));
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(true).mode(0o600).open(&part)?;
        let mut out = BufWriter::new(file);
        let mut failed = Ok(());
        self.each(day, &mut |place, line| {
            if failed.is_ok() && !without.contains(&place) {
                failed = writeln!(out, "{place} {line}");
            }
        })?;
        failed?;
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        // CRASH: until the new file has the old one's place, the old one is whole.
        file.sync_all()?;
        std::fs::rename(&part, &path)?;
        File::open(&self.0)?.sync_all()
    }

    /// Hands every whole line of a day to `each`, with its place. A torn line is passed over.
    fn each(&self, day: &str, each: &mut dyn FnMut(i64, &str)) -> io::Result<()> {
        lines(&self.path(day), each)
    }

    /// The matches of these places, by place, the oldest first: of those that are gone what is
    /// left, and no more of the others.
    pub(super) fn left(&self, places: &BTreeSet<i64>) -> io::Result<BTreeMap<i64, Vec<Gone>>> {
        let mut left: BTreeMap<i64, Vec<Gone>> = BTreeMap::new();
        for (day, _) in self.days()? {
            for path in [self.gone(&day), self.path(&day)] {
                lines(&path, &mut |place, line| {
                    let wanted = places.contains(&place).then(|| Gone::of(line)).flatten();
                    let Some(gone) = wanted else { return };
                    let known = left.entry(place).or_default();
                    let new = known.iter().all(|known| known.id != gone.id);
                    if new && known.len() < MATCHES_TOLD_MAX {
                        known.push(gone);
                    }
                })?;
            }
        }
        Ok(left)
    }
}

/// Adds lines to a file: all of them, or none where the disk has no room.
fn add(path: &Path, lines: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options.append(true).create(true).mode(0o600).open(path)?;
    let before = file.metadata()?.len();
    file.write_all(lines).inspect_err(|_| drop(file.set_len(before)))
}

/// Hands every whole line of a file to `each`, with the place that leads it.
fn lines(path: &Path, each: &mut dyn FnMut(i64, &str)) -> io::Result<()> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    loop {
        line.clear();
        let most = u64::try_from(MATCH_LINE_BYTES_MAX).unwrap_or(u64::MAX);
        if reader.by_ref().take(most).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let text = std::str::from_utf8(&line).ok().and_then(|text| text.strip_suffix('\n'));
        let parts = text.and_then(|text| text.split_once(' '));
        if let Some((place, rest)) = parts
            && let Ok(place) = place.parse()
            && rest.ends_with('}')
        {
            each(place, rest);
        }
    }
}

/// What tells a line from all others: its id, with which each begins.
fn head(line: &str) -> &str {
    line.split(',').next().unwrap_or_default()
}

#[cfg(test)]
mod tests;
