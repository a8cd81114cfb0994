//! What the names of fields say in the words of STIX beyond kinds of values: command lines, ports,
//! who asked. It reads no value.

/// What a field's name says of its text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Said {
    CommandLine,
    ParentCommandLine,
    Cwd,
    Pid,
    ParentPid,
    SourcePort,
    DestinationPort,
    Protocol,
    Layer,
    BytesOut,
    BytesIn,
    Method,
    Target,
    HostHeader,
    Referrer,
    CertSubject,
    CertIssuer,
    MailSubject,
    /// What a value of the registry is set to.
    Data,
    /// The last part of a registry key, which may be the name of a value.
    DataName,
    /// The machine that an event of an operating system is about.
    Computer,
    /// A machine that an event names, which may be the sensor.
    Station,
}

/// Which of an event's files a name belongs to. The first in this order has the hashes.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum File {
    /// What is written, sent or looked at.
    Target,
    /// What a process loads.
    Loaded,
    /// Any other.
    Other,
    /// What a process runs.
    Image,
    /// What its parent runs.
    Parent,
}

impl File {
    /// By the keys that lead to it, joined by dots.
    pub(super) fn of(key: &str) -> Self {
        match ends(key) {
            (_, "Image" | "NewProcessName" | "ProcessName" | "process_path" | "process_name")
            | ("process", "executable" | "name" | "path") => Self::Image,
            (_, "ParentImage" | "ParentProcessName")
            | ("parent", "executable" | "name" | "path") => Self::Parent,
            (_, "ImageLoaded") => Self::Loaded,
            (
                _,
                "TargetFilename" | "filename" | "file_name" | "fileName" | "FileName" | "fname"
                | "filePath" | "file_path" | "FilePath",
            )
            | ("file", "name" | "path" | "target_path") => Self::Target,
            _ => Self::Other,
        }
    }
}

/// The last two keys.
fn ends(key: &str) -> (&str, &str) {
    let (rest, last) = key.rsplit_once('.').unwrap_or(("", key));
    (rest.rsplit_once('.').map_or(rest, |(_, above)| above), last)
}

/// What the keys that lead to a text say of it.
pub(super) fn said(key: &str) -> Option<Said> {
    let ends = ends(key);
    of_machine(key, ends).or_else(|| of_process(ends)).or_else(|| of_network(ends))
}

fn of_machine(key: &str, ends: (&str, &str)) -> Option<Said> {
    Some(match ends {
        (_, "Computer" | "Hostname" | "computer_name" | "ComputerName" | "MachineName") => {
            Said::Computer
        }
        ("host", "name" | "hostname") | (_, "dvchost" | "device_name") => Said::Station,
        _ if key == "hostname" => Said::Station,
        _ => return None,
    })
}

fn of_process(ends: (&str, &str)) -> Option<Said> {
    Some(match ends {
        ("parent", "command_line") | (_, "ParentCommandLine") => Said::ParentCommandLine,
        (
            _,
            "CommandLine" | "command_line" | "cmdline" | "cmd_line" | "ProcessCommandLine"
            | "proctitle",
        ) => Said::CommandLine,
        (_, "CurrentDirectory" | "working_directory") => Said::Cwd,
        ("parent", "pid") | (_, "ParentProcessId") => Said::ParentPid,
        ("process", "pid") | (_, "ProcessId") => Said::Pid,
        (_, "Details") | ("data", "strings") => Said::Data,
        _ => return None,
    })
}

fn of_network(ends: (&str, &str)) -> Option<Said> {
    Some(match ends {
        (
            _,
            "SourcePort" | "src_port" | "orig_p" | "spt" | "sourcePort" | "source_port" | "srcport",
        )
        | ("source" | "client" | "src_endpoint", "port") => Said::SourcePort,
        (
            _,
            "DestinationPort" | "DestPort" | "dest_port" | "dst_port" | "resp_p" | "dpt"
            | "destinationPort" | "destination_port" | "dstport",
        )
        | ("destination" | "server" | "dst_endpoint", "port") => Said::DestinationPort,
        (_, "proto" | "Protocol" | "transport" | "app_proto" | "service")
        | ("network", "protocol") => Said::Protocol,
        (_, "_path" | "event_type") => Said::Layer,
        (_, "orig_bytes" | "src_bytes" | "bytes_toserver") | ("source", "bytes") => Said::BytesOut,
        (_, "resp_bytes" | "dst_bytes" | "bytes_toclient") | ("destination", "bytes") => {
            Said::BytesIn
        }
        (_, "http_method" | "cs-method" | "requestMethod") | ("request", "method") => Said::Method,
        ("" | "http", "method") => Said::Method,
        (_, "uri" | "cs-uri" | "request_uri") | ("http", "url") => Said::Target,
        ("http", "hostname") | (_, "cs-host") | ("", "host") => Said::HostHeader,
        (_, "http_refer" | "referrer" | "referer" | "cs-referer") => Said::Referrer,
        ("email", "subject") => Said::MailSubject,
        (_, "subject") => Said::CertSubject,
        (_, "issuer" | "issuerdn") => Said::CertIssuer,
        _ => return None,
    })
}
