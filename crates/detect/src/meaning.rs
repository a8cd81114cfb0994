//! What the keys that lead to a field say of it, whatever it holds. It reads no value.

use crate::event::{Path, Role, rank};
use crate::live::SPLIT_URLS;
use crate::named;
use model::facts::ValueKind;
use model::limits::{MEMO_ASKED_FIRST, MEMO_KNOWN_FEW, MEMO_KNOWN_MIN};
use std::cell::{Cell, OnceCell};

/// Whether agents carry whole lines of other forms under this key.
///
/// Windows' own `Message` is not among them: all that it says stands in fields beside it.
fn carries(key: &str) -> bool {
    matches!(
        key,
        "message"
            | "msg"
            | "log"
            | "event"
            | "event.original"
            | "_raw"
            | "raw"
            | "original"
            | "syslog_message"
    )
}

/// Which half of a split URL a field is: the pair in [`SPLIT_URLS`], and the place in it.
pub(crate) type Half = (usize, usize);

/// Found out when it is asked for, and kept by whoever knows that the next field has the same keys.
#[derive(Debug, Default)]
pub(crate) struct Meaning {
    role: OnceCell<Role>,
    kind: OnceCell<Option<ValueKind>>,
    half: OnceCell<Option<Half>>,
    speaks: OnceCell<bool>,
    carries: OnceCell<bool>,
    clock: OnceCell<Option<usize>>,
    /// How often the memo was asked for a member here, and how often it knew it.
    asked: Cell<u16>,
    known: Cell<u16>,
    /// Whether it knew the last one.
    knew: Cell<bool>,
}

impl Meaning {
    /// What the field is for.
    pub(crate) fn role(&self, path: Path<'_>) -> Role {
        *self.role.get_or_init(|| Role::at(path))
    }

    /// What is in it that only its name tells from any other text.
    pub(crate) fn kind(&self, path: Path<'_>) -> Option<ValueKind> {
        *self.kind.get_or_init(|| named::at(path))
    }

    /// How much it is trusted to say when; it stands in the outermost object.
    #[inline]
    pub(crate) fn clock(&self, path: Path<'_>) -> Option<usize> {
        *self.clock.get_or_init(|| rank(&path.last()))
    }

    /// Which half of a split URL it is.
    pub(crate) fn half(&self, path: Path<'_>) -> Option<Half> {
        *self.half.get_or_init(|| {
            let key = path.last();
            let mut pairs = SPLIT_URLS.iter().zip(0_usize..);
            pairs.find_map(|(names, pair)| {
                names.iter().position(|name| *name == key).map(|place| (pair, place))
            })
        })
    }

    /// Whether the last key and the value say all that this field does: a vague key says more under
    /// the one above it.
    pub(crate) fn speaks(&self, path: Path<'_>) -> bool {
        *self.speaks.get_or_init(|| {
            let key = path.last_spelled();
            !named::is_vague(named::parted(key).1) && !key.contains('\\')
        })
    }

    /// Whether nothing beside it matters either: one half of a split URL means more together with
    /// the other.
    pub(crate) fn stands_alone(&self, path: Path<'_>) -> bool {
        self.half(path).is_none() && self.speaks(path)
    }

    /// Whether it carries whole lines of other forms.
    pub(crate) fn carries(&self, path: Path<'_>) -> bool {
        *self.carries.get_or_init(|| carries(path.last_spelled()))
    }

    /// Whether the memo is worth asking: the values of many fields never come twice.
    pub(crate) const fn repeats(&self) -> bool {
        self.asked.get() < MEMO_ASKED_FIRST || self.known.get() >= MEMO_KNOWN_MIN
    }

    /// Whether the memo knew the last member and nearly all before: a few values come again and again.
    pub(crate) const fn has_few(&self) -> bool {
        self.knew.get() && self.known.get() >= MEMO_KNOWN_FEW
    }

    /// The memo was asked.
    pub(crate) fn asked(&self, known: bool) {
        self.knew.set(known);
        if self.asked.get() < MEMO_ASKED_FIRST {
            self.asked.set(self.asked.get() + 1);
            self.known.set(self.known.get() + u16::from(known));
        }
    }
}
