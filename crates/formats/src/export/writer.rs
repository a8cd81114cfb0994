//! A feed while it is written: values in, bytes out, whichever form it has. It orders and drops what
//! its form demands, and bounds nothing: who pushes looks at `bytes`.

use super::blocklist::Blocklist;
use super::csv::Csv;
use super::form::{Form, Options};
use super::line::{About, Line};
use super::misp_feed::{Misp, Unstamped};
use super::rpz::Rpz;
use super::sigma::{RuleLine, Sigma};
use super::stix::Bundle;
use super::suricata::{Rules, Values};
use super::wazuh::Wazuh;
use super::zeek::Zeek;
use uuid::Uuid;

/// A feed that is being written.
#[derive(Debug)]
pub struct Writer {
    inner: Inner,
    options: Options,
}

#[derive(Debug)]
enum Inner {
    Blocklist(Blocklist),
    Csv(Box<Csv>),
    Rules(Rules),
    Set(Values),
    Zeek(Zeek),
    Rpz(Rpz),
    Wazuh(Wazuh),
    Stix(Bundle),
    Misp(Box<Misp>),
    Sigma(Sigma),
}

impl Writer {
    /// An empty feed of this form; ids that it gives itself follow from its publisher's.
    #[must_use]
    pub fn new(form: Form, options: Options, publisher: Uuid) -> Self {
        let inner = match form {
            Form::Blocklist => Inner::Blocklist(Blocklist::default()),
            Form::Csv => Inner::Csv(Box::default()),
            Form::SuricataRules => Inner::Rules(Rules::new(options.subdomains)),
            Form::SuricataSet(set) => Inner::Set(Values::new(set)),
            Form::Zeek => Inner::Zeek(Zeek::default()),
            Form::Rpz => Inner::Rpz(Rpz::default()),
            Form::Wazuh => Inner::Wazuh(Wazuh::default()),
            Form::Stix => Inner::Stix(Bundle::default()),
            Form::Misp(file) => Inner::Misp(Box::new(Misp::new(file, publisher))),
            Form::Sigma(file) => Inner::Sigma(Sigma::new(file)),
        };
        Self { inner, options }
    }

    /// Adds a value, where it can stand in this form.
    pub fn push(&mut self, line: &Line<'_>) {
        match &mut self.inner {
            Inner::Blocklist(list) => list.push(line),
            Inner::Csv(table) => table.push(line),
            Inner::Rules(rules) => rules.push(line),
            Inner::Set(values) => values.push(line),
            Inner::Zeek(rows) => rows.push(line),
            Inner::Rpz(zone) => zone.push(line),
            Inner::Wazuh(list) => list.push(line),
            Inner::Misp(folder) => folder.push(line),
            Inner::Stix(_) | Inner::Sigma(_) => {}
        }
    }

    /// Adds a body, where the form is made of them.
    pub fn push_body(&mut self, body: &[u8]) {
        if let Inner::Stix(bundle) = &mut self.inner {
            bundle.push(body);
        }
    }

    /// Adds a rule, where the form is made of them.
    pub fn push_rule(&mut self, rule: &RuleLine<'_>) {
        if let Inner::Sigma(rules) = &mut self.inner {
            rules.push(rule);
        }
    }

    /// Whether it has more parts than its readers can load, however few bytes they are.
    #[must_use]
    pub fn is_too_long(&self) -> bool {
        matches!(&self.inner, Inner::Misp(folder) if folder.is_too_long())
    }

    /// About how many bytes it has.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match &self.inner {
            Inner::Blocklist(list) => list.bytes(),
            Inner::Csv(table) => table.bytes(),
            Inner::Rules(rules) => rules.bytes(),
            Inner::Set(values) => values.bytes(),
            Inner::Zeek(rows) => rows.bytes(),
            Inner::Rpz(zone) => zone.bytes(),
            Inner::Wazuh(list) => list.bytes(),
            Inner::Stix(bundle) => bundle.bytes(),
            Inner::Misp(folder) => folder.bytes(),
            Inner::Sigma(rules) => rules.bytes(),
        }
    }

    /// The feed's bytes: the same for the same values in any order but for those that keep the order
    /// in which they came: CSV, STIX, events, rules. Nothing where it is a file of a folder that does
    /// not have it.
    #[must_use]
    pub fn finish(self, about: &About<'_>) -> Option<Unstamped> {
        let bytes = match self.inner {
            Inner::Blocklist(list) => list.finish(),
            Inner::Csv(table) => table.finish(),
            Inner::Rules(rules) => rules.finish(about),
            Inner::Set(values) => values.finish(),
            Inner::Zeek(rows) => rows.finish(about),
            Inner::Rpz(zone) => zone.finish(about, &self.options.action),
            Inner::Wazuh(list) => list.finish(),
            Inner::Stix(bundle) => bundle.finish(),
            Inner::Misp(folder) => return folder.finish(about),
            Inner::Sigma(rules) => rules.finish()?,
        };
        Some(Unstamped::whole(bytes))
    }
}
