//! What an operator may set, with what holds when nothing is set. Plain values: `config` reads
//! them from the file, and nothing here reads anything.

use model::limits::{LABELS_BROUGHT_MAX, RECALL_OVERDUE_SECONDS};
use model::time::Instant;
use node::Wording;
use node::quota::Allowance;
use node::read::Grace;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// The whole of `entente.toml`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    /// For people and tools.
    pub(crate) http: Http,
    /// For partners.
    pub(crate) link: Link,
    /// The way out.
    pub(crate) network: Network,
    /// When the disk fills.
    pub(crate) disk: Disk,
    /// What goes, and when.
    pub(crate) retention: Retention,
    /// What one partner may cost, unless its card says otherwise.
    pub(crate) quota: Quota,
    /// When to be reminded of backups.
    pub(crate) backup: Backup,
    /// What is taken back.
    pub(crate) recall: Recall,
    /// Doors for telemetry beside HTTP.
    pub(crate) telemetry: Telemetry,
    /// What was seen, for looking back.
    pub(crate) lookback: Lookback,
    /// What alerts.
    pub(crate) watch: Watch,
    /// Rules that no single value proves.
    pub(crate) rules: Rules,
    /// Who hears of what this node sees.
    pub(crate) sightings: Sightings,
    /// Matches, at home.
    pub(crate) matches: MatchesKept,
    /// Who is told of matches.
    pub(crate) out: Out,
    /// What is written down about the running.
    pub(crate) log: Log,
}

/// `[http]`
#[derive(Clone, Debug, Default)]
pub(crate) struct Http {
    /// `listen`; 127.0.0.1:8440 when neither file nor flag says.
    pub(crate) listen: Option<SocketAddr>,
    /// `certificate`: PEM chain; with it HTTP is TLS on every address.
    pub(crate) certificate: Option<PathBuf>,
    /// `key`: PEM, of that certificate.
    pub(crate) key: Option<PathBuf>,
    /// `trusted_proxies`: reverse proxies that end TLS; plain HTTP beyond loopback is served to
    /// these addresses alone, and only their `X-Forwarded-For` is believed.
    pub(crate) trusted_proxies: Vec<IpAddr>,
    /// `public_url`: how people and tools reach this node from elsewhere.
    pub(crate) public_url: Option<String>,
}

/// `[link]`
#[derive(Clone, Debug, Default)]
pub(crate) struct Link {
    /// `listen`; 127.0.0.1:8441 when neither file nor flag says.
    pub(crate) listen: Option<SocketAddr>,
    /// `public_address`: host:port under which partners reach the link port.
    pub(crate) public_address: Option<String>,
}

/// `[network]`
#[derive(Clone, Default)]
pub(crate) struct Network {
    /// `proxy`: `http://[user:password@]host:port`; sources and links go through it by CONNECT.
    pub(crate) proxy: Option<String>,
    /// `no_proxy`: host names and suffixes (`.example.org`) that are reached directly.
    pub(crate) no_proxy: Vec<String>,
    /// `authorities`: PEM file of certificate authorities trusted for sources, beside the built-in.
    pub(crate) authorities: Option<PathBuf>,
}

/// `[disk]`
#[derive(Clone, Debug)]
pub(crate) struct Disk {
    /// `bulk_stops_below`: free bytes below which publishing, sources and backfill are refused.
    pub(crate) bulk_stops_below: u64,
    /// `all_stops_below`: free bytes below which all is refused but recalls, withdrawals and revocations.
    pub(crate) all_stops_below: u64,
}

/// `[retention]`: ages in days; nothing set keeps everything.
#[derive(Clone, Debug, Default)]
pub(crate) struct Retention {
    /// `expired_indicators_days`: bodies of indicators, so long after their `valid_until`.
    pub(crate) expired_indicators_days: Option<u32>,
    /// `sightings_days`: sightings, so long after they were signed.
    pub(crate) sightings_days: Option<u32>,
    /// `carried_days`: what tokens and sources brought, so long after its intake.
    pub(crate) carried_days: Option<u32>,
    /// `received_days`: what partners sent, so long after it arrived.
    pub(crate) received_days: Option<u32>,
}

impl Retention {
    /// The rules, as the node follows them.
    pub(crate) const fn rules(&self) -> node::retention::Rules {
        node::retention::Rules {
            expired_indicators: self.expired_indicators_days,
            sightings: self.sightings_days,
            carried: self.carried_days,
            received: self.received_days,
        }
    }
}

/// `[quota]`: per partner; a partner's card overrides.
#[derive(Clone, Debug)]
pub(crate) struct Quota {
    /// `records_per_hour`
    pub(crate) records_per_hour: u64,
    /// `bytes_per_hour`
    pub(crate) bytes_per_hour: u64,
    /// `records_held`: records of one partner that are held at once.
    pub(crate) records_held: u64,
}

/// `[backup]`
#[derive(Clone, Debug)]
pub(crate) struct Backup {
    /// `remind_after`: the age of the last backup from which `doctor` complains.
    pub(crate) remind_after: Duration,
}

/// `[recall]`
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recall {
    /// `overdue_after`: what a partner has not obeyed by then is overdue.
    pub(crate) overdue_after: Duration,
}

impl Recall {
    /// The bound as of now.
    pub(crate) fn grace(self, now: Instant) -> Grace {
        let seconds = i64::try_from(self.overdue_after.as_secs()).unwrap_or(i64::MAX);
        Grace { now, seconds }
    }
}

/// `[telemetry]`: nothing set opens no door.
#[derive(Clone, Debug, Default)]
pub(crate) struct Telemetry {
    /// `syslog_udp`
    pub(crate) syslog_udp: Option<SocketAddr>,
    /// `syslog_tcp`
    pub(crate) syslog_tcp: Option<SocketAddr>,
    /// `syslog_tls`: with the certificate of HTTP.
    pub(crate) syslog_tls: Option<SocketAddr>,
    /// `syslog_allow`: addresses and prefixes in normal form that may send beyond loopback.
    pub(crate) syslog_allow: Vec<String>,
}

/// `[lookback]`
#[derive(Clone, Debug)]
pub(crate) struct Lookback {
    /// `keep`: whether what was seen is kept at all.
    pub(crate) keep: bool,
    /// `days`: for how long.
    pub(crate) days: u32,
    /// `bytes_max`: bytes beyond which the oldest days go first.
    pub(crate) bytes_max: u64,
}

/// `[watch]`
#[derive(Clone, Debug, Default)]
pub(crate) struct Watch {
    /// `min_confidence`: 0 to 100; what is left of an indicator's confidence, below which it is silent.
    pub(crate) min_confidence: u8,
}

/// `[rules]`
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    /// `unrouted`: whether a rule for an unknown source of logs is tried on every event.
    pub(crate) unrouted: bool,
}

/// `[sightings]`
#[derive(Clone, Debug, Default)]
pub(crate) struct Sightings {
    /// `to`: who hears of a sighting.
    pub(crate) to: SightingsTo,
    /// `hide_source`: whether a sighting leaves out who saw.
    pub(crate) hide_source: bool,
}

impl Sightings {
    /// As the node has it.
    pub(crate) fn width(&self) -> node::sighting::Width {
        let circle = self.to == SightingsTo::Circle;
        node::sighting::Width { circle, hidden: self.hide_source }
    }
}

/// Who hears of a sighting.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum SightingsTo {
    /// The signer of the indicator.
    #[default]
    Signer,
    /// The indicator's whole circle.
    Circle,
}

impl SightingsTo {
    /// `signer`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Signer => "signer",
            Self::Circle => "circle",
        }
    }
}

/// `[matches]`
#[derive(Clone, Debug)]
pub(crate) struct MatchesKept {
    /// `days`: for how long matches are kept at home.
    pub(crate) days: u32,
    /// `bytes_max`: bytes beyond which the oldest days go first.
    pub(crate) bytes_max: u64,
}

/// `[out]`: beside the webhooks, which are no settings.
#[derive(Clone, Debug)]
pub(crate) struct Out {
    /// `syslog`: `udp://`, `tcp://` or `tls://`, and host and port.
    pub(crate) syslog: Option<String>,
    /// `syslog_as`: in which words.
    pub(crate) syslog_as: Wording,
}

/// `[log]`
#[derive(Clone, Debug)]
pub(crate) struct Log {
    /// `level`: a filter such as `info` or `entente=debug`; `ENTENTE_LOG` overrides it.
    pub(crate) level: String,
    /// `form`: text for people, or JSON for collectors.
    pub(crate) form: LogForm,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum LogForm {
    /// For people.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}

/// Where HTTP listens when nobody says.
pub(crate) const HTTP_LISTEN: SocketAddr = SocketAddr::new(LOOPBACK, 8440);
/// Where the link listens when nobody says.
pub(crate) const LINK_LISTEN: SocketAddr = SocketAddr::new(LOOPBACK, 8441);
const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

impl std::fmt::Debug for Network {
    /// Without the proxy, which may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Network").field("no_proxy", &self.no_proxy).finish_non_exhaustive()
    }
}

impl Default for Backup {
    /// A week: what is lost at most when the machine is.
    fn default() -> Self {
        Self { remind_after: Duration::from_secs(7 * 86_400) }
    }
}

impl Default for Recall {
    fn default() -> Self {
        Self { overdue_after: Duration::from_secs(RECALL_OVERDUE_SECONDS.unsigned_abs()) }
    }
}

impl Default for Lookback {
    /// A month, as far as it fits beside everything else.
    fn default() -> Self {
        Self { keep: true, days: 30, bytes_max: 10 << 30 }
    }
}

impl Default for MatchesKept {
    fn default() -> Self {
        Self { days: 30, bytes_max: 1 << 30 }
    }
}

impl Default for Out {
    fn default() -> Self {
        Self { syslog: None, syslog_as: Wording::Ocsf }
    }
}

impl Default for Disk {
    fn default() -> Self {
        Self { bulk_stops_below: 512 << 20, all_stops_below: 64 << 20 }
    }
}

impl Quota {
    /// As the node takes it.
    pub(crate) const fn allowance(&self) -> Allowance {
        Allowance {
            records_per_hour: self.records_per_hour,
            bytes_per_hour: self.bytes_per_hour,
            records_held: self.records_held,
            labels: LABELS_BROUGHT_MAX,
        }
    }
}

impl Default for Quota {
    /// A whole ATT&CK or blocklist in the first hour, and no partner that fills the disk.
    fn default() -> Self {
        Self { records_per_hour: 5_000_000, bytes_per_hour: 8 << 30, records_held: 20_000_000 }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".to_owned(), form: LogForm::Text }
    }
}

/// Between two looks at the free space of the disk.
pub(crate) const DISK_EVERY: Duration = Duration::from_secs(2);
