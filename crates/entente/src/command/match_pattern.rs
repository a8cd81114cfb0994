//! `entente match`: whether observations in a file match a STIX pattern, without a node. It watches
//! nothing and stores nothing.

use super::failure::{Ended, Failure, Outcome};
use super::here::Here;
use super::output::{json, line, plain, remark};
use super::table::Table;
use clap::Args;
use detect::pattern::{
    EvalError, Finding, Graph, Observation, Observed, Regexes, Severity, check, evaluate, level,
    parse, print,
};
use model::limits::OBSERVED_BYTES_MAX;
use model::time::Instant;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Say whether observations match a STIX pattern
#[derive(Args, Debug)]
#[command(
    override_usage = "entente match [OPTIONS] <PATTERN> <FILE>",
    after_help = "\
Examples:
  entente match \"[domain-name:value = 'evil.example']\" bundle.json
  entente match @pattern.txt observed.ndjson --json
Exit codes: 0 it matches, 1 it does not, 2 the pattern or the file is wrong."
)]
pub(crate) struct Match {
    /// The pattern; @FILE reads it from a file
    #[arg(required_unless_present = "cases", default_value = "", hide_default_value = true)]
    pattern: String,
    /// Observed-data and its objects; - is standard input
    #[arg(required_unless_present = "cases", default_value = "-", hide_default_value = true)]
    file: PathBuf,
    /// Many at once: {"pattern", "observed"} a line
    #[arg(long, value_name = "FILE", hide = true)]
    cases: Option<PathBuf>,
}

/// What is printed with `--json`.
#[derive(Serialize)]
struct Judged<'a> {
    matched: bool,
    pattern: String,
    level: u8,
    /// Observed-data that together match.
    observations: Vec<&'a str>,
    /// How many there were to choose from.
    of: usize,
    warnings: Vec<Told<'a>>,
}

#[derive(Serialize)]
struct Told<'a> {
    code: &'a str,
    at: usize,
    message: &'a str,
    hint: &'a str,
}

/// One of many cases.
#[derive(Deserialize)]
struct Case {
    pattern: String,
    observed: Box<RawValue>,
}

/// The verdict on one case.
#[derive(Serialize)]
struct Verdict {
    matched: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    observations: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    error: String,
}

impl Match {
    pub(crate) fn run(self, here: &Here) -> Ended {
        if let Some(cases) = &self.cases {
            return many(cases);
        }
        let text = self.pattern()?;
        let pattern = read_pattern(&text, here.json)?;
        let findings = check(&pattern);
        let wrong = findings.iter().find(|finding| finding.severity == Severity::Error);
        if let Some(wrong) = wrong {
            return Err(pointed(&text, wrong.at, &wrong.message, here.json)
                .coded(wrong.code)
                .hint(wrong.hint.clone()));
        }
        let observed = Graph::of_observed(&read(&self.file)?)
            .map_err(|error| Failure::input(error.to_string()).hint(error.hint()))?;
        let regexes = Regexes::of(&pattern).map_err(|error| unknown(&error.into()))?;
        let chosen = evaluate(&pattern, &observed, &regexes).map_err(|error| unknown(&error))?;
        let matched = chosen.is_some();
        let chosen: Vec<&Observed> =
            chosen.unwrap_or_default().iter().filter_map(|place| observed.get(*place)).collect();
        if here.json {
            json(&Judged {
                matched,
                pattern: print(&pattern),
                level: level(&pattern),
                observations: chosen.iter().map(|observed| observed.id.as_str()).collect(),
                of: observed.len(),
                warnings: findings.iter().map(Told::of).collect(),
            })?;
        } else {
            findings.iter().for_each(|finding| remark(&warned(finding)));
            say(&chosen, observed.len(), matched)?;
        }
        Ok(if matched { Outcome::Done } else { Outcome::Found })
    }

    fn pattern(&self) -> Result<String, Failure> {
        let Some(path) = self.pattern.strip_prefix('@') else { return Ok(self.pattern.clone()) };
        let bytes = read(Path::new(path))?;
        let text = String::from_utf8(bytes)
            .map_err(|_| Failure::input(format!("{path}: no text in UTF-8")).coded("E-FILE-001"))?;
        Ok(text.trim().to_owned())
    }
}

impl<'a> Told<'a> {
    fn of(finding: &'a Finding) -> Self {
        let Finding { at, code, message, hint, .. } = finding;
        Self { code, at: *at, message, hint }
    }
}

fn warned(finding: &Finding) -> String {
    let Finding { at, code, message, hint, .. } = finding;
    plain(&format!("warning: {code}: {message}, at character {at} of the pattern ({hint})"))
}

fn read_pattern(text: &str, short: bool) -> Result<Observation, Failure> {
    parse(text).map_err(|error| {
        pointed(text, error.at, &error.problem.to_string(), short)
            .coded(error.code())
            .hint(error.hint())
    })
}

/// It is not known whether the pattern matches.
fn unknown(error: &EvalError) -> Failure {
    Failure::input(error.to_string()).hint(error.hint())
}

/// Characters of a pattern that are shown before and behind a fault.
const SHOWN: usize = 36;

/// A fault of a pattern; for people with the place where it is.
fn pointed(pattern: &str, at: usize, what: &str, short: bool) -> Failure {
    let message = format!("{what}, at character {at} of the pattern");
    if short {
        return Failure::input(message);
    }
    let before: Vec<char> = pattern.get(..at).unwrap_or(pattern).chars().collect();
    let behind = pattern.get(at..).unwrap_or_default().chars();
    let cut = before.len().saturating_sub(SHOWN);
    let shown = before.iter().skip(cut).copied().chain(behind.take(SHOWN));
    // One column for each character, so that the mark stands below its own.
    let shown: String = shown.map(|c| if c.is_control() { ' ' } else { c }).collect();
    let lead = if cut > 0 { "..." } else { "" };
    let gap = " ".repeat(lead.len() + before.len() - cut);
    Failure::input(format!("{message}\n  {lead}{shown}\n  {gap}^"))
}

/// Reads a file, or standard input for `-`, of at most `OBSERVED_BYTES_MAX`.
fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let mut all = |from: &mut dyn Read| from.take(OBSERVED_BYTES_MAX + 1).read_to_end(&mut bytes);
    let read = if path == Path::new("-") {
        all(&mut std::io::stdin().lock())
    } else {
        std::fs::File::open(path).and_then(|mut file| all(&mut file))
    };
    read.map_err(|error| Failure::file(path, &error))?;
    if bytes.len() as u64 > OBSERVED_BYTES_MAX {
        let message = format!("{}: more than {OBSERVED_BYTES_MAX} bytes", path.display());
        return Err(Failure::input(message).coded("E-PATTERN-015").hint("split the file"));
    }
    Ok(bytes)
}

fn say(chosen: &[&Observed], of: usize, matched: bool) -> Result<(), Failure> {
    let observations =
        if of == 1 { "1 observation".to_owned() } else { format!("{of} observations") };
    if !matched {
        return line(&format!("no match in {observations}"));
    }
    line(&format!("match: {} of {observations}", chosen.len()))?;
    let mut table = Table::new(&["OBSERVATION", "FIRST", "LAST", "NUMBER"]);
    for observed in chosen {
        let time = |at: Instant| if at == Instant::default() { "-".into() } else { at.to_stix() };
        let (first, last) = (time(observed.first), time(observed.last));
        table.row([observed.id.clone(), first, last, observed.number.to_string()]);
    }
    table.print("")
}

/// Judges a case on each line; a case that cannot be judged says why, and the next follows.
fn many(path: &Path) -> Ended {
    let bytes = read(path)?;
    for case in bytes.split(|byte| *byte == b'\n').filter(|case| !case.trim_ascii().is_empty()) {
        let verdict = one(case).unwrap_or_else(|error| Verdict {
            matched: false,
            observations: Vec::new(),
            error,
        });
        json(&verdict)?;
    }
    Ok(Outcome::Done)
}

fn one(case: &[u8]) -> Result<Verdict, String> {
    let case: Case = serde_json::from_slice(case).map_err(|error| error.to_string())?;
    let pattern = parse(&case.pattern).map_err(|error| error.to_string())?;
    if let Some(wrong) = check(&pattern).iter().find(|each| each.severity == Severity::Error) {
        return Err(format!("{}: {}", wrong.code, wrong.message));
    }
    let again = print(&pattern);
    if parse(&again).as_ref() != Ok(&pattern) {
        return Err(format!("printed as another pattern: {again}"));
    }
    let observed =
        Graph::of_observed(case.observed.get().as_bytes()).map_err(|error| error.to_string())?;
    let regexes = Regexes::of(&pattern).map_err(|error| error.to_string())?;
    let chosen = evaluate(&pattern, &observed, &regexes).map_err(|error| error.to_string())?;
    let matched = chosen.is_some();
    let name = |place: &usize| observed.get(*place).map(|observed| observed.id.clone());
    let observations = chosen.unwrap_or_default().iter().filter_map(name).collect();
    Ok(Verdict { matched, observations, error: String::new() })
}
