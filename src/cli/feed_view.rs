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

    /// Returns the cells of its row in the list. What is long stands in the last one, which gets the room that is left.
    pub(super) fn row(&self, wall: &Wall) -> [String; 5] {
        let (state, detail) = self.state(wall);
        let lines = [self.title.clone(), Some(self.url.clone()), Some(detail)];
        let feed = lines.into_iter().flatten().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
        [self.id.to_string(), self.section.clone(), self.a_week(), state.to_owned(), feed]
    }

    fn a_week(&self) -> String {
        match self.items_a_week {
            none if none <= 0.0 => "0".to_owned(),
            few if few < 1.0 => "<1".to_owned(),
            many => format!("{many:.0}"),
        }
    }

    /// Returns how it fares, in a word and in a sentence, of which the important comes first.
    fn state(&self, wall: &Wall) -> (&'static str, String) {
        let why = self.last_error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
        let good = self.last_success.map(|good| format!("last good {}", wall.at(good)));
        if let Some(pause) = self.paused {
            let since = wall.day(pause.since);
            let why = match pause.reason {
                PauseReason::Gone => format!("on {since}{why}"),
                PauseReason::Failing => format!("on {since} after a week of failures{why}"),
                PauseReason::ByHand => format!("on {since} by hand"),
            };
            return ("paused", together([Some(why), good, None]));
        }
        let next = self.next_visit.map(|next| format!("next visit {}", wall.at(next)));
        match (self.failing_since, self.last_fetch) {
            (Some(since), _) => ("failing", together([Some(format!("since {}{why}", wall.at(since))), good, next])),
            (None, None) => ("new", "not fetched yet".to_owned()),
            // Resumed, and not visited since.
            (None, Some(_)) if self.last_error.is_some() => {
                ("resumed", together([Some(format!("to be tried again; last time{why}")), good, None]))
            }
            (None, Some(_)) => ("ok", together([good, next, None])),
        }
    }
}

fn together(parts: [Option<String>; 3]) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn view() -> FeedView {
        let at = |text: &str| Some(text.parse().unwrap());
        FeedView {
            id: 3,
            url: "https://news.example.jp/rss".to_owned(),
            added_as: None,
            section: "news".to_owned(),
            categories: BTreeMap::new(),
            kind: ArticleKind::News,
            opening_life_s: None,
            language: None,
            title: Some("Kamo River News".to_owned()),
            last_fetch: at("2026-11-27T00:00:00Z"),
            last_success: at("2026-11-27T00:00:00Z"),
            last_error: None,
            failures: 0,
            failing_since: None,
            items_a_week: 0.4,
            next_visit: at("2026-11-27T01:00:00Z"),
            paused: None,
        }
    }

    #[test]
    fn what_is_long_stands_in_the_last_cell_and_what_is_wrong_is_said_once() {
        let minimum = format!("base_url = \"https://news.example.jp\"\nsecret = \"{}\"\n", "x".repeat(32));
        let wall = Wall::of(&Config::from_text("k.toml", &minimum, &BTreeMap::new()).unwrap(), None);
        let told = |view: FeedView| {
            let row = view.row(&wall);
            (row[3].clone(), row[4].lines().last().unwrap_or_default().to_owned(), row.concat())
        };
        let (state, detail, row) = told(view());
        assert_eq!((&*state, &*detail), ("ok", "last good 2026-11-27 09:00 JST; next visit 2026-11-27 10:00 JST"));
        assert!(row.starts_with("3news<1okKamo River News\nhttps://news.example.jp/rss\n"), "{row}");

        let error = Some("the server answered 404 (Not Found)".to_owned());
        let since = "2026-11-27T00:30:00Z".parse().unwrap();
        let bad = FeedView { last_error: error.clone(), failing_since: Some(since), failures: 1, ..view() };
        let (state, detail, row) = told(bad);
        let expected = "since 2026-11-27 09:30 JST: the server answered 404 (Not Found); last good 2026-11-27 09:00 JST; \
                        next visit 2026-11-27 10:00 JST";
        assert_eq!((&*state, &*detail), ("failing", expected));
        assert_eq!(row.matches("404").count(), 1);

        let pause = |reason| Some(Pause { reason, since });
        let gone =
            FeedView { paused: pause(PauseReason::Gone), last_error: error.clone(), last_success: None, ..view() };
        let expected = "on 2026-11-27: the server answered 404 (Not Found)";
        assert_eq!(told(gone).1, expected);
        let by_hand = FeedView { paused: pause(PauseReason::ByHand), ..view() };
        assert_eq!(told(by_hand).1, "on 2026-11-27 by hand; last good 2026-11-27 09:00 JST");
        let resumed = told(FeedView { last_error: error, ..view() });
        assert!(
            resumed.0 == "resumed" && resumed.1.starts_with("to be tried again; last time: the server"),
            "{resumed:?}"
        );
        let new = FeedView { last_fetch: None, last_success: None, next_visit: None, ..view() };
        assert_eq!(told(new).1, "not fetched yet");
    }
}
