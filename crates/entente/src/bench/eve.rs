//! Made-up values of indicators and events of Suricata (DNS, HTTP, TLS), about 780 bytes each, one
//! in a thousand of which holds such a value. The same for every run; nothing is measured here.

use model::facts::ValueKind;

/// A small seeded generator (xorshift), so that every run sees the same events.
#[derive(Debug)]
pub(super) struct Seeded(pub(super) u64);

impl Seeded {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, bound: u64) -> u64 {
        (self.next() >> 11) % bound.max(1)
    }
}

/// A top-level domain for every number.
const fn top(n: u64) -> &'static str {
    match n % 4 {
        0 => "com",
        1 => "net",
        2 => "org",
        _ => "info",
    }
}

/// Value `n` in normal form: half are domains, three tenths IPv4 addresses, the others SHA-256.
pub(super) fn value(n: u64) -> (ValueKind, String) {
    let mixed = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    match n % 10 {
        0..=4 => (ValueKind::Domain, format!("d{}.bad{n}.example.{}", mixed % 97, top(mixed))),
        5..=7 => {
            let (a, b, c) = (1 + (n >> 24) % 200, n >> 16 & 255, n >> 8 & 255);
            (ValueKind::Ipv4, format!("{a}.{b}.{c}.{}", n & 255))
        }
        _ => (ValueKind::Sha256, hash(&[mixed, mixed.rotate_left(17) ^ n, !mixed, n])),
    }
}

fn hash(words: &[u64; 4]) -> String {
    words.iter().map(|word| format!("{word:016x}")).collect()
}

/// How often values come again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Values {
    /// Seldom: addresses, hashes and paths are drawn from wide ranges.
    Wide,
    /// As often new as in the ten million events with which formats were compared before the bar of
    /// keeping was set: 2.86 million names, 196,608 destinations, 1.93 million hashes. What was not
    /// counted there: a file has one hash and one URL, there are 65,536 sources, and 4,096 JA3 and
    /// JA3S each. A run of a tenth of that length meets nearly all addresses as well, so that it has more
    /// new ones an event.
    Measured,
}

/// Different files that there may be.
const FILES: u64 = 100_000_000;
/// Files and sites of [`Values::Measured`] that are asked for again and again.
const POPULAR: u64 = 20_000;

/// The parts of Suricata that an event is of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Dns,
    Http,
    Tls,
}

/// What the parts of one event say.
struct Said {
    name: String,
    address: String,
    hash: String,
    /// The number of the file that is asked for.
    file: u64,
    /// How many different programs there are.
    programs: u64,
    /// Networks of 65,536 machines that events come from.
    networks: u64,
}

fn drawn_hash(draw: &mut Seeded) -> String {
    hash(&[draw.next(), draw.next(), draw.next(), draw.next()])
}

/// A number below `bound`; a few are drawn often, and many seldom.
fn popular(draw: &mut Seeded, bound: u64) -> u64 {
    draw.below(bound).pow(2) / bound
}

fn site_name(site: u64) -> String {
    format!("www{}.site{site}.{}", site % 7, top(site))
}

fn wide(draw: &mut Seeded) -> Said {
    let site = popular(draw, 200_000);
    Said {
        name: site_name(site),
        address: format!("{}.{}.{}.7", 203 + draw.below(20), draw.below(64), draw.below(256)),
        hash: drawn_hash(draw),
        file: draw.below(FILES),
        programs: 65_536,
        networks: 4,
    }
}

fn known_hash(file: u64) -> String {
    let mut draw = Seeded(file + 1);
    draw.next();
    drawn_hash(&mut draw)
}

fn measured(draw: &mut Seeded, kind: Kind) -> Said {
    // 1.93 of the four million events of HTTP have a file that is new.
    let file_is_new = draw.below(1_000) < 482;
    // A file that is known has its site: all others together make 2.86 million new names.
    let name_is_new = (kind != Kind::Http || file_is_new) && draw.below(1_000) < 361;
    let known = popular(draw, POPULAR);
    Said {
        name: site_name(if name_is_new { POPULAR + draw.below(u64::MAX >> 30) } else { known }),
        address: format!("{}.{}.{}.7", 203 + draw.below(12), draw.below(64), draw.below(256)),
        hash: if file_is_new { drawn_hash(draw) } else { known_hash(known) },
        file: if file_is_new { draw.below(FILES) } else { known },
        programs: 4_096,
        networks: 1,
    }
}

fn said(draw: &mut Seeded, values: u64, kind: Kind, spread: Values) -> Said {
    let mut said = match spread {
        Values::Wide => wide(draw),
        Values::Measured => measured(draw, kind),
    };
    if draw.below(1_000) == 0 {
        match value(draw.below(values)) {
            (ValueKind::Domain, name) => said.name = format!("cdn.{name}"),
            (ValueKind::Ipv4, address) => said.address = address,
            (_, hash) => said.hash = hash,
        }
    }
    said
}

/// One event in a line of its own.
pub(super) fn event(draw: &mut Seeded, values: u64, spread: Values) -> String {
    let kind = match draw.below(10) {
        0..=2 => Kind::Dns,
        3..=6 => Kind::Http,
        _ => Kind::Tls,
    };
    let said = said(draw, values, kind, spread);
    let (kind, port, rest) = match kind {
        Kind::Dns => ("dns", 53, dns(draw, &said)),
        Kind::Http => ("http", 80, http(&said)),
        Kind::Tls => ("tls", 443, tls(draw, &said)),
    };
    let address = said.address;
    let (minute, second, micros) = (draw.below(60), draw.below(60), draw.below(1_000_000));
    let (flow, from) = (draw.next() >> 1, 1_024 + draw.below(60_000));
    let source =
        format!("10.{}.{}.{}", draw.below(said.networks), draw.below(256), draw.below(256));
    format!(
        "{{\"timestamp\":\"2026-11-22T10:{minute:02}:{second:02}.{micros:06}+0000\",\
         \"flow_id\":{flow},\"in_iface\":\"ens5f0\",\"event_type\":\"{kind}\",\"vlan\":[120],\
         \"src_ip\":\"{source}\",\"src_port\":{from},\"dest_ip\":\"{address}\",\
         \"dest_port\":{port},\"proto\":\"TCP\",\"pkt_src\":\"wire/pcap\",\
         \"host\":\"sensor-07.corp.internal\",\"metadata\":{{\"flowbits\":[\
         \"tenant.a12\"]}},\"app_proto\":\"{kind}\",{rest},\
         \"flow\":{{\"pkts_toserver\":4,\"pkts_toclient\":5,\"bytes_toserver\":723,\
         \"bytes_toclient\":8812}}}}\n"
    )
}

fn dns(draw: &mut Seeded, Said { name, address, .. }: &Said) -> String {
    let id = draw.below(65_536);
    format!(
        "\"dns\":{{\"version\":2,\"type\":\"answer\",\"id\":{id},\"flags\":\"8180\",\"qr\":true,\
         \"rd\":true,\"ra\":true,\"opcode\":0,\"rrname\":\"{name}\",\"rrtype\":\"A\",\
         \"rcode\":\"NOERROR\",\"answers\":[{{\"rrname\":\"{name}\",\"rrtype\":\"A\",\
         \"ttl\":300,\"rdata\":\"{address}\"}}],\"grouped\":{{\"A\":[\"{address}\"]}}}}"
    )
}

fn http(Said { name, hash, file, .. }: &Said) -> String {
    let (app, version) = (file % 1_000, file / 1_000);
    format!(
        "\"http\":{{\"hostname\":\"{name}\",\"url\":\"/static/app/{app}/main.js?v={version}\",\
         \"http_user_agent\":\"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 \
         Firefox/140.0\",\"http_method\":\"GET\",\"protocol\":\"HTTP/1.1\",\"status\":200,\
         \"length\":48213}},\"fileinfo\":{{\"filename\":\"/static/app/main.js\",\
         \"state\":\"CLOSED\",\"stored\":false,\"size\":48213,\"sha256\":\"{hash}\"}}"
    )
}

fn tls(draw: &mut Seeded, Said { name, programs, .. }: &Said) -> String {
    let (one, two, three) = (draw.below(256), draw.below(*programs), draw.below(*programs));
    format!(
        "\"tls\":{{\"subject\":\"CN=*.{name}, O=Example Inc., C=US\",\"issuerdn\":\"C=US, \
         O=Example Trust, CN=R11\",\"serial\":\"04:{one:02X}:3E:11:9A:BC:7D\",\
         \"fingerprint\":\"a1:b2:c3:{one:02x}:e5:f6:07:18:29:3a:4b:5c:6d:7e:8f:90:a1:b2:c3:d4\",\
         \"sni\":\"{name}\",\"version\":\"TLS 1.3\",\
         \"ja3\":{{\"hash\":\"e7d705a3286e19ea42f587b344ee{two:04x}\"}},\
         \"ja3s\":{{\"hash\":\"eb1d94daa7e0344597e756a1fb6e{three:04x}\"}}}}"
    )
}

#[cfg(test)]
mod tests;
