//! The table that a person reads: each figure of ours with its bar and with the peers' figures for
//! the same work. The same as JSON, one line per figure, or as Markdown. It measures nothing.

use super::machine::percentile;
use super::taxii::seconds;
use super::work::{self, Bar};
use serde::Serialize;

#[cfg(test)]
mod tests;

/// One measured figure.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Figure {
    /// What was done.
    pub(super) work: String,
    /// The figure.
    pub(super) value: f64,
    /// Its unit.
    pub(super) unit: &'static str,
    /// CPU seconds of all processes of ours that it took.
    pub(super) cpu_seconds: f64,
    /// Wall seconds.
    pub(super) wall_seconds: f64,
    /// Anything else worth a glance.
    pub(super) note: String,
}

/// How the table is shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Form {
    /// For a terminal, line by line as the figures come.
    Text,
    /// One document of JSON per figure, as they come.
    Json,
    /// For BENCHMARKS.md, when all are there.
    Markdown,
}

/// A figure of somebody else.
struct Theirs {
    who: &'static str,
    figure: Figure,
}

/// The figures of one run.
pub(super) struct Table {
    form: Form,
    head: Vec<String>,
    peers: Vec<Theirs>,
    ours: Vec<Figure>,
}

impl Table {
    pub(super) const fn new(form: Form) -> Self {
        Self { form, head: Vec::new(), peers: Vec::new(), ours: Vec::new() }
    }

    /// Keeps a figure of ours and shows it at once, with the peers' for the same work.
    #[expect(clippy::print_stdout, reason = "this command's output")]
    pub(super) fn add(&mut self, figure: Figure) {
        match self.form {
            Form::Text => {
                let bar =
                    work::bar(&figure.work).map_or_else(String::new, |bar| judged(bar, &figure));
                println!("{}", line(&figure, &figure.work, &bar));
                for theirs in self.peers.iter().filter(|theirs| theirs.figure.work == figure.work) {
                    let ratio = ratio(&figure, &theirs.figure);
                    println!("{}", line(&theirs.figure, &format!("    {}", theirs.who), &ratio));
                }
            }
            Form::Json => {
                let bar = work::bar(&figure.work);
                let cleared = bar.map(|bar| bar.is_cleared(figure.value));
                println!("{}", json("entente", &figure, cleared));
            }
            Form::Markdown => tell(&format!("{}: {}", figure.work, number(figure.value))),
        }
        self.ours.push(figure);
    }

    /// Keeps two percentiles of what was waited for, each under its own name.
    pub(super) fn percentiles(
        &mut self,
        works: [(usize, &str); 2],
        took: &mut [i64],
        figure: &Figure,
    ) {
        for (percent, work) in works {
            let value = seconds(percentile(took, percent) * 1_000);
            self.add(Figure { work: work.to_owned(), value, unit: "ms", ..figure.clone() });
        }
    }

    /// Keeps a peer's figure; it is shown beside ours.
    #[expect(clippy::print_stdout, reason = "this command's output")]
    pub(super) fn peer(&mut self, who: &'static str, figure: Figure) {
        if self.form == Form::Json {
            println!("{}", json(who, &figure, None));
        }
        self.peers.push(Theirs { who, figure });
    }

    /// The lines above the figures.
    #[expect(clippy::print_stdout, reason = "this command's output")]
    pub(super) fn head(&mut self, lines: &[String]) {
        self.head.extend_from_slice(lines);
        match self.form {
            Form::Json => println!("{}", serde_json::json!({ "head": lines })),
            Form::Text => lines.iter().for_each(|line| println!("{line}")),
            Form::Markdown => {}
        }
    }

    /// The line above the columns.
    #[expect(clippy::print_stdout, reason = "this command's output")]
    pub(super) fn columns(&self) {
        if self.form == Form::Text {
            println!(
                "{:<42} {:>10} {:<14} {:<26} {:>7} {:>7}  note",
                "work", "figure", "unit", "bar, or ratio", "CPU s", "wall s"
            );
        }
    }

    /// What there is to say at the end.
    #[expect(clippy::print_stdout, reason = "this command's output")]
    pub(super) fn end(&self) {
        if self.form == Form::Markdown {
            println!("{}", self.markdown());
        }
    }

    fn markdown(&self) -> String {
        let mut names: Vec<&str> = Vec::new();
        for theirs in &self.peers {
            if !names.contains(&theirs.who) {
                names.push(theirs.who);
            }
        }
        let mut lines = vec!["```".to_owned()];
        lines.extend_from_slice(&self.head);
        lines.push("```".to_owned());
        lines.push(String::new());
        let peers: String = names.iter().map(|name| format!(" {name} |")).collect();
        lines.push(format!("| work | entente | bar |{peers} CPU s | note |"));
        lines.push(format!("|---|---|---|{} ---|---|", " ---|".repeat(names.len())));
        lines.extend(self.ours.iter().map(|figure| self.row(figure, &names)));
        lines.join("\n")
    }

    fn row(&self, figure: &Figure, names: &[&str]) -> String {
        let bar = work::bar(&figure.work).map_or_else(String::new, |bar| judged(bar, figure));
        let mut row =
            format!("| {} | **{}** {} | {bar} |", figure.work, number(figure.value), figure.unit);
        for name in names {
            let theirs = self
                .peers
                .iter()
                .find(|theirs| theirs.who == *name && theirs.figure.work == figure.work);
            row += &theirs.map_or_else(
                || " |".to_owned(),
                |theirs| {
                    let (value, note) = (number(theirs.figure.value), &theirs.figure.note);
                    format!(" {value} ({}; {note}) |", ratio(figure, &theirs.figure))
                },
            );
        }
        row + &format!(" {:.2} | {} |", figure.cpu_seconds, figure.note)
    }
}

/// News of a long run for a person who waits; never part of the output.
#[expect(clippy::print_stderr, reason = "progress, beside this command's output")]
pub(super) fn tell(what: &str) {
    eprintln!("{what}");
}

fn line(figure: &Figure, name: &str, third: &str) -> String {
    format!(
        "{name:<42} {:>10} {:<14} {third:<26} {:>7.2} {:>7.2}  {}",
        number(figure.value),
        figure.unit,
        figure.cpu_seconds,
        figure.wall_seconds,
        figure.note
    )
}

fn json(who: &str, figure: &Figure, cleared: Option<bool>) -> String {
    let mut value = serde_json::to_value(figure).unwrap_or_default();
    if let Some(fields) = value.as_object_mut() {
        fields.insert("who".to_owned(), who.into());
        if let Some(cleared) = cleared {
            fields.insert("bar_cleared".to_owned(), cleared.into());
        }
    }
    value.to_string()
}

/// The bar, and whether it is cleared.
fn judged(bar: Bar, figure: &Figure) -> String {
    let (sign, limit) = match bar {
        Bar::AtLeast(limit) => ("at least", limit),
        Bar::Below(limit) => ("below", limit),
    };
    let word = if bar.is_cleared(figure.value) { "" } else { " MISSED" };
    format!("{sign} {}{word}", number(limit))
}

/// How many times ours is better.
fn ratio(ours: &Figure, theirs: &Figure) -> String {
    let (better, worse) = if work::more_is_better(ours.unit) {
        (ours.value, theirs.value)
    } else {
        (theirs.value, ours.value)
    };
    if worse > 0.0 { format!("{} x", number(better / worse)) } else { String::new() }
}

/// A figure with as many digits as it deserves.
pub(super) fn number(value: f64) -> String {
    if value >= 1_000.0 {
        let text = format!("{value:.0}");
        let mut grouped = String::new();
        for (place, digit) in text.chars().enumerate() {
            if place > 0 && (text.len() - place).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        grouped
    } else if value.fract() == 0.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}")
    }
}
