//! `entente webhook`: who is told of matches outside this node: added, listed, tried, removed. It
//! sends nothing itself.

use super::client::{Client, encoded, wait};
use super::failure::{Ended, Failure, Outcome};
use super::here::Here;
use super::output::{json, line, plain, remark, told};
use super::table::Table;
use super::when::second_or_dash;
use crate::http::api::webhooks::{WebhookAdded, WebhookView, WebhookWanted};
use clap::{Args, Subcommand};
use model::limits::SOURCE_SECRET_BYTES_MAX;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Webhooks: tell other systems of matches
#[derive(Debug, Subcommand)]
pub(crate) enum Webhook {
    /// Tell a URL of every match from now on
    Add(Add),
    /// List who is told, what waits and how each fares
    List,
    /// Send a finding that says that it is none
    Test {
        /// The webhook
        name: String,
    },
    /// Tell there no more; what waits is forgotten
    Remove {
        /// The webhook
        name: String,
    },
}

/// A webhook to be added.
#[derive(Args, Debug)]
pub(crate) struct Add {
    /// Its name, for people
    name: String,
    /// Where findings are posted: https, or http on this machine
    #[arg(value_name = "URL")]
    address: String,
    /// As json, ocsf, ecs, stix or cef
    #[arg(long = "as", value_name = "FORM", default_value = "json")]
    form: String,
    /// Only matches of indicators in this circle
    #[arg(long, value_name = "NAME")]
    circle: Option<String>,
    /// Also matches of TLP:RED indicators
    #[arg(long)]
    red: bool,
    /// A file with the secret that signs; else one is made
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// A file with what the receiver wants to see
    ///
    /// One line: user:password, a bearer token, or a header such as Auth-Key: abc
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

impl Webhook {
    pub(crate) fn run(self, here: &Here) -> Ended {
        wait(self.ask(here))
    }

    async fn ask(self, here: &Here) -> Ended {
        match self {
            Self::Add(add) => add.ask(here).await,
            Self::List => {
                let views: Vec<WebhookView> = Client::new(here)?.get("/api/v1/webhooks").await?;
                if here.json {
                    json(&views)?;
                } else {
                    print(&views)?;
                }
                Ok(Outcome::Done)
            }
            Self::Test { name } => {
                let path = format!("/api/v1/webhooks/{}/test", encoded(&name));
                let body = serde_json::json!({});
                let answer: serde_json::Value = Client::new(here)?.post(&path, &body).await?;
                let text = format!("{name} took a finding that says that it is none");
                told(here.json, &answer, &text)
            }
            Self::Remove { name } => {
                let path = format!("/api/v1/webhooks/{}", encoded(&name));
                let answer: serde_json::Value = Client::new(here)?.delete(&path).await?;
                let text = format!("{name} is told no more; what waited is forgotten");
                told(here.json, &answer, &text)
            }
        }
    }
}

impl Add {
    async fn ask(self, here: &Here) -> Ended {
        let wanted = WebhookWanted {
            name: self.name,
            url: self.address,
            wording: Some(self.form),
            circle: self.circle,
            red: self.red,
            secret: self.secret_file.as_deref().map(text).transpose()?,
            key: self.key_file.as_deref().map(text).transpose()?,
        };
        let told: WebhookAdded = Client::new(here)?.post("/api/v1/webhooks", &wanted).await?;
        if here.json {
            json(&told)?;
            return Ok(Outcome::Done);
        }
        match &told.secret {
            Some(secret) => {
                line(secret)?;
                remark(&format!(
                    "{} is told of matches; that is the secret that signs them, shown this once",
                    told.name
                ));
            }
            None => line(&format!("{} is told of matches from now on", told.name))?,
        }
        remark(&format!("try it with: entente webhook test {}", told.name));
        Ok(Outcome::Done)
    }
}

/// The text of a file, a little more than there may be at most.
fn text(path: &Path) -> Result<String, Failure> {
    let failed = |error: &std::io::Error| Failure::file(path, error);
    let file = std::fs::File::open(path).map_err(|error| failed(&error))?;
    let most = u64::try_from(SOURCE_SECRET_BYTES_MAX).unwrap_or(u64::MAX);
    let mut text = String::new();
    let read = file.take(most.saturating_add(1)).read_to_string(&mut text);
    read.map_err(|error| failed(&error))?;
    Ok(text)
}

fn print(views: &[WebhookView]) -> Result<(), Failure> {
    let head = ["NAME", "URL", "AS", "CIRCLE", "STATE", "WAITING", "SENT", "DROPPED", "LAST TAKEN"];
    let mut table = Table::new(&head);
    for view in views {
        let circle = view.circle.clone().unwrap_or_else(|| "all".to_owned());
        table.row([
            view.name.clone(),
            view.url.clone(),
            view.wording.clone(),
            circle,
            view.state.clone(),
            view.waiting.to_string(),
            view.sent.to_string(),
            view.dropped.to_string(),
            second_or_dash(view.last_success.as_ref()),
        ]);
    }
    table.print("nobody is told of matches")?;
    for view in views {
        if let Some(error) = &view.error {
            line(&plain(&format!("{}: {error} ({} in a row)", view.name, view.failures)))?;
        }
        if let Some(hint) = &view.hint {
            line(&plain(&format!("  Hint: {hint}")))?;
        }
    }
    Ok(())
}
