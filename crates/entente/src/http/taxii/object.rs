//! One object of a collection: read it, or hide it if this token brought it. Recalls are not
//! TAXII's.

use super::negotiate::{Desk, Refusal, path_parameter};
use super::objects::envelope;
use super::paging::Question;
use crate::runtime::Runtime;
use axum::extract::{FromRequestParts, RawQuery, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use formats::taxii::{Filter, Versions};
use model::id::ThingId;
use node::read::Shape;
use node::{Answer, Command};

/// The object that the path names.
#[derive(Debug)]
pub(super) struct Named(pub(super) ThingId);

impl FromRequestParts<Runtime> for Named {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, runtime: &Runtime) -> Result<Self, Refusal> {
        let id = path_parameter(parts, runtime, "object").await;
        let thing = id.and_then(|id| ThingId::parse_stix(&id).ok());
        thing.map(Self).ok_or_else(Refusal::not_found)
    }
}

/// A request's filter, narrowed to one object; what the endpoint doesn't filter by is ignored.
pub(super) fn about(thing: &ThingId, filter: Filter) -> Filter {
    Filter { ids: vec![thing.clone()], types: Vec::new(), ..filter }
}

/// Whether this asker may have any version of the object at all.
pub(super) async fn known(runtime: &Runtime, desk: &Desk, thing: &ThingId) -> Result<(), Refusal> {
    let any = about(thing, Filter { versions: Versions::All, ..Filter::default() });
    let question = Question::new(desk, ("any", Shape::Manifest), any)?.at_most(1);
    let found = !question.ask(runtime).await?.page.entries.is_empty();
    found.then_some(()).ok_or_else(Refusal::not_found)
}

/// SPEC: TAXII 2.1 §5.6: an unknown object is 404; a known one of which no version matches is an
/// empty envelope.
pub(super) async fn read(
    State(runtime): State<Runtime>,
    desk: Desk,
    Named(thing): Named,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    desk.readable()?;
    let filter = about(&thing, Filter::parse(&query.unwrap_or_default())?);
    let question = Question::new(&desk, ("object", Shape::Objects), filter)?;
    let answered = question.ask(&runtime).await?;
    if answered.page.entries.is_empty() {
        known(&runtime, &desk, &thing).await?;
    }
    envelope(&desk, answered).await
}

/// SPEC: TAXII 2.1 §5.7: all versions, unless some are named.
pub(super) async fn hide(
    State(runtime): State<Runtime>,
    desk: Desk,
    named: Result<Named, Refusal>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    desk.readable()?;
    desk.writable()?;
    let Named(thing) = named?;
    let query = query.unwrap_or_default();
    let asked = Filter::parse(&query)?;
    let versions = if names_versions(&query) { asked.versions } else { Versions::All };
    let spec_versions = asked.spec_versions;
    let filter = Filter { versions, spec_versions, nothing: asked.nothing, ..Filter::default() };
    let question = Question::new(&desk, ("hide", Shape::Manifest), about(&thing, filter))?;
    let entries = question.ask(&runtime).await?.page.entries;
    if entries.is_empty() {
        return Err(Refusal::not_found());
    }
    let submitter = desk.asker.caller.submitter.clone();
    let entries = entries.into_iter().map(|entry| entry.seq).collect();
    let hide = Command::Hide { submitter, circle: desk.circle, entries };
    if let Answer::Refused(problem) = runtime.write(hide).await? {
        return Err(Refusal::of(StatusCode::FORBIDDEN, &problem));
    }
    Ok(desk.asker.answer(StatusCode::OK, Vec::new()).await)
}

/// Whether the request says itself which versions it means: then they can't be said once more.
fn names_versions(query: &str) -> bool {
    Filter::parse(&format!("{query}&match[version]=all")).is_err()
}
