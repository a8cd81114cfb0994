//! `entente circle`: convening, listing, members, following.

use super::client::{Client, encoded, wait};
use super::failure::{Ended, Failure, Outcome};
use super::here::Here;
use super::output::{json, line};
use super::table::Table;
use crate::http::api::circles::{CircleMade, CircleView, NewCircle, NewMember};
use clap::{Subcommand, ValueEnum};
use model::label::Tlp;

/// Circles: named lists of members that bound what is sent
#[derive(Debug, Subcommand)]
pub(crate) enum Circle {
    /// Convene a circle; this node signs its member list
    Create {
        /// Its name, the same on every node
        name: String,
        /// For what has no marking
        #[arg(long, value_name = "TLP", default_value = "amber+strict")]
        default: Tlp,
        /// Above it an object is refused
        #[arg(long, value_name = "CEILING", default_value = "red")]
        tlp: Tlp,
        /// Known-good lists silence its matches
        #[arg(long, value_name = "on|off", default_value = "on", hide_possible_values = true)]
        known_good: Switch,
    },
    /// List the circles that this node follows or was offered
    List,
    /// Add a partner to a circle that this node convenes
    Add {
        /// The circle
        name: String,
        /// The partner's name or node id
        partner: String,
    },
    /// Remove a member from a circle that this node convenes
    Remove {
        /// The circle
        name: String,
        /// The member's name or node id
        partner: String,
    },
    /// Follow the newest version that a convener offered
    Accept {
        /// The circle
        name: String,
    },
}

/// On or off.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Switch {
    /// Yes
    On,
    /// No
    Off,
}

impl Circle {
    pub(crate) fn run(self, here: &Here) -> Ended {
        wait(self.ask(here))
    }

    async fn ask(self, here: &Here) -> Ended {
        let mut client = Client::new(here)?;
        match self {
            Self::List => return list(&mut client, here).await,
            Self::Create { name, default, tlp, known_good } => {
                let new = NewCircle {
                    name,
                    default: Some(default.to_string()),
                    ceiling: Some(tlp.to_string()),
                    known_good: Some(known_good == Switch::On),
                };
                let made: CircleMade = client.post("/api/v1/circles", &new).await?;
                tell(here, &made, "is convened")?;
            }
            Self::Add { name, partner } => {
                let path = format!("/api/v1/circles/{}/members", encoded(&name));
                let made: CircleMade = client.post(&path, &NewMember { partner }).await?;
                tell(here, &made, "has a new member")?;
            }
            Self::Remove { name, partner } => {
                let path =
                    format!("/api/v1/circles/{}/members/{}", encoded(&name), encoded(&partner));
                let made: CircleMade = client.delete(&path).await?;
                if here.json {
                    json(&made)?;
                } else {
                    line(&format!("{partner} is no member of {name} any more"))?;
                    line("What was shared before stays with them.")?;
                }
            }
            Self::Accept { name } => {
                let path = format!("/api/v1/circles/{}/accept", encoded(&name));
                let made: CircleMade = client.post(&path, &()).await?;
                tell(here, &made, "is followed")?;
            }
        }
        Ok(Outcome::Done)
    }
}

fn tell(here: &Here, made: &CircleMade, what: &str) -> Result<(), Failure> {
    if here.json { json(made) } else { line(&format!("{} {what} ({})", made.circle, made.id)) }
}

async fn list(client: &mut Client, here: &Here) -> Ended {
    let circles: Vec<CircleView> = client.get("/api/v1/circles").await?;
    if here.json {
        json(&circles)?;
        return Ok(Outcome::Done);
    }
    let mut table =
        Table::new(&["CIRCLE", "STATE", "CONVENER", "DEFAULT", "CEILING", "MEMBERS", "ID"]);
    for circle in circles {
        table.row([
            circle.circle,
            circle.state,
            circle.convener,
            circle.default.to_uppercase(),
            circle.ceiling.to_uppercase(),
            circle.members.join(", "),
            circle.id,
        ]);
    }
    table.print("no circles yet; `entente circle create NAME` convenes one")?;
    Ok(Outcome::Done)
}
