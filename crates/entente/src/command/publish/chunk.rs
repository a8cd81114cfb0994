//! Documents cut into chunks that the node takes in one go, each problem traced back to where its
//! object stood in the file. Nothing is written anew: objects are copied as they are.

use crate::command::failure::Failure;
use crate::command::use_of;
use crate::http::api::publish::{Format, ProblemView};
use formats::json::split;
use formats::stix::{Reading, by_reference, id_of, read};
use model::limits::PUBLISH_OBJECTS_MAX;

/// Bytes of one chunk; a single larger object travels alone.
const CHUNK_BYTES: usize = 4 << 20;

/// Objects or lines that are sent together.
#[derive(Debug)]
pub(super) struct Chunk {
    /// What is sent.
    pub(super) body: Vec<u8>,
    places: Places,
}

#[derive(Debug)]
enum Places {
    /// Where each object stood.
    Objects(Vec<String>),
    /// How far the lines were moved up.
    Lines(u64),
}

impl Chunk {
    /// A problem of this chunk, at its place in the file.
    pub(super) fn place(&self, mut problem: ProblemView) -> ProblemView {
        match &self.places {
            Places::Objects(paths) => {
                let rest = problem.path.strip_prefix('/').unwrap_or(&problem.path);
                let (index, inner) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                let path = index.parse().ok().and_then(|index: usize| paths.get(index));
                if let Some(path) = path {
                    problem.path = format!("{path}{inner}");
                }
            }
            Places::Lines(moved) => {
                let Some(rest) = problem.path.strip_prefix("line ") else { return problem };
                let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
                let (number, inner) = rest.split_at(digits);
                if let Ok(number) = number.parse::<u64>() {
                    problem.path = format!("line {}{inner}", number.saturating_add(*moved));
                }
            }
        }
        problem
    }
}

/// Cuts a document, with its problems: what cannot be read at all is refused here and not sent,
/// warnings are only told.
pub(super) fn chunks(
    bytes: &[u8],
    format: Format,
) -> Result<(Vec<Chunk>, Vec<ProblemView>), Failure> {
    match format {
        Format::Stix => objects(bytes),
        Format::List => Ok((lines(bytes), Vec::new())),
    }
}

fn objects(bytes: &[u8]) -> Result<(Vec<Chunk>, Vec<ProblemView>), Failure> {
    let document = split(bytes).map_err(|error| Failure::from(error.problem()))?;
    let mut problems: Vec<ProblemView> =
        document.problems.iter().map(|problem| ProblemView::of("", problem)).collect();
    let mut readings: Vec<Reading> = Vec::with_capacity(document.pieces.len());
    let mut pieces = Vec::with_capacity(document.pieces.len());
    for piece in document.pieces {
        match read(piece.bytes) {
            Ok(object) => {
                let warning = use_of::unreadable(&object).map(|w| w.inside(&piece.path));
                problems.extend(warning.map(|w| ProblemView::of(&object.id, &w)));
                readings.push(object);
                pieces.push(piece);
            }
            Err(problem) => {
                let problem = problem.inside(&piece.path);
                problems.push(ProblemView::of(&id_of(piece.bytes), &problem));
            }
        }
    }
    let order = by_reference(&readings.iter().collect::<Vec<_>>());
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut open: Option<(Vec<u8>, Vec<String>)> = None;
    for piece in order.into_iter().filter_map(|index| pieces.get(index)) {
        let full = open.as_ref().is_some_and(|(body, paths)| {
            paths.len() >= PUBLISH_OBJECTS_MAX
                || body.len().saturating_add(piece.bytes.len()) > CHUNK_BYTES
        });
        if full {
            chunks.extend(open.take().map(closed));
        }
        let (body, paths) = open.get_or_insert_with(|| (Vec::new(), Vec::new()));
        body.push(if paths.is_empty() { b'[' } else { b',' });
        body.extend_from_slice(piece.bytes);
        paths.push(piece.path.clone());
    }
    chunks.extend(open.map(closed));
    Ok((chunks, problems))
}

fn closed((mut body, paths): (Vec<u8>, Vec<String>)) -> Chunk {
    body.push(b']');
    Chunk { body, places: Places::Objects(paths) }
}

/// Cuts a list at lines; what stands above its values (comments, a header) is sent with each.
fn lines(bytes: &[u8]) -> Vec<Chunk> {
    let all: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let blank = |line: &[u8]| {
        let text = line.trim_ascii();
        text.is_empty() || [&b"#"[..], b";", b"//"].iter().any(|mark| text.starts_with(mark))
    };
    let mut above = all.iter().take_while(|line| blank(line)).count();
    // A first row that gives no item and no problem is a header.
    let header = all.get(above).is_some_and(|row| formats::stix::list::items(row).next().is_none());
    above = above.saturating_add(usize::from(header));
    let (above, values) = all.split_at(above.min(all.len()));
    let top = above.concat();
    let mut chunks = Vec::new();
    let mut done = 0_u64;
    for some in values.chunks(PUBLISH_OBJECTS_MAX) {
        chunks
            .push(Chunk { body: [&top[..], &some.concat()].concat(), places: Places::Lines(done) });
        done = done.saturating_add(u64::try_from(some.len()).unwrap_or(0));
    }
    chunks
}

#[cfg(test)]
mod tests;
