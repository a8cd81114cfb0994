//! A table with one line for each value of each indicator. It leaves nothing out but what could
//! not stay within its cell.

use super::kind::name_of;
use super::line::{Line, is_plain};
use model::label::Pap;
use std::borrow::Cow;

pub(super) struct Csv(csv::Writer<Vec<u8>>);

impl std::fmt::Debug for Csv {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Csv")
    }
}

const HEAD: [&str; 10] = [
    "value",
    "type",
    "indicator",
    "signer",
    "confidence",
    "valid_from",
    "valid_until",
    "tlp",
    "pap",
    "stated",
];

impl Default for Csv {
    fn default() -> Self {
        let mut writer = csv::Writer::from_writer(Vec::new());
        // A vector takes everything.
        writer.write_record(HEAD).ok();
        Self(writer)
    }
}

impl Csv {
    pub(super) fn push(&mut self, line: &Line<'_>) {
        if !is_plain(line.value) {
            return;
        }
        let time = |at: Option<model::time::Instant>| at.map(|at| at.to_string());
        let signer = if is_plain(line.signer) { line.signer } else { "" };
        let record = [
            cell(line.value),
            Cow::from(name_of(line.kind)),
            Cow::from(format!("indicator--{}", line.id)),
            cell(signer),
            number(line.confidence),
            Cow::from(time(line.since).unwrap_or_default()),
            Cow::from(time(line.until).unwrap_or_default()),
            Cow::from(line.tlp.as_str()),
            Cow::from(line.pap.map(Pap::as_str).unwrap_or_default()),
            number(line.stated),
        ];
        self.0.write_record(record.iter().map(|cell| cell.as_bytes())).ok();
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.get_ref().len()
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0.into_inner().unwrap_or_default()
    }
}

fn number(number: Option<u8>) -> Cow<'static, str> {
    Cow::from(number.map(|number| number.to_string()).unwrap_or_default())
}

/// A text that a spreadsheet would take for a formula gets an apostrophe, as they write it.
fn cell(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@']) {
        Cow::from(format!("'{text}"))
    } else {
        Cow::from(text)
    }
}
