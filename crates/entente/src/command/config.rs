//! `entente config show`: the settings that hold and where each comes from. It never shows a
//! secret, and changes nothing.

use super::failure::{Ended, Outcome};
use super::here::Here;
use super::output::{json, line};
use super::table::Table;
use crate::config::{Effective, KEYS, Origin, environment};
use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::Value;
use std::net::SocketAddr;

/// Look at the settings
#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    Show(Show),
}

/// Show every setting, its value, and where it comes from
#[derive(Args, Debug)]
pub(crate) struct Show {
    /// As if `serve` had this for people and tools
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// As if `serve` had this for partners
    #[arg(long, value_name = "ADDRESS")]
    link: Option<SocketAddr>,
}

#[derive(Serialize)]
struct Shown {
    data: String,
    /// The file that was read; null when there is none.
    file: Option<String>,
    settings: Vec<Setting>,
}

#[derive(Serialize)]
struct Setting {
    key: &'static str,
    /// Null when nothing is set.
    value: Value,
    from: &'static str,
}

impl Config {
    pub(crate) fn run(self, here: &Here) -> Ended {
        match self {
            Self::Show(show) => show.run(here),
        }
    }
}

impl Show {
    fn run(self, here: &Here) -> Ended {
        let effective = here.settings()?.with_flags(self.listen, self.link);
        let settings = settings(&effective);
        let file = effective.file.as_ref().map(|file| file.display().to_string());
        let data = here.data.display().to_string();
        if here.json {
            json(&Shown { data, file, settings })?;
            return Ok(Outcome::Done);
        }
        line(&format!("data folder  {data}"))?;
        let none = format!("none ({} is not there)", here.folder().settings().display());
        line(&format!("file         {}\n", file.unwrap_or(none)))?;
        let mut table = Table::new(&["SETTING", "VALUE", "FROM"]);
        for Setting { key, value, from } in settings {
            let value = if value.is_null() { "-".to_owned() } else { value.to_string() };
            table.row([key.to_owned(), value, from.to_owned()]);
        }
        table.print("")?;
        Ok(Outcome::Done)
    }
}

fn settings(effective: &Effective) -> Vec<Setting> {
    let of = |key: &'static crate::config::Key| Setting {
        key: key.name,
        value: (key.show)(&effective.settings),
        from: match effective.origin(key) {
            Origin::Default => "default",
            Origin::File => "file",
            Origin::Environment => "environment",
            Origin::Flag => "flag",
        },
    };
    let token = environment("ENTENTE_TOKEN").map(|_| Setting {
        key: "ENTENTE_TOKEN",
        value: Value::from("[hidden]"),
        from: "environment",
    });
    KEYS.iter().map(of).chain(token).collect()
}
