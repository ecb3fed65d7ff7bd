//! `GET /robots.txt`: where searching programs have no business, and where the map of the rest is (RFC 9309).

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::web::WebState;

/// Sends the file.
pub(super) async fn send(State(state): State<WebState>) -> Response {
    let lines = ["/confirm/", "/unsubscribe/", "/resubscribe/", "/preferences/", "/desk/", "/subscribe"]
        .map(|page| format!("Disallow: {}\n", state.path(page)))
        .concat();
    format!("User-agent: *\n{lines}\nSitemap: {}\n", state.url("/sitemap.xml")).into_response()
}
