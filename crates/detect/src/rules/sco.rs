//! What an event says, as the objects of STIX that refer to each other, and which machine it is
//! about. It reads no event, and every text in the objects is one that the event was found to say.
//!
//! SPEC: STIX 2.1 §6.

use super::told::{Fact, Told, What};
use super::words::{File, Said};
use crate::event::Role;
use crate::pattern::Graph;
use hashbrown::HashMap;
use model::facts::ValueKind;
use model::limits::{EVENT_FILES_MAX, MACHINE_BYTES_MAX};
use serde_json::{Map, Value, json};

/// The types of objects that events give.
const OBJECTS: [&str; 16] = [
    "domain-name",
    "ipv4-addr",
    "ipv6-addr",
    "url",
    "email-addr",
    "mac-addr",
    "autonomous-system",
    "file",
    "directory",
    "process",
    "network-traffic",
    "windows-registry-key",
    "mutex",
    "user-account",
    "x509-certificate",
    "email-message",
];

/// A set of types of objects with one member; empty where no event gives any.
pub(super) fn bit(object: &str) -> u32 {
    OBJECTS.iter().position(|known| *known == object).map_or(0, |place| 1 << place)
}

/// The types of objects that an event gives, and rather too many.
pub(super) fn objects(told: &Told) -> u32 {
    told.facts().iter().fold(0, |all, fact| all | objects_of(fact))
}

/// The types of objects that one text may be part of, by what it is and what it is for.
pub(super) fn objects_of(fact: &Fact) -> u32 {
    match (fact.what, fact.role) {
        (What::Value(ValueKind::Ipv4 | ValueKind::Ipv6), Role::Source | Role::Destination) => {
            of(fact.what) | bit("network-traffic")
        }
        (What::Value(_), Role::Certificate) => of(fact.what) | bit("x509-certificate"),
        (what, _) => of(what),
    }
}

/// The same by what it is alone.
fn of(what: What) -> u32 {
    let object = match what {
        What::Value(kind) => return value_object(kind).map_or(0, |(object, _)| bit(object)),
        What::Url => "url",
        What::Key => "windows-registry-key",
        What::Name(File::Image | File::Parent) => return bit("file") | bit("process"),
        What::Name(File::Target | File::Loaded | File::Other) => "file",
        What::Folder(_) => "directory",
        What::Said(said) => match said {
            Said::CommandLine
            | Said::ParentCommandLine
            | Said::Cwd
            | Said::Pid
            | Said::ParentPid => "process",
            Said::SourcePort
            | Said::DestinationPort
            | Said::Protocol
            | Said::Layer
            | Said::BytesOut
            | Said::BytesIn
            | Said::Method
            | Said::Target
            | Said::HostHeader
            | Said::Referrer => "network-traffic",
            Said::CertSubject | Said::CertIssuer => "x509-certificate",
            Said::MailSubject => "email-message",
            Said::Data | Said::DataName => "windows-registry-key",
            Said::Computer | Said::Station => return 0,
        },
    };
    bit(object)
}

/// The type of object that a value is, and the property that holds it.
fn value_object(kind: ValueKind) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        ValueKind::Domain => ("domain-name", "value"),
        ValueKind::Ipv4 => ("ipv4-addr", "value"),
        ValueKind::Ipv6 => ("ipv6-addr", "value"),
        ValueKind::Url => ("url", "value"),
        ValueKind::Email => ("email-addr", "value"),
        ValueKind::Mac => ("mac-addr", "value"),
        ValueKind::Asn => ("autonomous-system", "number"),
        ValueKind::Mutex => ("mutex", "name"),
        ValueKind::RegistryKey => ("windows-registry-key", "key"),
        ValueKind::Account => ("user-account", "account_login"),
        ValueKind::Md5 => ("file", "MD5"),
        ValueKind::Sha1 => ("file", "SHA-1"),
        ValueKind::Sha256 => ("file", "SHA-256"),
        ValueKind::Sha512 => ("file", "SHA-512"),
        ValueKind::UserAgent => ("network-traffic", "User-Agent"),
        ValueKind::CertSerial => ("x509-certificate", "serial_number"),
        ValueKind::OtherHash
        | ValueKind::FileName
        | ValueKind::FilePath
        | ValueKind::Cve
        | ValueKind::Ja3
        | ValueKind::Ja4 => return None,
    })
}

/// The machine that an event is about, in lower case: the one whose system tells of itself, else the
/// one that a connection or question came from; empty where it names none.
///
/// A sensor's own name counts only where nothing else does: its events are about others. A name too
/// long for a machine names none.
pub(super) fn entity(told: &Told) -> String {
    let process = [Said::CommandLine, Said::Pid].into_iter().any(|said| told.said(said).is_some());
    // LIMIT: each name is kept for each pattern.
    let short = |name: &&str| name.len() <= MACHINE_BYTES_MAX;
    let station = || told.said(Said::Station).filter(short);
    let machine = told.said(Said::Computer).filter(short).or_else(|| station().filter(|_| process));
    // An answer of DNS goes to who asked.
    let answered =
        told.said(Said::SourcePort) == Some("53") && told.said(Said::DestinationPort) != Some("53");
    let role = if answered { Role::Destination } else { Role::Source };
    let found = machine.or_else(|| told.address(role).filter(short)).or_else(station);
    found.unwrap_or_default().to_lowercase()
}

/// The objects of an event.
pub(super) fn graph(told: &Told) -> Graph {
    let mut making = Making {
        told,
        graph: Graph::default(),
        values: Vec::new(),
        places: HashMap::new(),
        files: Vec::new(),
    };
    making.values();
    making.files();
    making.registry();
    making.certificate();
    making.mail();
    let traffic = making.traffic();
    making.process(traffic);
    making.graph
}

struct Making<'t> {
    told: &'t Told,
    graph: Graph,
    /// Values that are objects by themselves, and their places.
    values: Vec<(ValueKind, &'t str, Role, usize)>,
    /// The places by the value.
    places: HashMap<(ValueKind, &'t str), usize>,
    /// Files, and their places.
    files: Vec<(File, usize)>,
}

impl<'t> Making<'t> {
    fn said(&self, said: Said) -> Option<&'t str> {
        self.told.said(said)
    }

    fn each(&self) -> impl Iterator<Item = (&'t Fact, &'t str)> + use<'t> {
        let told = self.told;
        told.facts().iter().map(|fact| (fact, told.text(fact)))
    }

    fn values(&mut self) {
        for (fact, text) in self.each() {
            match fact.what {
                What::Url => {
                    self.graph.push("url", json!({ "value": text }));
                }
                What::Value(kind) => self.value(kind, text, fact.role),
                What::Key | What::Name(_) | What::Folder(_) | What::Said(_) => {}
            }
        }
        // SPEC: STIX 2.1 §6.4: a name resolves to what was answered.
        let Some(name) = self.placed(Role::Query, &[ValueKind::Domain]) else { return };
        for (_, _, role, place) in &self.values {
            if *role == Role::Answer && *place != name {
                self.graph.link(name, "resolves_to_refs", *place);
            }
        }
    }

    /// A value that is an object by itself.
    fn value(&mut self, kind: ValueKind, text: &'t str, role: Role) {
        if let Some(place) = self.places.get(&(kind, text)).copied() {
            // The same address as the source of one and the answer of another.
            return self.values.push((kind, text, role, place));
        }
        let Some((object, property)) = value_object(kind) else { return };
        let props = match kind {
            ValueKind::Asn => json!({ property: text.parse::<u64>().ok() }),
            ValueKind::Account => json!({ property: text, "user_id": text }),
            ValueKind::Domain
            | ValueKind::Ipv4
            | ValueKind::Ipv6
            | ValueKind::Url
            | ValueKind::Email
            | ValueKind::Mac
            | ValueKind::Mutex => json!({ property: text }),
            // Parts of other objects.
            ValueKind::RegistryKey
            | ValueKind::Md5
            | ValueKind::Sha1
            | ValueKind::Sha256
            | ValueKind::Sha512
            | ValueKind::UserAgent
            | ValueKind::CertSerial
            | ValueKind::OtherHash
            | ValueKind::FileName
            | ValueKind::FilePath
            | ValueKind::Cve
            | ValueKind::Ja3
            | ValueKind::Ja4 => return,
        };
        let place = self.graph.push(object, props);
        self.places.insert((kind, text), place);
        self.values.push((kind, text, role, place));
    }

    /// The first object of a kind with a role.
    fn placed(&self, role: Role, kinds: &[ValueKind]) -> Option<usize> {
        let mut values = self.values.iter();
        let found = values.find(|(kind, _, of, _)| *of == role && kinds.contains(kind));
        found.map(|(_, _, _, place)| *place)
    }

    /// Files by their names, and the hashes of the first of them.
    fn files(&mut self) {
        let mut names: Vec<(File, &str, Option<&str>)> = Vec::new();
        for (fact, text) in self.each() {
            match fact.what {
                What::Name(file) => names.push((file, text, None)),
                What::Folder(_) => {
                    names.last_mut().into_iter().for_each(|(_, _, folder)| *folder = Some(text));
                }
                What::Value(_) | What::Url | What::Key | What::Said(_) => {}
            }
        }
        names.sort_by_key(|(file, ..)| *file);
        names.dedup();
        let ours = |role| !matches!(role, Role::Certificate | Role::Fingerprint);
        let mut hashes = self.hashes(ours).into_iter();
        for (file, name, folder) in names {
            let mut props = json!({ "name": name });
            // What a parent runs is not what the event's hashes are of.
            let own = if file == File::Parent { None } else { hashes.next() };
            if let (Some(own), Some(props)) = (own, props.as_object_mut()) {
                props.insert("hashes".to_owned(), own);
            }
            let place = self.graph.push("file", props);
            self.files.push((file, place));
            if let Some(folder) = folder {
                let folder = self.graph.push("directory", json!({ "path": folder }));
                self.graph.link(place, "parent_directory_ref", folder);
            }
        }
        for own in hashes {
            self.graph.push("file", json!({ "hashes": own }));
        }
    }

    /// The hashes of fields with such roles, as dictionaries with one hash of a kind each.
    fn hashes(&self, wanted: impl Fn(Role) -> bool) -> Vec<Value> {
        let mut all: Vec<Map<String, Value>> = Vec::new();
        for (fact, text) in self.each().filter(|(fact, _)| wanted(fact.role)) {
            let What::Value(kind) = fact.what else { continue };
            let Some(("file", name)) = value_object(kind) else { continue };
            if all.iter().any(|map| map.get(name).is_some_and(|known| known == text)) {
                continue;
            }
            let free = all.iter().position(|map| !map.contains_key(name)).unwrap_or(all.len());
            // LIMIT: hashes of more files are left out of the objects; as values they are found.
            if free == all.len() && all.len() >= EVENT_FILES_MAX {
                continue;
            }
            if free == all.len() {
                all.push(Map::new());
            }
            if let Some(map) = all.get_mut(free) {
                map.insert(name.to_owned(), text.into());
            }
        }
        all.into_iter().map(Value::Object).collect()
    }

    fn registry(&mut self) {
        let data = self.said(Said::Data);
        let name = self.said(Said::DataName);
        let mut whole: Option<&str> = None;
        for (fact, text) in self.each() {
            let mut props = match fact.what {
                What::Key | What::Value(ValueKind::RegistryKey) => json!({ "key": text }),
                What::Value(_) | What::Url | What::Name(_) | What::Folder(_) | What::Said(_) => {
                    continue;
                }
            };
            let above = whole.is_some_and(|whole| whole.starts_with(text) && whole != text);
            if matches!(fact.what, What::Value(_)) {
                whole = whole.or(Some(text));
            }
            if let (true, Some(name), Some(props)) = (above, name, props.as_object_mut()) {
                let value = data
                    .map_or(json!({ "name": name }), |data| json!({ "name": name, "data": data }));
                props.insert("values".to_owned(), json!([value]));
            }
            self.graph.push("windows-registry-key", props);
        }
    }

    fn certificate(&mut self) {
        let serial = self.each().find(|(fact, _)| fact.what == What::Value(ValueKind::CertSerial));
        let texts = [
            ("subject", self.said(Said::CertSubject)),
            ("issuer", self.said(Said::CertIssuer)),
            ("serial_number", serial.map(|(_, text)| text)),
        ];
        let mut props = Map::new();
        for (name, text) in texts {
            props.extend(text.map(|text| (name.to_owned(), text.into())));
        }
        let mut hashes = self.hashes(|role| role == Role::Certificate).into_iter();
        props.extend(hashes.next().map(|hashes| ("hashes".to_owned(), hashes)));
        if !props.is_empty() {
            self.graph.push("x509-certificate", Value::Object(props));
        }
        for hashes in hashes {
            self.graph.push("x509-certificate", json!({ "hashes": hashes }));
        }
    }

    fn mail(&mut self) {
        if let Some(subject) = self.said(Said::MailSubject) {
            self.graph.push("email-message", json!({ "subject": subject }));
        }
    }

    /// The connection, if the event is about one.
    fn traffic(&mut self) -> Option<usize> {
        const ADDRESSES: [ValueKind; 2] = [ValueKind::Ipv4, ValueKind::Ipv6];
        let source = self.placed(Role::Source, &ADDRESSES);
        let destination = self.placed(Role::Destination, &ADDRESSES);
        let mut props = Map::new();
        let numbers = [
            ("src_port", Said::SourcePort),
            ("dst_port", Said::DestinationPort),
            ("src_byte_count", Said::BytesOut),
            ("dst_byte_count", Said::BytesIn),
        ];
        for (name, said) in numbers {
            let number = self.said(said).and_then(|text| text.parse::<u64>().ok());
            props.extend(number.map(|number| (name.to_owned(), number.into())));
        }
        let request = self.request();
        if source.is_none() && destination.is_none() && props.is_empty() && request.is_none() {
            return None;
        }
        let mut protocols: Vec<&str> = Vec::new();
        for (fact, text) in self.each() {
            let is = matches!(fact.what, What::Said(Said::Protocol | Said::Layer));
            if is && !protocols.contains(&text) {
                protocols.push(text);
            }
        }
        if !protocols.is_empty() {
            props.insert("protocols".to_owned(), json!(protocols));
        }
        let extensions = request.map(|request| json!({ "http-request-ext": request }));
        props.extend(extensions.map(|extensions| ("extensions".to_owned(), extensions)));
        let place = self.graph.push("network-traffic", Value::Object(props));
        for (reference, end) in [("src_ref", source), ("dst_ref", destination)] {
            if let Some(end) = end {
                self.graph.link(place, reference, end);
            }
        }
        Some(place)
    }

    /// What was asked of a web server.
    fn request(&self) -> Option<Value> {
        let (method, target) = (self.said(Said::Method), self.said(Said::Target));
        let agent = self.each().find(|(fact, _)| fact.what == What::Value(ValueKind::UserAgent));
        if method.is_none() && target.is_none() && agent.is_none() {
            return None;
        }
        let headers = [
            ("User-Agent", agent.map(|(_, text)| text)),
            ("Host", self.said(Said::HostHeader)),
            ("Referer", self.said(Said::Referrer)),
        ];
        let header = headers.into_iter().filter_map(|(name, text)| Some((name, text?)));
        let header: Map<String, Value> =
            header.map(|(name, text)| (name.to_owned(), text.into())).collect();
        let mut request = Map::new();
        for (name, text) in [("request_method", method), ("request_value", target)] {
            request.extend(text.map(|text| (name.to_owned(), text.into())));
        }
        if !header.is_empty() {
            request.insert("request_header".to_owned(), Value::Object(header));
        }
        Some(Value::Object(request))
    }

    /// The process, with its parent, if the event is about one.
    fn process(&mut self, traffic: Option<usize>) {
        let own = [Said::CommandLine, Said::Cwd, Said::Pid];
        let parents = [Said::ParentCommandLine, Said::ParentPid];
        let there = |making: &Self, file: File, words: &[Said]| {
            let image = making.files.iter().find(|(known, _)| *known == file);
            let said = words.iter().any(|said| making.said(*said).is_some());
            (image.map(|(_, place)| *place), said)
        };
        let (image, said) = there(self, File::Image, &own);
        let (parent_image, parent_said) = there(self, File::Parent, &parents);
        if image.is_none() && parent_image.is_none() && !said && !parent_said {
            return;
        }
        let texts = [("command_line", Said::CommandLine), ("cwd", Said::Cwd)];
        let process = self.one_process(&texts, Said::Pid, (File::Image, image));
        if let Some(account) = self.values.iter().find(|known| known.0 == ValueKind::Account) {
            self.graph.link(process, "creator_user_ref", account.3);
        }
        if let Some(traffic) = traffic {
            self.graph.link(process, "opened_connection_refs", traffic);
        }
        if parent_image.is_some() || parent_said {
            let texts = [("command_line", Said::ParentCommandLine)];
            let parent = self.one_process(&texts, Said::ParentPid, (File::Parent, parent_image));
            self.graph.link(process, "parent_ref", parent);
        }
    }

    fn one_process(
        &mut self,
        texts: &[(&str, Said)],
        pid: Said,
        (file, image): (File, Option<usize>),
    ) -> usize {
        let mut props = Map::new();
        for (name, said) in texts {
            let text = self.said(*said);
            props.extend(text.map(|text| ((*name).to_owned(), text.into())));
        }
        let number = self.said(pid).and_then(number);
        props.extend(number.map(|number| ("pid".to_owned(), number.into())));
        // STIX 2.0 had names of processes, and people go on writing them.
        let name = self.each().find(|(fact, _)| fact.what == What::Name(file));
        props.extend(name.map(|(_, name)| ("name".to_owned(), name.into())));
        let place = self.graph.push("process", Value::Object(props));
        if let Some(image) = image {
            self.graph.link(place, "image_ref", image);
        }
        place
    }
}

/// A number, which Windows also writes as `0x1f4`.
fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}
