//! Which feeds there are, under which names, and what each may hold. It writes none.

use super::kind::kind_of;
use super::misp_feed::MispFile;
use super::sigma::SigmaFile;
use model::facts::ValueKind;
use model::label::Pap;

/// Names and addresses.
const NAMES: &[ValueKind] = &[ValueKind::Domain, ValueKind::Ipv4, ValueKind::Ipv6];
/// What every firewall understands.
const NETWORK: &[ValueKind] =
    &[ValueKind::Domain, ValueKind::Ipv4, ValueKind::Ipv6, ValueKind::Url];

/// A feed's form.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Form {
    /// One value a line.
    Blocklist,
    /// Everything that is known of a value, as a table.
    Csv,
    /// Suricata's rules over its sets.
    SuricataRules,
    /// One of Suricata's sets.
    SuricataSet(Set),
    /// Zeek's file of the intelligence framework.
    Zeek,
    /// A zone of response policies.
    Rpz,
    /// A list for Wazuh.
    Wazuh,
    /// The indicators themselves.
    Stix,
    /// One of the files that MISP pulls.
    Misp(MispFile),
    /// Sigma rules, together or one by one.
    Sigma(SigmaFile),
}

/// A set of values that Suricata looks up.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Set {
    /// Names.
    Domain,
    /// Addresses of both sorts.
    Ip,
    /// Digests of files.
    Md5,
    /// Digests of files.
    Sha1,
    /// Digests of files.
    Sha256,
    /// How TLS clients greet.
    Ja3,
    /// What HTTP clients say they are.
    UserAgent,
}

impl Set {
    /// All of them; a set's place is part of the numbers of its rules.
    pub const ALL: [Self; 7] =
        [Self::Domain, Self::Ip, Self::Md5, Self::Sha1, Self::Sha256, Self::Ja3, Self::UserAgent];

    /// What its file is called, without `.lst`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Domain => "domain",
            Self::Ip => "ip",
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Ja3 => "ja3",
            Self::UserAgent => "user-agent",
        }
    }

    /// What it holds.
    #[must_use]
    pub const fn kinds(self) -> &'static [ValueKind] {
        match self {
            Self::Domain => &[ValueKind::Domain],
            Self::Ip => &[ValueKind::Ipv4, ValueKind::Ipv6],
            Self::Md5 => &[ValueKind::Md5],
            Self::Sha1 => &[ValueKind::Sha1],
            Self::Sha256 => &[ValueKind::Sha256],
            Self::Ja3 => &[ValueKind::Ja3],
            Self::UserAgent => &[ValueKind::UserAgent],
        }
    }
}

/// What a zone says of a name that is on it.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub enum Action {
    /// There is no such name.
    #[default]
    NxDomain,
    /// It has no addresses.
    NoData,
    /// It is let through, and logged.
    PassThru,
    /// It leads to this host.
    Walled(String),
}

impl std::str::FromStr for Action {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text {
            "nxdomain" => return Ok(Self::NxDomain),
            "nodata" => return Ok(Self::NoData),
            "passthru" => return Ok(Self::PassThru),
            _ => {}
        }
        let letter = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        let label =
            |label: &str| !label.is_empty() && label.len() <= 63 && label.bytes().all(letter);
        match text.strip_prefix("walled:") {
            Some(host) if host.len() <= 253 && host.split('.').all(label) => {
                Ok(Self::Walled(host.to_ascii_lowercase()))
            }
            _ => Err("use nxdomain, nodata, passthru or walled:HOST"),
        }
    }
}

/// What a reader may choose of a form.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Options {
    /// What a zone says.
    pub action: Action,
    /// Suricata's rules name names below as well.
    pub subdomains: bool,
}

impl Form {
    /// The feed of this name, and the kinds that the name narrows it to; empty for all.
    #[must_use]
    pub fn named(name: &str) -> Option<(Self, Vec<ValueKind>)> {
        let form = match name {
            "blocklist.txt" => Self::Blocklist,
            "csv" => Self::Csv,
            "suricata.rules" => Self::SuricataRules,
            "intel.dat" => Self::Zeek,
            "rpz.zone" => Self::Rpz,
            "wazuh.cdb.txt" => Self::Wazuh,
            "stix.json" => Self::Stix,
            "misp/manifest.json" => Self::Misp(MispFile::Manifest),
            "misp/hashes.csv" => Self::Misp(MispFile::Hashes),
            _ => {
                if let Some(kind) = part(name, "blocklist/", ".txt") {
                    let kinds = kind_of(kind);
                    return (!kinds.is_empty()).then_some((Self::Blocklist, kinds));
                }
                if let Some(file) = SigmaFile::named(name) {
                    return Some((Self::Sigma(file), Vec::new()));
                }
                if let Some(event) = part(name, "misp/", ".json") {
                    let id: uuid::Uuid = event.parse().ok()?;
                    // One spelling alone is a name.
                    let form = Self::Misp(MispFile::Event(id));
                    return (id.to_string() == event).then_some((form, Vec::new()));
                }
                let set = part(name, "suricata/", ".lst")?;
                let set = Set::ALL.into_iter().find(|known| known.name() == set)?;
                return Some((Self::SuricataSet(set), Vec::new()));
            }
        };
        Some((form, Vec::new()))
    }

    /// The media type of its bytes.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Stix => "application/stix+json;version=2.1",
            Self::Misp(MispFile::Manifest | MispFile::Event(_)) | Self::Sigma(SigmaFile::Index) => {
                "application/json"
            }
            Self::Misp(MispFile::Hashes) => "text/csv; charset=utf-8; header=absent",
            // SPEC: RFC 9512.
            Self::Sigma(SigmaFile::All | SigmaFile::One(..)) => "application/yaml",
            Self::Blocklist
            | Self::SuricataRules
            | Self::SuricataSet(_)
            | Self::Zeek
            | Self::Rpz
            | Self::Wazuh => "text/plain; charset=utf-8",
        }
    }

    /// Whether it is made to act upon what it names: such forms take nothing of PAP:AMBER or RED,
    /// nor what would strike far more than was meant.
    #[must_use]
    pub const fn acts(self) -> bool {
        match self {
            Self::Blocklist
            | Self::SuricataRules
            | Self::SuricataSet(_)
            | Self::Rpz
            | Self::Wazuh => true,
            Self::Csv | Self::Zeek | Self::Stix | Self::Misp(_) | Self::Sigma(_) => false,
        }
    }

    /// The strictest PAP that it takes.
    #[must_use]
    pub const fn pap_max(self) -> Pap {
        if self.acts() { Pap::Green } else { Pap::Red }
    }

    /// The kinds that it holds; `None` for all.
    #[must_use]
    pub const fn kinds(self) -> Option<&'static [ValueKind]> {
        match self {
            Self::Blocklist
            | Self::Csv
            | Self::Zeek
            | Self::Wazuh
            | Self::Stix
            | Self::Misp(_)
            | Self::Sigma(_) => None,
            Self::SuricataRules | Self::Rpz => Some(NAMES),
            Self::SuricataSet(set) => Some(set.kinds()),
        }
    }

    /// The kinds that it holds where nobody asks for any: what every firewall understands.
    #[must_use]
    pub const fn usual(self) -> Option<&'static [ValueKind]> {
        match self {
            Self::Blocklist => Some(NETWORK),
            Self::SuricataRules
            | Self::SuricataSet(_)
            | Self::Zeek
            | Self::Rpz
            | Self::Wazuh
            | Self::Stix
            | Self::Misp(_)
            | Self::Sigma(_)
            | Self::Csv => self.kinds(),
        }
    }

    /// Whether it is made of the bodies themselves.
    #[must_use]
    pub const fn of_bodies(self) -> bool {
        matches!(self, Self::Stix | Self::Sigma(_))
    }

    /// Whether it is made of rules alone.
    #[must_use]
    pub const fn of_rules(self) -> bool {
        matches!(self, Self::Sigma(_))
    }

    /// Whether it says what is left of an indicator's confidence.
    #[must_use]
    pub const fn weighs(self) -> bool {
        matches!(self, Self::Csv)
    }
}

/// What stands between a beginning and an end.
fn part<'n>(name: &'n str, begin: &str, end: &str) -> Option<&'n str> {
    name.strip_prefix(begin)?.strip_suffix(end)
}
