//! `entente export`: the feed that the node gives to tools, on standard output. The bytes are those
//! of `/feeds/CIRCLE/NAME`; it renders none itself.

use super::client::{Client, encoded, wait};
use super::failure::{Ended, Failure, Outcome};
use super::feed_folder::Folder;
use super::here::Here;
use super::output::{bytes, counted, remark};
use clap::{Args, ValueEnum};
use http::Method;
use std::path::{Path, PathBuf};

/// Indicators as other tools read them, as /feeds/ serves them
#[derive(Args, Debug)]
pub(crate) struct Export {
    /// blocklist suricata zeek rpz wazuh stix csv sigma misp
    #[arg(value_enum, hide_possible_values = true)]
    form: ExportForm,
    /// The circle whose indicators are meant
    #[arg(long, value_name = "NAME")]
    circle: String,
    /// Only of this kind, such as domain, ip or sha256
    #[arg(long, value_name = "KIND")]
    kind: Vec<String>,
    /// Only with this confidence at least, now (0 to 100)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(..=100))]
    min_confidence: Option<u8>,
    /// Only what is at most so many days old
    #[arg(long, value_name = "DAYS")]
    max_age: Option<u32>,
    /// Only indicators with this label or type
    #[arg(long, value_name = "WORD")]
    label: Vec<String>,
    /// Nothing stricter than this traffic light
    #[arg(long, value_name = "TLP")]
    tlp: Option<String>,
    /// Nothing whose actions are more restricted than this
    #[arg(long, value_name = "PAP")]
    pap: Option<String>,
    /// A zone says nxdomain, nodata, passthru, walled:HOST
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// Suricata's rules name names below as well
    #[arg(long)]
    subdomains: bool,
    /// Write the files of misp or sigma into this folder
    #[arg(long, value_name = "FOLDER")]
    into: Option<PathBuf>,
}

/// The forms.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum ExportForm {
    /// One value a line
    Blocklist,
    /// Rules, or with --kind one of their sets
    Suricata,
    /// Zeek's intel file
    Zeek,
    /// A zone of response policies
    Rpz,
    /// A list for Wazuh's CDB
    Wazuh,
    /// The indicators themselves, as a bundle
    Stix,
    /// A table
    Csv,
    /// Rules, in one stream or each in a file
    Sigma,
    /// A folder that MISP pulls
    Misp,
}

impl Export {
    pub(crate) fn run(self, here: &Here) -> Ended {
        let folder = match self.form {
            ExportForm::Misp => Some(Folder::Misp),
            ExportForm::Sigma => Some(Folder::Sigma),
            ExportForm::Blocklist
            | ExportForm::Suricata
            | ExportForm::Zeek
            | ExportForm::Rpz
            | ExportForm::Wazuh
            | ExportForm::Stix
            | ExportForm::Csv => None,
        };
        match (folder, &self.into) {
            (Some(folder), Some(into)) => return self.write(here, folder, into),
            (Some(Folder::Misp), None) => {
                let failure = Failure::input("a feed for MISP is a folder of files");
                return Err(failure.coded("E-EXPORT-001").hint("name a folder: --into FOLDER"));
            }
            (None, Some(_)) => {
                let failure = Failure::input("this form is one file");
                return Err(failure
                    .coded("E-EXPORT-001")
                    .hint("leave --into out, and use `> FILE`"));
            }
            (Some(Folder::Sigma) | None, None) => {}
        }
        let path = self.path();
        let reply = wait(async { Client::new(here)?.send(Method::GET, &path, None).await })?;
        bytes(&reply.body)?;
        Ok(Outcome::Done)
    }

    /// Writes a folder's files.
    fn write(&self, here: &Here, folder: Folder, into: &Path) -> Ended {
        let kinds: Vec<&str> = self.kind.iter().map(String::as_str).collect();
        let address = |name: &str| self.address(name, &kinds);
        let files = wait(async { folder.fetch(&mut Client::new(here)?, into, &address).await })?;
        let files = counted(u64::try_from(files).unwrap_or(0), "file", "files");
        remark(&format!("{files} and a list in {}", into.display()));
        Ok(Outcome::Done)
    }

    fn path(&self) -> String {
        let mut kinds: Vec<&str> = self.kind.iter().map(String::as_str).collect();
        let name = match self.form {
            ExportForm::Blocklist => "blocklist.txt".to_owned(),
            ExportForm::Suricata => match kinds.pop() {
                None => "suricata.rules".to_owned(),
                Some(set) => format!("suricata/{}.lst", encoded(set)),
            },
            ExportForm::Zeek => "intel.dat".to_owned(),
            ExportForm::Rpz => "rpz.zone".to_owned(),
            ExportForm::Wazuh => "wazuh.cdb.txt".to_owned(),
            ExportForm::Stix => "stix.json".to_owned(),
            ExportForm::Csv => "csv".to_owned(),
            ExportForm::Sigma => "sigma.yml".to_owned(),
            ExportForm::Misp => "misp/manifest.json".to_owned(),
        };
        self.address(&name, &kinds)
    }

    /// Where a feed of this name is, with what is asked of it.
    fn address(&self, name: &str, kinds: &[&str]) -> String {
        let mut query: Vec<String> = Vec::new();
        let mut ask = |name: &str, value: &str| query.push(format!("{name}={}", encoded(value)));
        kinds.iter().for_each(|kind| ask("kind", kind));
        self.label.iter().for_each(|label| ask("label", label));
        let confidence = self.min_confidence.map(|least| least.to_string());
        let age = self.max_age.map(|days| days.to_string());
        for (name, value) in [
            ("min_confidence", &confidence),
            ("max_age", &age),
            ("tlp", &self.tlp),
            ("pap", &self.pap),
            ("action", &self.action),
        ] {
            value.iter().for_each(|value| ask(name, value));
        }
        if self.subdomains {
            ask("subdomains", "1");
        }
        let query = query.join("&");
        let mark = if query.is_empty() { "" } else { "?" };
        format!("/feeds/{}/{name}{mark}{query}", encoded(&self.circle))
    }
}
