//! TAXII 2.1: one API root, one collection per circle that the caller may see. Each resource has a
//! file; none of them opens a record or decides who may have it.

mod collections;
mod discovery;
mod manifest;
mod negotiate;
mod object;
mod objects;
mod paging;
mod publishing;
mod root;
mod versions;

use crate::runtime::Runtime;
use axum::Router;
use axum::routing::{MethodRouter, any, delete, get};

/// Where discovery is.
///
/// SPEC: TAXII 2.1 §8.2.1
const DISCOVERY: &str = "/taxii2/";
/// Where the API root is.
const ROOT: &str = "/taxii2/root/";

pub(super) fn routes() -> Router<Runtime> {
    let object = get(object::read).merge(delete(object::hide));
    let resources: [(&str, MethodRouter<Runtime>); 9] = [
        (DISCOVERY, get(discovery::read)),
        (ROOT, get(root::read)),
        ("/taxii2/root/status/{status}/", get(root::status)),
        ("/taxii2/root/collections/", get(collections::list)),
        ("/taxii2/root/collections/{id}/", get(collections::read)),
        ("/taxii2/root/collections/{id}/manifest/", get(manifest::read)),
        ("/taxii2/root/collections/{id}/objects/", get(objects::read).post(publishing::publish)),
        ("/taxii2/root/collections/{id}/objects/{object}/", object),
        ("/taxii2/root/collections/{id}/objects/{object}/versions/", get(versions::read)),
    ];
    let router = resources.into_iter().fold(Router::new(), |router, (path, method)| {
        // A path without its last slash is a client's slip, and answering it harms nobody.
        let slipped = path.trim_end_matches('/');
        router.route(slipped, method.clone()).route(path, method)
    });
    router
        .method_not_allowed_fallback(negotiate::wrong_method)
        .route("/taxii2/{*rest}", any(negotiate::nowhere))
}
