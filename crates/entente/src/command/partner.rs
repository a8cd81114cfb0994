//! `entente partner`: inviting, joining, comparing words, ending.

use super::circle::Past;
use super::client::{Client, encoded, wait};
use super::failure::{Ended, Failure, Outcome};
use super::here::Here;
use super::output::{counted, json, line, plain, remark};
use super::table::Table;
use super::when::{second, second_or_dash};
use crate::config::print_size;
use crate::http::api::cards::Releasing;
use crate::http::api::circles::CircleView;
use crate::http::api::partners::{
    InvitationMade, InvitationWanted, JoinedView, Joining, PartnerView, QuotaView, Words,
};
use clap::Subcommand;
use std::io::IsTerminal as _;

/// Partners: nodes that we exchange with
#[derive(Debug, Subcommand)]
pub(crate) enum Partner {
    /// Make a code with which one partner can join, once, within 24 hours
    Invite {
        /// A circle to add the partner to
        #[arg(long = "circle", value_name = "NAME")]
        circles: Vec<String>,
        /// The code travels safely: compare no words
        #[arg(long)]
        trust_code: bool,
        /// The past: yes, no, ask if long
        ///
        /// Whether the partner gets what the circles have already; `ask` asks a person where that is
        /// more than the policy's `ask_above`.
        #[arg(long, value_name = "yes|no|ask", default_value = "ask", hide_possible_values = true)]
        backfill: Past,
    },
    /// Join the node that made a code, and follow the circles that it names
    Join {
        /// The code
        code: String,
        /// Do not ask: trust the code as its inviter does
        #[arg(long)]
        yes: bool,
        /// The code came on a safe way: no words to compare here
        ///
        /// Only where its inviter says the same, with `invite --trust-code`.
        #[arg(long)]
        trust_code: bool,
    },
    /// Say that the six words were compared and are the same
    Confirm {
        /// The partner
        name: String,
        /// The six words
        #[arg(required = true)]
        words: Vec<String>,
    },
    /// Let the first share with a partner begin, if the policy asks first
    Release {
        /// The partner
        name: String,
        /// Why, in one line; kept with the act
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// List partners, and how far behind they are
    List,
    /// End a partnership; what was shared stays shared
    Remove {
        /// The partner
        name: String,
    },
}

impl Partner {
    pub(crate) fn run(self, here: &Here) -> Ended {
        if let Self::Join { code, yes: false, .. } = &self {
            ask_first(code)?;
        }
        wait(self.ask(here))
    }

    async fn ask(self, here: &Here) -> Ended {
        let mut client = Client::new(here)?;
        match self {
            Self::Invite { circles, trust_code, backfill } => {
                let backfill = backfill.word();
                let wanted = InvitationWanted { circles, trust_code, backfill };
                let made: InvitationMade = client.post("/api/v1/partners/invite", &wanted).await?;
                if here.json {
                    json(&made)?;
                } else {
                    line(&made.code)?;
                    remark("Good once, for 24 hours. There: entente partner join CODE");
                }
            }
            Self::Join { code, yes, trust_code } => {
                let joining = Joining { code, trust_code: trust_code || yes };
                let joined: JoinedView = client.post("/api/v1/partners/join", &joining).await?;
                if here.json { json(&joined)? } else { welcome(&joined)? }
            }
            Self::Confirm { name, words } => {
                let path = format!("/api/v1/partners/{}/confirm", encoded(&name));
                let words = Words { words: words.join(" ") };
                let told: serde_json::Value = client.post(&path, &words).await?;
                if here.json {
                    json(&told)?;
                } else {
                    line(&format!("{name} is confirmed"))?;
                }
            }
            Self::Release { name, reason } => {
                let path = format!("/api/v1/partners/{}/release", encoded(&name));
                let told: serde_json::Value = client.post(&path, &Releasing { reason }).await?;
                if here.json {
                    json(&told)?;
                } else {
                    line(&format!("{name} is sent what it may have"))?;
                }
            }
            Self::List => {
                let partners: Vec<PartnerView> = client.get("/api/v1/partners").await?;
                if here.json { json(&partners)? } else { print(partners)? }
            }
            Self::Remove { name } => {
                let path = format!("/api/v1/partners/{}", encoded(&name));
                let told: serde_json::Value = client.delete(&path).await?;
                if here.json {
                    json(&told)?;
                } else {
                    line(&format!("{name} is no partner any more; nothing more is sent"))?;
                    still_listed(&name, client.get("/api/v1/circles").await?);
                }
            }
        }
        Ok(Outcome::Done)
    }
}

/// A circle's list is signed by its convener, and ending a partnership does not change it.
fn still_listed(name: &str, circles: Vec<CircleView>) {
    for CircleView { circle, members, .. } in circles {
        if members.iter().any(|member| member == name) {
            remark(&format!("note: {circle} lists it as a member until its convener says:"));
            remark(&format!("  entente circle remove {circle} \"{name}\""));
        }
    }
}

/// Joining pins a stranger's key and follows its circles: a person says yes.
fn ask_first(code: &str) -> Result<(), Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::input("joining needs a yes").hint("add --yes"));
    }
    let start: String = code.trim().chars().take(16).collect();
    remark(&format!("Become a partner of the node that made {start}…, and follow its circles?"));
    remark("Type yes to go on:");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(|error| Failure::input(error.to_string()))?;
    match answer.trim() {
        "yes" | "y" => Ok(()),
        _ => Err(Failure::new(super::failure::Exit::Refused, "nothing was done")),
    }
}

fn welcome(joined: &JoinedView) -> Result<(), Failure> {
    let JoinedView { name, words, confirmed, confirmed_there, .. } = joined;
    line(&format!("{name} is a partner now"))?;
    if *confirmed {
        return Ok(());
    }
    line(&format!("  the six words: {words}"))?;
    line("Compare them with a person there, by telephone, and confirm them:")?;
    line(&format!("  entente partner confirm \"{name}\" {words}"))?;
    if *confirmed_there {
        line(
            "Until then this node sends GREEN and CLEAR only. They trust the code already; to do",
        )?;
        return line("the same, join with --trust-code where the code came on a safe way.");
    }
    line("Until both sides have confirmed them, only GREEN and CLEAR flow.")
}

/// What a partner may cost: records that are held of it, and what comes in an hour.
fn quota(quota: &QuotaView) -> String {
    let QuotaView { records_per_hour, bytes_per_hour, records_held } = quota;
    let bound =
        |bound: u64, shown: String| if bound == u64::MAX { "any".to_owned() } else { shown };
    let held = bound(*records_held, records_held.to_string());
    let records = bound(*records_per_hour, records_per_hour.to_string());
    let bytes = bound(*bytes_per_hour, print_size(*bytes_per_hour));
    format!("{held} held, {records} and {bytes} an hour")
}

fn print(partners: Vec<PartnerView>) -> Result<(), Failure> {
    let mut table = Table::new(&[
        "PARTNER",
        "STATE",
        "LAG",
        "LAST RECEIPT",
        "HELD",
        "QUOTA",
        "CIRCLES",
        "ADDRESS",
        "NODE",
    ]);
    let (mut unconfirmed, mut removed) = (Vec::new(), Vec::new());
    let restored = |partner: &PartnerView| {
        let at = second(partner.restored.as_ref()?);
        Some(format!("RESTORED: {} came back from a backup on {at}", plain(&partner.name)))
    };
    let restored: Vec<String> = partners.iter().filter_map(restored).collect();
    let returned = |partner: &PartnerView| {
        let (name, new) = (plain(&partner.name), partner.returned?);
        let new = counted(new, "record", "records");
        Some(format!("RETURNED: {name} gave back {new} that this node had signed and lost"))
    };
    let returned: Vec<String> = partners.iter().filter_map(returned).collect();
    let waits = partners.iter().filter(|partner| partner.waits);
    let waits: Vec<String> = waits.map(|partner| plain(&partner.name)).collect();
    for partner in partners {
        if let Some(at) = &partner.removed_us {
            removed.push((partner.name.clone(), second(at)));
        } else if !partner.confirmed {
            unconfirmed.push((partner.name.clone(), partner.words.clone()));
        }
        let quota = quota(&partner.quota);
        table.row([
            partner.name,
            partner.state,
            partner.lag_records.to_string(),
            second_or_dash(partner.last_receipt.as_ref()),
            partner.records_held.to_string(),
            quota,
            partner.circles.join(", "),
            partner.address.unwrap_or_else(|| "-".to_owned()),
            partner.node,
        ]);
    }
    table.print("no partners yet; `entente partner invite` makes a code for one")?;
    for (name, words) in unconfirmed {
        line(&format!("Compare with {}: {words}", plain(&name)))?;
    }
    for name in waits {
        line(&format!(
            "{name} waits for a yes to the first share: entente partner release \"{name}\""
        ))?;
    }
    for told in restored {
        line(&told)?;
        line("  it may lack what it sent and received shortly before; ask it what it restored")?;
    }
    for told in returned {
        line(&told)?;
    }
    for (name, at) in removed {
        line(&format!("{} ended the partnership on {at}; it is tried once an hour", plain(&name)))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
