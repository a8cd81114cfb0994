//! One value as people write it: refanged, its type read from a word beside it or guessed. Its
//! normal form for matching is `detect`'s matter.

use model::facts::ValueKind;
use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A value with its type.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Found {
    pub(super) kind: ValueKind,
    pub(super) value: String,
    /// What the list said and the value doesn't: a port.
    pub(super) note: Option<String>,
}

/// What a word such as `domain` or `sha256_hash` asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Wanted {
    Domain,
    Url,
    /// Anything that can be guessed: addresses, hashes by their length.
    Guess,
    /// The text as it is.
    Plain(ValueKind),
}

/// The type that a word names, as lists and exports of other programs spell it.
pub(super) fn wanted(word: &str) -> Option<Wanted> {
    if word.len() > 40 {
        return None;
    }
    let word = word.to_ascii_lowercase().replace(['_', ' ', '|'], "-");
    Some(match word.as_str() {
        "domain" | "domain-name" | "domains" | "hostname" | "host" | "fqdn"
        | "domain-name:value" => Wanted::Domain,
        "url" | "uri" | "urls" | "link" | "url:value" => Wanted::Url,
        "ip" | "ipv4" | "ipv6" | "ip4" | "ip6" | "ipv4-addr" | "ipv6-addr" | "ip-address"
        | "ip-src" | "ip-dst" | "ip:port" | "ip-dst-port" | "ip-src-port" | "cidr" | "netblock"
        | "ipv4-addr:value" | "ipv6-addr:value" | "email" | "email-addr" | "email-src"
        | "email-dst" | "email-address" | "md5" | "md5-hash" | "sha1" | "sha-1" | "sha1-hash"
        | "sha256" | "sha-256" | "sha256-hash" | "sha512" | "sha-512" | "sha512-hash" | "hash"
        | "file-hash" | "filehash" | "filehash-md5" | "filehash-sha1" | "filehash-sha256"
        | "cve" | "vulnerability" => Wanted::Guess,
        "filename" | "file-name" => Wanted::Plain(ValueKind::FileName),
        "mutex" => Wanted::Plain(ValueKind::Mutex),
        "regkey" | "registry-key" | "windows-registry-key" => Wanted::Plain(ValueKind::RegistryKey),
        "asn" | "as" | "autonomous-system" => Wanted::Plain(ValueKind::Asn),
        "mac" | "mac-addr" | "mac-address" => Wanted::Plain(ValueKind::Mac),
        _ => return None,
    })
}

/// Reads a value whose type is named.
pub(super) fn typed(wanted: Wanted, text: &str) -> Option<Found> {
    match wanted {
        Wanted::Domain => domain(&refang(text)).or_else(|| guess(text)),
        Wanted::Url => url(&refang(text)),
        Wanted::Guess => guess(text),
        Wanted::Plain(ValueKind::Asn) => {
            let number = text.trim_start_matches(|c: char| c.is_ascii_alphabetic());
            number.parse::<u32>().ok().map(|n| found(ValueKind::Asn, n.to_string()))
        }
        Wanted::Plain(kind) => (!text.is_empty()).then(|| found(kind, text.to_owned())),
    }
}

/// Reads a value by its looks.
pub(super) fn guess(text: &str) -> Option<Found> {
    let text = &*refang(text);
    if text.contains("://") {
        return url(text);
    }
    hash(text)
        .or_else(|| address(text))
        .or_else(|| email(text))
        .or_else(|| cve(text))
        .or_else(|| domain(text))
        .or_else(|| (text.contains('/') && !is_odd_prefix(text)).then(|| url(text)).flatten())
}

/// An address with a number behind a slash that is no prefix, such as `192.0.2.1/33`: a mistake
/// rather than a URL.
fn is_odd_prefix(text: &str) -> bool {
    text.split_once('/').is_some_and(|(host, bits)| {
        host.parse::<IpAddr>().is_ok() && bits.bytes().all(|b| b.is_ascii_digit())
    })
}

fn found(kind: ValueKind, value: impl Into<String>) -> Found {
    Found { kind, value: value.into(), note: None }
}

const DEFANGED: &[(&str, &str)] = &[
    ("[.]", "."),
    ("(.)", "."),
    ("{.}", "."),
    ("[dot]", "."),
    ("(dot)", "."),
    ("[://]", "://"),
    ("[:]", ":"),
    ("[/]", "/"),
    ("[at]", "@"),
    ("(at)", "@"),
    ("[@]", "@"),
];

/// Takes out what keeps people from clicking: `hxxp`, `[.]` and the like.
pub(super) fn refang(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text.trim());
    if text.contains(['[', '(', '{']) {
        for (defanged, plain) in DEFANGED {
            if text.contains(defanged) {
                text = Cow::Owned(text.replace(defanged, plain));
            }
        }
    }
    // Only a scheme is defanged so: there are real names that begin with these letters.
    match text.split_at_checked(4) {
        Some((scheme, rest))
            if scheme.eq_ignore_ascii_case("hxxp")
                && rest.trim_start_matches(['s', 'S']).starts_with("://") =>
        {
            Cow::Owned(format!("http{rest}"))
        }
        _ => text,
    }
}

fn hash(text: &str) -> Option<Found> {
    let kind = match text.len() {
        32 => ValueKind::Md5,
        40 => ValueKind::Sha1,
        64 => ValueKind::Sha256,
        128 => ValueKind::Sha512,
        _ => return None,
    };
    let hex = text.bytes().all(|b| b.is_ascii_hexdigit());
    hex.then(|| found(kind, text.to_ascii_lowercase()))
}

/// An address, a prefix, or an address with a port.
fn address(text: &str) -> Option<Found> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(match address {
            IpAddr::V4(v4) => found(ValueKind::Ipv4, v4.to_string()),
            IpAddr::V6(v6) => found(ValueKind::Ipv6, v6.to_string()),
        });
    }
    if let Some((address, bits)) = text.split_once('/') {
        let bits: u8 = bits.parse().ok()?;
        return match address.parse().ok()? {
            IpAddr::V4(v4) if bits <= 32 => Some(found(ValueKind::Ipv4, format!("{v4}/{bits}"))),
            IpAddr::V6(v6) if bits <= 128 => Some(found(ValueKind::Ipv6, format!("{v6}/{bits}"))),
            IpAddr::V4(_) | IpAddr::V6(_) => None,
        };
    }
    let (host, port) = text.rsplit_once(':')?;
    port.parse::<u16>().ok()?;
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let mut found = match bare {
        Some(v6) => found(ValueKind::Ipv6, v6.parse::<Ipv6Addr>().ok()?.to_string()),
        None => found(ValueKind::Ipv4, host.parse::<Ipv4Addr>().ok()?.to_string()),
    };
    found.note = Some(format!("listed with port {port}"));
    Some(found)
}

fn email(text: &str) -> Option<Found> {
    let (local, host) = text.split_once('@')?;
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '/' | '<' | '>');
    let fits = !local.is_empty() && local.chars().all(plain) && is_domain(host);
    fits.then(|| found(ValueKind::Email, format!("{local}@{}", host.to_lowercase())))
}

fn cve(text: &str) -> Option<Found> {
    let upper = text.to_ascii_uppercase();
    let (year, number) = upper.strip_prefix("CVE-")?.split_once('-')?;
    let digits = |t: &str| t.len() >= 4 && t.bytes().all(|b| b.is_ascii_digit());
    (digits(year) && digits(number)).then_some(found(ValueKind::Cve, upper))
}

/// A domain name, also with a port.
fn domain(text: &str) -> Option<Found> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host, Some(port.parse::<u16>().ok()?)),
        None => (text, None),
    };
    let host = host.strip_suffix('.').unwrap_or(host);
    is_domain(host).then(|| Found {
        kind: ValueKind::Domain,
        value: host.to_lowercase(),
        note: port.map(|port| format!("listed with port {port}")),
    })
}

/// At least two labels of letters, digits, hyphens and underscores (names in the wild have them),
/// the last one not a number.
fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        !label.is_empty() && label.len() <= 63 && label.chars().all(plain)
    };
    text.len() <= 253
        && text.rsplit_once('.').is_some_and(|(_, last)| !last.bytes().all(|b| b.is_ascii_digit()))
        && text.split('.').all(label)
}

/// A URL, also without its scheme.
fn url(text: &str) -> Option<Found> {
    if text.is_empty() || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return None;
    }
    let rest = match text.split_once("://") {
        Some((scheme, rest)) => {
            let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
            let starts = scheme.bytes().next().is_some_and(|b| b.is_ascii_alphabetic());
            (starts && scheme.bytes().all(plain)).then_some(rest)?
        }
        None => {
            let host = text.split(['/', '?', '#']).next().unwrap_or_default();
            (domain(host).is_some() || address(host).is_some()).then_some(text)?
        }
    };
    let hostless = rest.starts_with(['/', '?', '#']) || rest.is_empty();
    (!hostless).then(|| found(ValueKind::Url, text))
}
