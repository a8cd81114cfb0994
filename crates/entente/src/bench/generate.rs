//! Made-up indicators: the same for every run, different for every number.

#[cfg(test)]
mod tests;

/// The STIX id of indicator `n`.
pub(super) fn id(n: u64) -> String {
    let mixed = mix(n) ^ 0x5851_f42d_4c95_7f2d;
    format!("indicator--{:08x}-0000-4000-8000-{:012x}", mixed >> 32, n)
}

fn mix(n: u64) -> u64 {
    n.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// When indicator `n` was last changed, spread over a year: versions differ, as they do in life.
pub(super) fn modified(n: u64) -> String {
    let drawn = mix(n) >> 8;
    let (month, day) = (drawn % 12 + 1, drawn / 12 % 28 + 1);
    let (hour, minute, second) = (drawn / 336 % 24, drawn / 8_064 % 60, drawn / 483_840 % 60);
    let milli = drawn / 29_030_400 % 1_000;
    format!("2025-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
}

/// The domain that indicator `n` names.
pub(super) fn domain(n: u64) -> String {
    let words = ["amber", "birch", "cedar", "dune", "ember", "fjord", "grove", "heath"];
    let word = |shift: u32| {
        let index = usize::try_from(n >> shift & 7).unwrap_or(0);
        words.get(index).copied().unwrap_or("amber")
    };
    format!("{}-{}-{n:x}.bench.example", word(0), word(3))
}

/// Indicator `n`, of about 700 bytes.
pub(super) fn indicator(n: u64) -> String {
    let description = format!(
        "Seen as a command and control server of a made-up family, number {n}; hosts that resolve \
         it should be looked at first, then those that connect to it."
    );
    described(n, &description)
}

/// Indicator `n` as a report brings it, with the properties that tools add: about 1,200 bytes, of
/// which names, a hash and a text of a dozen words are its own.
pub(super) fn long_indicator(n: u64) -> String {
    let words: Vec<&str> = REPORT.split_whitespace().collect();
    let (mut state, mut description) = (mix(n) | 1, String::new());
    let mut draw = || {
        state = mix(state ^ state >> 29).rotate_left(17) | 1;
        state
    };
    while description.len() < 95 {
        let index = usize::try_from(draw() % 1_000_003).unwrap_or(0) % words.len().max(1);
        description += words.get(index).copied().unwrap_or("host");
        description.push(' ');
    }
    let hash: String = (0..4).map(|_| format!("{:016x}", draw())).collect();
    let (id, domain, modified) = (id(n), domain(n), modified(n));
    let author = format!("identity--{:08x}-1111-4111-8111-{:012x}", n % 40, n % 40);
    format!(
        concat!(
            r#"{{"type":"indicator","spec_version":"2.1","id":"{id}","created_by_ref":"{author}","#,
            r#""created":"{modified}","modified":"{modified}","name":"{domain} ({hash})","#,
            r#""description":"{description}","indicator_types":["malicious-activity","compromised"],"#,
            r#""pattern":"[domain-name:value = '{domain}'] OR [file:hashes.'SHA-256' = '{hash}']","#,
            r#""pattern_type":"stix","pattern_version":"2.1","valid_from":"{modified}","#,
            r#""confidence":{confidence},"lang":"en","kill_chain_phases":["#,
            r#"{{"kill_chain_name":"mitre-attack","phase_name":"command-and-control"}},"#,
            r#"{{"kill_chain_name":"mitre-attack","phase_name":"exfiltration"}}],"#,
            r#""labels":["bench","made-up","family-{family}"],"external_references":["#,
            r#"{{"source_name":"bench","external_id":"B-{n}","url":"https://{domain}/reports/{n}"}},"#,
            r#"{{"source_name":"mitre-attack","external_id":"T1071","#,
            r#""url":"https://attack.example/techniques/T1071"}}]}}"#
        ),
        id = id,
        author = author,
        modified = modified,
        domain = domain,
        hash = hash,
        description = description,
        n = n,
        confidence = n % 101,
        family = n % 17,
    )
}

/// Words of reports; each object takes a dozen of them, in an order of its own.
const REPORT: &str = "the actor host server loader operator victim network credential session \
    payload stage beacon tunnel proxy registry service account domain mailbox attachment macro \
    script archive module driver token ticket share backup snapshot cluster gateway firewall \
    sensor analyst campaign intrusion infrastructure hosting provider registrar certificate issuer \
    was were observed reported delivered dropped executed resolved contacted encrypted exfiltrated \
    removed disabled rotated blocked sinkholed before after during while because although within \
    across from towards against several second third earlier later weekly quietly repeatedly \
    manufacturing healthcare energy transport ministry university bank utility port airport north \
    south eastern western coastal regional national foreign internal external public private";

fn described(n: u64, description: &str) -> String {
    let (id, domain, modified) = (id(n), domain(n), modified(n));
    format!(
        concat!(
            r#"{{"type":"indicator","spec_version":"2.1","id":"{id}","#,
            r#""created":"{modified}","modified":"{modified}","#,
            r#""name":"{domain}","description":"{description}","#,
            r#""indicator_types":["malicious-activity"],"#,
            r#""pattern":"[domain-name:value = '{domain}']","pattern_type":"stix","#,
            r#""pattern_version":"2.1","valid_from":"{modified}","confidence":{confidence},"#,
            r#""labels":["bench","made-up"],"external_references":[{{"source_name":"bench","#,
            r#""external_id":"B-{n}"}}]}}"#
        ),
        id = id,
        domain = domain,
        modified = modified,
        description = description,
        n = n,
        confidence = n % 101
    )
}

/// An envelope with indicators `from` to `from + count - 1`.
pub(super) fn envelope(from: u64, count: u64) -> Vec<u8> {
    enveloped(from, count, indicator)
}

/// An envelope of objects that are made from their numbers.
pub(super) fn enveloped(from: u64, count: u64, make: fn(u64) -> String) -> Vec<u8> {
    let objects: Vec<String> = (from..from + count).map(make).collect();
    format!(r#"{{"objects":[{}]}}"#, objects.join(",")).into_bytes()
}

/// A line of DNS telemetry that asks for a name.
pub(super) fn query(n: u64, name: &str) -> String {
    format!(
        concat!(
            r#"{{"ts":{}.25,"uid":"C{:x}","id.orig_h":"10.{}.{}.{}","id.orig_p":53122,"#,
            r#""id.resp_h":"192.0.2.53","id.resp_p":53,"proto":"udp","trans_id":{},"#,
            r#""query":"{}","qclass":1,"qclass_name":"C_INTERNET","qtype":1,"qtype_name":"A","#,
            r#""rcode":0,"rcode_name":"NOERROR","AA":false,"TC":false,"RD":true,"RA":true,"#,
            r#""Z":0,"answers":["198.51.100.7"],"TTLs":[300.0],"rejected":false}}"#
        ),
        1_768_464_000 + n / 1_000,
        n.wrapping_mul(2_654_435_761),
        n >> 16 & 255,
        n >> 8 & 255,
        n & 255,
        n % 65_536,
        name
    )
}
