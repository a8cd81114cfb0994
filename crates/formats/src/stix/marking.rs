//! Markings: what the data markings on an object ask for, and what a marking definition says. The
//! strictest part decides; what cannot be classified is named, and the node treats it as RED.

use super::collect::Collected;
use super::tlp::{Edition, predefined};
use crate::json::{Leaf, Shape, Step, Visit, walk};
use crate::misp;
use crate::problem::Problem;
use model::label::{Pap, Tlp};
use model::limits::MARKINGS_MAX;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// What an object's own markings ask for.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Markings {
    /// The strictest TLP of the object's and its parts' predefined markings.
    pub tlp: Option<Tlp>,
    /// The strictest TLP among labels such as `tlp:red`. A label is no marking: it may make the
    /// result stricter and never stands for a default.
    pub at_least: Option<Tlp>,
    /// The strictest PAP among labels such as `pap:amber`.
    pub pap: Option<Pap>,
    /// A label `personal-data` says that the body is about people.
    pub personal: bool,
    /// Ids that are none of the predefined TLP markings, and tags of the families `tlp` and `PAP` that
    /// say nothing known, sorted, at most `MARKINGS_MAX`: the node classifies the ids that it holds
    /// with [`classify`]; any other means RED without hops.
    pub unknown: Vec<String>,
    /// What an author should know.
    pub warnings: Vec<Problem>,
}

/// Reads the gathered markings.
pub(super) fn markings(collected: &Collected<'_>) -> Result<Markings, Problem> {
    if collected.odd_marking {
        return Err(Problem::error("E-STIX-010", "a marking is not a text")
            .hint("name marking definitions by their ids"));
    }
    let mut markings = Markings::default();
    let mut unknown = BTreeSet::new();
    // By edition: whether there is one, and the one for the whole object.
    let mut editions: [(bool, Option<Tlp>); 2] = [(false, None); 2];
    let mut two = false;
    for (id, whole) in &collected.markings {
        match predefined(id) {
            Some((tlp, edition)) => {
                markings.tlp = markings.tlp.max(Some(tlp));
                let [first, second] = &mut editions;
                let (seen, before) = match edition {
                    Edition::V1 => first,
                    Edition::V2 => second,
                };
                *seen = true;
                if *whole {
                    two |= before.is_some_and(|before| before != tlp);
                    *before = Some(tlp);
                }
            }
            None => {
                unknown.insert(id.as_ref().to_owned());
            }
        }
    }
    if unknown.len() > MARKINGS_MAX {
        return Err(too_many());
    }
    markings.unknown = unknown.into_iter().collect();
    if two {
        let message = "the object has two different TLP markings; the stricter counts";
        let hint = "leave one; a part may have a stricter one in granular_markings";
        markings.warnings.push(Problem::warning("W-LABEL-002", message).hint(hint));
    }
    if editions.iter().all(|(seen, _)| *seen) {
        let message = "markings of TLP 1 and of TLP 2.0 stand side by side; the stricter counts";
        markings.warnings.push(Problem::warning("W-STIX-101", message));
    }
    read_labels(&mut markings, &collected.labels)?;
    Ok(markings)
}

/// Labels are read as MISP's tags are: it writes its own there, and what its families say that nobody
/// here knows may mean any restriction.
fn read_labels(markings: &mut Markings, labels: &[Cow<'_, str>]) -> Result<(), Problem> {
    let tags: Vec<&str> = labels.iter().map(|label| &**label).collect();
    let marked = misp::read(&tags, None, None);
    if marked.tlp.is_some() {
        let message = "a label that spells a traffic light is not a marking";
        let hint = "use object_marking_refs; a label only ever makes it stricter";
        markings.warnings.push(Problem::warning("W-STIX-102", message).hint(hint));
    }
    markings.at_least = marked.tlp;
    markings.pap = marked.pap;
    markings.personal = marked.personal;
    markings.warnings.extend(marked.warnings);
    markings.warnings.truncate(MARKINGS_MAX);
    markings.unknown.extend(marked.unknown);
    markings.unknown.sort_unstable();
    markings.unknown.dedup();
    if markings.unknown.len() > MARKINGS_MAX { Err(too_many()) } else { Ok(()) }
}

fn too_many() -> Problem {
    let message = format!("the object has more than {MARKINGS_MAX} different markings");
    Problem::error("E-STIX-009", message)
}

/// What a marking definition says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Classified {
    /// A traffic light.
    Tlp(Tlp),
    /// Permissible actions.
    Pap(Pap),
    /// A copyright or terms of use: neutral.
    Statement,
}

/// Reads a `marking-definition`; `None` when it is none, or says something we can't classify.
///
/// Predefined ids mean what the standard says, whatever the body says. Some programs write a TLP
/// or PAP of their own making into a statement or beside it, so names and statements that spell
/// one count too; of several the strictest TLP decides.
#[must_use]
pub fn classify(definition: &[u8]) -> Option<Classified> {
    let mut says = Says::default();
    walk(definition, &mut says).ok()?;
    if says.kind.as_deref() != Some("marking-definition") {
        return None;
    }
    if let Some((tlp, _)) = says.id.as_deref().and_then(predefined) {
        return Some(Classified::Tlp(tlp));
    }
    if says.foreign {
        return None;
    }
    match (says.tlp, says.pap, says.statement) {
        (Some(tlp), ..) => Some(Classified::Tlp(tlp)),
        (None, Some(pap), _) => Some(Classified::Pap(pap)),
        (None, None, true) => Some(Classified::Statement),
        (None, None, false) => None,
    }
}

/// What the parts of a marking definition say.
#[derive(Default)]
struct Says {
    kind: Option<String>,
    id: Option<String>,
    tlp: Option<Tlp>,
    pap: Option<Pap>,
    statement: bool,
    /// It has an extension other than TLP 2.0, or a TLP that we don't know.
    foreign: bool,
}

const TLP_2_EXTENSION: &str = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";

impl<'a> Visit<'a> for Says {
    fn leaf(&mut self, path: &[Step<'a>], leaf: Leaf<'a>) {
        let Leaf::Text(text) = leaf else { return };
        let text = text.read();
        match path {
            [Step::Key(key)] => match &**key {
                "type" => self.kind = Some(text.into_owned()),
                "id" => self.id = Some(text.into_owned()),
                "definition_type" => self.statement |= text == "statement",
                "name" | "x_opencti_definition" => self.spelt(&text),
                _ => {}
            },
            [Step::Key(definition), Step::Key(key)] if definition == "definition" => {
                match key.to_ascii_lowercase().as_str() {
                    "tlp" => self.light(&text),
                    "pap" => self.pap = self.pap.max(text.parse().ok()),
                    _ => self.spelt(&text),
                }
            }
            [Step::Key(extensions), Step::Key(_), Step::Key(key)]
                if extensions == "extensions" && key == "tlp_2_0" =>
            {
                self.light(&text);
            }
            _ => {}
        }
    }

    fn open(&mut self, path: &[Step<'a>], _: Shape) {
        if let [Step::Key(extensions), Step::Key(name)] = path
            && extensions == "extensions"
        {
            self.foreign |= name != TLP_2_EXTENSION;
        }
    }
}

impl Says {
    fn light(&mut self, text: &str) {
        match text.parse() {
            Ok(tlp) => self.tlp = self.tlp.max(Some(tlp)),
            Err(_) => self.foreign = true,
        }
    }

    /// A free text that is nothing but `TLP:...` or `PAP:...`.
    fn spelt(&mut self, text: &str) {
        let lower = text.trim().to_ascii_lowercase();
        if lower.starts_with("tlp:") {
            self.light(&lower);
        } else if lower.starts_with("pap:") {
            match lower.parse() {
                Ok(pap) => self.pap = self.pap.max(Some(pap)),
                Err(_) => self.foreign = true,
            }
        }
    }
}

#[cfg(test)]
mod tests;
