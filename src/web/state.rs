//! What every handler has at hand.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::StatusCode;
use ipnet::IpNet;
use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use url::Url;

use super::api::{Api, Problem};
use super::limit::SignUpLimit;
use crate::access::Access;
use crate::articles::Articles;
use crate::clock::Clock;
use crate::digest::Digests;
use crate::domain::edition::Edition;
use crate::domain::issue::Issue;
use crate::domain::language::Language;
use crate::domain::links::Links;
use crate::domain::schedule::Frequency;
use crate::domain::subscriber::Subscriber;
use crate::render::{FeedLink, LangLink, Page, Sender, Taking, Templates, WelcomeIssue};
use crate::store::{Store, StoreError};
use crate::subscribers::Subscribers;

/// The site, as configured.
#[derive(Debug, Clone)]
pub struct Site {
    /// The name of the publication.
    pub title: String,
    /// Who runs it.
    pub sender: Sender,
    /// The domain our mails come from.
    pub mail_domain: String,
    /// What is published.
    pub editions: Vec<Edition>,
    /// The reverse proxies whose `X-Forwarded-For` counts.
    pub trusted_proxies: Vec<IpNet>,
}

/// What every handler has at hand. Cheap to clone.
#[derive(Clone)]
pub struct WebState {
    pub(super) store: Store,
    pub(super) subscribers: Subscribers,
    pub(super) templates: Arc<Templates>,
    pub(super) links: Links,
    pub(super) site: Arc<Site>,
    pub(super) limit: Arc<SignUpLimit>,
    pub(super) clock: Arc<dyn Clock>,
    /// When this process began to show pages with the templates and the configuration it has.
    pub(super) started: Timestamp,
    /// The base URL's path, without a slash at the end.
    pub(super) base: Arc<str>,
    /// Whether readers come over TLS.
    pub(super) https: bool,
    /// What the API works with, where it is served.
    api: Option<Arc<Api>>,
    /// The issues, for the pages of whoever runs this and to say what newcomers are sent; none where neither is there.
    pub(super) desk: Option<Digests>,
    zones: Arc<BTreeMap<String, TimeZone>>,
}

impl WebState {
    /// Returns the state of a site whose pages are at `links`.
    pub fn new(
        store: Store,
        subscribers: Subscribers,
        templates: Arc<Templates>,
        clock: Arc<dyn Clock>,
        links: Links,
        site: Site,
    ) -> Self {
        let home = links.home();
        let path = Url::parse(&home).map(|url| url.path().trim_end_matches('/').to_owned()).unwrap_or_default();
        let zone = |edition: &Edition| TimeZoneDatabase::bundled().get(edition.schedule.timezone_name()).ok();
        let zones = site.editions.iter().filter_map(|edition| Some((edition.name.clone(), zone(edition)?))).collect();
        Self {
            store,
            subscribers,
            templates,
            https: home.starts_with("https://"),
            links,
            site: Arc::new(site),
            limit: Arc::new(SignUpLimit::new(clock.clone())),
            started: clock.now(),
            clock,
            base: path.into(),
            desk: None,
            zones: Arc::new(zones),
            api: None,
        }
    }

    /// Serves the API, too.
    #[must_use]
    pub fn with_api(self, articles: Articles, access: Access, clock: Arc<dyn Clock>) -> Self {
        Self { api: Some(Arc::new(Api::new(articles, access, clock))), ..self }
    }

    #[cfg(test)]
    pub(super) fn forget_api(&mut self) {
        self.api = None;
    }

    /// Returns what the API works with.
    ///
    /// # Errors
    /// That there is nothing here, if it is not served.
    pub(super) fn api(&self) -> Result<&Api, Problem> {
        self.api.as_deref().ok_or_else(|| Problem::of(StatusCode::NOT_FOUND))
    }

    /// Returns the state with the pages of whoever runs this.
    #[must_use]
    pub fn with_desk(mut self, digests: Digests) -> Self {
        self.desk = Some(digests);
        self
    }

    /// Returns the path of one of our pages, as browsers see it. Pages link to each other by path, so that they also
    /// work under another name than the configured one.
    pub(super) fn path(&self, page: &str) -> String {
        format!("{}{page}", self.base)
    }

    /// Returns the frame of a page in `language`, found again at `page` (with the language switched).
    pub(super) fn frame(&self, language: Language, page: &str) -> Page {
        Page {
            site_title: self.site.title.clone(),
            home_url: self.path(&format!("/?lang={language}")),
            issues_url: self.path(&format!("/issues?lang={language}")),
            css_url: self.templates.asset_url(&self.base, "site.css"),
            icon_url: self.templates.asset_url(&self.base, "icon.svg"),
            lang_links: LangLink::all(language, &self.path(page)),
            feeds: self.feeds(language, None),
            about: None,
            sender: self.site.sender.clone(),
        }
    }

    /// Returns the issues as feeds in `language`: all of them, or those of one edition.
    pub(super) fn feeds(&self, language: Language, edition: Option<&Edition>) -> Vec<FeedLink> {
        let title = edition.map_or(&self.site.title, |edition| &edition.title);
        let query = edition.map(|edition| format!("edition={}&", encoded(&edition.name))).unwrap_or_default();
        [("Atom", "atom", "application/atom+xml"), ("JSON Feed", "json", "application/feed+json")]
            .map(|(form, ending, media_type)| FeedLink {
                title: format!("{title} ({form})"),
                media_type,
                href: self.path(&format!("/issues.{ending}?{query}lang={language}")),
            })
            .into()
    }

    /// Returns whether there are several editions to choose from.
    pub(super) fn several(&self) -> bool {
        self.site.editions.len() > 1
    }

    /// Returns the edition that pages are about which name none: the only one.
    pub(super) fn only_edition(&self) -> Option<&Edition> {
        self.site.editions.first().filter(|_| !self.several())
    }

    /// Returns the path of the sign-up page, with that edition ticked where there are several.
    pub(super) fn sign_up_path(&self, language: Language, edition: Option<&Edition>) -> String {
        let edition = edition.filter(|_| self.several());
        let query = edition.map(|edition| format!("edition={}&", encoded(&edition.name))).unwrap_or_default();
        self.path(&format!("/?{query}lang={language}"))
    }

    /// Returns the issues that somebody who has just confirmed is sent at once.
    pub(super) async fn welcomes(&self, subscriber: &Subscriber) -> Result<Vec<WelcomeIssue>, StoreError> {
        let Some(digests) = &self.desk else { return Ok(Vec::new()) };
        let welcome = |issue: Issue| {
            let edition = self.edition(&issue.edition)?.title.clone();
            Some(WelcomeIssue { edition, number: issue.number? })
        };
        Ok(digests.welcomes_of(subscriber.id).await?.into_iter().filter_map(welcome).collect())
    }

    /// Returns what a subscriber takes, for a page that says so: nothing where there is one edition and they take all of
    /// it, because then the name of the site says it.
    pub(super) async fn takings(&self, language: Language, subscriber: &Subscriber) -> Result<Vec<Taking>, StoreError> {
        let taken = self.subscribers.taken_by(subscriber).await?;
        let takings = self.templates.takings(language, &self.site.editions, &taken);
        Ok(if self.several() || !takings.iter().all(Taking::is_whole) { takings } else { Vec::new() })
    }

    /// Returns the whole URL of one of our pages.
    pub(super) fn url(&self, page: &str) -> String {
        format!("{}{page}", self.links.home().trim_end_matches('/'))
    }

    /// Returns the edition of this name, while it is configured.
    pub(super) fn edition(&self, name: &str) -> Option<&Edition> {
        self.site.editions.iter().find(|edition| edition.name == name)
    }

    /// Returns the zone whose calendar an edition goes by.
    pub(super) fn zone(&self, edition: &str) -> TimeZone {
        self.zones.get(edition).cloned().unwrap_or(TimeZone::UTC)
    }
}

/// Returns how often an edition appears, in the word that templates and locales know; `other` of none.
pub(super) fn often(edition: Option<&Edition>) -> &'static str {
    edition.and_then(|edition| edition.schedule.frequency()).map_or("other", Frequency::as_str)
}

/// Returns `text` as a query carries it.
pub(super) fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
