//! The table that a person reads and, with `--json`, one line per figure.

use serde::Serialize;

/// One measured figure.
#[derive(Clone, Debug, Serialize)]
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

/// The figures of one run.
#[derive(Debug, Default)]
pub(super) struct Table {
    json: bool,
    figures: Vec<Figure>,
}

impl Table {
    pub(super) const fn new(json: bool) -> Self {
        Self { json, figures: Vec::new() }
    }

    /// Keeps a figure and shows it at once: a long run should not be silent.
    #[expect(clippy::print_stdout, reason = "this command's output")]
    pub(super) fn add(&mut self, figure: Figure) {
        if self.json {
            println!("{}", serde_json::to_string(&figure).unwrap_or_default());
        } else {
            println!(
                "{:<46} {:>12} {:<14} {:>8.2} {:>8.2}  {}",
                figure.work,
                number(figure.value),
                figure.unit,
                figure.cpu_seconds,
                figure.wall_seconds,
                figure.note
            );
        }
        self.figures.push(figure);
    }

    /// The lines above the figures.
    #[expect(clippy::print_stdout, reason = "this command's output")]
    pub(super) fn head(&self, lines: &[String]) {
        if self.json {
            let head = serde_json::json!({ "head": lines });
            println!("{head}");
            return;
        }
        lines.iter().for_each(|line| println!("{line}"));
        println!(
            "{:<46} {:>12} {:<14} {:>8} {:>8}  note",
            "work", "figure", "unit", "CPU s", "wall s"
        );
    }
}

/// A figure with as many digits as it deserves.
fn number(value: f64) -> String {
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
    } else {
        format!("{value:.2}")
    }
}
