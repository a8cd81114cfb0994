//! The scenes: what is asked of the nodes, what must come of it, and the sentence that tells it.
//! Their order, and whether there is telemetry at all, is the story's.

use super::bundle::{Bundle, Value, bundle, letter};
use super::door::{Door, Stream};
use super::failure::Failure;
use super::nodes::{Node, PATIENCE};
use super::run::{ALPHA, BETA, Cast, GAMMA, Plan, elapsed};
use super::terminal::{Step, milliseconds};
use crate::command::encoded;
use crate::http::api::circles::{CircleMade, CircleView, NewCircle};
use crate::http::api::partners::{InvitationMade, InvitationWanted, JoinedView, Joining};
use crate::http::api::publish::Published;
use crate::http::api::sightings::{SightingView, SightingsView};
use crate::http::api::tokens::{TokenMade, TokenWanted};
use crate::http::api::who::WhoView;
use crate::runtime::now;
use serde_json::Value as Json;
use tokio::time::Instant;

/// The circle of Alpha and Beta.
const LIGHTHOUSE: &str = "lighthouse";
/// The circle of Alpha and Gamma.
const SUPPLIERS: &str = "suppliers";

type Played<T> = Result<(Step, T), Failure>;

/// Alpha convenes both circles; gives the id of Beta's.
pub(super) async fn circles(cast: &Cast) -> Played<String> {
    let began = Instant::now();
    let mut ids = Vec::new();
    for name in [LIGHTHOUSE, SUPPLIERS] {
        let new =
            NewCircle { name: name.to_owned(), default: None, ceiling: None, known_good: None };
        ids.push(cast.alpha.door.post::<CircleMade>("/api/v1/circles", &new).await?.id);
    }
    let step = Step::done("circle", ALPHA, format!("{ALPHA} opens two circles"))
        .took(elapsed(began))
        .means(
            "What is put into a circle goes to its members and nowhere else. Without a marking of \
             its own it is TLP:AMBER+STRICT: theirs alone.",
        );
    Ok((step, ids.swap_remove(0)))
}

/// Beta and Gamma come with an invitation each.
pub(super) async fn join(cast: &Cast) -> Played<()> {
    let began = Instant::now();
    for (node, circle) in [(&cast.beta, LIGHTHOUSE), (&cast.gamma, SUPPLIERS)] {
        let wanted = InvitationWanted {
            circles: vec![circle.to_owned()],
            trust_code: true,
            backfill: Some(true),
        };
        let made: InvitationMade = cast.alpha.door.post("/api/v1/partners/invite", &wanted).await?;
        let joining = Joining { code: made.code, trust_code: true };
        let joined: JoinedView = node.door.post("/api/v1/partners/join", &joining).await?;
        check(joined.confirmed && joined.name == ALPHA, "the code was not trusted")?;
        until(&format!("{} to follow `{circle}`", node.name), async || {
            let circles: Vec<CircleView> = node.door.get("/api/v1/circles").await?;
            Ok(circles.iter().any(|view| view.circle == circle && view.state == "followed"))
        })
        .await?;
    }
    let text = format!("{BETA} joins \"{LIGHTHOUSE}\", {GAMMA} joins \"{SUPPLIERS}\"");
    let step = Step::done("join", BETA, text).took(elapsed(began)).means(
        "Each with an invitation, good once and for a day. From now on TLS 1.3 with pinned keys \
         on both sides; no certificate authority, no broker.",
    );
    Ok((step, ()))
}

/// What was published, and when it was there.
#[derive(Debug)]
pub(super) struct Publication {
    /// The objects.
    pub(super) bundle: Bundle,
    /// From the request until all that Beta may have was readable there.
    pub(super) arrival: f64,
}

/// Alpha publishes, and Beta is watched while it does.
pub(super) async fn publish(cast: &Cast, value: &Value) -> Played<Publication> {
    let bundle = bundle(value, now());
    let (last, _) = bundle.released.last().cloned().unwrap_or_default();
    // The connections stand before the clock starts.
    let early = cast.beta.door.has(&object(&last)).await?;
    check(!early, "Beta had it before it was published")?;
    let began = Instant::now();
    let (published, arrival) = tokio::try_join!(
        async {
            let published = post(&cast.alpha.door, LIGHTHOUSE, &bundle.json).await?;
            Ok((published, elapsed(began)))
        },
        async {
            let what = format!("{BETA} to have {last}");
            until(&what, async || cast.beta.door.has(&object(&last)).await).await?;
            Ok(elapsed(began))
        },
    )?;
    let (published, ms) = published;
    let all = u64::try_from(bundle.released.len() + 1).unwrap_or(u64::MAX);
    check(published.accepted == all && published.refused == 0, "Alpha did not accept all of it")?;
    let text = format!("{ALPHA} publishes {all} objects about {}", value.text);
    let step = Step::done("publish", ALPHA, text).took(ms).means(
        "An indicator, the malware behind it, the link between them, some advice, and a RED note \
         of its own. Signed, and on Alpha's disk before the answer.",
    );
    Ok((step, Publication { bundle, arrival }))
}

/// Beta has what it may have.
pub(super) fn arrived(publication: &Publication) -> Step {
    let count = publication.bundle.released.len();
    let text = format!("{BETA} has {count} of them");
    Step::done("arrival", BETA, text).took(publication.arrival).means(
        "From the request at Alpha until readable at Beta: released by Alpha's rules, sent, \
         verified, on Beta's disk. From here on Beta's telemetry is searched for it.",
    )
}

/// The note did not leave, and Alpha can say why.
pub(super) async fn withheld(cast: &Cast, bundle: &Bundle) -> Played<()> {
    for (id, _) in &bundle.released {
        check(cast.beta.door.has(&object(id)).await?, "Beta lacks something that it may have")?;
    }
    check(!cast.beta.door.has(&object(&bundle.note)).await?, "Beta has Alpha's RED note")?;
    check(cast.alpha.door.has(&object(&bundle.note)).await?, "Alpha has lost its note")?;
    let who: Vec<WhoView> = cast.alpha.door.get(&format!("/api/v1/who/{}", bundle.note)).await?;
    check(who.len() == 2 && who.iter().all(|line| !line.released), "the note was released")?;
    let text = format!("{BETA} did not get the RED note, and {ALPHA} can say why");
    let mut step = Step::done("withheld", ALPHA, text).means(
        "For Beta there is no note: no id, no count, no gap in a numbering. Alpha's node says who \
         gets it, and by which rule not:",
    );
    for line in &who {
        step = step.shows(format!("{:<10}  no: {}", line.partner, line.reason));
    }
    Ok((step, ()))
}

/// What came of Beta's telemetry.
#[derive(Debug)]
pub(super) struct Seen {
    /// From the line of telemetry until the sighting was told at Alpha.
    ms: f64,
    sighting: SightingView,
}

/// One line of Beta's telemetry; Alpha listens.
pub(super) async fn telemetry(cast: &Cast, value: &Value, bundle: &Bundle) -> Played<Seen> {
    let mut stream = cast.alpha.door.stream("/api/v1/stream").await?;
    let event = value.event();
    let began = Instant::now();
    let (matched, seen) = tokio::try_join!(
        async {
            let lines = cast.beta.door.lines("/api/v1/watch", event.clone()).await?;
            Ok((lines, elapsed(began)))
        },
        sighted(&mut stream, began),
    )?;
    let (lines, ms) = matched;
    let found =
        |line: &&Json| line.get("indicator").and_then(Json::as_str) == Some(&bundle.indicator);
    let matched = lines.iter().find(found);
    let field = matched.and_then(|line| line.get("field")?.as_str()).unwrap_or_default();
    check(matched.is_some(), "Beta's telemetry did not match")?;
    check(
        seen.sighting.indicator.as_deref() == Some(&bundle.indicator) && seen.sighting.by == BETA,
        "Alpha was told of another sighting",
    )?;
    let text = format!("A machine at {BETA} meets {}", value.text);
    let step = Step::done("telemetry", BETA, text).took(ms).shows(event).means(format!(
        "A line comes from {}. It matches in the field \"{field}\", and a sighting is signed and \
         on Beta's disk before the line is acknowledged:",
        value.logged_by()
    ));
    Ok((step, seen))
}

async fn sighted(stream: &mut Stream, began: Instant) -> Result<Seen, Failure> {
    let next = tokio::time::timeout(PATIENCE, stream.next::<SightingView>()).await;
    let next = next.map_err(|_| late("the sighting at Alpha"))?;
    let sighting = next.ok_or_else(|| otherwise("Alpha's stream of sightings ended"))?;
    Ok(Seen { ms: elapsed(began), sighting })
}

/// The sighting came back to whom it concerns.
pub(super) fn came_back(seen: Seen) -> Played<Option<f64>> {
    let Seen { ms, sighting } = seen;
    let count = sighting.count.unwrap_or_default();
    let times = if count == 1 { "once".to_owned() } else { format!("{count} times") };
    let text = format!("{ALPHA} knows: seen {times}, at {}", sighting.by);
    let step = Step::done("sighting", ALPHA, text).took(ms).means(
        "From Beta's line until told at Alpha. How often and when: that came back, to Alpha \
         alone. The line, the machine and its address never left Beta.",
    );
    Ok((step, Some(ms)))
}

/// Without telemetry nothing is seen, and nothing comes back.
pub(super) async fn silence(cast: &Cast) -> Played<Option<f64>> {
    for node in [&cast.alpha, &cast.beta] {
        let all: SightingsView = node.door.get("/api/v1/sightings").await?;
        check(all.sightings.is_empty(), "something was seen although nothing happened")?;
    }
    let text = "No telemetry this time (--no-telemetry): nothing was seen";
    let step = Step::done("no-telemetry", BETA, text)
        .means("Beta watches for it all the same; Alpha has heard nothing from Beta.");
    Ok((step, None))
}

/// The outsider's link works, and there is nothing of this on it.
pub(super) async fn outsider(cast: &Cast, value: &Value, bundle: &Bundle) -> Played<()> {
    let door = &cast.gamma.door;
    let (id, json) = letter(now());
    let began = Instant::now();
    post(&cast.alpha.door, SUPPLIERS, &json).await?;
    until(&format!("{GAMMA} to have {id}"), async || door.has(&object(&id)).await).await?;
    let ms = elapsed(began);
    let path = format!("/api/v1/search?q={}", encoded(&value.text));
    let found: Vec<Json> = door.get(&path).await?;
    check(found.is_empty(), "Gamma finds the value")?;
    for id in bundle.released.iter().map(|(id, _)| id).chain([&bundle.note]) {
        check(!door.has(&object(id)).await?, "Gamma has an object of the other circle")?;
    }
    let circles: Vec<CircleView> = door.get("/api/v1/circles").await?;
    let own = circles.iter().map(|view| view.circle.as_str()).eq([SUPPLIERS]);
    check(own, "Gamma knows of the other circle")?;
    let collection = circles.first().map(|view| view.id.clone()).unwrap_or_default();
    let (count, _) = collected(door, &collection).await?;
    check(count == 1, "Gamma holds something else than its own object")?;
    let text = format!("{GAMMA}, the outsider, has nothing of all this");
    let step = Step::done("outsider", GAMMA, text)
        .means(format!(
            "Its link works: what Alpha just sent to \"{SUPPLIERS}\" came in {}. But it cannot \
             even tell that there is something that it does not see.",
            milliseconds(ms)
        ))
        .shows(format!("search for {}: {} results", value.text, found.len()))
        .shows(format!("objects held: {count}   circles known: {}", circles.len()));
    Ok((step, ()))
}

/// Another program's TAXII client reads the circle at Beta.
pub(super) async fn taxii(cast: &Cast, plan: &Plan, circle: &str, bundle: &Bundle) -> Played<()> {
    let Node { door, http, .. } = &cast.beta;
    let wanted = TokenWanted {
        name: "siem".to_owned(),
        circles: vec![LIGHTHOUSE.to_owned()],
        read: true,
        ..TokenWanted::default()
    };
    let made: TokenMade = door.post("/api/v1/tokens", &wanted).await?;
    let reader = door.with(&made.token);
    let began = Instant::now();
    let (count, page) = collected(&reader, circle).await?;
    let ms = elapsed(began);
    let (objects, sightings) = (bundle.released.len(), usize::from(plan.telemetry));
    check(count == objects + sightings, "the collection has other objects than Beta")?;
    let exact = bundle.released.iter().all(|(_, text)| page.contains(text));
    check(exact, "the collection has an object in other bytes")?;
    let and = if plan.telemetry { ", and Beta's own sighting" } else { "" };
    // What cannot be typed any more when the story ends is not shown.
    let hint = if plan.stay { "With curl:" } else { "With --stay you can ask it yourself." };
    let meaning = format!(
        "Alpha's {objects}, byte for byte as published{and}: {} bytes in all. {hint}",
        page.len(),
    );
    let text = format!("A TAXII 2.1 client reads {count} objects at {BETA}");
    let step = Step::done("taxii", BETA, text).took(ms).means(meaning);
    if !plan.stay {
        return Ok((step, ()));
    }
    let step = step
        .shows(format!("curl -s -H 'Authorization: Bearer {}' \\", made.token))
        .shows("  -H 'Accept: application/taxii+json;version=2.1' \\")
        .shows(format!("  {http}/taxii2/root/collections/{circle}/objects/"));
    Ok((step, ()))
}

/// How many objects a collection has for this door's token, and the page itself.
async fn collected(door: &Door, collection: &str) -> Result<(usize, String), Failure> {
    let path = format!("/taxii2/root/collections/{collection}/objects/");
    let page = door.taxii(&path).await?;
    let envelope: Json = serde_json::from_slice(&page).map_err(|e| otherwise(&e.to_string()))?;
    let objects = envelope.get("objects").and_then(Json::as_array);
    Ok((objects.map_or(0, Vec::len), String::from_utf8_lossy(&page).into_owned()))
}

async fn post(door: &Door, circle: &str, bundle: &str) -> Result<Published, Failure> {
    let path = format!("/api/v1/publish?circle={circle}");
    door.post_bytes(&path, bundle.to_owned()).await
}

fn object(id: &str) -> String {
    format!("/api/v1/objects/{id}")
}

/// Asks until it is so. Every question goes over a socket, so others have their turn.
async fn until(
    what: &str,
    mut is_so: impl AsyncFnMut() -> Result<bool, Failure>,
) -> Result<(), Failure> {
    let asking = async {
        while !is_so().await? {
            tokio::task::yield_now().await;
        }
        Ok(())
    };
    tokio::time::timeout(PATIENCE, asking).await.map_err(|_| late(what))?
}

fn check(is_so: bool, otherwise_told: &str) -> Result<(), Failure> {
    if is_so { Ok(()) } else { Err(otherwise(otherwise_told)) }
}

fn otherwise(told: &str) -> Failure {
    Failure::Otherwise(told.to_owned())
}

fn late(what: &str) -> Failure {
    Failure::Late { what: what.to_owned(), seconds: PATIENCE.as_secs() }
}
