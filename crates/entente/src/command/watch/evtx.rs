//! Event logs of Windows as they lie on a disk (EVTX), as lines of JSON: a record a line, its system
//! part and its data flat, under the names that agents give them. It matches nothing, and no node
//! reads such files: a hostile one reaches no further than this command.

use evtx::{EvtxChunkData, ParserSettings, SerializedEvtxRecord};
use serde_json::{Map, Value};
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// How such a file begins.
pub(super) const MAGIC: &[u8] = b"ElfFile\0";
/// How each of its parts begins; one that was never used is empty.
const CHUNK_MAGIC: &[u8] = b"ElfChnk\0";
/// Bytes before the first part, and of each part: the format knows no others.
const HEAD_BYTES: usize = 4_096;
const CHUNK_BYTES: usize = 65_536;

/// The records of a file as lines, part by part: never more than one part is held.
pub(super) struct Records<R> {
    from: R,
    settings: Arc<ParserSettings>,
    lines: Vec<u8>,
    /// How much of `lines` was given.
    given: usize,
    begun: bool,
    over: bool,
    faults: Faults,
}

/// What could not be read.
#[derive(Debug, Default)]
struct Faults {
    count: u64,
    first: Option<String>,
}

impl Faults {
    fn add(&mut self, fault: &dyn std::fmt::Display) {
        self.count = self.count.saturating_add(1);
        self.first.get_or_insert_with(|| fault.to_string());
    }
}

impl<R: Read> Records<R> {
    /// Reads a file from its very beginning.
    pub(super) fn new(from: R) -> Self {
        let settings = ParserSettings::new().num_threads(1).indent(false);
        Self {
            from,
            settings: Arc::new(settings),
            lines: Vec::new(),
            given: 0,
            begun: false,
            over: false,
            faults: Faults::default(),
        }
    }

    /// Reads the next part; at the end tells what could not be read, after all that could be.
    fn advance(&mut self) -> io::Result<()> {
        self.lines.clear();
        self.given = 0;
        if !self.begun {
            self.begun = true;
            if part(&mut self.from, HEAD_BYTES)?.len() < HEAD_BYTES {
                self.faults.add(&"the file ends within its head");
            }
        }
        let chunk = part(&mut self.from, CHUNK_BYTES)?;
        if chunk.is_empty() {
            self.over = true;
            return self.end();
        }
        if chunk.len() < CHUNK_BYTES {
            self.faults.add(&"its last part is cut off");
        } else if chunk.starts_with(CHUNK_MAGIC) {
            let (settings, faults, lines) = (&self.settings, &mut self.faults, &mut self.lines);
            // The reader of records is somebody else's: whatever it stumbles over costs a part.
            let read = catch_unwind(AssertUnwindSafe(|| records(chunk, settings, faults, lines)));
            if read.is_err() {
                self.faults.add(&"a part made its reader fail");
                // What it wrote last may be half a line.
                let whole = self.lines.iter().rposition(|byte| *byte == b'\n');
                self.lines.truncate(whole.map_or(0, |at| at.saturating_add(1)));
            }
        } else if chunk.iter().any(|byte| *byte != 0) {
            self.faults.add(&"a part is none");
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        let Faults { count, first } = std::mem::take(&mut self.faults);
        let Some(first) = first else { return Ok(()) };
        let text = format!("{count} of its records or parts cannot be read (the first: {first})");
        Err(io::Error::new(io::ErrorKind::InvalidData, text))
    }
}

impl<R: Read> Read for Records<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given >= self.lines.len() && !self.over {
            self.advance()?;
        }
        let rest = self.lines.get(self.given..).unwrap_or_default();
        let read = rest.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(rest) {
            *to = *from;
        }
        self.given = self.given.saturating_add(read);
        Ok(read)
    }
}

/// So many bytes, or what there is.
fn part(from: &mut impl Read, bytes: usize) -> io::Result<Vec<u8>> {
    let mut part = Vec::with_capacity(bytes);
    from.take(u64::try_from(bytes).unwrap_or(0)).read_to_end(&mut part)?;
    Ok(part)
}

/// Writes a line for each record of a part.
fn records(
    chunk: Vec<u8>,
    settings: &Arc<ParserSettings>,
    faults: &mut Faults,
    lines: &mut Vec<u8>,
) {
    let mut chunk = match EvtxChunkData::new(chunk, false) {
        Ok(chunk) => chunk,
        Err(error) => return faults.add(&error),
    };
    let mut chunk = match chunk.parse(Arc::clone(settings)) {
        Ok(chunk) => chunk,
        Err(error) => return faults.add(&error),
    };
    for record in chunk.iter() {
        match record.and_then(evtx::EvtxRecord::into_json_value) {
            Ok(record) => {
                let line = Value::Object(flat(&record));
                lines.extend_from_slice(line.to_string().as_bytes());
                lines.push(b'\n');
            }
            Err(error) => faults.add(&error),
        }
    }
}

/// A record as one object without depth, as far as its data has none.
fn flat(record: &SerializedEvtxRecord<Value>) -> Map<String, Value> {
    let mut line = Map::new();
    line.insert("@timestamp".to_owned(), record.timestamp.to_string().into());
    line.insert("RecordNumber".to_owned(), record.event_record_id.into());
    let event = record.data.get("Event");
    let system = event.and_then(|event| event.get("System"));
    let names = [
        ("SourceName", "/Provider/#attributes/Name"),
        ("ProviderGuid", "/Provider/#attributes/Guid"),
        ("Channel", "/Channel"),
        ("Hostname", "/Computer"),
        ("EventID", "/EventID"),
        ("Level", "/Level"),
        ("Task", "/Task"),
        ("UserID", "/Security/#attributes/UserID"),
    ];
    for (name, path) in names {
        let value = system.and_then(|system| system.pointer(path));
        // With qualifiers the number stands below them.
        let value = value.map(|value| value.get("#text").unwrap_or(value));
        if let Some(value) = value.filter(|value| !value.is_null()) {
            line.insert(name.to_owned(), value.clone());
        }
    }
    for part in ["EventData", "UserData"] {
        let data = event.and_then(|event| event.get(part)).and_then(Value::as_object);
        for (name, value) in data.into_iter().flatten() {
            if name != "#attributes" && !value.is_null() && !line.contains_key(name) {
                line.insert(name.clone(), value.clone());
            }
        }
    }
    line
}

#[cfg(test)]
mod tests;
