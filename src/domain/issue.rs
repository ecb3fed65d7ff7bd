//! An issue: one dated, numbered number of an edition, from draft to finished.

use std::fmt;

use jiff::Timestamp;

use super::article::Details;
use super::ids::{ArticleId, IssueId};
use super::language::Language;

/// How far an issue has come.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "state", content = "reason", rename_all = "snake_case")]
pub enum IssueState {
    /// Items are chosen; texts and recipients are not yet frozen.
    Draft,
    /// Frozen: items, texts and recipients. Waits for its release.
    Sealed,
    /// Released: deliveries are going out.
    Sending,
    /// Every delivery has come to an end.
    Finished,
    /// Not published, and why.
    Skipped(String),
    /// Stopped by the operator.
    Cancelled,
}

impl IssueState {
    /// Returns the word stored for the state.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Sealed => "sealed",
            Self::Sending => "sending",
            Self::Finished => "finished",
            Self::Skipped(_) => "skipped",
            Self::Cancelled => "cancelled",
        }
    }

    /// Returns the state stored as `state` and `reason`, if there is one.
    pub fn from_stored(state: &str, reason: Option<String>) -> Option<Self> {
        Some(match state {
            "draft" => Self::Draft,
            "sealed" => Self::Sealed,
            "sending" => Self::Sending,
            "finished" => Self::Finished,
            "skipped" => Self::Skipped(reason?),
            "cancelled" => Self::Cancelled,
            _ => return None,
        })
    }

    /// Returns whether everybody may read it: its mails are on their way or have arrived, and link to it.
    pub const fn is_public(&self) -> bool {
        matches!(self, Self::Sending | Self::Finished)
    }

    /// Returns whether the operator may still cancel.
    pub const fn can_cancel(&self) -> bool {
        matches!(self, Self::Draft | Self::Sealed | Self::Sending)
    }
}

impl fmt::Display for IssueState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())?;
        if let Self::Skipped(reason) = self {
            write!(f, ": {reason}")?;
        }
        Ok(())
    }
}

/// An issue as the store knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// The row.
    pub id: IssueId,
    /// The edition it belongs to.
    pub edition: String,
    /// The civil time in the edition's zone that names the issue: `2026-11-27T08:00`. Unique within an edition.
    pub slot: String,
    /// The number readers know it by; none if it was skipped before it had one.
    pub number: Option<i64>,
    /// How far it has come.
    pub state: IssueState,
    /// The instant its slot stands for.
    pub scheduled: Timestamp,
    /// When the row was made.
    pub created: Timestamp,
    /// When it was frozen.
    pub sealed: Option<Timestamp>,
    /// When it was released to the deliverers.
    pub released: Option<Timestamp>,
    /// When its last delivery came to an end.
    pub finished: Option<Timestamp>,
    /// How many people it was addressed to when it was sealed.
    pub recipients: i64,
    /// Rises with every change to a draft, so that two hands never seal two versions.
    pub revision: i64,
    /// What lies on the editor's desk.
    pub desk: Desk,
}

/// What the editor wrote and decided about an issue, and what they were told.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Desk {
    /// The subject, if not the one the templates make.
    pub subject: Option<String>,
    /// The introduction, in Markdown.
    pub introduction: Option<String>,
    /// The revision of the draft the operator was shown last.
    pub previewed_revision: Option<i64>,
    /// When they were shown it.
    pub previewed: Option<Timestamp>,
    /// Since when it is held back.
    pub held: Option<Timestamp>,
    /// When it was approved.
    pub approved: Option<Timestamp>,
    /// When the operator was told how it went.
    pub reported: Option<Timestamp>,
}

/// One item of an issue. In a draft the text is that of the article today; once sealed it stays as it was printed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct IssueItem {
    /// The article.
    pub article_id: ArticleId,
    /// The heading it stands under.
    pub section: String,
    /// Its place in the section, from 0.
    pub position: i64,
    /// The headline.
    pub title: String,
    /// Where it leads.
    pub url: String,
    /// A short text.
    pub summary: String,
    /// The name of its source.
    pub source: Option<String>,
    /// The language it is in, as a BCP 47 tag, where known.
    pub language: Option<String>,
    /// When it was published.
    pub published: Timestamp,
    /// When it closes, for an opening.
    pub closes: Option<Timestamp>,
    /// What it is, and what it shows besides its words.
    pub details: Details,
    /// Who else told the story.
    pub also_at: Vec<AlsoAt>,
    /// Whether the editor pinned it to the top.
    pub pinned: bool,
    /// Whether it is the story the issue opens with.
    pub lead: bool,
}

/// Another source of a story.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct AlsoAt {
    /// Its name.
    pub source: String,
    /// Where it tells the story.
    pub url: String,
}

/// What one mail says, before it is addressed to anybody. Links that differ from reader to reader stand in it as
/// [`Letter::splice_key`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The language it is written in.
    pub language: Language,
    /// The subject.
    pub subject: String,
    /// The plain text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// What stands in the place of the reader's own token. Random, so that no article can contain it.
    pub splice_key: String,
    /// Who it is from and which list headers it carries, frozen so that a retry is byte-identical.
    pub head: LetterHead,
    /// The `Date:` of every copy.
    pub date: Timestamp,
    /// Which part of the edition it brings: the key of a reader's choice; empty for all of it.
    pub variant: String,
}

/// The part of a letter's headers that comes from the configuration, frozen when the letter is made.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LetterHead {
    /// The sender's display name.
    pub from_name: String,
    /// The sender's address; also the envelope sender.
    pub from_email: String,
    /// Where answers go, if not to the sender.
    pub reply_to: Option<String>,
    /// The list, for mail that belongs to one.
    pub list: Option<ListHead>,
}

/// The headers of RFC 2919, RFC 2369 and RFC 8058.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ListHead {
    /// `List-Id`: the edition's title, shown in front of the identifier.
    pub title: String,
    /// `List-Id`: the identifier, such as `weekly.news.example.jp`.
    pub id: String,
    /// The unsubscribe URL, with the letter's splice key where the token goes.
    pub unsubscribe_url: String,
    /// A mail address that unsubscribes too, where configured.
    pub unsubscribe_mailto: Option<String>,
    /// `List-Archive`: where the public pages of past issues are.
    pub archive_url: String,
}
