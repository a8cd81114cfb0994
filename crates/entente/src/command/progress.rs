//! A bar on the terminal for work that takes long: how far, how fast, how long it still takes. It
//! draws nothing in a pipe, in a file or with `--json`, and counts nothing that others rely on.

use super::here::Here;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal as _;

/// What is counted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Unit {
    /// Bytes, shown with their powers.
    Bytes,
    /// Things with a name in the plural, such as `records`.
    Items(&'static str),
}

/// A bar; it is gone as soon as this is dropped, also when the work failed.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar for this work, such as `copying`; without a total it shows how much and how fast.
    pub(crate) fn new(here: &Here, work: &'static str, unit: Unit, total: Option<u64>) -> Self {
        if !shown(here, std::io::stderr().is_terminal()) {
            return Self::hidden();
        }
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
        // A template that cannot be read would be ours to mend; a plain bar does until then.
        if let Ok(style) = ProgressStyle::with_template(&template(unit, total.is_some())) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(work);
        Self { bar }
    }

    /// One that nobody sees.
    pub(crate) fn hidden() -> Self {
        Self { bar: ProgressBar::hidden() }
    }

    /// So many more are done.
    pub(crate) fn advance(&self, by: u64) {
        self.bar.inc(by);
    }

    /// So many are done in all.
    pub(crate) fn reach(&self, done: u64) {
        self.bar.set_position(done);
    }

    /// There are so many in all, as was found out on the way.
    pub(crate) fn expect(&self, total: u64) {
        self.bar.set_length(total);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Whether somebody looks: a script reads JSON, and a file wants no bars.
const fn shown(here: &Here, terminal: bool) -> bool {
    terminal && !here.json
}

fn template(unit: Unit, total: bool) -> String {
    let (done, all, rate) = match unit {
        Unit::Bytes => ("{bytes}", "{total_bytes}", "{bytes_per_sec}".to_owned()),
        Unit::Items(name) => ("{human_pos}", "{human_len}", format!("{name}, {{per_sec}}")),
    };
    if total {
        format!("{{msg}} [{{wide_bar}}] {done}/{all} {rate}, {{eta}} left")
    } else {
        format!("{{spinner}} {{msg}} {done} {rate}, {{elapsed}}")
    }
}

#[cfg(test)]
mod tests;
