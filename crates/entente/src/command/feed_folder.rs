//! A feed that is a folder of files, written into a folder on this machine: what the node lists, and
//! nothing that it does not list any more. No name of a file is taken from anybody's text unread.

use super::client::{Client, read};
use super::failure::Failure;
use formats::export::{Form, MispFile, SigmaFile};
use http::Method;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::Path;

/// Which folder.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Folder {
    /// MISP's.
    Misp,
    /// Sigma's.
    Sigma,
}

#[derive(Deserialize)]
struct Rule {
    file: String,
}

impl Folder {
    /// The list of its files, by which a reader begins.
    const fn list(self) -> &'static str {
        match self {
            Self::Misp => "manifest.json",
            Self::Sigma => "index.json",
        }
    }

    /// Where it stands among feeds.
    const fn place(self) -> &'static str {
        match self {
            Self::Misp => "misp",
            Self::Sigma => "sigma",
        }
    }

    /// The files that a list names; one that is no file of this feed is none.
    fn named(self, list: &[u8]) -> Result<BTreeSet<String>, Failure> {
        let names: Vec<String> = match self {
            Self::Misp => {
                let events: BTreeMap<String, serde::de::IgnoredAny> = read(list)?;
                events.into_keys().map(|event| format!("{event}.json")).collect()
            }
            Self::Sigma => read::<Vec<Rule>>(list)?.into_iter().map(|rule| rule.file).collect(),
        };
        let place = self.place();
        let is_file = |name: &String| {
            let form = Form::named(&format!("{place}/{name}")).map(|(form, _)| form);
            matches!(form, Some(Form::Misp(MispFile::Event(_)) | Form::Sigma(SigmaFile::One(..))))
        };
        Ok(names.into_iter().filter(is_file).collect())
    }

    /// Fetches every file by `address` and writes it; the list comes last, so that it names nothing
    /// that is not there yet. Says how many files the folder has now.
    pub(super) async fn fetch(
        self,
        client: &mut Client,
        into: &Path,
        address: &(dyn Fn(&str) -> String + Sync),
    ) -> Result<usize, Failure> {
        std::fs::create_dir_all(into).map_err(|error| Failure::file(into, &error))?;
        let before = match std::fs::read(into.join(self.list())) {
            Ok(list) => self.named(&list).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::NotFound => BTreeSet::new(),
            Err(error) => return Err(Failure::file(into, &error)),
        };
        let place = self.place();
        let mut get = async |name: &str| {
            let path = address(&format!("{place}/{name}"));
            Ok::<_, Failure>(client.send(Method::GET, &path, None).await?.body)
        };
        let list = get(self.list()).await?;
        let now = self.named(&list)?;
        for name in &now {
            write(&into.join(name), &get(name).await?)?;
        }
        if self == Self::Misp {
            write(&into.join("hashes.csv"), &get("hashes.csv").await?)?;
        }
        write(&into.join(self.list()), &list)?;
        for name in before.difference(&now) {
            // What was taken back is not to be found in an old file.
            std::fs::remove_file(into.join(name)).ok();
        }
        Ok(now.len())
    }
}

/// Writes a file whole, or leaves the old one.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let part = path.with_added_extension("part");
    let written = std::fs::write(&part, bytes).and_then(|()| std::fs::rename(&part, path));
    written.map_err(|error| Failure::file(path, &error))
}
