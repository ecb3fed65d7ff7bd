//! `articles`: what waits for an issue, and writing some by hand.

mod why;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::args::ArticlesCommand;
use super::exit::{Exit, Outcome};
use super::feeds::require_section;
use super::open::open;
use super::output::{Output, table};
use super::words::Wall;
use crate::app::App;
use crate::articles::HandWritten;
use crate::config::Config;
use crate::domain::article::Article;
use crate::domain::ids::ArticleId;
use crate::store::ArticleFilter;

/// An article.
#[derive(Serialize)]
struct ArticleView {
    id: i64,
    feed_id: Option<i64>,
    source: Option<String>,
    title: String,
    url: String,
    summary: String,
    section: String,
    language: Option<String>,
    /// The article that told its story first, if it was another one.
    told_after: Option<i64>,
    published: Timestamp,
    first_seen: Timestamp,
    closes: Option<Timestamp>,
}

impl From<Article> for ArticleView {
    fn from(article: Article) -> Self {
        Self {
            id: article.id.0,
            feed_id: article.feed_id.map(|id| id.0),
            source: article.source,
            title: article.title,
            url: article.url,
            summary: article.summary,
            section: article.section,
            language: article.language,
            told_after: None,
            published: article.published,
            first_seen: article.first_seen,
            closes: article.closes,
        }
    }
}

pub(super) async fn run(config: Config, command: ArticlesCommand, out: &Output) -> Outcome {
    let app = open(config).await?;
    match command {
        ArticlesCommand::Add { title, url, summary, section, closes, lang } => {
            require_section(&app.config, &section)?;
            let closes = closes.map(|day| end_of(day, &Wall::of(&app.config, None))).transpose()?;
            add(&app, HandWritten { title, url, summary, section, closes, language: lang }, out).await
        }
        ArticlesCommand::Why { article } => why::run(&app, ArticleId(article), out).await,
        ArticlesCommand::List { section, waiting, limit } => {
            if let Some(edition) = &waiting {
                app.digests.edition(edition)?;
            }
            list(&app, &ArticleFilter { section, waiting_for: waiting, before: None }, limit, out).await
        }
    }
}

/// Returns the last moment of a day: readers are shown the day it falls on.
fn end_of(day: Date, wall: &Wall) -> anyhow::Result<Timestamp> {
    let next = day.tomorrow()?.to_zoned_datetime(wall.zone().clone())?.timestamp();
    Ok(next - SignedDuration::from_millis(1))
}

#[derive(Serialize)]
struct Added {
    title: String,
    section: String,
    closes: Option<Timestamp>,
}

async fn add(app: &App, written: HandWritten, out: &Output) -> Outcome {
    let added = Added { title: written.title.clone(), section: written.section.clone(), closes: written.closes };
    app.articles.add_by_hand(written).await?;
    out.answer(&added, |added| format!("It waits for the next issue with a section {:?}.", added.section))?;
    Ok(Exit::Done)
}

async fn list(app: &App, filter: &ArticleFilter, limit: usize, out: &Output) -> Outcome {
    let mut articles: Vec<ArticleView> =
        app.articles.list(filter, limit).await?.into_iter().map(ArticleView::from).collect();
    let ids: Vec<ArticleId> = articles.iter().map(|article| ArticleId(article.id)).collect();
    let told_after = app.articles.told_after(&ids).await?;
    for article in &mut articles {
        article.told_after = told_after.get(&ArticleId(article.id)).map(|first| first.0);
    }
    let wall = Wall::of(&app.config, None);
    out.answer(&articles, |articles| {
        let rows = articles.iter().map(|article| {
            [
                article.id.to_string(),
                article.section.clone(),
                wall.at(article.published),
                article.closes.map_or_else(|| "-".to_owned(), |at| wall.day(at)),
                article.language.clone().unwrap_or_default(),
                article.told_after.map(|first| first.to_string()).unwrap_or_default(),
                article.title.clone(),
                article.source.clone().unwrap_or_default(),
            ]
        });
        table(
            ["id", "section", "published", "closes", "language", "told after", "title", "source"],
            rows.collect(),
            "There is no article.",
        )
    })?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn an_opening_closes_when_its_last_day_is_over_where_the_edition_is() {
        let text = "base_url = \"https://news.example.jp\"\nsecret = \"0123456789012345678901234567890123\"\n";
        let config = Config::from_text("test.toml", text, &std::collections::BTreeMap::new()).unwrap();
        let wall = Wall::of(&config, None);
        let closes = end_of("2026-12-15".parse().unwrap(), &wall).unwrap();
        assert_eq!(closes.to_string(), "2026-12-15T14:59:59.999Z");
        assert_eq!(wall.day(closes), "2026-12-15");
    }
}
