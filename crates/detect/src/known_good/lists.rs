//! All lists of a node, asked at once. They know neither circles nor people: whether an answer
//! silences anything is decided where matches are judged.

use super::list::{Effect, List};
use super::texts::stands_in;
use crate::observable::{Observable, Prefix};
use model::facts::ValueKind;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Why a value is known to be good.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Because<'l> {
    /// The list.
    pub list: &'l str,
    /// Its entry.
    pub entry: String,
    /// What the list does.
    pub effect: Effect,
}

/// The places of the lists that have one text; most texts stand in one.
#[derive(Clone, Debug)]
enum Places {
    One(u16),
    Many(Vec<u16>),
}

impl Places {
    fn as_slice(&self) -> &[u16] {
        match self {
            Self::One(place) => std::slice::from_ref(place),
            Self::Many(places) => places,
        }
    }

    fn push(&mut self, place: u16) {
        match self {
            Self::One(first) if *first == place => {}
            Self::One(first) => *self = Self::Many(vec![*first, place]),
            Self::Many(places) if places.last() == Some(&place) => {}
            Self::Many(places) => places.push(place),
        }
    }
}

type Texts = HashMap<Box<str>, Places>;

/// All lists of a node.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    lists: Vec<List>,
    sizes: Vec<usize>,
    exact: Texts,
    names: Texts,
    zones: Arc<HashSet<Box<str>>>,
}

/// How much of a value a list must speak of.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Reach {
    /// All of it.
    Whole,
    /// Some of it: a network inside the value, or the host of an address of the web.
    Part,
}

impl Lists {
    /// Puts lists together; those beyond the first 65,535 are left out.
    #[must_use]
    pub fn new(mut lists: Vec<List>) -> Self {
        lists.truncate(usize::from(u16::MAX));
        let sizes = lists.iter().map(List::len).collect();
        let (mut exact, mut names, mut zones) = (Texts::new(), Texts::new(), HashSet::new());
        for (place, list) in (0..u16::MAX).zip(&mut lists) {
            if list.of_hosters {
                zones.extend(list.names.iter().cloned());
            }
            for (texts, into) in [(&mut list.exact, &mut exact), (&mut list.names, &mut names)] {
                for text in std::mem::take(texts) {
                    let places = into.entry(text).or_insert(Places::One(place));
                    places.push(place);
                }
            }
        }
        Self { lists, sizes, exact, names, zones: Arc::new(zones) }
    }

    /// How many lists there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.lists.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }

    /// The lists, each with its number of entries.
    pub fn iter(&self) -> impl Iterator<Item = (&List, usize)> {
        self.lists.iter().zip(self.sizes.iter().copied())
    }

    /// Why matches of a value are silenced, if they are: a list that silences speaks of all of it.
    #[must_use]
    pub fn silences(&self, value: &Observable) -> Option<Because<'_>> {
        self.first(value, Reach::Whole, |effect| effect == Effect::Silences)
    }

    /// Why a value may never be published, watched or exported, if so: some of it is this node's
    /// own.
    #[must_use]
    pub fn never(&self, value: &Observable) -> Option<Because<'_>> {
        self.first(value, Reach::Part, |effect| effect == Effect::Forbids)
    }

    /// Why a value is this node's own, all of it.
    #[must_use]
    pub fn owns(&self, value: &Observable) -> Option<Because<'_>> {
        self.first(value, Reach::Whole, |effect| effect == Effect::Forbids)
    }

    /// Why who publishes a value is warned, if so: a list speaks of some of it.
    #[must_use]
    pub fn flags(&self, value: &Observable) -> Option<Because<'_>> {
        let whole = self.first(value, Reach::Whole, |effect| effect != Effect::Forbids);
        whole.or_else(|| self.first(value, Reach::Part, |effect| effect != Effect::Forbids))
    }

    /// Every list that speaks of some of a value; the flag says whether of all of it.
    #[must_use]
    pub fn all(&self, value: &Observable) -> Vec<(Because<'_>, bool)> {
        let mut all: Vec<(Because<'_>, bool)> = Vec::new();
        for (reach, whole) in [(Reach::Whole, true), (Reach::Part, false)] {
            self.each(value, reach, &mut |because| {
                if !all.iter().any(|(known, _)| known.list == because.list) {
                    all.push((because, whole));
                }
                false
            });
        }
        all
    }

    /// Whether many strangers have names below this one.
    #[must_use]
    pub fn shares_hosts(&self, domain: &str) -> bool {
        self.zones.contains(domain)
    }

    /// The names below which strangers have names.
    #[must_use]
    pub fn zones(&self) -> Arc<HashSet<Box<str>>> {
        Arc::clone(&self.zones)
    }

    fn first(
        &self,
        value: &Observable,
        reach: Reach,
        wanted: impl Fn(Effect) -> bool,
    ) -> Option<Because<'_>> {
        let mut found = None;
        self.each(value, reach, &mut |because| {
            let fits = wanted(because.effect);
            if fits {
                found = Some(because);
            }
            fits
        });
        found
    }

    /// Hands each list that speaks of a value to `stop`, until that says so.
    fn each<'l>(
        &'l self,
        value: &Observable,
        reach: Reach,
        stop: &mut dyn FnMut(Because<'l>) -> bool,
    ) {
        let part = reach == Reach::Part;
        let host = Host::of(value);
        let mut tell = |list: &'l List, entry: String| {
            stop(Because { list: &list.name, entry, effect: list.effect })
        };
        let of = |place: &u16| self.lists.get(usize::from(*place));
        let exact = self.exact.get_key_value(value.text.as_str());
        for (entry, list) in exact.into_iter().flat_map(|(entry, places)| {
            places.as_slice().iter().filter_map(of).map(move |list| (entry, list))
        }) {
            if list.kinds.has(value.kind) && tell(list, entry.to_string()) {
                return;
            }
        }
        if let Some(Host::Name { name, bare }) = host {
            for entry in self.above(name) {
                let places = self.names.get_key_value(entry);
                for (entry, list) in places.into_iter().flat_map(|(entry, places)| {
                    places.as_slice().iter().filter_map(of).map(move |list| (entry, list))
                }) {
                    let whole = bare || list.whole_sites;
                    let meant = list.kinds.has(value.kind) || part && value.kind == ValueKind::Url;
                    if meant && (part || whole) && tell(list, entry.to_string()) {
                        return;
                    }
                }
            }
        }
        for list in &self.lists {
            let entry = list.rest(value, host, part);
            if entry.is_some_and(|entry| tell(list, entry)) {
                return;
            }
        }
    }

    /// A name and those above it that say something of it: nothing follows from a public suffix,
    /// nor from a name below which strangers have theirs.
    fn above<'n>(&self, name: &'n str) -> impl Iterator<Item = &'n str> + use<'n, '_> {
        let suffix = psl::suffix_str(name).map_or(0, str::len);
        let parents = std::iter::successors(Some(name), |name| Some(name.split_once('.')?.1));
        parents.enumerate().map_while(move |(up, name)| {
            let shared = up > 0 && (name.len() <= suffix || self.zones.contains(name));
            (!shared).then_some(name)
        })
    }
}

impl List {
    /// What is not looked up by its text: networks, parts and patterns.
    fn rest(&self, value: &Observable, host: Option<Host<'_>>, part: bool) -> Option<String> {
        let meant = self.kinds.has(value.kind);
        if let Some(Host::Network { prefix, bare }) = host {
            if part {
                let url = value.kind == ValueKind::Url;
                return self.networks.meeting(prefix).filter(|_| meant || url);
            }
            let around = meant.then(|| self.networks.around(prefix)).flatten();
            return around.filter(|_| bare || self.whole_sites);
        }
        if !meant {
            return None;
        }
        let parts = self.parts.iter().find(|part| stands_in(part, &value.text));
        let patterns = || self.patterns.iter().find_map(|one| one.is_in(&value.text));
        parts.map(|part| part.to_string()).or_else(|| patterns().map(str::to_owned))
    }
}

/// The host that a value names.
#[derive(Clone, Copy)]
enum Host<'v> {
    Name { name: &'v str, bare: bool },
    Network { prefix: Prefix, bare: bool },
}

impl<'v> Host<'v> {
    /// `bare` means that the value is the host alone, and not something that lies there.
    fn of(value: &'v Observable) -> Option<Self> {
        let text = value.text.as_str();
        if value.kind == ValueKind::Url {
            let (authority, path) = text.split_once('/').unwrap_or((text, ""));
            let bracketed = authority.strip_prefix('[').and_then(|rest| rest.split_once(']'));
            let host = bracketed.map_or_else(
                || authority.split_once(':').map_or(authority, |(host, _)| host),
                |(host, _)| host,
            );
            let bare = path.is_empty();
            let prefix = Prefix::parse(host);
            let name = Self::Name { name: host, bare };
            return Some(prefix.map_or(name, |prefix| Self::Network { prefix, bare }));
        }
        match value.kind {
            ValueKind::Domain => Some(Self::Name { name: text, bare: true }),
            ValueKind::Email => {
                text.split_once('@').map(|(_, name)| Self::Name { name, bare: true })
            }
            ValueKind::Ipv4 | ValueKind::Ipv6 => {
                Prefix::parse(text).map(|prefix| Self::Network { prefix, bare: true })
            }
            ValueKind::Url
            | ValueKind::Md5
            | ValueKind::Sha1
            | ValueKind::Sha256
            | ValueKind::Sha512
            | ValueKind::OtherHash
            | ValueKind::FileName
            | ValueKind::Mutex
            | ValueKind::RegistryKey
            | ValueKind::Asn
            | ValueKind::Mac
            | ValueKind::Cve
            | ValueKind::Account
            | ValueKind::UserAgent
            | ValueKind::CertSerial
            | ValueKind::Ja3
            | ValueKind::Ja4
            | ValueKind::FilePath => None,
        }
    }
}
