//! One list, read from its file: every entry in the normal form of what it names, or skipped with
//! the reason. It answers nothing; `lists` does.

use super::attributes::Kinds;
use super::networks::Networks;
use super::texts::Pattern;
use crate::observable::{Prefix, domain_into, normal};
use model::facts::ValueKind;
use model::limits::{KNOWN_GOOD_ENTRIES_MAX, OBSERVABLE_BYTES_MAX};
use serde::Deserialize;

/// An entry that could not be read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Skipped {
    /// The entry as it stands there.
    pub entry: String,
    /// Why.
    pub why: &'static str,
}

/// A list that could not be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("E-GOOD-001: not a list of known-good values: {0}")]
pub struct ListError(pub String);

/// What a list does to the matches of what it names.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Effect {
    /// They are counted and not told.
    #[default]
    Silences,
    /// They are told; who publishes the value is warned. For what is good and misused all the same,
    /// such as the addresses of clouds.
    Flags,
    /// No such value is published, watched or exported here.
    Forbids,
}

/// One list.
#[derive(Clone, Debug)]
pub struct List {
    /// Its name.
    pub name: String,
    /// What it is of, in a sentence of its author's.
    pub about: String,
    /// What it does.
    pub effect: Effect,
    /// Below its names are names of strangers: those of dynamic DNS, and of sites that host others'.
    pub of_hosters: bool,
    pub(super) kinds: Kinds,
    /// Texts in normal form that are meant alone.
    pub(super) exact: Vec<Box<str>>,
    /// Names that are meant with all names below them.
    pub(super) names: Vec<Box<str>>,
    /// The names are meant wherever they stand in an address of the web, whatever its path.
    pub(super) whole_sites: bool,
    pub(super) parts: Vec<Box<str>>,
    pub(super) patterns: Vec<Pattern>,
    pub(super) networks: Networks,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    name: String,
    #[serde(default)]
    description: String,
    #[serde(rename = "type", default)]
    form: String,
    #[serde(default)]
    matching_attributes: Vec<String>,
    list: Vec<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Form {
    Text,
    Part,
    Name,
    Network,
    Pattern,
}

impl List {
    /// Reads a list in MISP's form.
    ///
    /// # Errors
    /// When it is none, or has more than `KNOWN_GOOD_ENTRIES_MAX` entries.
    pub fn read(json: &[u8]) -> Result<(Self, Vec<Skipped>), ListError> {
        let file: File =
            serde_json::from_slice(json).map_err(|error| ListError(error.to_string()))?;
        let form = match file.form.as_str() {
            // SPEC: MISP takes a list without a type for one of texts.
            "string" | "" => Form::Text,
            "substring" => Form::Part,
            "hostname" => Form::Name,
            "cidr" => Form::Network,
            "regex" => Form::Pattern,
            other => {
                let known = "string, substring, hostname, cidr or regex";
                return Err(ListError(format!("its type is `{other}`, not {known}")));
            }
        };
        if file.list.len() > KNOWN_GOOD_ENTRIES_MAX {
            return Err(ListError(format!("more than {KNOWN_GOOD_ENTRIES_MAX} entries")));
        }
        let mut list = Self::empty(&file.name, Kinds::of(&file.matching_attributes));
        list.about = file.description;
        list.whole_sites = form == Form::Part;
        let entries = file.list.iter().map(|entry| entry.trim());
        let entries = entries.filter(|entry| !entry.is_empty());
        let skipped = entries.filter_map(|entry| list.take(form, entry).err()).collect();
        list.networks.sort();
        Ok((list, skipped))
    }

    /// Makes a list of lines, each an address, a network, a name with all below it, or another
    /// value; `#` begins a comment.
    #[must_use]
    pub fn of_lines(name: &str, effect: Effect, text: &str) -> (Self, Vec<Skipped>) {
        let mut list = Self { effect, whole_sites: true, ..Self::empty(name, Kinds::of(&[])) };
        let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
        let entries = lines.filter(|line| !line.is_empty()).take(KNOWN_GOOD_ENTRIES_MAX);
        let taken = |entry: &str| {
            let named = list.take(Form::Name, entry);
            named.or_else(|_| list.take(Form::Text, entry)).err()
        };
        let skipped = entries.filter_map(taken).collect();
        list.networks.sort();
        (list, skipped)
    }

    fn empty(name: &str, kinds: Kinds) -> Self {
        Self {
            name: name.to_owned(),
            about: String::new(),
            effect: Effect::Silences,
            of_hosters: false,
            kinds,
            exact: Vec::new(),
            names: Vec::new(),
            whole_sites: false,
            parts: Vec::new(),
            patterns: Vec::new(),
            networks: Networks::default(),
        }
    }

    /// How many entries it has.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.exact.len()
            + self.names.len()
            + self.parts.len()
            + self.patterns.len()
            + self.networks.len()
    }

    /// Whether it has none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it speaks of anything that is looked for here: a list of telephone numbers does not.
    #[must_use]
    pub const fn applies(&self) -> bool {
        !self.kinds.is_empty()
    }

    fn take(&mut self, form: Form, entry: &str) -> Result<(), Skipped> {
        let skipped = |why| Skipped { entry: entry.to_owned(), why };
        if entry.len() > OBSERVABLE_BYTES_MAX {
            return Err(skipped("too long"));
        }
        // What is an address is one in lists of every form: bits are compared, never digits.
        let prefix = Prefix::parse(entry).filter(|_| form != Form::Pattern);
        if let Some(prefix) = prefix.filter(|prefix| self.speaks_of(*prefix)) {
            self.networks.push(prefix);
            return Ok(());
        }
        match form {
            // Their authors mean all names below it, as a name's own form has it.
            Form::Text if entry.starts_with(['.', '*']) => {
                self.take_name(entry).ok_or_else(|| skipped("no name of a host"))
            }
            Form::Text => self.take_text(entry).ok_or_else(|| skipped("no value of its kinds")),
            Form::Network => Err(skipped("no address and no network")),
            Form::Name => self.take_name(entry).ok_or_else(|| skipped("no name of a host")),
            Form::Part => {
                if self.take_name(entry).is_none() {
                    self.parts.push(entry.to_lowercase().into());
                }
                Ok(())
            }
            Form::Pattern => {
                self.patterns.push(Pattern::read(entry)?);
                Ok(())
            }
        }
    }

    /// Where it speaks of networks at all, it may be of addresses of web servers by number, too.
    fn speaks_of(&self, prefix: Prefix) -> bool {
        let kind = if prefix.network.is_ipv4() { ValueKind::Ipv4 } else { ValueKind::Ipv6 };
        self.kinds.has(kind) || self.kinds.has(ValueKind::Url) || self.kinds.is_empty()
    }

    /// A text may be a name and the address of that name's front page: both are meant.
    fn take_text(&mut self, entry: &str) -> Option<()> {
        let before = self.exact.len();
        if self.kinds.is_empty() {
            self.exact.push(entry.into());
        }
        for kind in self.kinds.iter() {
            let value = normal(kind, entry).filter(|value| value.kind == kind);
            let Some(value) = value else { continue };
            let known = self.exact.iter().skip(before).any(|text| **text == *value.text);
            if !known {
                self.exact.push(value.text.into());
            }
        }
        (self.exact.len() > before).then_some(())
    }

    fn take_name(&mut self, entry: &str) -> Option<()> {
        let mut name = String::new();
        let fits = domain_into(entry.trim_start_matches('.'), &mut name);
        fits.then(|| self.names.push(name.into()))
    }
}
