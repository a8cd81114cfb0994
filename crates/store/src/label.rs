//! The text under which a label is interned: one spelling per label, read back exactly.
//!
//! It is the header's own lines under a form of its own; nothing outside the store sees it.

use crate::StoreError;
use model::id::NodeId;
use model::label::{Label, Pap};
use model::lines::{LineReader, LineWriter, ReadLinesError};
use std::collections::BTreeSet;

const FORM: &str = "label/1";
const NOBODY: &str = "nobody";

/// Prints a label.
pub(crate) fn write(label: &Label) -> String {
    let to = label.to.as_ref().map(|to| {
        let names: Vec<String> = to.iter().map(NodeId::to_string).collect();
        if names.is_empty() { NOBODY.to_owned() } else { names.join(",") }
    });
    LineWriter::new(FORM)
        .line("circle", &label.circle.to_string())
        .line("tlp", label.tlp.as_str())
        .maybe("to", to.as_deref())
        .line("hops", &label.hops.to_string())
        .flag("personal", label.personal)
        .flag("hide-source", label.hide_source)
        // A number, not a date: every instant survives, also one that has no date.
        .maybe("embargo", label.embargo.map(|at| at.micros().to_string()).as_deref())
        .flag("unknown", label.unknown)
        .maybe("pap", label.pap.map(Pap::as_str))
        .finish()
}

/// Reads a label.
pub(crate) fn read(text: &str) -> Result<Label, StoreError> {
    read_lines(text).map_err(|error| StoreError::damaged(format!("a label: {error}")))
}

fn read_lines(text: &str) -> Result<Label, ReadLinesError> {
    let mut lines = LineReader::new(text, FORM)?;
    let circle = lines.parsed("circle")?;
    let tlp = lines.parsed("tlp")?;
    let to = lines.optional("to").map(read_recipients).transpose()?;
    let label = Label {
        tlp,
        circle,
        to,
        hops: lines.parsed("hops")?,
        personal: lines.flag("personal"),
        hide_source: lines.flag("hide-source"),
        embargo: lines.optional_parsed("embargo")?.map(model::time::Instant::from_micros),
        unknown: lines.flag("unknown"),
        pap: lines.optional_parsed("pap")?,
    };
    lines.end()?;
    Ok(label)
}

fn read_recipients(text: &str) -> Result<BTreeSet<NodeId>, ReadLinesError> {
    if text == NOBODY {
        return Ok(BTreeSet::new());
    }
    text.split(',').map(|id| id.parse().map_err(|_| ReadLinesError::Value("to"))).collect()
}
