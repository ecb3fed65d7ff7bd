//! `GET /sitemap.xml`: every public page in every language (sitemaps.org, with the alternates search engines read).

use std::fmt::Write;

use axum::extract::State;
use axum::http::HeaderMap;
use jiff::Timestamp;

use super::xml::escape;
use super::{cached, issue};
use crate::domain::language::Language;
use crate::render::About;
use crate::web::WebState;
use crate::web::failure::Answer;

/// A weekly's first century. In two languages that is a fifth of what a map may hold (50,000 addresses).
const MOST_ISSUES: usize = 5000;

/// Sends the map.
pub(super) async fn send(State(state): State<WebState>, headers: HeaderMap) -> Answer {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" \
         xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n",
    );
    let issues = state.store.public_issues(None, None, MOST_ISSUES).await?;
    let newest = issues.first().map(issue::appeared);
    page(&mut out, &state.links.home(), None);
    page(&mut out, &state.links.issues(), newest);
    for one in &issues {
        if let Some(number) = one.number {
            page(&mut out, &state.links.issue(number), Some(issue::appeared(one)));
        }
    }
    out.push_str("</urlset>\n");
    let modified = Some(issue::changed(&state, &[], state.clock.now()).await?);
    let content_type = "application/xml; charset=utf-8";
    Ok(cached::send(&headers, cached::Copy { body: out, content_type, language: None, modified }))
}

/// Writes a page once for each language.
fn page(out: &mut String, url: &str, modified: Option<Timestamp>) {
    for language in Language::ALL {
        let about = About::new(language, url, "website", String::new());
        let _ = write!(out, "<url><loc>{}</loc>", escape(&about.canonical_url));
        if let Some(at) = modified {
            let _ = write!(out, "<lastmod>{at}</lastmod>");
        }
        for alternate in &about.alternates {
            let (tag, href) = (alternate.hreflang, escape(&alternate.href));
            let _ = write!(out, "<xhtml:link rel=\"alternate\" hreflang=\"{tag}\" href=\"{href}\"/>");
        }
        out.push_str("</url>\n");
    }
}
