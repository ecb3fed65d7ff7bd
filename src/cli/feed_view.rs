//! How a feed fares, as JSON and as lines of a table.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::words::Wall;
use crate::articles::FeedHealth;
use crate::domain::article::ArticleKind;
use crate::domain::visits::{Pause, PauseReason};

/// A feed, and how it fares.
#[derive(Serialize)]
pub(super) struct FeedView {
    id: i64,
    pub(super) url: String,
    added_as: Option<String>,
    section: String,
    categories: BTreeMap<String, String>,
    kind: ArticleKind,
    opening_life_s: Option<u64>,
    language: Option<String>,
    title: Option<String>,
    last_fetch: Option<Timestamp>,
    last_success: Option<Timestamp>,
    last_error: Option<String>,
    failures: u32,
    failing_since: Option<Timestamp>,
    items_a_week: f64,
    /// `None` while it is paused, and before the first visit.
    next_visit: Option<Timestamp>,
    paused: Option<Pause>,
}

impl FeedView {
    /// Returns the view of a feed that is fetched every `poll_every` if nothing is in the way.
    pub(super) fn of(health: FeedHealth, poll_every: Duration) -> Self {
        let FeedHealth { feed, items_a_week } = health;
        let rhythm = SignedDuration::try_from(poll_every).unwrap_or(SignedDuration::MAX);
        let by_rhythm = feed.last_fetch.and_then(|last| last.checked_add(rhythm).ok());
        let next_visit = by_rhythm.max(feed.health.next_visit).filter(|_| feed.health.paused.is_none());
        Self {
            id: feed.id.0,
            url: feed.url,
            added_as: feed.added_as,
            section: feed.section,
            categories: feed.category_sections,
            kind: feed.items.kind,
            opening_life_s: feed.items.opening_life.map(|life| life.as_secs()),
            language: feed.items.language,
            title: feed.title,
            last_fetch: feed.last_fetch,
            last_success: feed.last_success,
            last_error: feed.last_error,
            failures: feed.health.failures,
            failing_since: feed.health.failing_since,
            items_a_week,
            next_visit,
            paused: feed.health.paused,
        }
    }

    /// Returns the cells of its row in the list.
    pub(super) fn row(&self, wall: &Wall) -> [String; 6] {
        let name = match &self.title {
            Some(title) => format!("{title}\n{}", self.url),
            None => self.url.clone(),
        };
        [
            self.id.to_string(),
            self.section.clone(),
            name,
            wall.maybe(self.last_success),
            self.a_week(),
            self.state(wall),
        ]
    }

    fn a_week(&self) -> String {
        match self.items_a_week {
            none if none <= 0.0 => "0".to_owned(),
            few if few < 1.0 => "<1".to_owned(),
            many => format!("{many:.0}"),
        }
    }

    /// Returns what the operator has to know of it, the important first.
    fn state(&self, wall: &Wall) -> String {
        let why = self.last_error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
        if let Some(pause) = self.paused {
            let since = wall.day(pause.since);
            return match pause.reason {
                PauseReason::Gone => format!("paused on {since}{why}"),
                PauseReason::Failing => format!("paused on {since} after a week of failures{why}"),
                PauseReason::ByHand => format!("paused on {since} by hand"),
            };
        }
        let next = self.next_visit.map(|next| format!("next visit {}", wall.at(next)));
        match (self.failing_since, self.last_fetch, next) {
            (Some(since), _, next) => {
                let next = next.map(|next| format!("; {next}")).unwrap_or_default();
                format!("failing since {}{why}{next}", wall.at(since))
            }
            (None, None, _) => "not fetched yet".to_owned(),
            // Resumed, and not visited since.
            (None, Some(_), _) if self.last_error.is_some() => format!("to be tried again; last time{why}"),
            (None, Some(_), next) => next.map_or_else(|| "ok".to_owned(), |next| format!("ok, {next}")),
        }
    }
}
