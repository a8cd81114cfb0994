//! Rules for Suricata over sets of values, and the sets. Every rule alerts: who drops by a set, does
//! so by a rule of his own.
//!
//! A set matches a whole name, so names below need rules of their own.

use super::form::Set;
use super::line::{About, Line, is_plain, lines, word};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::facts::ValueKind;
use model::limits::FEED_RULES_MAX;
use std::fmt::Write as _;

/// The number of the first rule; each set has ten.
const FIRST_SID: u32 = 9_000_000;
/// The number of the first rule for a single name or network.
const SINGLE_SID: u32 = 9_100_000;
/// Numbers for those.
const SINGLE_SIDS: u32 = 800_000;

/// Rules.
#[derive(Debug, Default)]
pub(super) struct Rules {
    singles: Vec<(Box<str>, bool)>,
    subdomains: bool,
    bytes: usize,
}

impl Rules {
    pub(super) fn new(subdomains: bool) -> Self {
        Self { subdomains, ..Self::default() }
    }

    /// A network is in no set, and stands in a rule of its own.
    pub(super) fn push(&mut self, line: &Line<'_>) {
        let network = matches!(line.kind, ValueKind::Ipv4 | ValueKind::Ipv6);
        let network = network && line.value.contains('/');
        let name = self.subdomains && line.kind == ValueKind::Domain && line.below;
        let letter =
            |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':' | b'/');
        if (network || name) && line.value.bytes().all(letter) {
            self.bytes += line.value.len() + RULE_BYTES;
            self.singles.push((line.value.into(), network));
        }
    }

    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn finish(mut self, about: &About<'_>) -> Vec<u8> {
        let circle = word(about.name);
        let mut out = format!(
            "# Indicators of the circle {circle}. Put the sets beside this file: suricata/KIND.lst\n\
             # A set matches whole names; with ?subdomains=1 at most {FEED_RULES_MAX} names and \
             networks get a rule\n# of their own. Sets are read again when the rules are.\n"
        );
        for set in Set::ALL {
            rules(&mut out, set, about, &circle);
        }
        self.singles.sort_unstable();
        self.singles.dedup();
        let mut taken = std::collections::BTreeSet::new();
        for (value, network) in self.singles.iter().take(FEED_RULES_MAX) {
            let sid = sid(value, &mut taken);
            let tail = format!("sid:{sid}; rev:1;");
            let rule = if *network {
                format!(
                    "alert ip any any <> [{value}] any (msg:\"Entente {circle}: network\"; {tail})"
                )
            } else {
                format!(
                    "alert dns any any -> any any (msg:\"Entente {circle}: name below\"; dns.query; \
                     dotprefix; content:\".{value}\"; nocase; endswith; {tail})"
                )
            };
            writeln!(out, "{rule}").ok();
        }
        out.into_bytes()
    }
}

/// Bytes of a rule beside its value, about.
const RULE_BYTES: usize = 160;

/// A number that a value keeps, whatever else comes or goes, as long as no other has the same.
fn sid(value: &str, taken: &mut std::collections::BTreeSet<u32>) -> u32 {
    let digest = model::seal::sha256(&[value.as_bytes()]);
    let head = digest.as_bytes().first_chunk::<4>().copied().unwrap_or_default();
    let mut place = u32::from_le_bytes(head) % SINGLE_SIDS;
    while !taken.insert(place) {
        place = (place + 1) % SINGLE_SIDS;
    }
    SINGLE_SID + place
}

/// The rules over one set.
fn rules(out: &mut String, set: Set, about: &About<'_>, circle: &str) {
    let name = set.name();
    let short = about.circle.as_fields().0;
    let place = Set::ALL.iter().position(|known| *known == set).unwrap_or(0);
    let first = FIRST_SID + u32::try_from(place).unwrap_or(0) * 10;
    let dataset = |kind: &str| {
        format!("dataset:isset,entente-{short:08x}-{name},type {kind},load suricata/{name}.lst;")
    };
    let string = dataset("string");
    let lines: &[(&str, String)] = &match set {
        Set::Domain => [
            ("dns", format!("dns.query; to_lowercase; {string}")),
            ("tls", format!("tls.sni; to_lowercase; {string}")),
            ("http", format!("http.host; {string}")),
        ]
        .to_vec(),
        Set::Ip => [
            ("ip", format!("ip.src; {}", dataset("ip"))),
            ("ip", format!("ip.dst; {}", dataset("ip"))),
        ]
        .to_vec(),
        Set::Md5 | Set::Sha1 | Set::Sha256 => {
            let list = format!("file{name}:suricata/{name}.lst;");
            ["http", "smtp", "smb"].map(|protocol| (protocol, list.clone())).to_vec()
        }
        Set::Ja3 => [("tls", format!("ja3.hash; {string}"))].to_vec(),
        Set::UserAgent => [("http", format!("http.user_agent; {string}"))].to_vec(),
    };
    for (sid, (protocol, test)) in (first..).zip(lines) {
        writeln!(
            out,
            "alert {protocol} any any -> any any (msg:\"Entente {circle}: {name}\"; {test} \
             sid:{sid}; rev:1;)"
        )
        .ok();
    }
}

/// One set: texts in base64, digests and addresses as they are.
#[derive(Debug)]
pub(super) struct Values {
    set: Set,
    values: Vec<Box<str>>,
    bytes: usize,
}

impl Values {
    pub(super) const fn new(set: Set) -> Self {
        Self { set, values: Vec::new(), bytes: 0 }
    }

    pub(super) fn push(&mut self, line: &Line<'_>) {
        let address = self.set == Set::Ip;
        if !is_plain(line.value) || (address && line.value.contains('/')) {
            return;
        }
        let value: Box<str> = match self.set {
            Set::Domain | Set::Ja3 | Set::UserAgent => STANDARD.encode(line.value).into(),
            Set::Ip | Set::Md5 | Set::Sha1 | Set::Sha256 => Box::from(line.value),
        };
        self.bytes += value.len() + 1;
        self.values.push(value);
    }

    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn finish(self) -> Vec<u8> {
        lines(self.values, self.bytes)
    }
}
