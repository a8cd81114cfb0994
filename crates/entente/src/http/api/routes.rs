//! Which address leads to which resource. Nothing is answered here.

use super::{
    backup, circles, maintenance, node, objects, partners, publish, rebuild, recall, relabel,
    retention, search, sightings, sources, stream, tokens, watch, who,
};
use crate::runtime::Runtime;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{delete, get, post};
use model::limits::API_BODY_BYTES_MAX;

/// The addresses below `/api/v1`, written out in full.
pub(crate) fn routes() -> Router<Runtime> {
    let small = Router::new()
        .route("/api/v1/node", get(node::get))
        .route("/api/v1/circles", get(circles::list).post(circles::create))
        .route("/api/v1/circles/{name}/members", post(circles::add))
        .route("/api/v1/circles/{name}/members/{partner}", delete(circles::remove))
        .route("/api/v1/circles/{name}/accept", post(circles::accept))
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
        .route("/api/v1/search", get(search::get))
        .route("/api/v1/objects/{id}", get(objects::get))
        .route("/api/v1/who/{id}", get(who::get))
        .route("/api/v1/sightings", get(sightings::get))
        .route("/api/v1/stream", get(stream::get))
        .route("/api/v1/relabel", post(relabel::post))
        .route("/api/v1/recall", post(recall::post))
        .route("/api/v1/recall/{id}", get(recall::get))
        .route("/api/v1/backup", post(backup::post))
        .route("/api/v1/rebuild", post(rebuild::post))
        .route("/api/v1/maintenance", get(maintenance::get))
        .route("/api/v1/retention", get(retention::get))
        .layer(DefaultBodyLimit::max(API_BODY_BYTES_MAX));
    // These two bound their bodies themselves, packed and unpacked.
    small.route("/api/v1/publish", post(publish::post)).route("/api/v1/watch", post(watch::post))
}
