//! What the field under way proves, and where its readings are kept for looking back. It finds nothing.

use crate::event::{Field, Role};
use crate::memo::Known;
use crate::past::Gathered;
use crate::scan::Proved;
use model::facts::ValueKind;

/// Takes the readings of one event.
#[derive(Debug)]
pub(crate) struct Keeping<'g> {
    gathered: Option<&'g mut Gathered>,
    /// What the field under way proved, as long as that can be remembered.
    pub(crate) known: Option<Known>,
}

impl<'g> Keeping<'g> {
    pub(crate) const fn new(gathered: Option<&'g mut Gathered>) -> Self {
        Self { gathered, known: None }
    }

    /// Whether anything is kept.
    #[inline]
    pub(crate) const fn keeps(&self) -> bool {
        self.gathered.is_some()
    }

    /// A reading of a field, whose fingerprint is always made the same way.
    #[inline]
    pub(crate) fn saw(&mut self, kind: ValueKind, text: &str, field: &Field<'_>, mark: u64) {
        if self.keeps() {
            self.saw_as(kind, text, field.role(), mark);
        }
    }

    /// The same in another role than the field's.
    #[inline]
    pub(crate) fn saw_as(&mut self, kind: ValueKind, text: &str, role: Role, mark: u64) {
        let Some(gathered) = self.gathered.as_deref_mut() else { return };
        let row = gathered.saw(kind, text, role, mark);
        let told = self.known.as_mut().zip(row).is_some_and(|(known, row)| known.add(row));
        if !told {
            self.known = None;
        }
    }

    /// What was proved before is so again.
    #[inline]
    pub(crate) fn again(&mut self, proved: &Proved) {
        let Some(gathered) = self.gathered.as_deref_mut() else { return };
        proved.rows().iter().for_each(|row| gathered.saw_again(*row, proved.role));
    }
}
