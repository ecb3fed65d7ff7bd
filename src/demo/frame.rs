//! What the demo's own pages have in common: frame, assets, headers, and what is said when they fail.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::render::{Asset, DemoPage, RenderError, Templates};

const CSS: &str = include_str!("demo.css");
const CSS_URL: &str = "/assets/demo.css";

/// As on the site, and the frame a mail is shown in besides.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'",
);

/// The frame of the demo's pages. Cheap to clone.
#[derive(Clone)]
pub(super) struct Frame {
    pub(super) templates: Arc<Templates>,
    pub(super) title: Arc<str>,
    /// The inbox, with a slash at the end.
    pub(super) inbox: Arc<str>,
    /// The site, with a slash at the end.
    pub(super) site: Arc<str>,
}

impl Frame {
    /// Returns the frame of one page, fetched anew after so many seconds.
    pub(super) fn page(&self, refresh_s: Option<u32>) -> DemoPage {
        DemoPage {
            site_title: self.title.to_string(),
            inbox_url: self.inbox.to_string(),
            sign_up_url: self.site.to_string(),
            issues_url: format!("{}issues", self.site),
            css_url: self.templates.asset_url("", "site.css"),
            demo_css_url: CSS_URL.to_owned(),
            icon_url: self.templates.asset_url("", "icon.svg"),
            refresh_s,
        }
    }

    /// Returns the routes of the files these pages fetch.
    pub(super) fn assets(&self) -> Router {
        let asset = |name: &str| {
            let asset = self.templates.asset(name).cloned();
            get(move || std::future::ready(asset.as_ref().map(send).ok_or(StatusCode::NOT_FOUND)))
        };
        Router::new()
            .route("/assets/site.css", asset("site.css"))
            .route("/assets/icon.svg", asset("icon.svg"))
            .route(CSS_URL, get(async || ([(CONTENT_TYPE, "text/css; charset=utf-8")], CSS)))
    }
}

fn send(asset: &Asset) -> Response {
    ([(CONTENT_TYPE, asset.content_type)], asset.bytes.clone()).into_response()
}

/// The layer that adds the headers. A page that has a policy of its own keeps it.
pub(super) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(POLICY);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A page of the demo failed. Whoever tries the demo is also the one who may mend it, so the page says how.
#[derive(Debug, thiserror::Error)]
pub(super) enum Oops {
    /// Its template.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The database.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
}

impl IntoResponse for Oops {
    fn into_response(self) -> Response {
        tracing::error!("A page of the demo failed: {self}");
        (StatusCode::INTERNAL_SERVER_ERROR, format!("This page could not be made: {self}\n")).into_response()
    }
}
