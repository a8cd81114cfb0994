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

/// What the parts of one event say.
struct Said {
    name: String,
    address: String,
    hash: String,
}

fn said(draw: &mut Seeded, values: u64) -> Said {
    // Few names are asked for often, and many seldom.
    let site = draw.below(200_000).pow(2) / 200_000;
    let mut said = Said {
        name: format!("www{}.site{site}.{}", site % 7, top(site)),
        address: format!("{}.{}.{}.{}", 203 + draw.below(20), draw.below(64), draw.below(256), 7),
        hash: hash(&[draw.next(), draw.next(), draw.next(), draw.next()]),
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
pub(super) fn event(draw: &mut Seeded, values: u64) -> String {
    let Said { name, address, hash } = said(draw, values);
    let (kind, port, rest) = match draw.below(10) {
        0..=2 => ("dns", 53, dns(draw, &name, &address)),
        3..=6 => ("http", 80, http(draw, &name, &hash)),
        _ => ("tls", 443, tls(draw, &name)),
    };
    let (minute, second, micros) = (draw.below(60), draw.below(60), draw.below(1_000_000));
    let (flow, from) = (draw.next() >> 1, 1_024 + draw.below(60_000));
    let source = format!("10.{}.{}.{}", draw.below(4), draw.below(256), draw.below(256));
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

fn dns(draw: &mut Seeded, name: &str, address: &str) -> String {
    let id = draw.below(65_536);
    format!(
        "\"dns\":{{\"version\":2,\"type\":\"answer\",\"id\":{id},\"flags\":\"8180\",\"qr\":true,\
         \"rd\":true,\"ra\":true,\"opcode\":0,\"rrname\":\"{name}\",\"rrtype\":\"A\",\
         \"rcode\":\"NOERROR\",\"answers\":[{{\"rrname\":\"{name}\",\"rrtype\":\"A\",\
         \"ttl\":300,\"rdata\":\"{address}\"}}],\"grouped\":{{\"A\":[\"{address}\"]}}}}"
    )
}

fn http(draw: &mut Seeded, name: &str, hash: &str) -> String {
    let (app, version) = (draw.below(1_000), draw.below(100_000));
    format!(
        "\"http\":{{\"hostname\":\"{name}\",\"url\":\"/static/app/{app}/main.js?v={version}\",\
         \"http_user_agent\":\"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 \
         Firefox/140.0\",\"http_method\":\"GET\",\"protocol\":\"HTTP/1.1\",\"status\":200,\
         \"length\":48213}},\"fileinfo\":{{\"filename\":\"/static/app/main.js\",\
         \"state\":\"CLOSED\",\"stored\":false,\"size\":48213,\"sha256\":\"{hash}\"}}"
    )
}

fn tls(draw: &mut Seeded, name: &str) -> String {
    let (one, two, three) = (draw.below(256), draw.below(65_536), draw.below(65_536));
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
