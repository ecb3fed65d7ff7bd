//! The site on a fresh database, and a visitor who asks it for pages.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Request, StatusCode};
use tower::ServiceExt;

use crate::access::Access;
use crate::articles::Articles;
use crate::feeds::{FetchPolicy, Fetcher};
use crate::store::Store;
use crate::subscribers::harness::{House, publication, sender, two_editions};
use crate::web::{Site, WebState, router};

pub(super) const FORM: &str = "application/x-www-form-urlencoded";
pub(super) const MULTIPART: &str = "multipart/form-data; boundary=xx";
pub(super) const JSON: &str = "application/json";

/// The site.
pub(super) struct Town {
    pub(super) house: House,
    pub(super) state: WebState,
    pub(super) router: Router,
}

/// What came back.
#[derive(Debug, Clone)]
pub(super) struct Got {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Town {
    pub(super) async fn new() -> Self {
        Self::at("https://news.example.jp/", &[]).await
    }

    /// Returns a site with a weekly and a monthly edition.
    pub(super) async fn with_a_monthly() -> Self {
        let mut town = Self::new().await;
        let mut site = (*town.state.site).clone();
        site.editions = two_editions().editions;
        town.house.publish(two_editions());
        town.state.subscribers = town.house.subscribers.clone();
        town.state.site = Arc::new(site);
        town.router = router(town.state.clone());
        town
    }

    pub(super) async fn at(base_url: &str, trusted: &[&str]) -> Self {
        Self::around(House::new().await, base_url, trusted)
    }

    /// Returns a site on a store.
    pub(super) fn on(store: Store) -> Self {
        Self::around(House::on(store), "https://news.example.jp/", &[])
    }

    fn around(mut house: House, base_url: &str, trusted: &[&str]) -> Self {
        let signer = house.links.signer().clone();
        house.links = crate::domain::links::Links::new(&base_url.parse().unwrap(), signer);
        house.publish(publication());
        let site = Site {
            title: "Japan Weekly".to_owned(),
            sender: sender(),
            mail_domain: "example.jp".to_owned(),
            editions: publication().editions,
            trusted_proxies: trusted.iter().map(|network| network.parse().unwrap()).collect(),
        };
        let state = WebState::new(
            house.store.clone(),
            house.subscribers.clone(),
            house.templates.clone(),
            house.clock.clone(),
            house.links.clone(),
            site,
        );
        let policy = FetchPolicy { allow_networks: Vec::new(), user_agent: "test".to_owned() };
        let fetcher = Arc::new(Fetcher::new(policy).unwrap());
        let articles = Articles::new(house.store.clone(), house.clock.clone(), fetcher, Duration::from_secs(86400));
        let articles = articles.for_editions(&state.site.editions);
        let access = Access::new(house.store.clone(), house.clock.clone());
        let state = state.with_api(articles, access, house.clock.clone());
        Self { router: router(state.clone()), state, house }
    }

    /// Returns the same town, configured otherwise.
    pub(super) fn but(mut self, change: impl FnOnce(&mut Site)) -> Self {
        change(Arc::make_mut(&mut self.state.site));
        self.router = router(self.state.clone());
        self
    }

    /// Sends a request from 192.0.2.1.
    pub(super) async fn send(&self, request: Request<Body>) -> Got {
        send(&self.router, request).await
    }

    pub(super) async fn get(&self, path: &str) -> Got {
        self.send(asking("GET", path).body(Body::empty()).unwrap()).await
    }

    pub(super) async fn post(&self, path: &str, content_type: &str, body: impl Into<Body>) -> Got {
        self.send(asking("POST", path).header(CONTENT_TYPE, content_type).body(body.into()).unwrap()).await
    }

    /// Returns how many sign-ups wait to be settled.
    pub(super) async fn sign_ups(&self) -> usize {
        self.house.store.unsettled_sign_ups(10_000).await.unwrap().len()
    }
}

pub(super) fn asking(method: &str, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path)
}

pub(super) async fn send(router: &Router, mut request: Request<Body>) -> Got {
    if request.extensions().get::<ConnectInfo<SocketAddr>>().is_none() {
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 4711))));
    }
    let response = router.clone().oneshot(request).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    Got { status, headers, body: String::from_utf8(body.to_vec()).unwrap() }
}

impl Got {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }
}
