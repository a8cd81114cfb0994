//! `entente known-good`: the lists of what is known to be good. Lists are files in the node's
//! folder; a running node reads them again by itself.

use super::client::{Client, encoded, wait};
use super::failure::{Ended, Exit, Failure, Outcome};
use super::here::Here;
use super::output::{counted, json, line, remark};
use super::table::Table;
use crate::http::api::known_good::{CheckedView, ListsView, word};
use crate::known_good::{Shelf, ShelfError, usual_effect};
use clap::Subcommand;
use detect::known_good::Effect;
use model::limits::KNOWN_GOOD_LISTS_MAX;
use serde_json::json as document;
use std::path::{Path, PathBuf};

/// Lists of what is harmless, such as MISP's warninglists
#[derive(Debug, Subcommand)]
pub(crate) enum KnownGood {
    /// Take lists from files, or all below a folder
    ///
    /// A file is named by itself, and one called list.json by its folder. Of the lists that MISP
    /// publishes, those of clouds, of short addresses and the like only warn who publishes; all
    /// others silence matches. A running node reads them within two seconds.
    Add {
        /// The files or folders
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Warn who publishes such a value, and silence nothing
        #[arg(long, conflicts_with = "silence")]
        flag: bool,
        /// Silence matches, even for lists of clouds and the like
        #[arg(long)]
        silence: bool,
    },
    /// Show the lists, and how many matches each silenced
    List,
    /// Forget lists
    Remove {
        /// Their names
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
    },
    /// Which lists have a value
    ///
    /// Ends with 1 where its matches are silenced or it may not be published.
    Check {
        /// The value, such as a domain, an address, a network, a hash
        value: String,
    },
    /// Show or change what is never published here, such as our own networks
    Never {
        /// Values to add: addresses, networks, hashes, names and all below
        #[arg(value_name = "VALUE")]
        values: Vec<String>,
        /// Remove these values instead
        #[arg(long, requires = "values")]
        remove: bool,
    },
}

impl From<ShelfError> for Failure {
    fn from(error: ShelfError) -> Self {
        let exit = match error {
            ShelfError::File(..) | ShelfError::List(_) | ShelfError::Name(_) => Exit::Input,
            ShelfError::Full | ShelfError::Unknown(_) => Exit::Refused,
        };
        Self::new(exit, error.to_string())
    }
}

impl KnownGood {
    pub(crate) fn run(self, here: &Here) -> Ended {
        match self {
            Self::Add { files, flag, silence } => {
                let effect = match (flag, silence) {
                    (true, _) => Some(Effect::Flags),
                    (false, true) => Some(Effect::Silences),
                    (false, false) => None,
                };
                add(here, &files, effect)
            }
            Self::List => list(here),
            Self::Remove { names } => {
                let shelf = shelf(here)?;
                names.iter().try_for_each(|name| shelf.remove(name))?;
                done(here, &format!("forgotten: {}", names.join(", ")))
            }
            Self::Check { value } => check(here, &value),
            Self::Never { values, remove } => never(here, &values, remove),
        }
    }
}

/// The folder of the lists; they are files, and no node is asked.
fn shelf(here: &Here) -> Result<Shelf, Failure> {
    if here.url.is_some() {
        return Err(Failure::input("lists are files in the node's folder")
            .hint("run this where the node runs, with --data"));
    }
    let folder = here.folder();
    folder.public()?;
    Ok(Shelf::of(folder.path()))
}

fn done(here: &Here, text: &str) -> Ended {
    if here.json {
        json(&document!({ "done": text }))?;
    } else {
        line(text)?;
    }
    Ok(Outcome::Done)
}

fn add(here: &Here, files: &[PathBuf], effect: Option<Effect>) -> Ended {
    let shelf = shelf(here)?;
    let mut found = Vec::new();
    for file in files {
        gather(file, true, &mut found)?;
    }
    if found.is_empty() {
        return Err(Failure::input("there is no list there")
            .hint("lists are files that end in .json; a clone of MISP's warninglists has lists/"));
    }
    let (mut lists, mut entries, mut told) = (0_usize, 0_usize, Vec::new());
    for (name, file) in found {
        let effect = effect.unwrap_or_else(|| usual_effect(&name));
        let kept = shelf.add(&name, effect, &file).map_err(|error| {
            let failure = Failure::from(error);
            let message = format!("{}: {}", file.display(), failure.message);
            Failure { message, ..failure }
        })?;
        for skipped in &kept.skipped {
            remark(&format!("{name}: skipped {}: {}", skipped.entry, skipped.why));
        }
        lists = lists.saturating_add(1);
        entries = entries.saturating_add(kept.list.len());
        told.push(document!({
            "name": name, "effect": word(effect), "entries": kept.list.len(),
            "skipped": kept.skipped.len(), "applies": kept.list.applies(),
        }));
    }
    if here.json {
        json(&told)?;
    } else {
        let lists = counted(lists, "list with", "lists with");
        line(&format!("{lists} {} kept", counted(entries, "entry", "entries")))?;
    }
    Ok(Outcome::Done)
}

/// The lists at a path: the file itself, or every `.json` below the folder.
fn gather(path: &Path, named: bool, found: &mut Vec<(String, PathBuf)>) -> Result<(), Failure> {
    let seen = std::fs::metadata(path).map_err(|error| Failure::file(path, &error))?;
    if seen.is_dir() {
        let entries = std::fs::read_dir(path).map_err(|error| Failure::file(path, &error))?;
        let mut entries: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        entries.sort();
        return entries.iter().try_for_each(|entry| gather(entry, false, found));
    }
    let text =
        |name: Option<&std::ffi::OsStr>| name.and_then(|name| name.to_str()).map(str::to_owned);
    let json = path.extension().is_some_and(|ending| ending == "json");
    let (Some(stem), true) = (text(path.file_stem()), json || named) else { return Ok(()) };
    let folder = text(path.parent().and_then(Path::file_name));
    let name = if stem == "list" { folder.unwrap_or(stem) } else { stem };
    if found.len() >= KNOWN_GOOD_LISTS_MAX {
        return Err(ShelfError::Full.into());
    }
    found.push((name.to_lowercase(), path.to_owned()));
    Ok(())
}

fn list(here: &Here) -> Ended {
    let view: ListsView = wait(async { Client::new(here)?.get("/api/v1/known-good").await })?;
    if here.json {
        json(&view)?;
        return Ok(Outcome::Done);
    }
    let mut table = Table::new(&["LIST", "DOES", "ENTRIES", "SILENCED", "ABOUT"]);
    for list in view.lists {
        let does = if list.applies { list.effect } else { "nothing".to_owned() };
        let (entries, silenced) = (list.entries.to_string(), list.silenced.to_string());
        let about: String = list.about.chars().take(60).collect();
        table.row([list.name, does, entries, silenced, about]);
    }
    table.print("there are no lists")?;
    for problem in view.problems {
        remark(&problem);
    }
    Ok(Outcome::Done)
}

fn check(here: &Here, value: &str) -> Ended {
    let path = format!("/api/v1/known-good?value={}", encoded(value));
    let view: CheckedView = wait(async { Client::new(here)?.get(&path).await })?;
    let found = view.silenced || view.forbidden;
    if here.json {
        json(&view)?;
    } else {
        let mut table = Table::new(&["LIST", "DOES", "ENTRY", "COVERS"]);
        for listed in view.listed {
            let covers = if listed.whole { "all of it" } else { "some of it" }.to_owned();
            table.row([listed.list, listed.effect, listed.entry, covers]);
        }
        table.print("no list has it")?;
    }
    Ok(if found { Outcome::Found } else { Outcome::Done })
}

fn never(here: &Here, values: &[String], remove: bool) -> Ended {
    let shelf = shelf(here)?;
    let mut text = shelf.never()?;
    if values.is_empty() {
        let values: Vec<&str> = text.lines().collect();
        if here.json {
            json(&values)?;
        } else if values.is_empty() {
            line("nothing is on the list of what is never published")?;
        } else {
            values.iter().try_for_each(|value| line(value))?;
        }
        return Ok(Outcome::Done);
    }
    let (_, wrong) =
        detect::known_good::List::of_lines("never", Effect::Forbids, &values.join("\n"));
    if let Some(wrong) = wrong.first() {
        let entry = formats::problem::shown(&wrong.entry);
        return Err(Failure::input(format!("{entry}: {}", wrong.why)));
    }
    let kept = text.lines().filter(|line| !values.iter().any(|value| value == line.trim()));
    let mut lines: Vec<&str> = kept.collect();
    if !remove {
        lines.extend(values.iter().map(String::as_str));
    }
    text = lines.into_iter().flat_map(|line| [line, "\n"]).collect();
    shelf.write_never(&text)?;
    done(here, if remove { "removed" } else { "never published from now on" })
}
