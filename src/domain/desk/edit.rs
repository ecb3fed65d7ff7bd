//! What is done to a draft.

use jiff::Timestamp;

use super::words::written;
use super::{Draft, DraftItem};
use crate::domain::ids::ArticleId;

/// The longest subject that can be set, in characters: more than any mail program shows.
const MAX_SUBJECT: usize = 200;
/// The longest introduction, in characters of Markdown. A letter should be the letter, not a book.
const MAX_INTRODUCTION: usize = 20_000;
/// The longest headline that can be written in the place of an article's own.
const MAX_TITLE: usize = 300;
/// The longest summary that can be.
const MAX_SUMMARY: usize = 2_000;

/// Something done to a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// Pins an item to the top of its section, under those pinned before.
    Pin(ArticleId),
    /// Unpins it; it stays where it is.
    Unpin(ArticleId),
    /// Strikes an item: for good, or until the next issue.
    Skip {
        /// Which.
        article: ArticleId,
        /// Why.
        reason: Option<String>,
        /// Whether it waits for the next issue.
        later: bool,
    },
    /// Moves an item.
    Move {
        /// Which.
        article: ArticleId,
        /// To this section, if to another.
        section: Option<String>,
        /// To this place, from 0; without it to the end of another section.
        position: Option<usize>,
    },
    /// Makes an item the one the issue opens with, or none.
    Lead(Option<ArticleId>),
    /// Puts other words in the place of the article's own.
    Rewrite {
        /// Which.
        article: ArticleId,
        /// The headline; without it, it stays as it is.
        title: Option<String>,
        /// The summary; without it, it stays as it is.
        summary: Option<String>,
    },
    /// Writes the introduction, or takes it away.
    Introduce(Option<String>),
    /// Sets the subject, or leaves it to the templates.
    Subject(Option<String>),
    /// Takes another article in, at the end of a section.
    Add {
        /// Which.
        article: ArticleId,
        /// Where.
        section: String,
    },
    /// Holds the issue back.
    Hold,
    /// Lets it go out.
    Approve,
}

/// Why an edit cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The item is not in the draft.
    #[error("article {0} is not in the draft; `issues show` lists what is")]
    NotThere(ArticleId),
    /// The article is in the draft already.
    #[error("article {0} is in the draft already")]
    There(ArticleId),
    /// It is the last item.
    #[error("article {0} is the last one in the draft; `issues cancel` stops the whole issue")]
    Last(ArticleId),
    /// A text is empty that must not be.
    #[error("the {0} is empty")]
    Empty(&'static str),
    /// A text is too long.
    #[error("the {what} has {chars} characters; {most} are the most")]
    TooLong {
        /// Which text.
        what: &'static str,
        /// How long it is.
        chars: usize,
        /// How long it may be.
        most: usize,
    },
    /// A text that must be on one line is not.
    #[error("the {0} must be on one line, without control characters")]
    Control(&'static str),
}

impl Edit {
    /// Returns the draft as it is afterwards. What changes the content takes an approval back: it was for what was
    /// there before.
    ///
    /// # Errors
    /// [`EditError`], and nothing is changed.
    pub fn apply(&self, draft: &Draft, now: Timestamp) -> Result<Draft, EditError> {
        let mut new = draft.clone();
        match self {
            Self::Pin(article) => {
                let mut item = new.take(*article)?;
                item.pinned = true;
                let place = new.items.iter().filter(|i| i.section == item.section && i.pinned).count();
                new.put(item, place);
            }
            Self::Unpin(article) => new.item(*article)?.pinned = false,
            Self::Skip { article, reason, later } => {
                new.take(*article)?;
                if new.items.is_empty() {
                    return Err(EditError::Last(*article));
                }
                if !later {
                    let reason = reason.as_deref().map(|r| one_line("reason", r, MAX_SUBJECT)).transpose()?;
                    new.set_aside.insert(article.0, reason.unwrap_or_else(|| "struck by the editor".to_owned()));
                }
            }
            Self::Move { article, section, position } => {
                let mut item = new.take(*article)?;
                let elsewhere = section.as_ref().is_some_and(|section| *section != item.section);
                let here = usize::try_from(item.position).unwrap_or_default();
                if let Some(section) = section {
                    item.section.clone_from(section);
                }
                let place = position.unwrap_or(if elsewhere { usize::MAX } else { here });
                new.put(item, place);
            }
            Self::Lead(article) => {
                if let Some(article) = article {
                    new.item(*article)?;
                }
                for item in &mut new.items {
                    item.lead = Some(ArticleId(item.article)) == *article;
                }
            }
            Self::Rewrite { article, title, summary } => {
                let item = new.item(*article)?;
                if let Some(title) = title {
                    let title = one_line("title", title, MAX_TITLE)?;
                    item.title = Some(if title.is_empty() { return Err(EditError::Empty("title")) } else { title });
                }
                if let Some(summary) = summary {
                    item.summary = Some(one_line("summary", summary, MAX_SUMMARY)?);
                }
            }
            Self::Introduce(text) => {
                new.introduction = match written(text.as_deref()) {
                    Some(text) => Some(within("introduction", text, MAX_INTRODUCTION)?),
                    None => None,
                };
            }
            Self::Subject(text) => {
                new.subject = match written(text.as_deref()) {
                    Some(text) => Some(one_line("subject", text, MAX_SUBJECT)?),
                    None => None,
                };
            }
            Self::Add { article, section } => {
                if new.items.iter().any(|item| item.article == article.0) {
                    return Err(EditError::There(*article));
                }
                new.set_aside.remove(&article.0);
                let item = DraftItem {
                    article: article.0,
                    section: section.clone(),
                    position: 0,
                    pinned: false,
                    lead: false,
                    title: None,
                    summary: None,
                    also_at: None,
                };
                new.put(item, usize::MAX);
            }
            Self::Hold => {
                new.held_ms = new.held_ms.or(Some(now.as_millisecond()));
                new.approved_ms = None;
                return Ok(new);
            }
            Self::Approve => {
                new.held_ms = None;
                new.approved_ms = new.approved_ms.or(Some(now.as_millisecond()));
                return Ok(new);
            }
        }
        new.renumber();
        if new != *draft {
            new.approved_ms = None;
        }
        Ok(new)
    }

    /// Returns the edit as it turned out in the draft it made: an item that was to go further than its section reaches
    /// stands at the end of it, one that was to go above those pinned stands under them, and one that was given no place
    /// may stand in the middle.
    #[must_use]
    pub fn as_it_turned_out(self, after: &Draft) -> Self {
        let Self::Move { article, section, position } = self else { return self };
        let (place, theirs) = after.place_of(article);
        let said = position.is_some() || place + 1 < theirs;
        Self::Move { article, section, position: said.then_some(place) }
    }
}

fn within(what: &'static str, text: &str, most: usize) -> Result<String, EditError> {
    let chars = text.chars().count();
    if chars > most { Err(EditError::TooLong { what, chars, most }) } else { Ok(text.to_owned()) }
}

fn one_line(what: &'static str, text: &str, most: usize) -> Result<String, EditError> {
    let text = text.trim();
    if text.chars().any(char::is_control) {
        return Err(EditError::Control(what));
    }
    within(what, text, most)
}
