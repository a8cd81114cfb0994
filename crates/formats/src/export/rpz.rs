//! A zone of response policies, as resolvers load it. It names no server: its origin is whatever
//! zone it is loaded as.

use super::form::Action;
use super::line::{About, Line};
use model::facts::ValueKind;
use std::fmt::Write as _;
use std::net::IpAddr;

/// Bytes of a name that leave room for an origin: 253 in all.
const NAME_BYTES_MAX: usize = 189;
/// How long resolvers keep an answer, in seconds: what is recalled shall be forgotten soon.
const TTL_SECONDS: u32 = 60;

#[derive(Debug, Default)]
pub(super) struct Rpz {
    owners: Vec<(Box<str>, bool)>,
    bytes: usize,
}

impl Rpz {
    pub(super) fn push(&mut self, line: &Line<'_>) {
        let owner = if line.kind == ValueKind::Domain {
            name(line.value)
        } else {
            let is_address = matches!(line.kind, ValueKind::Ipv4 | ValueKind::Ipv6);
            is_address.then(|| address(line.value)).flatten()
        };
        if let Some(owner) = owner {
            self.bytes += 2 * owner.len() + ROW_BYTES;
            self.owners.push((owner, line.kind == ValueKind::Domain && line.below));
        }
    }

    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn finish(mut self, about: &About<'_>, action: &Action) -> Vec<u8> {
        self.owners.sort_unstable();
        self.owners.dedup();
        let target = match action {
            Action::NxDomain => ".".to_owned(),
            Action::NoData => "*.".to_owned(),
            Action::PassThru => "rpz-passthru.".to_owned(),
            Action::Walled(host) => format!("{host}."),
        };
        let mut out = String::with_capacity(self.bytes + 256);
        let serial = about.serial;
        writeln!(out, "$TTL {TTL_SECONDS}").ok();
        writeln!(out, "@ SOA localhost. nobody.localhost. {serial} 60 60 604800 60").ok();
        writeln!(out, "@ NS localhost.").ok();
        for (owner, below) in &self.owners {
            writeln!(out, "{owner} CNAME {target}").ok();
            if *below {
                writeln!(out, "*.{owner} CNAME {target}").ok();
            }
        }
        out.into_bytes()
    }
}

/// The same zone under another number. Its number is not part of what it says, so that it can be
/// asked whether it says something new.
#[must_use]
pub fn with_serial(zone: Vec<u8>, serial: u32) -> Vec<u8> {
    let head = format!("$TTL {TTL_SECONDS}\n@ SOA localhost. nobody.localhost. ");
    let Some(rest) = zone.strip_prefix(head.as_bytes()) else { return zone };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = rest.get(digits..).unwrap_or_default();
    [head.as_bytes(), serial.to_string().as_bytes(), rest].concat()
}

/// Bytes of two rows beside their names, about.
const ROW_BYTES: usize = 32;

/// A name of letters, digits, hyphens and underscores: nothing that a zone reads otherwise.
fn name(value: &str) -> Option<Box<str>> {
    let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
    let label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(letter);
    let fits = value.len() <= NAME_BYTES_MAX && value.split('.').all(label);
    // What looks like one of a zone's own triggers or actions is no name.
    let own = value.rsplit('.').next().is_some_and(|last| last.starts_with("rpz-"));
    (fits && !own).then(|| value.into())
}

/// The length, and the parts of the address from its end: `24.0.2.0.192.rpz-ip`.
fn address(value: &str) -> Option<Box<str>> {
    let (network, length) = match value.split_once('/') {
        Some((network, length)) => (network, Some(length.parse::<u8>().ok()?)),
        None => (value, None),
    };
    let (parts, whole, text) = match network.parse::<IpAddr>().ok()? {
        IpAddr::V4(address) => ('.', 32, address.to_string()),
        // The longest run of zeros is written `zz`.
        IpAddr::V6(address) => (':', 128, address.to_string().replace("::", ":zz:")),
    };
    let length = length.unwrap_or(whole);
    let turned: Vec<&str> = text.trim_matches(':').rsplit(parts).collect();
    (length <= whole).then(|| format!("{length}.{}.rpz-ip", turned.join(".")).into())
}
