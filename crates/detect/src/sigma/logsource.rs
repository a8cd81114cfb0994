//! Which sources of logs, in Sigma's words, an event comes from. It looks at a few tell-tale fields
//! and never at the rules: an event that tells nothing comes from none.
//!
//! SPEC: Sigma Specification 2.1, Taxonomy, Log sources; channels as SigmaHQ's own mappings have them.

use super::read::LogSource;

/// The fields that tell, by Sigma's names; a field's place is the number that [`sources`] asks for.
pub const TELLING: [&str; 16] = [
    "Channel",
    "EventID",
    "EventType",
    "_path",
    "event_type",
    "event.dataset",
    "eventSource",
    "host.os.type",
    "event.category",
    "log.syslog.appname",
    "type",
    "cs-uri-stem",
    "c-uri",
    "Provider_Name",
    "eventName",
    "auid",
];

const CHANNEL: usize = 0;
const EVENT_ID: usize = 1;
const EVENT_TYPE: usize = 2;
const ZEEK_PATH: usize = 3;
const EVE_TYPE: usize = 4;
const DATASET: usize = 5;
const AWS_SOURCE: usize = 6;
const SYSTEM: usize = 7;
const ECS_CATEGORY: usize = 8;
const PROGRAM: usize = 9;
const TYPE: usize = 10;
const W3C_STEM: usize = 11;
const W3C_URI: usize = 12;
const PROVIDER: usize = 13;
const AWS_NAME: usize = 14;
const AUDIT_ID: usize = 15;

/// One source of an event; a part that is empty is not told.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Source {
    /// The product.
    pub product: &'static str,
    /// The category.
    pub category: &'static str,
    /// The service.
    pub service: &'static str,
}

const fn source(product: &'static str, category: &'static str, service: &'static str) -> Source {
    Source { product, category, service }
}

impl LogSource {
    /// Whether a rule for this source looks at events of that one.
    #[must_use]
    pub fn takes(&self, source: &Source) -> bool {
        let part = |wanted: &Option<String>, told| wanted.as_ref().is_none_or(|w| w == told);
        part(&self.product, source.product)
            && part(&self.category, source.category)
            && part(&self.service, source.service)
    }

    /// Whether any event can come from it.
    #[must_use]
    pub fn is_known(&self) -> bool {
        ALL.iter().any(|source| self.takes(source))
            || CHANNELS.iter().any(|(_, service)| self.takes(&source("windows", "", service)))
            || SYSMON.iter().any(|(_, c)| self.takes(&source("windows", c, "sysmon")))
    }
}

/// Windows' channels, in lower case, and Sigma's services.
const CHANNELS: [(&str, &str); 50] = [
    ("security", "security"),
    ("system", "system"),
    ("application", "application"),
    ("microsoft-windows-sysmon/operational", "sysmon"),
    ("windows powershell", "powershell-classic"),
    ("microsoft-windows-powershell/operational", "powershell"),
    ("powershellcore/operational", "powershell"),
    ("microsoft-windows-windows defender/operational", "windefend"),
    ("microsoft-windows-bits-client/operational", "bits-client"),
    ("microsoft-windows-codeintegrity/operational", "codeintegrity-operational"),
    ("microsoft-windows-appxdeploymentserver/operational", "appxdeployment-server"),
    ("microsoft-windows-appxpackaging/operational", "appxpackaging-om"),
    ("microsoft-windows-windows firewall with advanced security/firewall", "firewall-as"),
    ("msexchange management", "msexchange-management"),
    ("microsoft-windows-dns client events/operational", "dns-client"),
    ("microsoft-windows-dns-client/operational", "dns-client"),
    ("dns server", "dns-server"),
    ("microsoft-windows-dnsserver/audit", "dns-server-audit"),
    ("microsoft-windows-dns-server/analytical", "dns-server-analytic"),
    ("microsoft-iis-configuration/operational", "iis-configuration"),
    ("microsoft-windows-taskscheduler/operational", "taskscheduler"),
    ("microsoft-windows-ntlm/operational", "ntlm"),
    ("microsoft-windows-security-mitigations/kernel mode", "security-mitigations"),
    ("microsoft-windows-security-mitigations/user mode", "security-mitigations"),
    ("microsoft-windows-wmi-activity/operational", "wmi"),
    ("microsoft-windows-applocker/exe and dll", "applocker"),
    ("microsoft-windows-applocker/msi and script", "applocker"),
    ("microsoft-windows-applocker/packaged app-deployment", "applocker"),
    ("microsoft-windows-applocker/packaged app-execution", "applocker"),
    ("microsoft-servicebus-client", "microsoft-servicebus-client"),
    (
        "microsoft-windows-terminalservices-localsessionmanager/operational",
        "terminalservices-localsessionmanager",
    ),
    ("microsoft-windows-shell-core/operational", "shell-core"),
    (
        "microsoft-windows-certificateservicesclient-lifecycle-system/operational",
        "certificateservicesclient-lifecycle-system",
    ),
    ("microsoft-windows-driverframeworks-usermode/operational", "driver-framework"),
    ("microsoft-windows-ldap-client/debug", "ldap"),
    ("microsoft-windows-appmodel-runtime/admin", "appmodel-runtime"),
    ("microsoft-windows-smbclient/audit", "smbclient-security"),
    ("microsoft-windows-smbclient/security", "smbclient-security"),
    ("microsoft-windows-smbclient/connectivity", "smbclient-connectivity"),
    ("microsoft-windows-smbserver/audit", "smbserver-connectivity"),
    ("microsoft-windows-smbserver/connectivity", "smbserver-connectivity"),
    ("microsoft-windows-diagnosis-scripted/operational", "diagnosis-scripted"),
    ("microsoft-windows-lsa/operational", "lsa-server"),
    ("openssh/operational", "openssh"),
    ("microsoft-windows-capi2/operational", "capi2"),
    ("microsoft-windows-printservice/admin", "printservice-admin"),
    ("microsoft-windows-printservice/operational", "printservice-operational"),
    ("microsoft-windows-kernel-shimengine/operational", "kernel-shimengine"),
    ("microsoft-windows-hyper-v-worker", "hyper-v-worker"),
    ("microsoft-windows-kernel-event tracing", "kernel-event-tracing"),
];

/// Sysmon's events.
const SYSMON: [(&str, &str); 33] = [
    ("1", "process_creation"),
    ("2", "file_change"),
    ("3", "network_connection"),
    ("4", "sysmon_status"),
    ("5", "process_termination"),
    ("6", "driver_load"),
    ("7", "image_load"),
    ("8", "create_remote_thread"),
    ("9", "raw_access_thread"),
    ("10", "process_access"),
    ("11", "file_event"),
    ("12", "registry_event"),
    ("13", "registry_event"),
    ("13", "registry_set"),
    ("14", "registry_event"),
    ("14", "registry_rename"),
    ("15", "create_stream_hash"),
    ("16", "sysmon_status"),
    ("17", "pipe_created"),
    ("18", "pipe_created"),
    ("19", "wmi_event"),
    ("20", "wmi_event"),
    ("21", "wmi_event"),
    ("22", "dns_query"),
    ("23", "file_delete"),
    ("24", "clipboard_capture"),
    ("25", "process_tampering"),
    ("26", "file_delete"),
    ("27", "file_block_executable"),
    ("28", "file_block_shredding"),
    ("29", "file_executable_detected"),
    ("255", "sysmon_error"),
    ("26", "file_delete_detected"),
];

/// Sources beside Windows' channels and Sysmon's events.
const ALL: [Source; 62] = [
    source("windows", "registry_add", "sysmon"),
    source("windows", "registry_delete", "sysmon"),
    source("windows", "process_creation", "security"),
    source("windows", "ps_module", "powershell"),
    source("windows", "ps_script", "powershell"),
    source("windows", "ps_classic_start", "powershell-classic"),
    source("windows", "ps_classic_provider_start", "powershell-classic"),
    source("windows", "ps_classic_script", "powershell-classic"),
    source("linux", "process_creation", ""),
    source("linux", "network_connection", ""),
    source("linux", "file_event", ""),
    source("macos", "process_creation", ""),
    source("macos", "network_connection", ""),
    source("macos", "file_event", ""),
    source("windows", "process_creation", ""),
    source("linux", "", "auditd"),
    source("linux", "", "sshd"),
    source("linux", "", "cron"),
    source("linux", "", "sudo"),
    source("linux", "", "clamav"),
    source("linux", "", "vsftpd"),
    source("linux", "", "guacamole"),
    source("linux", "", "auth"),
    source("linux", "", "syslog"),
    source("aws", "", "cloudtrail"),
    source("azure", "", "auditlogs"),
    source("azure", "", "activitylogs"),
    source("azure", "", "signinlogs"),
    source("azure", "", "riskdetection"),
    source("azure", "", "pim"),
    source("gcp", "", "gcp.audit"),
    source("gcp", "", "google_workspace.admin"),
    source("gcp", "", "google_workspace.login"),
    source("okta", "", "okta"),
    source("onelogin", "", "onelogin.events"),
    source("github", "", "audit"),
    source("bitbucket", "", "audit"),
    source("m365", "", "audit"),
    source("m365", "", "exchange"),
    source("m365", "", "threat_management"),
    source("m365", "", "threat_detection"),
    source("kubernetes", "application", "audit"),
    source("cisco", "", "duo"),
    source("cisco", "", "aaa"),
    source("fortigate", "", "event"),
    source("opencanary", "application", ""),
    source("", "antivirus", ""),
    source("", "database", ""),
    source("", "firewall", ""),
    source("", "proxy", ""),
    source("", "webserver", ""),
    source("", "dns", ""),
    source("", "webserver", "apache"),
    source("", "webserver", "nginx"),
    source("zeek", "dns", "dns"),
    source("zeek", "", "http"),
    source("zeek", "", "smb_files"),
    source("zeek", "", "dce_rpc"),
    source("zeek", "", "kerberos"),
    source("zeek", "", "rdp"),
    source("zeek", "", "x509"),
    source("zeek", "firewall", "conn"),
];

/// Sources by what Elastic's agents call a data set.
const DATASETS: [(&str, Source); 32] = [
    ("aws.cloudtrail", source("aws", "", "cloudtrail")),
    ("azure.auditlogs", source("azure", "", "auditlogs")),
    ("azure.activitylogs", source("azure", "", "activitylogs")),
    ("azure.signinlogs", source("azure", "", "signinlogs")),
    ("azure.identity_protection", source("azure", "", "riskdetection")),
    ("azure.pim", source("azure", "", "pim")),
    ("gcp.audit", source("gcp", "", "gcp.audit")),
    ("google_workspace.admin", source("gcp", "", "google_workspace.admin")),
    ("google_workspace.login", source("gcp", "", "google_workspace.login")),
    ("okta.system", source("okta", "", "okta")),
    ("onelogin.events", source("onelogin", "", "onelogin.events")),
    ("github.audit", source("github", "", "audit")),
    ("bitbucket.audit", source("bitbucket", "", "audit")),
    ("o365.audit", source("m365", "", "audit")),
    ("o365.exchange", source("m365", "", "exchange")),
    ("o365.threat_management", source("m365", "", "threat_management")),
    ("o365.threat_detection", source("m365", "", "threat_detection")),
    ("kubernetes.audit", source("kubernetes", "application", "audit")),
    ("kubernetes.audit_logs", source("kubernetes", "application", "audit")),
    ("cisco_duo.auth", source("cisco", "", "duo")),
    ("cisco_duo.admin", source("cisco", "", "duo")),
    ("cisco_ios.log", source("cisco", "", "aaa")),
    ("fortinet_fortigate.log", source("fortigate", "", "event")),
    ("opencanary.events", source("opencanary", "application", "")),
    ("auditd.log", source("linux", "", "auditd")),
    ("auditd_manager.auditd", source("linux", "", "auditd")),
    ("system.auth", source("linux", "", "auth")),
    ("system.syslog", source("linux", "", "syslog")),
    ("apache.access", source("", "webserver", "apache")),
    ("nginx.access", source("", "webserver", "nginx")),
    ("iis.access", source("", "webserver", "")),
    ("squid.log", source("", "proxy", "")),
];

/// Calls `each` for every source of an event, of which `value` gives the telling fields by their
/// places in [`TELLING`].
pub fn sources<'e>(value: impl Fn(usize) -> Option<&'e str>, each: &mut impl FnMut(Source)) {
    if let Some(channel) = value(CHANNEL) {
        windows(channel, &value, each);
        return;
    }
    if let Some(dataset) = value(DATASET) {
        let known = DATASETS.iter().filter(|(name, _)| *name == dataset);
        known.for_each(|(_, source)| each(*source));
    }
    if value(PROVIDER).is_some_and(|name| name == "Linux-Sysmon") {
        let id = value(EVENT_ID).unwrap_or_default();
        let known = SYSMON.iter().filter(|(number, _)| *number == id);
        known.for_each(|(_, category)| each(source("linux", category, "sysmon")));
    }
    if let Some(path) = value(ZEEK_PATH) {
        zeek(path, each);
    } else if let Some(kind) = value(EVE_TYPE) {
        network(kind, each);
    }
    if value(AWS_SOURCE).is_some_and(|name| name.ends_with(".amazonaws.com"))
        && value(AWS_NAME).is_some()
    {
        each(source("aws", "", "cloudtrail"));
    }
    elastic(&value, each);
    if let Some(program) = value(PROGRAM) {
        linux(program, each);
    }
    if value(TYPE).is_some_and(|kind| AUDIT_TYPES.contains(&kind)) || value(AUDIT_ID).is_some() {
        each(source("linux", "", "auditd"));
    }
    if value(W3C_STEM).is_some() {
        each(source("", "webserver", ""));
    }
    if value(W3C_URI).is_some() {
        each(source("", "proxy", ""));
    }
}

/// Types of Linux' audit records that SigmaHQ's rules name, and those that come with them.
const AUDIT_TYPES: [&str; 12] = [
    "SYSCALL",
    "EXECVE",
    "PATH",
    "CWD",
    "PROCTITLE",
    "USER_AND_CRED",
    "ADD_USER",
    "USER_CMD",
    "CONFIG_CHANGE",
    "SERVICE_STOP",
    "SERVICE_START",
    "SOCKADDR",
];

fn windows<'e>(
    channel: &str,
    value: &impl Fn(usize) -> Option<&'e str>,
    each: &mut impl FnMut(Source),
) {
    let id = value(EVENT_ID).unwrap_or_default();
    if channel == "Linux-Sysmon/Operational" {
        let known = SYSMON.iter().filter(|(number, _)| *number == id);
        return known.for_each(|(_, category)| each(source("linux", category, "sysmon")));
    }
    let known = CHANNELS.iter().find(|(name, _)| name.eq_ignore_ascii_case(channel));
    let service = known.map_or("", |(_, service)| *service);
    each(source("windows", "", service));
    let mut category = |category| each(source("windows", category, service));
    match (service, id) {
        ("sysmon", _) => {
            if id == "12" {
                let kind = value(EVENT_TYPE).unwrap_or_default();
                category(if kind.starts_with("Delete") {
                    "registry_delete"
                } else {
                    "registry_add"
                });
            }
            SYSMON.iter().filter(|(number, _)| *number == id).for_each(|(_, name)| category(name));
        }
        ("security", "4688") => category("process_creation"),
        ("powershell", "4103") => category("ps_module"),
        ("powershell", "4104") => category("ps_script"),
        ("powershell-classic", "400") => category("ps_classic_start"),
        ("powershell-classic", "600") => category("ps_classic_provider_start"),
        ("powershell-classic", "800") => category("ps_classic_script"),
        _ => {}
    }
}

fn zeek(path: &str, each: &mut impl FnMut(Source)) {
    match path {
        "dns" => each(source("zeek", "dns", "dns")),
        "http" => {
            each(source("zeek", "proxy", "http"));
            each(source("zeek", "webserver", "http"));
        }
        "smb_files" => each(source("zeek", "", "smb_files")),
        "dce_rpc" => each(source("zeek", "", "dce_rpc")),
        "kerberos" => each(source("zeek", "", "kerberos")),
        "rdp" => each(source("zeek", "", "rdp")),
        "x509" => each(source("zeek", "", "x509")),
        "conn" => each(source("zeek", "firewall", "conn")),
        _ => each(source("zeek", "", "")),
    }
}

/// What Suricata sees of others' traffic.
fn network(kind: &str, each: &mut impl FnMut(Source)) {
    match kind {
        "dns" => each(source("suricata", "dns", "")),
        "http" => {
            each(source("suricata", "proxy", ""));
            each(source("suricata", "webserver", ""));
        }
        "flow" => each(source("suricata", "firewall", "")),
        _ => {}
    }
}

/// ECS: the operating system and the event's category.
fn elastic<'e>(value: &impl Fn(usize) -> Option<&'e str>, each: &mut impl FnMut(Source)) {
    let Some(category) = value(ECS_CATEGORY) else { return };
    let product = match value(SYSTEM) {
        Some("linux") => "linux",
        Some("macos") => "macos",
        Some("windows") => "windows",
        _ => "",
    };
    match category {
        "process" if !product.is_empty() => each(source(product, "process_creation", "")),
        "file" if !product.is_empty() => each(source(product, "file_event", "")),
        "network" if !product.is_empty() => each(source(product, "network_connection", "")),
        "malware" => each(source(product, "antivirus", "")),
        "database" => each(source(product, "database", "")),
        _ => {}
    }
}

/// Programs that write to syslog.
fn linux(program: &str, each: &mut impl FnMut(Source)) {
    let service = match program {
        "sshd" => "sshd",
        "sudo" => "sudo",
        "cron" | "CRON" | "crond" => "cron",
        "clamd" | "freshclam" | "clamav" => "clamav",
        "vsftpd" => "vsftpd",
        "guacd" | "guacamole" => "guacamole",
        _ => "syslog",
    };
    each(source("linux", "", service));
    if matches!(service, "sshd" | "sudo") {
        each(source("linux", "", "auth"));
    }
}
