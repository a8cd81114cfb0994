//! `entente show`: one thing with all its records; its exact bytes; its proof.

use super::client::{Client, encoded, wait};
use super::failure::{Ended, Failure, Outcome};
use super::here::Here;
use super::output::{bytes, line, plain};
use super::when::second;
use crate::http::api::objects::{ObjectView, RecordView};
use clap::Args;
use http::Method;
use std::fmt::Write as _;

/// Show one thing: every record of it that this node holds
#[derive(Args, Debug)]
pub(crate) struct Show {
    /// Its id, such as indicator--…
    id: String,
    /// Only this version
    #[arg(long, value_name = "V")]
    version: Option<String>,
    /// The newest body's exact bytes
    #[arg(long, conflicts_with = "proof")]
    raw: bool,
    /// The newest record as it was signed, for `entente verify`
    #[arg(long)]
    proof: bool,
    /// With a partner's eyes: only what it is released
    #[arg(long = "as", value_name = "PARTNER")]
    partner: Option<String>,
}

impl Show {
    pub(crate) fn run(self, here: &Here) -> Ended {
        let mut path = format!("/api/v1/objects/{}?", encoded(&self.id));
        if let Some(version) = &self.version {
            write!(path, "version={}&", encoded(version)).ok();
        }
        if let Some(partner) = &self.partner {
            write!(path, "as={}&", encoded(partner)).ok();
        }
        if self.raw {
            path.push_str("raw=1");
        }
        if self.proof {
            path.push_str("proof=1");
        }
        let path = path.trim_end_matches(['?', '&']);
        let asked = async { Client::new(here)?.send(Method::GET, path, None).await };
        let reply = wait(asked)?;
        if self.raw {
            bytes(&reply.body)?;
        } else if self.proof || here.json {
            bytes(&[&reply.body, &b"\n"[..]].concat())?;
        } else {
            let object: ObjectView = serde_json::from_slice(&reply.body)
                .map_err(|error| Failure::input(format!("the node's answer: {error}")))?;
            print(&object)?;
        }
        Ok(Outcome::Done)
    }
}

fn print(object: &ObjectView) -> Result<(), Failure> {
    line(&object.id)?;
    for record in &object.records {
        line(&heading(record))?;
    }
    let newest = object.records.first().and_then(|record| record.object.as_deref());
    if let Some(body) = newest {
        line(&indented(body.get()))?;
    }
    Ok(())
}

/// JSON over several lines, its members in the order and spelling in which they came.
fn indented(json: &str) -> String {
    let (mut text, mut depth, mut quoted, mut escaped) = (String::new(), 0_usize, false, false);
    let mut fresh = false;
    for char in json.chars() {
        if quoted {
            quoted = char != '"' || escaped;
            escaped = char == '\\' && !escaped;
            text.push_str(&plain(char.encode_utf8(&mut [0; 4])));
            continue;
        }
        if char.is_whitespace() {
            continue;
        }
        let closes = matches!(char, '}' | ']');
        depth = depth.saturating_sub(usize::from(closes));
        if closes != fresh && (closes || fresh) {
            text.push('\n');
            text.extend(std::iter::repeat_n("  ", depth));
        }
        fresh = matches!(char, '{' | '[');
        depth = depth.saturating_add(usize::from(fresh));
        quoted = char == '"';
        text.push(char);
        match char {
            ',' => {
                text.push('\n');
                text.extend(std::iter::repeat_n("  ", depth));
            }
            ':' => text.push(' '),
            _ => {}
        }
    }
    text
}

/// One record in one line.
fn heading(record: &RecordView) -> String {
    let mut text = format!(
        "  {}  TLP:{}  {}  {} {} it, signed {}",
        plain(&record.version),
        record.tlp.to_uppercase(),
        plain(&record.circle),
        plain(&record.signer),
        record.how,
        second(&record.signed),
    );
    if let Some(to) = &record.to {
        let to = if to.is_empty() { "nobody".to_owned() } else { to.join(", ") };
        write!(text, ", to {}", plain(&to)).ok();
    }
    if let Some(until) = &record.until {
        write!(text, ", not before {}", second(until)).ok();
    }
    text
}

#[cfg(test)]
mod tests;
