//! What is asked of a feed: its name and its query, read strictly, so that a mistyped restriction is
//! never lost. It looks nothing up.

use crate::http::api::answer::Refusal;
use crate::http::api::asked::{Asked, Pairs};
use formats::export::{
    Action, Form, MispFile, Options, SigmaFile, kind_of, misp_day_of, misp_span,
};
use model::facts::ValueKind;
use model::id::CircleId;
use model::label::{Pap, Tlp};
use model::time::Instant;
use node::read::{Bodies, Wanted};
use uuid::Uuid;

/// A feed, as somebody wants it.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Question {
    pub(super) form: Form,
    pub(super) options: Options,
    kinds: Vec<ValueKind>,
    pap_max: Pap,
    tlp_max: Tlp,
    min_confidence: u8,
    pub(super) max_age_days: Option<u32>,
    labels: Vec<String>,
}

impl Question {
    /// Reads a feed's name and query.
    pub(super) fn read(name: &str, query: Pairs) -> Result<Self, Refusal> {
        let (form, named) = Form::named(name).ok_or_else(|| Refusal::unknown("feed"))?;
        let mut asked = Asked::of(query);
        let kinds = kinds(form, named, &asked.all("kind"))?;
        let worded = |error: model::label::ParseTlpError| error.to_string();
        let pap: Option<String> = asked.one("pap")?;
        let pap = pap.map(|text| text.parse::<Pap>().map_err(worded)).transpose();
        let pap = pap.map_err(|error| Refusal::malformed(format!("`pap`: {error}")))?;
        let tlp: Option<Tlp> = asked.parsed("tlp")?;
        let min_confidence: Option<u8> = asked.parsed("min_confidence")?;
        let max_age_days = asked.parsed("max_age")?;
        let mut options = Options::default();
        if form == Form::Rpz {
            options.action = asked.parsed::<Action>("action")?.unwrap_or_default();
        }
        if form == Form::SuricataRules {
            options.subdomains = asked.flag("subdomains")?;
        }
        let labels = asked.all("label");
        asked.end()?;
        Ok(Self {
            form,
            options,
            kinds,
            pap_max: pap.map_or(form.pap_max(), |pap| pap.min(form.pap_max())),
            tlp_max: tlp.unwrap_or(Tlp::Red),
            min_confidence: min_confidence.unwrap_or(0),
            max_age_days,
            labels,
        })
    }

    /// The same question about the whole folder that the file is of.
    pub(super) fn of_folder(&self) -> Self {
        Self { form: Form::Misp(MispFile::Manifest), ..self.clone() }
    }

    /// As the node reads it, now; what is below `floor` is silent here. Nothing where it asks for an
    /// event that there can be none of.
    pub(super) fn wanted(
        &self,
        (circle, publisher): (CircleId, Uuid),
        floor: u8,
        now: Instant,
    ) -> Option<Wanted> {
        let mut begun = None;
        if let Form::Misp(MispFile::Event(event)) = self.form {
            let today = now.micros().div_euclid(DAY_MICROS);
            let day = misp_day_of(event, publisher, today)?;
            let (begins, ends) = misp_span(day);
            // The first day has what is older as well.
            let begins = if day == 0 { Instant::from_micros(i64::MIN) } else { begins };
            begun = Some((begins, ends));
        }
        let bodies = match (self.form.of_bodies(), self.form.of_rules()) {
            (_, true) => Bodies::Rules,
            (true, false) => Bodies::All,
            (false, false) => Bodies::None,
        };
        let mut only = None;
        if let Form::Sigma(SigmaFile::One(id, _)) = self.form {
            only = Some(id);
        }
        let age = |days: u32| now.plus_seconds(-i64::from(days).saturating_mul(86_400));
        Some(Wanted {
            circle,
            kinds: self.kinds.clone(),
            pap_max: self.pap_max,
            tlp_max: self.tlp_max,
            min_confidence: self.min_confidence.max(floor),
            weighed: self.form.weighs(),
            not_before: self.max_age_days.map(age),
            begun,
            only,
            labels: self.labels.clone(),
            bodies,
            acts: self.form.acts(),
        })
    }
}

const DAY_MICROS: i64 = 86_400_000_000;

/// The kinds that are asked for; all of them must be such as the form has.
fn kinds(form: Form, named: Vec<ValueKind>, asked: &[String]) -> Result<Vec<ValueKind>, Refusal> {
    let mut kinds = named;
    for name in asked {
        let known = kind_of(name);
        let shown = formats::problem::shown(name);
        let fits = form.kinds().is_none_or(|all| known.iter().all(|kind| all.contains(kind)));
        if known.is_empty() || !fits {
            let message = format!("`kind`: this feed has no values of the kind `{shown}`");
            return Err(Refusal::malformed(message));
        }
        kinds.extend(known);
    }
    if kinds.is_empty() {
        kinds.extend_from_slice(form.usual().unwrap_or_default());
    }
    Ok(kinds)
}
