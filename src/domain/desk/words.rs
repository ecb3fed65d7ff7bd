//! An edit in words: for the record, and for whoever made it.

use super::Edit;
use crate::domain::ids::ArticleId;

impl Edit {
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
            Self::Lead(None) => "lead with none in particular".to_owned(),
            Self::Rewrite { article, title, summary } => {
                let what = match (title, summary) {
                    (Some(_), Some(_)) => "title and summary",
                    (Some(_), None) => "title",
                    (None, _) => "summary",
                };
                format!("rewrite the {what} of {article}")
            }
            Self::Introduce(text) => match written(text.as_deref()) {
                Some(_) => "write the introduction".to_owned(),
                None => "remove the introduction".to_owned(),
            },
            Self::Subject(text) => match written(text.as_deref()) {
                Some(subject) => format!("set the subject: {subject}"),
                None => "leave the subject to the templates".to_owned(),
            },
            Self::Add { article, section } => format!("add {article} to {section}"),
            Self::Hold => "hold".to_owned(),
            Self::Approve => "approve".to_owned(),
        }
    }

    /// Returns what is the case once the edit is made, in a sentence.
    pub fn told(&self) -> String {
        match self {
            Self::Pin(article) => format!("article {article} is pinned to the top of its section."),
            Self::Unpin(article) => format!("article {article} is pinned no longer, and stays where it is."),
            Self::Skip { article, later: true, .. } => {
                format!("article {article} is out of the draft, and waits for the next issue.")
            }
            Self::Skip { article, later: false, .. } => {
                format!("article {article} is struck for good: the edition never prints it.")
            }
            Self::Move { article, section, position } => {
                let section = section.as_deref().unwrap_or("its section");
                match position {
                    Some(position) => format!("article {article} stands at place {} of {section}.", position + 1),
                    None => format!("article {article} stands at the end of {section}."),
                }
            }
            Self::Lead(Some(article)) => format!("it opens with article {article}."),
            Self::Lead(None) => "it opens with the first story that has a picture, or else with the first.".to_owned(),
            Self::Rewrite { article, title, summary } => {
                let what = match (title, summary) {
                    (Some(_), Some(_)) => "title and summary",
                    (Some(_), None) => "title",
                    (None, _) => "summary",
                };
                format!("article {article} has another {what}, in this issue only.")
            }
            Self::Introduce(text) => match written(text.as_deref()) {
                Some(_) => "it has an introduction, which goes to readers of every language.".to_owned(),
                None => "it has no introduction.".to_owned(),
            },
            Self::Subject(text) => match written(text.as_deref()) {
                Some(subject) => format!("its subject is {subject:?}, for readers of every language."),
                None => "the templates make its subject.".to_owned(),
            },
            Self::Add { article, section } => format!("article {article} stands at the end of {section}."),
            Self::Hold => "it is held, and does not go out before it is approved.".to_owned(),
            Self::Approve => {
                "it is approved as it is, and goes out at its time, or within a minute if that has passed.".to_owned()
            }
        }
    }
}

/// Returns the item that an edit moved, by the words the record has of it; `None` if it moved none.
pub fn moved(words: &str) -> Option<ArticleId> {
    let mut words = words.split(' ');
    let moves = matches!(words.next(), Some("move" | "pin" | "unpin"));
    words.next().filter(|_| moves)?.parse().ok().map(ArticleId)
}

/// Returns what was written, if it was anything.
pub(super) fn written(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}
