//! How the story is told: calm text of at most 79 columns for people, one JSON line a step for
//! programs. It knows no node and decides nothing.

use super::failure::Failure;
use serde::Serialize;
use std::io::{IsTerminal as _, Write as _};

/// Columns that every terminal has.
const WIDTH: usize = 79;
/// How far what a step means is indented.
const INDENT: usize = 5;

/// One step of the story, done or not.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Step {
    /// Its name for programs.
    pub(super) step: &'static str,
    /// Who did it.
    pub(super) node: &'static str,
    /// How long it took, in milliseconds, where that means something.
    pub(super) ms: Option<f64>,
    /// Whether it happened.
    pub(super) ok: bool,
    /// What happened, in one sentence.
    pub(super) text: String,
    /// What it means, for people alone.
    #[serde(skip)]
    pub(super) meaning: String,
    /// Lines to look at, or to paste.
    #[serde(rename = "lines", skip_serializing_if = "Vec::is_empty")]
    pub(super) verbatim: Vec<String>,
}

impl Step {
    /// A step that happened.
    pub(super) fn done(step: &'static str, node: &'static str, text: impl Into<String>) -> Self {
        Self {
            step,
            node,
            ms: None,
            ok: true,
            text: text.into(),
            meaning: String::new(),
            verbatim: Vec::new(),
        }
    }

    /// How long it took.
    pub(super) fn took(self, ms: f64) -> Self {
        Self { ms: Some((ms * 10.0).round() / 10.0), ..self }
    }

    /// What it means.
    pub(super) fn means(self, meaning: impl Into<String>) -> Self {
        Self { meaning: meaning.into(), ..self }
    }

    /// Something to look at, or to paste.
    pub(super) fn shows(mut self, line: impl Into<String>) -> Self {
        self.verbatim.push(line.into());
        self
    }
}

/// The story ended before its end, and why was told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ended;

/// How it is told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Manner {
    /// Text without colours.
    Plain,
    /// Text on a terminal.
    Coloured,
    /// A JSON line a step.
    Json,
}

/// Where the story is told.
#[derive(Debug)]
pub(super) struct Terminal {
    manner: Manner,
    steps: usize,
}

const BOLD: &str = "1";
const DIM: &str = "2";
const RED: &str = "1;31";
const GREEN: &str = "32";
const CYAN: &str = "36";

impl Terminal {
    /// Standard output, for people or for programs.
    pub(super) fn new(json: bool) -> Self {
        let plain = crate::config::environment("NO_COLOR").is_some();
        let manner = if json {
            Manner::Json
        } else if std::io::stdout().is_terminal() && !plain {
            Manner::Coloured
        } else {
            Manner::Plain
        };
        Self { manner, steps: 0 }
    }

    /// Lines that are no step: the picture, the closing words. Programs don't see them.
    pub(super) fn say(&self, text: &str) {
        if self.manner != Manner::Json {
            put(&format!("{text}\n"));
        }
    }

    /// The same, paler.
    pub(super) fn whisper(&self, text: &str) {
        let lines: Vec<_> = text.lines().map(|line| self.paint(DIM, line)).collect();
        self.say(&lines.join("\n"));
    }

    /// Tells one step.
    pub(super) fn tell(&mut self, step: &Step) {
        self.steps += 1;
        if self.manner == Manner::Json {
            // Plain texts and numbers always have a JSON form.
            put(&format!("{}\n", serde_json::to_string(step).unwrap_or_default()));
        } else {
            put(&self.text(step));
        }
    }

    /// Passes on what was made, or tells that the step of this name and node did not happen.
    pub(super) fn unless_failed<T>(
        &mut self,
        (step, node): (&'static str, &'static str),
        made: Result<T, Failure>,
    ) -> Result<T, Ended> {
        made.map_err(|failure| {
            self.tell(&Step { ok: false, ..Step::done(step, node, failure.to_string()) });
            Ended
        })
    }

    fn text(&self, step: &Step) -> String {
        let number = format!("{:>3}  ", self.steps);
        let ms = step.ms.map(milliseconds).unwrap_or_default();
        let colour = if step.ok { BOLD } else { RED };
        let failed = if step.ok { "" } else { "It did not happen: " };
        let lines = wrapped(&format!("{failed}{}", step.text), WIDTH - INDENT - "  123.4 ms".len());
        let mut text = String::from("\n");
        for (index, line) in lines.iter().enumerate() {
            let before = if index == 0 { &*number } else { "     " };
            text.push_str(before);
            text.push_str(&self.paint(colour, line));
            if index == 0 && !ms.is_empty() {
                let used = INDENT + line.chars().count() + ms.chars().count();
                text.push_str(&" ".repeat(WIDTH.saturating_sub(used)));
                text.push_str(&self.paint(GREEN, &ms));
            }
            text.push('\n');
        }
        for line in wrapped(&step.meaning, WIDTH - INDENT) {
            text.push_str(&format_line(INDENT, &self.paint(DIM, &line)));
        }
        for line in &step.verbatim {
            text.push_str(&format_line(INDENT, &self.paint(CYAN, line)));
        }
        text
    }

    fn paint(&self, colour: &str, text: &str) -> String {
        match self.manner {
            Manner::Coloured if !text.is_empty() => format!("\x1b[{colour}m{text}\x1b[0m"),
            Manner::Coloured | Manner::Plain | Manner::Json => text.to_owned(),
        }
    }
}

fn format_line(indent: usize, line: &str) -> String {
    if line.is_empty() { "\n".to_owned() } else { format!("{}{line}\n", " ".repeat(indent)) }
}

/// Milliseconds as people read them.
pub(super) fn milliseconds(ms: f64) -> String {
    if ms < 100.0 { format!("{ms:.1} ms") } else { format!("{ms:.0} ms") }
}

/// Breaks a text between words; what is longer than a line stays whole, so that it can be copied.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Writes to standard output. Who closed it no longer listens, and the story ends by itself.
fn put(text: &str) {
    let mut out = std::io::stdout().lock();
    drop(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
}

#[cfg(test)]
mod tests;
