//! What the operator has seen of a draft.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::domain::issue::{Issue, IssueItem};

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
