//! Made-up STIX objects with the property names, orders and spellings that tools commonly emit.
//!
//! Every value is invented here: nothing comes from anyone's data, and names are for documentation
//! (RFC 2606, RFC 5737) where there are such.

const WORDS: [&str; 48] = [
    "campaign",
    "loader",
    "stealer",
    "credential",
    "phishing",
    "mail",
    "invoice",
    "payload",
    "command",
    "control",
    "server",
    "beacon",
    "domain",
    "registered",
    "recently",
    "observed",
    "sector",
    "energy",
    "health",
    "finance",
    "government",
    "transport",
    "access",
    "initial",
    "persistence",
    "lateral",
    "movement",
    "exfiltration",
    "ransomware",
    "group",
    "operator",
    "infrastructure",
    "malicious",
    "document",
    "macro",
    "script",
    "powershell",
    "download",
    "second",
    "stage",
    "host",
    "traffic",
    "encrypted",
    "channel",
    "victim",
    "network",
    "exploit",
    "vulnerability",
];
const LABELS: [&str; 6] =
    ["malicious-activity", "anomalous-activity", "attribution", "compromised", "benign", "unknown"];
const RELATIONS: [&str; 8] = [
    "indicates",
    "uses",
    "targets",
    "attributed-to",
    "based-on",
    "communicates-with",
    "mitigates",
    "related-to",
];
const TACTICS: [&str; 8] = [
    "initial-access",
    "execution",
    "persistence",
    "defense-evasion",
    "discovery",
    "command-and-control",
    "exfiltration",
    "impact",
];
const TLP: [&str; 5] = [
    "94868c89-83c2-464b-929b-a1a8aa3c8487",
    "bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "939a9414-2ddd-4d32-a0cd-375ea402b003",
    "e828b379-4e03-4974-9ac4-e53a884c97c1",
];

/// An endless source of objects; equal seeds give equal objects.
pub(crate) struct MadeUp {
    state: u64,
}

impl MadeUp {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) }
    }

    fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.number() % bound
    }

    fn one_of<'w>(&mut self, words: &[&'w str]) -> &'w str {
        let place = usize::try_from(self.number() % words.len() as u64).unwrap_or(0);
        words.get(place).copied().unwrap_or("")
    }

    fn hex(&mut self, digits: usize) -> String {
        let mut text = String::new();
        while text.len() < digits {
            text.extend([format!("{:016x}", self.number())]);
        }
        text.truncate(digits);
        text
    }

    fn id(&mut self, name: &str) -> String {
        let (variant, tail) = (self.one_of(&["8", "9", "a", "b"]), self.hex(15));
        let (third, node) = tail.split_at(3);
        let (a, b, c) = (self.hex(8), self.hex(4), self.hex(3));
        format!("{name}--{a}-{b}-4{c}-{variant}{third}-{node}")
    }

    fn time(&mut self) -> String {
        let year = 2023 + self.below(5);
        let (month, day) = (1 + self.below(12), 1 + self.below(28));
        let (hour, minute, second) = (self.below(24), self.below(60), self.below(60));
        let day = format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
        match self.below(3) {
            0 => format!("{day}.000Z"),
            1 => format!("{day}Z"),
            _ => format!("{day}.{:03}Z", self.below(1000)),
        }
    }

    fn words(&mut self, count: u64) -> String {
        let words: Vec<&str> = (0..count).map(|_| self.one_of(&WORDS)).collect();
        words.join(" ")
    }

    fn host(&mut self) -> String {
        let top = self.one_of(&["example", "test", "invalid", "example.com", "example.net"]);
        format!("{}-{}.{top}", self.one_of(&WORDS), self.hex(6))
    }

    fn address(&mut self) -> String {
        let net = self.one_of(&["192.0.2", "198.51.100", "203.0.113"]);
        format!("{net}.{}", self.below(256))
    }

    fn pattern(&mut self) -> String {
        match self.below(6) {
            0 => format!("[domain-name:value = '{}']", self.host()),
            1 => format!("[ipv4-addr:value = '{}']", self.address()),
            2 => format!("[url:value = 'http://{}/{}']", self.host(), self.hex(8)),
            3 => format!("[file:hashes.'SHA-256' = '{}']", self.hex(64)),
            4 => format!("[file:hashes.MD5 = '{}']", self.hex(32)),
            _ => format!(
                "[file:hashes.'SHA-1' = '{}' OR file:name = '{}.exe']",
                self.hex(40),
                self.one_of(&WORDS)
            ),
        }
    }

    /// `"type"`, `"spec_version"`, `"id"`, author and times, as STIX domain objects begin.
    fn head(&mut self, name: &str) -> String {
        let (id, created) = (self.id(name), self.time());
        let modified = if self.below(2) == 0 { created.clone() } else { self.time() };
        let author = match self.below(4) {
            0 => String::new(),
            _ => format!(r#""created_by_ref":"{}","#, self.id("identity")),
        };
        [
            format!(r#""type":"{name}","spec_version":"2.1""#),
            format!(r#","id":"{id}",{author}"created":"{created}","modified":"{modified}""#),
        ]
        .concat()
    }

    fn tail(&mut self) -> String {
        let mut tail = String::new();
        if self.below(3) == 0 {
            tail.extend([format!(r#","confidence":{}"#, self.below(101))]);
        }
        if self.below(4) == 0 {
            tail += r#","lang":"en""#;
        }
        if self.below(3) == 0 {
            let (name, url) = (self.one_of(&WORDS), self.host());
            let text = self.words(6);
            tail.extend([[
                format!(r#","external_references":[{{"source_name":"{name}""#),
                format!(r#","description":"{text}","url":"https://{url}/{name}"}}]"#),
            ]
            .concat()]);
        }
        if self.below(4) > 0 {
            let tlp = self.one_of(&TLP);
            tail.extend([format!(r#","object_marking_refs":["marking-definition--{tlp}"]"#)]);
        }
        tail
    }

    fn object(&mut self) -> String {
        match self.below(16) {
            0..=4 => self.indicator(),
            5..=6 => self.relationship(),
            7 => self.observable(),
            8 => self.malware(),
            9 => self.attack_pattern(),
            10 => self.identity(),
            11 => self.sighting(),
            12 => self.file(),
            13 => self.report(),
            14 => self.note(),
            _ => self.vulnerability(),
        }
    }

    fn indicator(&mut self) -> String {
        let (head, tail) = (self.head("indicator"), self.tail());
        let (name, about) = (self.words(4), self.words(14));
        let (label, pattern, from) = (self.one_of(&LABELS), self.pattern(), self.time());
        let until = match self.below(3) {
            0 => format!(r#","valid_until":"{}""#, self.time()),
            _ => String::new(),
        };
        let tactic = self.one_of(&TACTICS);
        let phase = match self.below(3) {
            0 => [
                r#","kill_chain_phases":[{"kill_chain_name":"mitre-attack""#.to_owned(),
                format!(r#","phase_name":"{tactic}"}}]"#),
            ]
            .concat(),
            _ => String::new(),
        };
        let labels = match self.below(3) {
            0 => format!(r#","labels":["{}","{}"]"#, self.one_of(&WORDS), self.one_of(&LABELS)),
            _ => String::new(),
        };
        [
            format!(r#"{{{head},"name":"{name}","description":"{about}""#),
            format!(r#","indicator_types":["{label}"],"pattern":"{pattern}""#),
            r#","pattern_type":"stix","pattern_version":"2.1""#.to_owned(),
            format!(r#","valid_from":"{from}"{until}{phase}{labels}{tail}}}"#),
        ]
        .concat()
    }

    fn relationship(&mut self) -> String {
        let (head, tail, how) = (self.head("relationship"), self.tail(), self.one_of(&RELATIONS));
        let kinds = ["indicator", "malware", "threat-actor", "intrusion-set", "campaign", "tool"];
        let (from, to) = (self.one_of(&kinds), self.one_of(&["malware", "attack-pattern"]));
        let (source, target) = (self.id(from), self.id(to));
        [
            format!(r#"{{{head},"relationship_type":"{how}","source_ref":"{source}""#),
            format!(r#","target_ref":"{target}"{tail}}}"#),
        ]
        .concat()
    }

    fn observable(&mut self) -> String {
        let (name, value) = match self.below(5) {
            0 => ("domain-name", self.host()),
            1 => ("ipv4-addr", self.address()),
            2 => ("ipv6-addr", format!("2001:db8::{:x}", self.below(65_536))),
            3 => ("email-addr", format!("{}@{}", self.one_of(&WORDS), self.host())),
            _ => ("url", format!("https://{}/{}/{}.php", self.host(), self.hex(6), self.hex(4))),
        };
        let id = self.id(name);
        format!(r#"{{"type":"{name}","spec_version":"2.1","id":"{id}","value":"{value}"}}"#)
    }

    fn malware(&mut self) -> String {
        let (head, tail, name) = (self.head("malware"), self.tail(), self.words(1));
        let (about, kind) = (self.words(20), self.one_of(&["trojan", "ransomware", "backdoor"]));
        [
            format!(r#"{{{head},"name":"{name}","description":"{about}""#),
            format!(r#","malware_types":["{kind}"],"is_family":true"#),
            format!(r#","aliases":["{name}"]{tail}}}"#),
        ]
        .concat()
    }

    fn attack_pattern(&mut self) -> String {
        let (head, tail, name) = (self.head("attack-pattern"), self.tail(), self.words(2));
        let (about, tactic, number) = (self.words(24), self.one_of(&TACTICS), self.below(700));
        [
            format!(r#"{{{head},"name":"{name}","description":"{about}""#),
            r#","kill_chain_phases":[{"kill_chain_name":"mitre-attack""#.to_owned(),
            format!(r#","phase_name":"{tactic}"}}]"#),
            r#","external_references":[{"source_name":"mitre-attack""#.to_owned(),
            format!(r#","external_id":"T1{number:03}""#),
            format!(r#","url":"https://attack.mitre.org/techniques/T1{number:03}"}}]"#),
            r#","x_mitre_is_subtechnique":false,"x_mitre_version":"1.0""#.to_owned(),
            format!(r#","x_mitre_platforms":["Linux","macOS","Windows"]{tail}}}"#),
        ]
        .concat()
    }

    fn identity(&mut self) -> String {
        let (head, tail, name) = (self.head("identity"), self.tail(), self.words(2));
        let sector = self.one_of(&["energy", "healthcare", "government", "technology"]);
        [
            format!(r#"{{{head},"name":"{name}","identity_class":"organization""#),
            format!(r#","sectors":["{sector}"]"#),
            format!(r#","contact_information":"mail@{name}.example"{tail}}}"#),
        ]
        .concat()
    }

    fn sighting(&mut self) -> String {
        let (head, tail, count) = (self.head("sighting"), self.tail(), 1 + self.below(500));
        let (of, by, first, last) =
            (self.id("indicator"), self.id("identity"), self.time(), self.time());
        [
            format!(r#"{{{head},"first_seen":"{first}","last_seen":"{last}","count":{count}"#),
            format!(r#","sighting_of_ref":"{of}","where_sighted_refs":["{by}"]"#),
            format!(r#","summary":false{tail}}}"#),
        ]
        .concat()
    }

    fn file(&mut self) -> String {
        let (id, name, size) = (self.id("file"), self.words(1), self.below(4_000_000));
        let (md5, sha1, sha256) = (self.hex(32), self.hex(40), self.hex(64));
        [
            format!(r#"{{"type":"file","spec_version":"2.1","id":"{id}""#),
            format!(r#","hashes":{{"MD5":"{md5}","SHA-1":"{sha1}","SHA-256":"{sha256}"}}"#),
            format!(r#","size":{size},"name":"{name}.dll"}}"#),
        ]
        .concat()
    }

    fn report(&mut self) -> String {
        let (head, tail, at) = (self.head("report"), self.tail(), self.time());
        let (name, about) = (self.words(5), self.words(40));
        let refs: Vec<String> = (0..3 + self.below(8))
            .map(|_| {
                let kind = self.one_of(&["indicator", "relationship", "malware", "identity"]);
                format!(r#""{}""#, self.id(kind))
            })
            .collect();
        let refs = refs.join(",");
        [
            format!(r#"{{{head},"name":"{name}","description":"{about}""#),
            format!(r#","report_types":["threat-report","campaign"],"published":"{at}""#),
            format!(r#","object_refs":[{refs}]{tail}}}"#),
        ]
        .concat()
    }

    fn note(&mut self) -> String {
        let (head, tail, about) = (self.head("note"), self.tail(), self.id("indicator"));
        let (short, text) = (self.words(4), self.words(20));
        [
            format!(r#"{{{head},"abstract":"{short}","content":"{text}","authors":["{short}"]"#),
            format!(r#","object_refs":["{about}"]{tail}}}"#),
        ]
        .concat()
    }

    fn vulnerability(&mut self) -> String {
        let (head, tail, about) = (self.head("vulnerability"), self.tail(), self.words(18));
        let name = format!("CVE-{}-{}", 2018 + self.below(9), 1000 + self.below(50_000));
        [
            format!(r#"{{{head},"name":"{name}","description":"{about}""#),
            r#","external_references":[{"source_name":"cve""#.to_owned(),
            format!(r#","external_id":"{name}"}}]{tail}}}"#),
        ]
        .concat()
    }

    /// Some tools put a space after colons and commas.
    fn spaced(text: &str) -> String {
        text.replace(r#"":"#, r#"": "#).replace(r#","""#, r#", """#).replace(r#"",""#, r#"", ""#)
    }
}

impl Iterator for MadeUp {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let object = self.object();
        let spaced = self.below(3) == 0;
        Some(if spaced { Self::spaced(&object) } else { object }.into_bytes())
    }
}
