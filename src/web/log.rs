//! The request log: what kind of request, what became of it, and how long it took. Paths hold tokens and queries
//! hold addresses, so neither is logged; the route's pattern is.

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::Instant;
use tracing::debug;

/// The layer.
pub(super) async fn write(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let start = Instant::now();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("(none)", MatchedPath::as_str);
    let status = response.status().as_u16();
    let ms = start.elapsed().as_millis();
    debug!(http.method = %method, http.route = route, http.status = status, ms, "{method} {route} {status} {ms} ms");
    response
}
