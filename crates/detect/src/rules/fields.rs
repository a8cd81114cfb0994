//! Names of fields, numbered, and the keys under which the agents' forms carry them. It holds no
//! value of any event.

use crate::sigma::logsource::TELLING;
use hashbrown::HashMap;

/// What a field goes by elsewhere, in front of Sigma's own name for it.
const ALIASES: &[(&str, &str)] = &[
    // Windows by other shippers.
    ("channel", "Channel"),
    ("event_id", "EventID"),
    ("event.code", "EventID"),
    ("EventID.#text", "EventID"),
    ("EventId", "EventID"),
    ("SourceName", "Provider_Name"),
    ("provider_name", "Provider_Name"),
    ("Provider.#attributes.Name", "Provider_Name"),
    ("Provider.Name", "Provider_Name"),
    ("NewProcessName", "Image"),
    ("ParentProcessName", "ParentImage"),
    ("computer_name", "Computer"),
    // ECS.
    ("process.executable", "Image"),
    ("process.command_line", "CommandLine"),
    ("process.working_directory", "CurrentDirectory"),
    ("process.parent.executable", "ParentImage"),
    ("process.parent.command_line", "ParentCommandLine"),
    ("process.pe.original_file_name", "OriginalFileName"),
    ("user.name", "User"),
    ("file.path", "TargetFilename"),
    ("dll.path", "ImageLoaded"),
    ("registry.path", "TargetObject"),
    ("registry.data.strings", "Details"),
    ("destination.ip", "DestinationIp"),
    ("destination.port", "DestinationPort"),
    ("destination.domain", "DestinationHostname"),
    ("source.ip", "SourceIp"),
    ("source.port", "SourcePort"),
    ("destination.ip", "dst_ip"),
    ("destination.port", "dst_port"),
    ("source.ip", "src_ip"),
    ("source.port", "src_port"),
    ("dns.question.name", "QueryName"),
    ("dns.question.name", "query"),
    ("dns.question.type", "record_type"),
    ("dns.answers.data", "answer"),
    ("url.original", "c-uri"),
    ("url.query", "cs-uri-query"),
    ("url.path", "cs-uri-stem"),
    ("url.domain", "cs-host"),
    ("user_agent.original", "c-useragent"),
    ("http.request.method", "cs-method"),
    ("http.request.referrer", "cs-referer"),
    ("http.response.status_code", "sc-status"),
    // Suricata.
    ("dns.rrname", "query"),
    ("dns.rrtype", "record_type"),
    ("http.url", "c-uri"),
    ("http.url", "cs-uri-query"),
    ("http.hostname", "cs-host"),
    ("http.http_user_agent", "c-useragent"),
    ("http.http_user_agent", "cs-user-agent"),
    ("http.http_method", "cs-method"),
    ("http.http_refer", "cs-referer"),
    ("http.status", "sc-status"),
    ("dest_ip", "dst_ip"),
    ("dest_port", "dst_port"),
    // Zeek.
    ("id.orig_h", "src_ip"),
    ("id.orig_p", "src_port"),
    ("id.resp_h", "dst_ip"),
    ("id.resp_p", "dst_port"),
    ("uri", "c-uri"),
    ("uri", "cs-uri-query"),
    ("user_agent", "c-useragent"),
    ("user_agent", "cs-user-agent"),
    ("method", "cs-method"),
    ("referrer", "cs-referer"),
    ("status_code", "sc-status"),
    ("qtype_name", "record_type"),
    ("answers", "answer"),
    ("data_stream.dataset", "event.dataset"),
];

/// What stands in front of Windows' own names in other forms.
const WRAPPINGS: [&str; 9] = [
    "winlog.event_data.",
    "winlog.user_data.",
    "winlog.",
    "Event.EventData.",
    "Event.UserData.",
    "Event.System.",
    "EventData.",
    "event_data.",
    "System.",
];

/// Fields by number.
#[derive(Debug)]
pub(super) struct Fields {
    names: Vec<Box<str>>,
    ids: HashMap<Box<str>, u32>,
    keys: HashMap<Box<str>, Vec<u32>>,
}

impl Fields {
    /// The telling fields, and no others yet.
    pub(super) fn new() -> Self {
        let mut fields = Self { names: Vec::new(), ids: HashMap::new(), keys: HashMap::new() };
        for name in TELLING {
            fields.number(name);
        }
        fields
    }

    /// The number of a field, new or not.
    pub(super) fn number(&mut self, name: &str) -> u32 {
        if let Some(id) = self.ids.get(name) {
            return *id;
        }
        let id = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(name.into());
        self.ids.insert(name.into(), id);
        let aliases = ALIASES.iter().filter(|(_, field)| *field == name).map(|(key, _)| *key);
        for key in aliases.chain([name]) {
            self.keys.entry(key.into()).or_default().push(id);
        }
        id
    }

    /// Its name.
    pub(super) fn name(&self, id: u32) -> &str {
        let name = usize::try_from(id).ok().and_then(|id| self.names.get(id));
        name.map(|name| &**name).unwrap_or_default()
    }

    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        self.names.len()
    }

    /// The fields that an event's key carries, by its keys joined by dots.
    pub(super) fn of(&self, key: &str) -> &[u32] {
        if let Some(found) = self.keys.get(key) {
            return found;
        }
        // Most keys that nobody asks for have no depth, and are not looked at twice.
        if !key.contains('.') {
            return &[];
        }
        let inner = WRAPPINGS.iter().find_map(|wrapping| key.strip_prefix(wrapping));
        inner.and_then(|inner| self.keys.get(inner)).map(Vec::as_slice).unwrap_or_default()
    }
}
