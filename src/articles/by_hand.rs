//! An article written by hand.

use jiff::Timestamp;

use super::error::{section_name, web_url};
use super::{Articles, ArticlesError};
use crate::clock::random_bytes;
use crate::domain::article::{Details, NewArticle};
use crate::domain::language::Language;

/// Longer headlines are no headlines.
const MAX_TITLE_CHARS: usize = 300;
/// Forty summaries of this length fit a mail that Gmail does not cut.
const MAX_SUMMARY_CHARS: usize = 400;

/// What an operator writes.
#[derive(Debug, Clone)]
pub struct HandWritten {
    /// The headline.
    pub title: String,
    /// Where it leads.
    pub url: String,
    /// A short text; may be empty.
    pub summary: String,
    /// The heading it goes under.
    pub section: String,
    /// When it closes, for an opening.
    pub closes: Option<Timestamp>,
    /// The language it is in.
    pub language: Option<Language>,
}

impl Articles {
    /// Stores an article written by hand.
    ///
    /// # Errors
    /// [`ArticlesError::Field`], naming the field.
    pub async fn add_by_hand(&self, written: HandWritten) -> Result<(), ArticlesError> {
        let now = self.clock.now();
        if written.closes.is_some_and(|closes| closes <= now) {
            return Err(ArticlesError::field("closes", "this is in the past; the article would be in no issue"));
        }
        let article = NewArticle {
            feed_id: None,
            guid: data_encoding::HEXLOWER.encode(&random_bytes::<16>(&*self.clock)),
            source: None,
            title: one_line("title", &written.title, MAX_TITLE_CHARS)?,
            url: web_url("url", &written.url)?,
            summary: text("summary", &written.summary, MAX_SUMMARY_CHARS)?,
            section: section_name("section", &written.section)?,
            language: written.language.map(|language| language.tag().to_owned()),
            published: Some(now),
            closes: written.closes,
            details: Details::default(),
        };
        self.store.store_articles(&[article], now).await?;
        Ok(())
    }
}

fn one_line(field: &'static str, value: &str, max_chars: usize) -> Result<String, ArticlesError> {
    let value = text(field, value, max_chars)?;
    if value.is_empty() {
        return Err(ArticlesError::field(field, "this must not be empty"));
    }
    Ok(value)
}

/// Returns the text on one line. What is too long is refused and not cut: its author is there to shorten it.
fn text(field: &'static str, value: &str, max_chars: usize) -> Result<String, ArticlesError> {
    let folded = value.split_whitespace().collect::<Vec<_>>().join(" ");
    let length = folded.chars().count();
    if length > max_chars {
        return Err(ArticlesError::field(field, format!("{length} characters; {max_chars} is the most")));
    }
    if folded.chars().any(char::is_control) {
        return Err(ArticlesError::field(field, "there is a control character in it"));
    }
    Ok(folded)
}
