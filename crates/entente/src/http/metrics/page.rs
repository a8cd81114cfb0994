//! Prometheus' text form: families of numbers with labels from closed lists. It knows no number.
//!
//! SPEC: Prometheus text exposition format 0.0.4

use crate::meters::Histogram;
use std::fmt::{Display, Write as _};

/// A page under way.
#[derive(Debug, Default)]
pub(crate) struct Page(String);

impl Page {
    /// Begins a family: its name without the common beginning, its type, what it tells.
    pub(crate) fn family(&mut self, (name, kind): (&str, &str), help: &str) {
        // Writing to a text cannot fail.
        write!(self.0, "# HELP entente_{name} {help}\n# TYPE entente_{name} {kind}\n").ok();
    }

    /// A number of a family. Labels are our own words, so nothing in them needs escaping.
    pub(crate) fn number(
        &mut self,
        name: &str,
        labels: &[(&str, &dyn Display)],
        value: impl Display,
    ) {
        write!(self.0, "entente_{name}").ok();
        for (place, (label, word)) in labels.iter().enumerate() {
            let before = if place == 0 { '{' } else { ',' };
            write!(self.0, "{before}{label}=\"{word}\"").ok();
        }
        let close = if labels.is_empty() { "" } else { "}" };
        writeln!(self.0, "{close} {value}").ok();
    }

    /// A family of one number.
    pub(crate) fn gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.family((name, "gauge"), help);
        self.number(name, &[], value);
    }

    /// A family of one number that only rises.
    pub(crate) fn counter(&mut self, name: &str, help: &str, value: impl Display) {
        self.family((name, "counter"), help);
        self.number(name, &[], value);
    }

    /// The numbers of a histogram of seconds.
    pub(crate) fn histogram(
        &mut self,
        name: &str,
        label: Option<(&str, &str)>,
        histogram: &Histogram,
    ) {
        let own = label.as_ref().map(|(label, word)| (*label, word as &dyn Display));
        let (bucket, all) = (format!("{name}_bucket"), "+Inf");
        let ends = histogram.cumulative().chain([(all, histogram.count())]);
        for (end, count) in ends {
            let labels: Vec<_> = own.into_iter().chain([("le", &end as &dyn Display)]).collect();
            self.number(&bucket, &labels, count);
        }
        let own: Vec<_> = own.into_iter().collect();
        self.number(&format!("{name}_sum"), &own, histogram.seconds());
        self.number(&format!("{name}_count"), &own, histogram.count());
    }

    /// The whole.
    pub(crate) fn text(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests;
