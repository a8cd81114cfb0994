//! Every key of `entente.toml` in one table: its name, what it means, what it may be, how it is read
//! and shown. It reads no file.

use super::quantity::{duration, print_duration, print_size, size};
use crate::settings::{LogForm, Settings, SightingsTo};
use detect::observable::normal;
use model::facts::ValueKind;
use model::limits::{RECALL_OVERDUE_SECONDS_MAX, RECALL_OVERDUE_SECONDS_MIN};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;
use toml::de::DeValue;

/// One key.
#[derive(Debug)]
pub(crate) struct Key {
    /// With its table: `http.listen`.
    pub(crate) name: &'static str,
    /// What it means, for the file that `init` writes.
    pub(crate) says: &'static str,
    /// What it may be, for whoever wrote something else.
    pub(crate) allowed: &'static str,
    /// A value in TOML: the default where there is one.
    pub(crate) example: &'static str,
    /// Takes the value over, if it is one that is allowed.
    pub(super) read: fn(&DeValue<'_>, &mut Settings) -> Option<()>,
    /// The value, with secrets left out; null when nothing is set.
    pub(crate) show: fn(&Settings) -> Value,
}

const ADDRESS: &str = "an address and port in quotes, such as \"127.0.0.1:8440\"";
const FILE: &str = "the path of a PEM file in quotes";
const SIZE: &str = "a size in quotes, such as \"512MiB\"";
const DAYS: &str = "a whole number of days above 0";
const TRUTH: &str = "true or false";
const NUMBER: &str = "a whole number above 0";

/// All keys, in the order of the file.
pub(crate) const KEYS: &[Key] = &[
    Key {
        name: "http.listen",
        says: "For people and tools. Beyond loopback a certificate or trusted_proxies is needed.",
        allowed: ADDRESS,
        example: "\"127.0.0.1:8440\"",
        read: |v, s| put(&mut s.http.listen, Some(v.as_str()?.parse().ok()?)),
        show: |s| json!(s.http.listen.unwrap_or(crate::settings::HTTP_LISTEN)),
    },
    Key {
        name: "http.certificate",
        says: "The chain of certificates: with it, HTTP is TLS. Read again when it changes.",
        allowed: FILE,
        example: "\"/etc/entente/http.pem\"",
        read: |v, s| put(&mut s.http.certificate, Some(path(v)?)),
        show: |s| json!(s.http.certificate),
    },
    Key {
        name: "http.key",
        says: "The certificate's key.",
        allowed: FILE,
        example: "\"/etc/entente/http.key\"",
        read: |v, s| put(&mut s.http.key, Some(path(v)?)),
        show: |s| json!(s.http.key),
    },
    Key {
        name: "http.trusted_proxies",
        says: "Reverse proxies that end TLS: plain HTTP beyond loopback is served to them alone,\n\
               and only their X-Forwarded-For is believed.",
        allowed: "a list of IP addresses, such as [\"10.0.0.5\"]",
        example: "[]",
        read: |v, s| {
            let proxies = texts(v)?.iter().map(|text| text.parse().ok()).collect::<Option<_>>()?;
            put(&mut s.http.trusted_proxies, proxies)
        },
        show: |s| json!(s.http.trusted_proxies),
    },
    Key {
        name: "http.public_url",
        says: "How people and tools reach this node from elsewhere; told when it starts.",
        allowed: "an address in quotes that begins with https:// or http://",
        example: "\"https://intel.example.org/\"",
        read: |v, s| put(&mut s.http.public_url, Some(web_address(v.as_str()?)?)),
        show: |s| json!(s.http.public_url),
    },
    Key {
        name: "link.listen",
        says: "For partners: mutual TLS with the nodes' own keys.",
        allowed: ADDRESS,
        example: "\"127.0.0.1:8441\"",
        read: |v, s| put(&mut s.link.listen, Some(v.as_str()?.parse().ok()?)),
        show: |s| json!(s.link.listen.unwrap_or(crate::settings::LINK_LISTEN)),
    },
    Key {
        name: "link.public_address",
        says: "Where partners reach the link port, for the codes of invitations.",
        allowed: "host:port in quotes",
        example: "\"intel.example.org:8441\"",
        read: |v, s| put(&mut s.link.public_address, Some(host_and_port(v.as_str()?)?)),
        show: |s| json!(s.link.public_address),
    },
    Key {
        name: "network.proxy",
        says: "The proxy for sources and links, by CONNECT; a password in it is never shown.",
        allowed: "http://[USER:PASSWORD@]HOST:PORT in quotes",
        example: "\"http://proxy.example.org:3128\"",
        read: |v, s| {
            let text = v.as_str()?;
            text.parse::<crate::wire::Proxy>().ok()?;
            put(&mut s.network.proxy, Some(text.to_owned()))
        },
        show: |s| json!(s.network.proxy.as_ref().map(|text| without_password(text))),
    },
    Key {
        name: "network.no_proxy",
        says: "Hosts that are reached without it: names, or suffixes with a leading dot.",
        allowed: "a list of host names, such as [\"10.0.0.7\", \".example.org\"]",
        example: "[]",
        read: |v, s| put(&mut s.network.no_proxy, texts(v)?),
        show: |s| json!(s.network.no_proxy),
    },
    Key {
        name: "network.authorities",
        says: "Certificate authorities that are trusted for sources beside the built-in ones.",
        allowed: FILE,
        example: "\"/etc/entente/authorities.pem\"",
        read: |v, s| put(&mut s.network.authorities, Some(path(v)?)),
        show: |s| json!(s.network.authorities),
    },
    Key {
        name: "disk.bulk_stops_below",
        says: "Free space below which publishing, sources and backfill are refused.",
        allowed: SIZE,
        example: "\"512MiB\"",
        read: |v, s| put(&mut s.disk.bulk_stops_below, size(v.as_str()?)?),
        show: |s| json!(print_size(s.disk.bulk_stops_below)),
    },
    Key {
        name: "disk.all_stops_below",
        says: "Free space below which only recalls, withdrawals and revocations are tried.\n\
               Reading is never refused.",
        allowed: SIZE,
        example: "\"64MiB\"",
        read: |v, s| put(&mut s.disk.all_stops_below, size(v.as_str()?)?),
        show: |s| json!(print_size(s.disk.all_stops_below)),
    },
    Key {
        name: "retention.expired_indicators_days",
        says: "Bodies of indicators go so long after their valid_until. Unset: they stay.",
        allowed: DAYS,
        example: "365",
        read: |v, s| put(&mut s.retention.expired_indicators_days, Some(days(v)?)),
        show: |s| json!(s.retention.expired_indicators_days),
    },
    Key {
        name: "retention.sightings_days",
        says: "Sightings go so long after they were signed. Unset: they stay.",
        allowed: DAYS,
        example: "365",
        read: |v, s| put(&mut s.retention.sightings_days, Some(days(v)?)),
        show: |s| json!(s.retention.sightings_days),
    },
    Key {
        name: "retention.carried_days",
        says: "What tokens and sources brought goes so long after it came. Unset: it stays.",
        allowed: DAYS,
        example: "365",
        read: |v, s| put(&mut s.retention.carried_days, Some(days(v)?)),
        show: |s| json!(s.retention.carried_days),
    },
    Key {
        name: "retention.received_days",
        says: "What partners sent goes so long after it came. Unset: it stays.",
        allowed: DAYS,
        example: "365",
        read: |v, s| put(&mut s.retention.received_days, Some(days(v)?)),
        show: |s| json!(s.retention.received_days),
    },
    Key {
        name: "quota.records_per_hour",
        says: "What one partner may send, unless its card says otherwise.",
        allowed: NUMBER,
        example: "5000000",
        read: |v, s| put(&mut s.quota.records_per_hour, number(v)?),
        show: |s| json!(s.quota.records_per_hour),
    },
    Key {
        name: "quota.bytes_per_hour",
        says: "The same in bytes.",
        allowed: SIZE,
        example: "\"8GiB\"",
        read: |v, s| put(&mut s.quota.bytes_per_hour, size(v.as_str()?)?),
        show: |s| json!(print_size(s.quota.bytes_per_hour)),
    },
    Key {
        name: "quota.records_held",
        says: "Records of one partner that are held at once.",
        allowed: NUMBER,
        example: "20000000",
        read: |v, s| put(&mut s.quota.records_held, number(v)?),
        show: |s| json!(s.quota.records_held),
    },
    Key {
        name: "backup.remind_after",
        says: "`entente doctor` complains when the last backup is older.",
        allowed: "a duration in quotes, such as \"7d\" or \"36h\"",
        example: "\"7d\"",
        read: |v, s| put(&mut s.backup.remind_after, duration(v.as_str()?)?),
        show: |s| json!(print_duration(s.backup.remind_after)),
    },
    Key {
        name: "recall.overdue_after",
        says: "A recall that a partner has not obeyed by then is overdue.",
        allowed: "a duration in quotes from \"5m\" to \"7d\"",
        example: "\"1h\"",
        read: |v, s| put(&mut s.recall.overdue_after, grace(duration(v.as_str()?)?)?),
        show: |s| json!(print_duration(s.recall.overdue_after)),
    },
    Key {
        name: "telemetry.syslog_udp",
        says: "Takes syslog by UDP; what is lost on the way is lost.",
        allowed: ADDRESS,
        example: "\"127.0.0.1:6514\"",
        read: |v, s| put(&mut s.telemetry.syslog_udp, Some(v.as_str()?.parse().ok()?)),
        show: |s| json!(s.telemetry.syslog_udp),
    },
    Key {
        name: "telemetry.syslog_tcp",
        says: "Takes syslog by TCP.",
        allowed: ADDRESS,
        example: "\"127.0.0.1:6514\"",
        read: |v, s| put(&mut s.telemetry.syslog_tcp, Some(v.as_str()?.parse().ok()?)),
        show: |s| json!(s.telemetry.syslog_tcp),
    },
    Key {
        name: "telemetry.syslog_tls",
        says: "Takes syslog by TLS, with the certificate of HTTP.",
        allowed: ADDRESS,
        example: "\"127.0.0.1:6514\"",
        read: |v, s| put(&mut s.telemetry.syslog_tls, Some(v.as_str()?.parse().ok()?)),
        show: |s| json!(s.telemetry.syslog_tls),
    },
    Key {
        name: "telemetry.syslog_allow",
        says: "Who may send syslog from elsewhere; without it, loopback alone is heard.",
        allowed: "a list of addresses and prefixes, such as [\"10.0.0.0/8\"]",
        example: "[]",
        read: |v, s| {
            let all = texts(v)?.iter().map(|text| prefix(text)).collect::<Option<_>>()?;
            put(&mut s.telemetry.syslog_allow, all)
        },
        show: |s| json!(s.telemetry.syslog_allow),
    },
    Key {
        name: "lookback.keep",
        says: "Keeps what was seen, by day, so that new indicators are looked for in the past.",
        allowed: TRUTH,
        example: "true",
        read: |v, s| put(&mut s.lookback.keep, v.as_bool()?),
        show: |s| json!(s.lookback.keep),
    },
    Key {
        name: "lookback.days",
        says: "For how long.",
        allowed: DAYS,
        example: "30",
        read: |v, s| put(&mut s.lookback.days, days(v)?),
        show: |s| json!(s.lookback.days),
    },
    Key {
        name: "lookback.bytes_max",
        says: "The oldest days go first beyond this.",
        allowed: SIZE,
        example: "\"10GiB\"",
        read: |v, s| put(&mut s.lookback.bytes_max, size(v.as_str()?)?),
        show: |s| json!(print_size(s.lookback.bytes_max)),
    },
    Key {
        name: "watch.min_confidence",
        says: "An indicator of which less is left is silent; confidence fades with age.",
        allowed: "a whole number from 0 to 100",
        example: "0",
        read: |v, s| put(&mut s.watch.min_confidence, percent(v)?),
        show: |s| json!(s.watch.min_confidence),
    },
    Key {
        name: "rules.unrouted",
        says: "Tries rules for unknown sources of logs on every event.",
        allowed: TRUTH,
        example: "false",
        read: |v, s| put(&mut s.rules.unrouted, v.as_bool()?),
        show: |s| json!(s.rules.unrouted),
    },
    Key {
        name: "sightings.to",
        says: "Who hears that this node saw an indicator: its signer, or its whole circle.",
        allowed: "\"signer\" or \"circle\"",
        example: "\"signer\"",
        read: |v, s| {
            s.sightings.to = match v.as_str()? {
                "signer" => SightingsTo::Signer,
                "circle" => SightingsTo::Circle,
                _ => return None,
            };
            Some(())
        },
        show: |s| json!(s.sightings.to.as_str()),
    },
    Key {
        name: "sightings.hide_source",
        says: "Leaves out of sightings who saw.",
        allowed: TRUTH,
        example: "false",
        read: |v, s| put(&mut s.sightings.hide_source, v.as_bool()?),
        show: |s| json!(s.sightings.hide_source),
    },
    Key {
        name: "matches.days",
        says: "For how long matches are kept at home, with their events.",
        allowed: DAYS,
        example: "30",
        read: |v, s| put(&mut s.matches.days, days(v)?),
        show: |s| json!(s.matches.days),
    },
    Key {
        name: "matches.bytes_max",
        says: "The oldest days go first beyond this.",
        allowed: SIZE,
        example: "\"1GiB\"",
        read: |v, s| put(&mut s.matches.bytes_max, size(v.as_str()?)?),
        show: |s| json!(print_size(s.matches.bytes_max)),
    },
    Key {
        name: "out.syslog",
        says: "A syslog server that is told of matches (RFC 5424): never of TLP:RED ones.",
        allowed: "udp://HOST:PORT, tcp://HOST:PORT or tls://HOST:PORT in quotes",
        example: "\"tls://siem.example.org:6514\"",
        read: |v, s| {
            let text = v.as_str()?;
            text.parse::<crate::out::Target>().ok()?;
            put(&mut s.out.syslog, Some(text.to_owned()))
        },
        show: |s| json!(s.out.syslog),
    },
    Key {
        name: "out.syslog_as",
        says: "In which words: ocsf, ecs, stix, json or cef, which has no place for the event.",
        allowed: "\"ocsf\", \"ecs\", \"stix\", \"json\" or \"cef\"",
        example: "\"ocsf\"",
        read: |v, s| put(&mut s.out.syslog_as, v.as_str()?.parse().ok()?),
        show: |s| json!(s.out.syslog_as.as_str()),
    },
    Key {
        name: "log.level",
        says: "error, warn, info, debug, trace, or one for a part: \"info,entente::wire=debug\".\n\
               The variable ENTENTE_LOG overrides it.",
        allowed: "a level in quotes: error, warn, info, debug or trace, or \"part=level\"",
        example: "\"info\"",
        read: |v, s| {
            let text = v.as_str()?;
            let level = crate::observe::is_filter(text).then(|| text.to_owned());
            put(&mut s.log.level, level?)
        },
        show: |s| json!(s.log.level),
    },
    Key {
        name: "log.form",
        says: "text for people, json for collectors.",
        allowed: "\"text\" or \"json\"",
        example: "\"text\"",
        read: |v, s| {
            s.log.form = match v.as_str()? {
                "text" => LogForm::Text,
                "json" => LogForm::Json,
                _ => return None,
            };
            Some(())
        },
        show: |s| match s.log.form {
            LogForm::Text => json!("text"),
            LogForm::Json => json!("json"),
        },
    },
];

fn put<T>(place: &mut T, value: T) -> Option<()> {
    *place = value;
    Some(())
}

fn texts(value: &DeValue<'_>) -> Option<Vec<String>> {
    let all = value.as_array()?.iter();
    all.map(|one| one.get_ref().as_str().map(str::to_owned)).collect()
}

fn path(value: &DeValue<'_>) -> Option<PathBuf> {
    value.as_str().filter(|text| !text.is_empty()).map(PathBuf::from)
}

fn number(value: &DeValue<'_>) -> Option<u64> {
    let written = value.as_integer()?;
    u64::from_str_radix(written.as_str(), written.radix()).ok().filter(|number| *number > 0)
}

fn percent(value: &DeValue<'_>) -> Option<u8> {
    let written = value.as_integer()?;
    u8::from_str_radix(written.as_str(), written.radix()).ok().filter(|number| *number <= 100)
}

fn prefix(text: &str) -> Option<String> {
    normal(ValueKind::Ipv4, text).map(|prefix| prefix.text)
}

fn grace(after: Duration) -> Option<Duration> {
    let seconds = i64::try_from(after.as_secs()).ok()?;
    (RECALL_OVERDUE_SECONDS_MIN..=RECALL_OVERDUE_SECONDS_MAX).contains(&seconds).then_some(after)
}

fn days(value: &DeValue<'_>) -> Option<u32> {
    number(value)?.try_into().ok()
}

fn web_address(text: &str) -> Option<String> {
    let address: http::Uri = text.parse().ok()?;
    let web = matches!(address.scheme_str(), Some("https" | "http"));
    (web && address.host().is_some_and(|host| !host.is_empty())).then(|| text.to_owned())
}

fn host_and_port(text: &str) -> Option<String> {
    crate::wire::is_address(text).then(|| text.to_owned())
}

/// A proxy's address as it may be shown.
pub(super) fn without_password(text: &str) -> String {
    match (text.split_once("://"), text.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://[hidden]@{host}"),
        _ => text.to_owned(),
    }
}
