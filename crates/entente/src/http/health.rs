//! Whether the node lives and serves, and a page that says where things are. No names of circles,
//! partners or tokens: nobody has to be known to read this.

use crate::disk::Room;
use crate::runtime::Runtime;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

pub(super) fn routes() -> Router<Runtime> {
    Router::new()
        .route("/", get(page))
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
}

async fn live() -> Response {
    json(StatusCode::OK, r#"{"live":true}"#.to_owned())
}

/// Ready means serving; until the index is loaded, telemetry waits and everything else is served.
/// A node that stops, or whose disk takes nothing more, is not ready: others should be asked.
async fn ready(State(runtime): State<Runtime>) -> Response {
    let matching = runtime.matches();
    let full = runtime.disk().room() == Room::None;
    let serving = !full && !*runtime.stopping().borrow();
    let status = if serving { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    json(status, format!(r#"{{"ready":{serving},"matching":{matching}}}"#))
}

fn json(status: StatusCode, text: String) -> Response {
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
    (status, headers, text).into_response()
}

async fn page(State(runtime): State<Runtime>) -> Response {
    let name = escaped(&runtime.me().name);
    let html = format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <title>{name} · Entente</title>\n\
         <style>body{{font:1rem/1.6 system-ui,sans-serif;max-width:40rem;margin:3rem auto;\
         padding:0 1rem}}code{{font-size:.95em}}</style>\n\
         <h1>{name}</h1>\n<p>This is an Entente node. It is running.</p>\n<ul>\n\
         <li>TAXII 2.1: <code>/taxii2/</code></li>\n\
         <li>Its own API: <code>/api/v1/</code></li>\n\
         <li>Health: <code><a href=\"/health/live\">/health/live</a></code>, \
         <code><a href=\"/health/ready\">/health/ready</a></code></li>\n</ul>\n\
         <p>Both interfaces need a token (<code>entente token create</code>). The console is not \
         part of this version; the command line does everything.</p>\n</html>\n"
    );
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'"),
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, html).into_response()
}

/// Text for HTML: a node's name is its owner's, and may hold anything that prints.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            other => html.push(other),
        }
    }
    html
}
