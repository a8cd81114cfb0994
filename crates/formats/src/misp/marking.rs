//! Labels as MISP has them: `tlp:` and `PAP:` tags, distribution and sharing group, both ways. It
//! joins nothing over events, objects and attributes; whoever reads those does.

use crate::problem::Problem;
use model::label::{Label, Pap, Tlp};
use model::limits::MARKINGS_MAX;
use uuid::Uuid;

/// A label that says that the body is about people, as in STIX.
const PERSONAL: &str = "personal-data";

/// What the tags and the distribution of one event, object or attribute ask for.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "three marks, each on its own")]
pub struct Marked {
    /// The stricter of tags and distribution.
    pub tlp: Option<Tlp>,
    /// The strictest PAP among the tags.
    pub pap: Option<Pap>,
    /// A tag says that it is about people.
    pub personal: bool,
    /// Nobody is named: it stays with whoever wrote it.
    pub nobody: bool,
    /// Hops that relays may take, where the distribution bounds them.
    pub hops: Option<u8>,
    /// The sharing group that it is for: a circle's id.
    pub sharing_group: Option<Uuid>,
    /// The distribution is that of what it stands in, which the reader joins.
    pub inherits: bool,
    /// Tags of a family of labels that say nothing we know; it counts as RED without hops.
    pub unknown: Vec<String>,
    /// What an author should know.
    pub warnings: Vec<Problem>,
}

/// How far MISP is to give something on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Distribution {
    /// MISP's number, 0 or 4.
    pub level: u8,
    /// The sharing group of level 4: the circle's id.
    pub sharing_group: Option<Uuid>,
}

/// Reads tags, distribution and the uuid of the sharing group.
#[must_use]
pub fn read(tags: &[&str], level: Option<u8>, sharing_group: Option<Uuid>) -> Marked {
    let mut marked = Marked::default();
    for tag in tags {
        marked.tag(tag);
    }
    let tagged = marked.tlp;
    if let Some(level) = level {
        marked.distribute(level, sharing_group);
    }
    if let (Some(tag), Some(both)) = (tagged, marked.tlp)
        && marked.distribution_says(level).is_some_and(|says| says != tag)
    {
        let message = format!("the tag tlp:{tag} and the distribution differ; TLP:{both} counts");
        let hint = "set the distribution that the tag means, or a sharing group";
        marked.warn("W-MISP-001", &message, hint);
    }
    marked
}

impl Marked {
    fn tag(&mut self, tag: &str) {
        let lower = tag.trim().to_ascii_lowercase();
        let Some((family, value)) = lower.split_once(':') else {
            self.personal |= lower == PERSONAL || lower == "personal_data";
            return;
        };
        match family {
            "tlp" => match value.parse::<Tlp>() {
                Ok(tlp) => {
                    if self.tlp.is_some_and(|other| other != tlp) {
                        let message = "two different TLP tags; the stricter counts";
                        self.warn("W-LABEL-002", message, "leave one of them");
                    }
                    self.tlp = self.tlp.max(Some(tlp));
                }
                Err(_) => self.odd(tag),
            },
            "pap" => match value.parse::<Pap>() {
                Ok(pap) => self.pap = self.pap.max(Some(pap)),
                Err(_) => self.odd(tag),
            },
            _ => {}
        }
    }

    /// A tag of our families that says nothing we know may mean any restriction.
    fn odd(&mut self, tag: &str) {
        let shown = crate::problem::shown(tag);
        let message = format!("the tag `{shown}` is not known here; it counts as TLP:RED");
        self.warn("W-MISP-002", &message, "use one of the tags of the tlp and PAP taxonomies");
        self.tlp = Some(Tlp::Red);
        self.nobody = true;
        self.hops = Some(0);
        if self.unknown.len() < MARKINGS_MAX {
            self.unknown.push(tag.to_owned());
        }
    }

    /// What a distribution means for the traffic light.
    const fn distribution_says(&self, level: Option<u8>) -> Option<Tlp> {
        match level {
            Some(0) => Some(Tlp::Red),
            Some(1) => Some(Tlp::AmberStrict),
            Some(2 | 3) => Some(Tlp::Green),
            // A sharing group bounds who gets it, as a circle does; what its members may do with
            // it is the tag's to say.
            _ => None,
        }
    }

    fn distribute(&mut self, level: u8, sharing_group: Option<Uuid>) {
        self.tlp = self.tlp.max(self.distribution_says(Some(level)));
        match (level, sharing_group) {
            (0, _) => {
                self.nobody = true;
                self.hops = Some(0);
            }
            (1, _) => self.hops = Some(0),
            (2, _) => self.hops = self.hops.min(Some(1)).or(Some(1)),
            (3, _) => {}
            (4, Some(group)) => self.sharing_group = Some(group),
            (5, _) => self.inherits = true,
            _ => {
                let message =
                    "a distribution that names nobody known here; it stays with its author";
                self.warn("W-MISP-003", message, "use 0 to 5, and with 4 a sharing group");
                self.tlp = Some(Tlp::Red);
                self.nobody = true;
                self.hops = Some(0);
            }
        }
    }

    fn warn(&mut self, code: &'static str, message: &str, hint: &str) {
        if self.warnings.len() < MARKINGS_MAX {
            self.warnings.push(Problem::warning(code, message).hint(hint));
        }
    }
}

/// A label as tags: what MISP shows, and what [`read`] reads back at least as strict.
#[must_use]
pub fn write(label: &Label) -> Vec<String> {
    let mut tags = vec![format!("tlp:{}", label.effective_tlp())];
    if let Some(pap) = label.pap {
        tags.push(format!("PAP:{}", pap.as_str().to_ascii_uppercase()));
    }
    if label.personal {
        tags.push(PERSONAL.to_owned());
    }
    tags
}

/// A label as a distribution: its circle is the sharing group; what is for nobody else stays.
#[must_use]
pub fn distribution(label: &Label) -> Distribution {
    let nobody = match &label.to {
        Some(to) => to.is_empty(),
        None => label.effective_tlp() == Tlp::Red,
    };
    if nobody {
        return Distribution { level: 0, sharing_group: None };
    }
    Distribution { level: 4, sharing_group: Some(label.circle.uuid()) }
}

#[cfg(test)]
mod tests;
