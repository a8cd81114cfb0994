//! The header of a log with columns: it stands once at the beginning, and every piece of the log is
//! sent with it. It reads nothing but lines that begin with `#`.

use detect::reading::{Form, Reader};

/// Bytes at the beginning of a log in which its header stands.
pub(super) const LOOK_BYTES: u64 = 16 << 10;

/// The header in force, of one file.
#[derive(Debug)]
pub(super) struct Heads {
    reader: Reader,
    begun: Begun,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Begun {
    Not,
    Columns,
    /// A log of another kind; its pieces are not looked through.
    Other,
}

impl Default for Heads {
    fn default() -> Self {
        Self { reader: Reader::new(Form::ZeekTsv), begun: Begun::Not }
    }
}

impl Heads {
    /// Whether the beginning of the file has been seen.
    pub(super) fn begun(&self) -> bool {
        self.begun != Begun::Not
    }

    /// The header that holds at the beginning of these lines; those in them are taken.
    pub(super) fn before(&mut self, lines: &[u8]) -> Option<String> {
        if self.begun == Begun::Not {
            let columns = lines.starts_with(b"#");
            self.begun = if columns { Begun::Columns } else { Begun::Other };
        }
        if self.begun == Begun::Other {
            return None;
        }
        let header = self.reader.header().map(str::to_owned);
        for line in lines.split(|byte| *byte == b'\n').filter(|line| line.starts_with(b"#")) {
            // A line that is no header is a comment, and one that is too long neither.
            self.reader.event(line).ok();
        }
        header
    }
}
