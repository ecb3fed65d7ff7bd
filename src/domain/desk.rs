//! The editor's desk: whether a draft needs a nod before it goes out, what is done to it until then, and what the
//! operator has seen of it.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::ids::ArticleId;
use super::issue::{Desk, Issue, IssueItem};

/// The longest subject that can be set, in characters: more than any mail program shows.
const MAX_SUBJECT: usize = 200;
/// The longest introduction, in characters of Markdown. A letter should be the letter, not a book.
const MAX_INTRODUCTION: usize = 20_000;
/// The longest headline that can be written in the place of an article's own.
const MAX_TITLE: usize = 300;
/// The longest summary that can be.
const MAX_SUMMARY: usize = 2_000;

/// What has to happen before an issue goes out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    /// Nothing: it goes out at its slot, and nobody is shown it before.
    #[default]
    Auto,
    /// The operator is shown it, and it goes out at its slot unless they hold it.
    Veto,
    /// The operator is shown it, and it goes out only once they approve it.
    Required,
}

impl Approval {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Veto, Self::Required];

    /// Returns the word for it in the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Veto => "veto",
            Self::Required => "required",
        }
    }
}

/// How an edition's drafts are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Review {
    /// What has to happen before an issue goes out.
    pub approval: Approval,
    /// How long before the slot the draft is made and shown.
    pub before: Duration,
}

impl Review {
    /// A day: whoever reads mail once a day sees it in time.
    pub const BEFORE: Duration = Duration::from_secs(24 * 3600);

    /// Returns why a draft with this on its desk must not go out, if it must not.
    pub fn waits(&self, desk: &Desk) -> Option<Waits> {
        if desk.held.is_some() {
            Some(Waits::Held)
        } else if self.approval == Approval::Required && desk.approved.is_none() {
            Some(Waits::NotApproved)
        } else {
            None
        }
    }
}

impl Default for Review {
    fn default() -> Self {
        Self { approval: Approval::Auto, before: Self::BEFORE }
    }
}

/// Why a draft does not go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Waits {
    /// The operator holds it.
    Held,
    /// The operator has to approve it and has not.
    NotApproved,
}

impl fmt::Display for Waits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Held => "held",
            Self::NotApproved => "not approved",
        })
    }
}

/// A draft as the editor left it. An edit keeps the whole of it before and after, so that undoing is putting back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The subject, if not the one the templates make.
    pub subject: Option<String>,
    /// The introduction, in Markdown.
    pub introduction: Option<String>,
    /// Since when it is held, in milliseconds.
    pub held_ms: Option<i64>,
    /// When it was approved, in milliseconds.
    pub approved_ms: Option<i64>,
    /// Its items, section by section, each section in order.
    pub items: Vec<DraftItem>,
    /// What was struck from it for good, and why.
    pub set_aside: BTreeMap<i64, String>,
}

/// An item of a draft, without the article's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftItem {
    /// The article.
    pub article: i64,
    /// The heading it stands under.
    pub section: String,
    /// Its place there.
    pub position: i64,
    /// Whether it is pinned to the top.
    pub pinned: bool,
    /// Whether the issue opens with it.
    pub lead: bool,
    /// The editor's headline.
    pub title: Option<String>,
    /// The editor's summary.
    pub summary: Option<String>,
    /// Who else told the story, as it is stored.
    pub also_at: Option<String>,
}

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
                new.introduction = match text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
                    Some(text) => Some(within("introduction", text, MAX_INTRODUCTION)?),
                    None => None,
                };
            }
            Self::Subject(text) => {
                new.subject = match text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
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

    /// Returns the edit in a few words, for the record. What the editor wrote stands in the record beside them.
    pub fn in_words(&self) -> String {
        match self {
            Self::Pin(article) => format!("pin {article}"),
            Self::Unpin(article) => format!("unpin {article}"),
            Self::Skip { article, reason, later } => {
                let until = if *later { " until the next issue" } else { " for good" };
                let why = reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
                format!("skip {article}{until}{why}")
            }
            Self::Move { article, section, position } => {
                let to = section.as_deref().map(|section| format!(" to {section}")).unwrap_or_default();
                let at = position.map(|position| format!(" at place {}", position + 1)).unwrap_or_default();
                format!("move {article}{to}{at}")
            }
            Self::Lead(Some(article)) => format!("lead with {article}"),
            Self::Lead(None) => "lead with none".to_owned(),
            Self::Rewrite { article, title, summary } => {
                let what = match (title, summary) {
                    (Some(_), Some(_)) => "title and summary",
                    (Some(_), None) => "title",
                    (None, _) => "summary",
                };
                format!("rewrite the {what} of {article}")
            }
            Self::Introduce(Some(_)) => "write the introduction".to_owned(),
            Self::Introduce(None) => "remove the introduction".to_owned(),
            Self::Subject(Some(subject)) => format!("set the subject: {subject}"),
            Self::Subject(None) => "leave the subject to the templates".to_owned(),
            Self::Add { article, section } => format!("add {article} to {section}"),
            Self::Hold => "hold".to_owned(),
            Self::Approve => "approve".to_owned(),
        }
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

impl Draft {
    fn item(&mut self, article: ArticleId) -> Result<&mut DraftItem, EditError> {
        self.items.iter_mut().find(|item| item.article == article.0).ok_or(EditError::NotThere(article))
    }

    fn take(&mut self, article: ArticleId) -> Result<DraftItem, EditError> {
        let place = self.items.iter().position(|item| item.article == article.0);
        place.map(|place| self.items.remove(place)).ok_or(EditError::NotThere(article))
    }

    /// Puts an item into its section at a place, or at the end if there are fewer.
    fn put(&mut self, item: DraftItem, place: usize) {
        let theirs: Vec<usize> = (0..self.items.len()).filter(|i| self.items[*i].section == item.section).collect();
        let index = match (theirs.get(place), theirs.last()) {
            (Some(index), _) => *index,
            (None, Some(last)) => last + 1,
            (None, None) => self.items.len(),
        };
        self.items.insert(index, item);
    }

    /// Numbers the items of each section from 0, and sorts the sections by name, as the store does.
    fn renumber(&mut self) {
        let mut next: BTreeMap<String, i64> = BTreeMap::new();
        for item in &mut self.items {
            let place = next.entry(item.section.clone()).or_default();
            item.position = *place;
            *place += 1;
        }
        self.items.sort_by(|a, b| (&a.section, a.position, a.article).cmp(&(&b.section, b.position, b.article)));
    }
}

/// What of a draft the operator was shown: what has to be the same for it to be the same letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    subject: Option<String>,
    introduction: Option<String>,
    items: Vec<ShownItem>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct ShownItem {
    article: i64,
    section: String,
    title: String,
    url: String,
    summary: String,
    lead: bool,
}

/// How a draft differs from what was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// An item came in.
    Added(String),
    /// An item went out: it closed, was taken back by whoever published it, or was struck.
    Removed(String),
    /// An item has other words.
    Reworded(String),
    /// Items stand in another order or under another heading.
    Reordered,
    /// The issue opens with another story, or with none.
    Lead,
    /// The subject.
    Subject,
    /// The introduction.
    Introduction,
}

impl Shown {
    /// Returns what there is to see of a draft with these items.
    pub fn of(draft: &Issue, items: &[IssueItem]) -> Self {
        let items = items.iter().map(|item| ShownItem {
            article: item.article_id.0,
            section: item.section.clone(),
            title: item.title.clone(),
            url: item.url.clone(),
            summary: item.summary.clone(),
            lead: item.lead,
        });
        Self {
            subject: draft.desk.subject.clone(),
            introduction: draft.desk.introduction.clone(),
            items: items.collect(),
        }
    }

    /// Returns what a link in a preview says it is about: the same for the same content, another for any other.
    pub fn fingerprint(&self) -> [u8; 16] {
        let json = serde_json::to_vec(self).expect("structs of strings and numbers can be written as JSON");
        let hash = Sha256::digest(json);
        let mut fingerprint = [0; 16];
        fingerprint.copy_from_slice(&hash[..16]);
        fingerprint
    }

    /// Returns how this differs from what was shown before.
    pub fn changes_since(&self, before: &Self) -> Vec<Change> {
        let mut changes = Vec::new();
        if self.subject != before.subject {
            changes.push(Change::Subject);
        }
        if self.introduction != before.introduction {
            changes.push(Change::Introduction);
        }
        let find = |items: &[ShownItem], article: i64| items.iter().find(|item| item.article == article).cloned();
        for item in &self.items {
            match find(&before.items, item.article) {
                None => changes.push(Change::Added(item.title.clone())),
                Some(old) if (&old.title, &old.url, &old.summary) != (&item.title, &item.url, &item.summary) => {
                    changes.push(Change::Reworded(item.title.clone()));
                }
                Some(_) => {}
            }
        }
        let gone = before.items.iter().filter(|item| find(&self.items, item.article).is_none());
        changes.extend(gone.map(|item| Change::Removed(item.title.clone())));
        let order = |shown: &Self, other: &Self| -> Vec<(String, i64)> {
            let stay = shown.items.iter().filter(|item| find(&other.items, item.article).is_some());
            stay.map(|item| (item.section.clone(), item.article)).collect()
        };
        if order(self, before) != order(before, self) {
            changes.push(Change::Reordered);
        }
        let lead = |shown: &Self| shown.items.iter().find(|item| item.lead).map(|item| item.article);
        if lead(self) != lead(before) {
            changes.push(Change::Lead);
        }
        changes
    }
}

#[cfg(test)]
pub(crate) mod tests;
