//! `entente.toml`: reads it strictly, says what is wrong with it line by line, and writes the one
//! that `init` leaves. What the settings do is decided where they are used.

use super::environment::environment;
use super::folder::{ConfigError, file_error};
use super::keys::{KEYS, Key};
use crate::nearest::{distance, is_near};
use crate::settings::Settings;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Where a value comes from; the later ones win.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Origin {
    /// Nobody said anything.
    Default,
    /// The file.
    File,
    /// A variable of the environment.
    Environment,
    /// A flag of the command.
    Flag,
}

/// The settings that hold, and where each comes from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Effective {
    /// The values.
    pub(crate) settings: Settings,
    /// The file that was read; `None` when there is none.
    pub(crate) file: Option<PathBuf>,
    origins: BTreeMap<&'static str, Origin>,
}

impl Effective {
    /// Where the value of a key comes from.
    pub(crate) fn origin(&self, key: &Key) -> Origin {
        self.origins.get(key.name).copied().unwrap_or(Origin::Default)
    }

    /// The flags of a command win over everything.
    #[must_use]
    pub(crate) fn with_flags(mut self, http: Option<SocketAddr>, link: Option<SocketAddr>) -> Self {
        if http.is_some() {
            self.settings.http.listen = http;
            self.origins.insert("http.listen", Origin::Flag);
        }
        if link.is_some() {
            self.settings.link.listen = link;
            self.origins.insert("link.listen", Origin::Flag);
        }
        self
    }
}

/// Reads the settings: `named` must be there, `usual` may be missing; then the environment.
///
/// # Errors
/// When the file cannot be read, or says anything that it may not.
pub(crate) fn load(named: Option<&Path>, usual: &Path) -> Result<Effective, ConfigError> {
    let path = named.unwrap_or(usual);
    let mut effective = match std::fs::read_to_string(path) {
        Ok(text) => read(&text, path)?,
        Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
            Effective::default()
        }
        Err(error) => return Err(file_error(path, error)),
    };
    if let Some(level) = environment("ENTENTE_LOG") {
        if !crate::observe::is_filter(&level) {
            let told = "ENTENTE_LOG must be a level such as info, or part=level".to_owned();
            let path = PathBuf::from("environment");
            return Err(ConfigError::Settings { path, problems: vec![told] });
        }
        effective.settings.log.level = level;
        effective.origins.insert("log.level", Origin::Environment);
    }
    Ok(effective)
}

/// Reads the text of a file that lies at `path`: relative paths in it start at its folder.
fn read(text: &str, path: &Path) -> Result<Effective, ConfigError> {
    let refuse = |problems| ConfigError::Settings { path: path.to_owned(), problems };
    let table = DeTable::parse(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        let told = error.message().lines().collect::<Vec<_>>().join(", ");
        refuse(vec![format!("line {line} is not TOML: {told}")])
    })?;
    let mut reader = Reader { text, effective: Effective::default(), problems: Vec::new() };
    reader.table(table.get_ref(), "");
    let Reader { mut effective, mut problems, .. } = reader;
    if problems.is_empty() {
        problems = contradictions(&effective.settings);
    }
    if !problems.is_empty() {
        return Err(refuse(problems));
    }
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let Settings { http, network, .. } = &mut effective.settings;
    for file in [&mut http.certificate, &mut http.key, &mut network.authorities] {
        *file = file.take().map(|file| folder.join(file));
    }
    effective.file = Some(path.to_owned());
    Ok(effective)
}

struct Reader<'a> {
    text: &'a str,
    effective: Effective,
    problems: Vec<String>,
}

impl Reader<'_> {
    /// Takes the keys of a table over; `above` is its own name.
    fn table(&mut self, table: &DeTable<'_>, above: &str) {
        // In the order of the file: whoever mends it goes from top to bottom.
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        for (key, value) in entries {
            let name = match above {
                "" => key.get_ref().to_string(),
                above => format!("{above}.{}", key.get_ref()),
            };
            let line = line_of(self.text, key.span().start);
            self.entry(&name, line, value);
        }
    }

    fn entry(&mut self, name: &str, line: usize, value: &Spanned<DeValue<'_>>) {
        if let Some(known) = KEYS.iter().find(|key| key.name == name) {
            if (known.read)(value.get_ref(), &mut self.effective.settings).is_some() {
                self.effective.origins.insert(known.name, Origin::File);
            } else {
                // The value itself is not repeated: it may be a secret in the wrong place.
                let told = format!("`{name}` at line {line} must be {}", known.allowed);
                self.problems.push(told);
            }
            return;
        }
        if let (DeValue::Table(inner), true) = (value.get_ref(), is_table(name)) {
            self.table(inner, name);
            return;
        }
        let kind = if value.get_ref().is_table() { "table" } else { "key" };
        let shown = formats::problem::shown(name);
        let mut told = format!("unknown {kind} `{shown}` at line {line}");
        if let Some(near) = nearest(name) {
            told.extend(["; did you mean `", near, "`?"]);
        }
        self.problems.push(told);
    }
}

fn is_table(name: &str) -> bool {
    KEYS.iter().any(|key| key.name.split_once('.').is_some_and(|(table, _)| table == name))
}

/// What is right by itself and wrong together.
fn contradictions(settings: &Settings) -> Vec<String> {
    let mut problems = Vec::new();
    if settings.http.certificate.is_some() != settings.http.key.is_some() {
        problems
            .push("`http.certificate` and `http.key` are set together or not at all".to_owned());
    }
    if settings.disk.all_stops_below > settings.disk.bulk_stops_below {
        problems.push(
            "`disk.all_stops_below` is above `disk.bulk_stops_below`; bulk must stop first"
                .to_owned(),
        );
    }
    problems
}

fn line_of(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

/// The known name that somebody most likely meant: of a key, of a table, or of a key without its
/// table.
fn nearest(name: &str) -> Option<&'static str> {
    let tables = KEYS.iter().filter_map(|key| Some(key.name.split_once('.')?.0));
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let whole = KEYS.iter().map(|key| key.name).chain(tables);
    let whole = whole.map(|known| (distance(name, known), known));
    // A key under the wrong table, or under none, is near by its own name.
    let own = KEYS.iter().map(|key| (1 + distance(&last(name), &last(key.name)), key.name));
    let (steps, near) = whole.chain(own).min_by_key(|(steps, _)| *steps)?;
    is_near(&last(name), steps).then_some(near)
}

/// The file that `init` writes: every key as a comment, with its meaning and its default or an
/// example.
pub(super) fn template() -> String {
    let mut text = String::from(
        "# The settings of this node. Every line that begins with # is a comment: what is shown is\n\
         # the default, or an example where nothing is set by default. `entente config show` tells\n\
         # what holds; a restart takes changes over.\n",
    );
    let mut inside = "";
    for key in KEYS {
        let (table, name) = key.name.split_once('.').unwrap_or(("", key.name));
        if table != inside {
            text.extend(["\n[", table, "]\n"]);
            inside = table;
        }
        for line in key.says.lines() {
            text.extend(["# ", line, "\n"]);
        }
        let unset = if (key.show)(&Settings::default()).is_null() { "   # not set" } else { "" };
        text.extend(["#", name, " = ", key.example, unset, "\n"]);
    }
    text
}

#[cfg(test)]
mod tests;
