//! `entente export`: the feed that the node gives to tools, on standard output. The bytes are those
//! of `/feeds/CIRCLE/NAME`; it renders none itself.

use super::client::{Client, encoded, wait};
use super::failure::{Ended, Outcome};
use super::here::Here;
use super::output::bytes;
use clap::{Args, ValueEnum};
use http::Method;

/// Indicators as other tools read them, as /feeds/ serves them
#[derive(Args, Debug)]
pub(crate) struct Export {
    /// blocklist, suricata, zeek, rpz, wazuh, stix or csv
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
}

impl Export {
    pub(crate) fn run(self, here: &Here) -> Ended {
        let path = self.path();
        let reply = wait(async { Client::new(here)?.send(Method::GET, &path, None).await })?;
        bytes(&reply.body)?;
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
        };
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
