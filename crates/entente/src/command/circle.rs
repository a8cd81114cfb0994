//! `entente circle`: convening, listing, members, following.

use super::client::{Client, encoded, wait};
use super::failure::{Ended, Failure, Outcome};
use super::here::Here;
use super::output::{counted, json, line, remark};
use super::table::Table;
use crate::http::api::backfill::{PastView, PastWord};
use crate::http::api::circles::{CircleMade, CircleView, NewCircle, NewMember};
use crate::http::api::partners::PartnerView;
use clap::{Subcommand, ValueEnum};
use model::label::Tlp;

/// Circles: named lists of members that bound what is sent
#[derive(Debug, Subcommand)]
pub(crate) enum Circle {
    /// Convene a circle; this node signs its member list
    Create {
        /// Its name, the same on every node
        name: String,
        /// For what has no marking [default: amber+strict]
        #[arg(long, value_name = "TLP")]
        default: Option<Tlp>,
        /// Above it an object is refused
        #[arg(long, value_name = "CEILING", default_value = "red")]
        tlp: Tlp,
        /// Known-good lists silence its matches
        #[arg(long, value_name = "on|off", default_value = "on", hide_possible_values = true)]
        known_good: Switch,
        /// Why, in one line; kept with the change
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// List the circles that this node follows or was offered
    List,
    /// Add a partner to a circle that this node convenes
    Add {
        /// The circle
        name: String,
        /// The partner's name or node id
        partner: String,
        /// The past: yes, no, ask if long
        ///
        /// Whether the new member gets what the circle has already; `ask` asks a person where that is
        /// more than the policy's `ask_above`.
        ///
        /// Of a member it is the word on what waits for one.
        #[arg(long, value_name = "yes|no|ask", default_value = "ask", hide_possible_values = true)]
        backfill: Past,
        /// Why, in one line; kept with the change
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Remove a member from a circle that this node convenes
    Remove {
        /// The circle
        name: String,
        /// The member's name or node id
        partner: String,
        /// Leave it what it was sent there
        #[arg(long)]
        keep: bool,
        /// Why, in one line; kept with the change
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Follow the newest version that a convener offered
    Accept {
        /// The circle
        name: String,
    },
}

/// Whether a new member gets what a circle has already.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Past {
    /// It is sent
    Yes,
    /// It is not sent
    No,
    /// Where it is much, it waits for a word
    Ask,
}

impl Past {
    /// The word that was said, if one was.
    pub(super) const fn word(self) -> Option<bool> {
        match self {
            Self::Yes => Some(true),
            Self::No => Some(false),
            Self::Ask => None,
        }
    }
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
            Self::Create { name, default, tlp, known_good, reason } => {
                let new = NewCircle {
                    name,
                    default: default.map(|tlp| tlp.to_string()),
                    ceiling: Some(tlp.to_string()),
                    known_good: Some(known_good == Switch::On),
                };
                let made: CircleMade = client.post(&why("/api/v1/circles", reason), &new).await?;
                tell(here, &made, "is convened")?;
            }
            Self::Add { name, partner, backfill, reason } => {
                let path = why(&format!("/api/v1/circles/{}/members", encoded(&name)), reason);
                let new = NewMember { partner: partner.clone() };
                let before: Vec<CircleView> = client.get("/api/v1/circles").await?;
                let made: CircleMade = client.post(&path, &new).await?;
                let was = before.iter().find(|circle| circle.id == made.id);
                let known = was.is_some_and(|circle| circle.members.contains(&partner));
                let what = if known { "was a member of" } else { "is a member of" };
                let already = if known { " already" } else { "" };
                if here.json {
                    json(&made)?;
                } else {
                    line(&format!("{partner} {what} {}{already}", made.circle))?;
                }
                past(&mut client, (&name, &partner), backfill.word()).await?;
            }
            Self::Remove { name, partner, keep, reason } => {
                let kept = if keep { "?keep=1" } else { "" };
                let (circle, member) = (encoded(&name), encoded(&partner));
                let path = format!("/api/v1/circles/{circle}/members/{member}{kept}");
                let made: CircleMade = client.delete(&why(&path, reason)).await?;
                if here.json {
                    json(&made)?;
                } else {
                    line(&format!("{partner} is no member of {name} any more"))?;
                    line(if keep {
                        "It keeps what this node sent it there."
                    } else {
                        "What it was sent there is withdrawn from it."
                    })?;
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

/// An address, with the reason of the change where one is given.
fn why(path: &str, reason: Option<String>) -> String {
    let Some(reason) = reason else { return path.to_owned() };
    let and = if path.contains('?') { '&' } else { '?' };
    format!("{path}{and}reason={}", encoded(&reason))
}

/// Says the word on what waits for a new member, or tells that something waits for one.
async fn past(
    client: &mut Client,
    (name, partner): (&str, &str),
    word: Option<bool>,
) -> Result<(), Failure> {
    let path = format!("/api/v1/circles/{}/backfill", encoded(name));
    let waiting: Vec<PastView> = client.get(&path).await?;
    // A name of ours, or a node's id: whoever waits is named as we name it.
    let partners: Vec<PartnerView> = client.get("/api/v1/partners").await?;
    let named = partners.iter().find(|known| known.node == partner || known.name == partner);
    let named = named.map_or(partner, |known| known.name.as_str());
    let Some(waits) = waiting.iter().find(|past| past.partner == named) else { return Ok(()) };
    if let Some(send) = word {
        let said = PastWord { partner: partner.to_owned(), send };
        drop(client.post::<PastWord>(&path, &said).await?);
    } else if waits.state == "waits" {
        let past = counted(waits.records, "record", "records");
        remark(&format!("What it has already, {past}, waits for your word:"));
        remark(&format!("  entente circle add \"{name}\" \"{partner}\" --backfill yes|no"));
    }
    Ok(())
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
