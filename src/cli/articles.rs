//! `articles`: what waits for an issue, writing some by hand, taking some back.

mod why;

use jiff::Timestamp;
use serde::Serialize;

use super::args::{AddArgs, ArticlesCommand};
use super::exit::{Exit, Outcome};
use super::open::open;
use super::output::{Output, table};
use super::words::Wall;
use crate::app::App;
use crate::articles::{Written, WrittenImage};
use crate::config::Config;
use crate::domain::article::{Article, ArticleKind, Details, NewArticle};
use crate::domain::ids::ArticleId;
use crate::domain::pushed::PushedArticle;
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
    #[serde(flatten)]
    details: Details,
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
            details: article.details,
        }
    }
}

pub(super) async fn run(config: Config, command: ArticlesCommand, out: &Output) -> Outcome {
    let app = open(config).await?;
    match command {
        ArticlesCommand::Why { article } => why::run(&app, ArticleId(article), out).await,
        ArticlesCommand::Add(args) => add(&app, *args, out).await,
        ArticlesCommand::List { section, waiting, before, limit, all } => {
            let among = match &waiting {
                Some(edition) => Some(app.articles.waiting_for(app.digests.edition(edition)?).await?),
                None => None,
            };
            let filter = ArticleFilter { section, among, before: before.map(ArticleId) };
            list(&app, &filter, if all { usize::MAX } else { limit }, out).await
        }
        ArticlesCommand::Withdraw { id } => withdraw(&app, ArticleId(id), out).await,
    }
}

#[derive(Serialize)]
struct Added {
    id: i64,
    title: String,
    section: String,
    kind: ArticleKind,
    closes: Option<Timestamp>,
}

async fn add(app: &App, args: AddArgs, out: &Output) -> Outcome {
    let image = args.image.map(|url| WrittenImage { url, alt: args.image_alt, credit: args.image_credit });
    let written = Written {
        title: args.title,
        url: args.url,
        section: args.section,
        summary: args.summary,
        kind: Some(ArticleKind::from(args.kind).as_str().to_owned()),
        language: args.lang,
        published: None,
        closes: args.closes,
        place: args.place,
        company: args.company,
        pay: args.pay,
        source: args.source,
        image,
    };
    let (id, article) = app.articles.add_by_hand(&written).await?;
    let NewArticle { title, section, closes, details, .. } = article;
    out.answer(&Added { id: id.0, title, section, kind: details.kind, closes }, |added| {
        format!("Article {} waits for the next issue with a section {:?}.", added.id, added.section)
    })?;
    Ok(Exit::Done)
}

#[derive(Serialize)]
struct Withdrawn {
    id: i64,
    title: String,
    withdrawn: Option<Timestamp>,
    printed: bool,
}

async fn withdraw(app: &App, id: ArticleId, out: &Output) -> Outcome {
    let PushedArticle { article, withdrawn, printed, .. } = app.articles.withdraw(id).await?;
    out.answer(&Withdrawn { id: id.0, title: article.title, withdrawn, printed }, |gone| {
        let left = if gone.printed { "; the issue that has it keeps it" } else { "" };
        format!("No issue takes {:?} any more{left}.", gone.title)
    })?;
    Ok(Exit::Done)
}

async fn list(app: &App, filter: &ArticleFilter, limit: usize, out: &Output) -> Outcome {
    if let Some(section) = &filter.section
        && let Err(unknown) = super::feeds::require_section(&app.config, section)
        // Those of a section that the configuration once had can still be looked at.
        && app.articles.count(&ArticleFilter { section: Some(section.clone()), ..ArticleFilter::default() }).await? == 0
    {
        return Err(unknown);
    }
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
                article.details.kind.as_str().to_owned(),
                wall.at(article.published),
                article.closes.map_or_else(|| "-".to_owned(), |at| wall.day(at)),
                article.language.clone().unwrap_or_default(),
                article.told_after.map(|first| first.to_string()).unwrap_or_default(),
                article.title.clone(),
                article.source.clone().unwrap_or_default(),
            ]
        });
        table(
            ["id", "section", "kind", "published", "closes", "language", "told after", "title", "source"],
            rows.collect(),
            "There is no article.",
        )
    })?;
    if let Some(last) = articles.last().filter(|_| articles.len() == limit) {
        let rest = ArticleFilter { before: Some(ArticleId(last.id)), ..filter.clone() };
        let left = app.articles.count(&rest).await?;
        out.remark_more(left, &format!("go on with --before {}, or see all with --all", last.id));
    }
    Ok(Exit::Done)
}
