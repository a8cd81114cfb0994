//! Which address leads to which resource. Nothing is answered here.

use super::{
    backfill, backup, bundle, cards, circles, copy, cube, depended, held, keys, known_good,
    maintenance, matches, node, objects, outbox, partners, policy, possible, preview, publish,
    questions, rebuild, recall, receipts, relabel, retention, rules, search, seen, sightings,
    sources, stream, suppressions, tokens, undo, watch, webhooks, who, why, withdraw,
};
use crate::runtime::Runtime;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{delete, get, post};
use model::limits::{API_BODY_BYTES_MAX, BUNDLE_HELLO_BYTES_MAX};

/// The addresses below `/api/v1`, written out in full.
pub(crate) fn routes() -> Router<Runtime> {
    // A chain of keys may stand in it.
    let larger = DefaultBodyLimit::max(API_BODY_BYTES_MAX + BUNDLE_HELLO_BYTES_MAX);
    let introductions = get(bundle::key).post(bundle::pin).layer(larger);
    let small = Router::new()
        .route("/api/v1/node", get(node::get))
        .route("/api/v1/circles", get(circles::list).post(circles::create))
        .route("/api/v1/circles/{name}/members", post(circles::add))
        .route("/api/v1/circles/{name}/members/{partner}", delete(circles::remove))
        .route("/api/v1/circles/{name}/accept", post(circles::accept))
        .route("/api/v1/circles/{name}/backfill", get(backfill::get).post(backfill::post))
        .route("/api/v1/tokens", get(tokens::list).post(tokens::create))
        .route("/api/v1/tokens/{name}", delete(tokens::revoke))
        .route("/api/v1/partners", get(partners::list))
        .route("/api/v1/partners/invite", post(partners::invite))
        .route("/api/v1/partners/join", post(partners::join))
        .route("/api/v1/partners/{name}/confirm", post(partners::confirm))
        .route("/api/v1/partners/{name}", delete(partners::remove))
        .route("/api/v1/sources", get(sources::list).post(sources::add))
        .route("/api/v1/sources/{name}", delete(sources::remove))
        .route("/api/v1/sources/{name}/pull", post(sources::pull))
        .route("/api/v1/keys", get(keys::get))
        .route("/api/v1/keys/next", post(keys::next))
        .route("/api/v1/keys/rotate", post(keys::rotate))
        .route("/api/v1/keys/revoke", post(keys::revoke))
        .route("/api/v1/search", get(search::get))
        .route("/api/v1/objects/{id}", get(objects::get))
        .route("/api/v1/who/{id}", get(who::get))
        .route("/api/v1/preview/{partner}", get(preview::get))
        .route("/api/v1/policy", get(policy::get).post(policy::post))
        .route("/api/v1/partners/{name}/card", get(cards::get).post(cards::post))
        .route("/api/v1/partners/{name}/release", post(cards::release))
        .route("/api/v1/publish/undo", post(outbox::undo))
        .route("/api/v1/copy", post(copy::post))
        .route("/api/v1/held", get(held::get))
        .route("/api/v1/sightings", get(sightings::get))
        .route("/api/v1/stream", get(stream::get))
        .route("/api/v1/relabel", post(relabel::post))
        .route("/api/v1/withdraw", post(withdraw::post))
        .route("/api/v1/undo", post(undo::post))
        .route("/api/v1/recall", post(recall::post))
        .route("/api/v1/recall/{id}", get(recall::get))
        .route("/api/v1/recalls", get(recall::list))
        .route("/api/v1/recalls/here", get(depended::get))
        .route("/api/v1/recalls/{id}", get(recall::get))
        .route("/api/v1/recalls/{id}/told", post(recall::told))
        .route("/api/v1/receipts", get(receipts::get))
        .route("/api/v1/receipts/proof", get(receipts::proof))
        .route("/api/v1/backup", post(backup::post))
        .route("/api/v1/bundle/key", introductions)
        .route("/api/v1/rebuild", post(rebuild::post))
        .route("/api/v1/maintenance", get(maintenance::get))
        .route("/api/v1/retention", get(retention::get))
        .merge(matching())
        .layer(DefaultBodyLimit::max(API_BODY_BYTES_MAX));
    // These bound their bodies themselves, packed and unpacked.
    small
        .route("/api/v1/publish", post(publish::post))
        .route("/api/v1/watch", post(watch::post))
        .route("/api/v1/bundle", get(bundle::get).post(bundle::post))
}

/// What matches, what is silent, who is told, and what was seen.
fn matching() -> Router<Runtime> {
    Router::new()
        .route("/api/v1/known-good", get(known_good::get))
        .route("/api/v1/why", get(why::get))
        .route("/api/v1/suppressions", get(suppressions::list).post(suppressions::add))
        .route("/api/v1/suppressions/{id}", delete(suppressions::remove))
        .route("/api/v1/disputes", post(suppressions::dispute))
        .route("/api/v1/cube", get(cube::get))
        .route("/api/v1/matches", get(matches::get))
        .route("/api/v1/webhooks", get(webhooks::list).post(webhooks::add))
        .route("/api/v1/webhooks/{name}", delete(webhooks::remove))
        .route("/api/v1/webhooks/{name}/test", post(webhooks::try_now))
        .route("/api/v1/rules", get(rules::get))
        .route("/api/v1/seen", get(seen::get))
        .route("/api/v1/seen/possible", get(possible::get))
        .route("/api/v1/seen/ask", get(questions::list).post(questions::ask))
        .route("/api/v1/seen/ask/{id}", get(questions::get))
}
