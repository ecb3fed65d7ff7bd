//! What the operator has seen of a draft.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::domain::ids::ArticleId;
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
    /// An item went out.
    Removed(String, Gone),
    /// An item has other words.
    Reworded(String),
    /// An item stands under another heading.
    OtherSection(String),
    /// The editor has moved an item within its section.
    Moved(String),
    /// Items stand in another order, whoever moved them.
    Reordered,
    /// The issue opens with another story, or with none.
    Lead,
    /// The subject.
    Subject,
    /// The introduction.
    Introduction,
}

/// Why an item is in a draft no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    /// It closed.
    Closed,
    /// Whoever wrote it took it back.
    TakenBack,
    /// The editor struck it for good.
    Struck,
    /// The editor put it off until the next issue.
    PutOff,
    /// It was taken out in another way, such as by undoing that it was put in.
    Other,
}

/// What is known of the time since a draft was shown.
#[derive(Debug, Clone, Default)]
pub struct Since {
    /// The items the editor has moved.
    pub moved: BTreeSet<ArticleId>,
    /// Why items are gone.
    pub gone: BTreeMap<ArticleId, Gone>,
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

    /// Returns the items that are in the other one and not in this.
    pub fn without(&self, other: &Self) -> Vec<ArticleId> {
        other
            .items
            .iter()
            .filter(|item| self.find(item.article).is_none())
            .map(|item| ArticleId(item.article))
            .collect()
    }

    /// Returns how this differs from what was shown before, in the words of what happened since, as far as it is known.
    pub fn changes_since(&self, before: &Self, since: &Since) -> Vec<Change> {
        let mut changes = Vec::new();
        if self.subject != before.subject {
            changes.push(Change::Subject);
        }
        if self.introduction != before.introduction {
            changes.push(Change::Introduction);
        }
        for item in &self.items {
            let Some(old) = before.find(item.article) else {
                changes.push(Change::Added(item.title.clone()));
                continue;
            };
            if (&old.title, &old.url, &old.summary) != (&item.title, &item.url, &item.summary) {
                changes.push(Change::Reworded(item.title.clone()));
            }
            if old.section != item.section {
                changes.push(Change::OtherSection(item.title.clone()));
            }
        }
        for item in before.items.iter().filter(|item| self.find(item.article).is_none()) {
            let why = since.gone.get(&ArticleId(item.article)).copied().unwrap_or(Gone::Other);
            changes.push(Change::Removed(item.title.clone(), why));
        }
        let all = BTreeSet::new();
        if self.order(before, &all) != before.order(self, &all) {
            let moved = self.items.iter().filter(|item| {
                let stays = before.find(item.article).is_some_and(|old| old.section == item.section);
                stays && since.moved.contains(&ArticleId(item.article))
            });
            changes.extend(moved.map(|item| Change::Moved(item.title.clone())));
            if self.order(before, &since.moved) != before.order(self, &since.moved) {
                changes.push(Change::Reordered);
            }
        }
        let lead = |shown: &Self| shown.items.iter().find(|item| item.lead).map(|item| item.article);
        if lead(self) != lead(before) {
            changes.push(Change::Lead);
        }
        changes
    }

    fn find(&self, article: i64) -> Option<&ShownItem> {
        self.items.iter().find(|item| item.article == article)
    }

    /// Returns the order of the items that stand in the same section of both, but for these.
    fn order(&self, other: &Self, without: &BTreeSet<ArticleId>) -> Vec<i64> {
        let same = |item: &&ShownItem| other.find(item.article).is_some_and(|there| there.section == item.section);
        let counted = self.items.iter().filter(same).map(|item| item.article);
        counted.filter(|article| !without.contains(&ArticleId(*article))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(items: &[(i64, &str)]) -> Shown {
        let item = |(article, section): &(i64, &str)| ShownItem {
            article: *article,
            section: (*section).to_owned(),
            title: article.to_string(),
            url: String::new(),
            summary: String::new(),
            lead: false,
        };
        Shown { subject: None, introduction: None, items: items.iter().map(item).collect() }
    }

    fn changes(items: &[(i64, &str)], moved: &[i64]) -> Vec<Change> {
        let before = shown(&[(1, "news"), (2, "news"), (3, "news"), (9, "openings")]);
        let moved = moved.iter().map(|id| ArticleId(*id)).collect();
        shown(items).changes_since(&before, &Since { moved, gone: [(ArticleId(9), Gone::PutOff)].into() })
    }

    #[test]
    fn what_was_moved_is_named_and_what_it_pushed_aside_is_not() {
        let nine = (9, "openings");
        let moved = |id: i64| Change::Moved(id.to_string());
        assert_eq!(changes(&[(3, "news"), (1, "news"), (2, "news"), nine], &[3]), [moved(3)]);
        assert_eq!(changes(&[(2, "news"), (1, "news"), (3, "news"), nine], &[1]), [moved(1)]);
        assert_eq!(changes(&[(2, "news"), (1, "news"), (3, "news"), nine], &[]), [Change::Reordered]);
        assert_eq!(changes(&[(3, "news"), (2, "news"), (1, "news"), nine], &[3]), [moved(3), Change::Reordered]);
        assert_eq!(changes(&[(1, "news"), (2, "news"), (3, "news"), nine], &[1]), [], "there and back");
        let elsewhere = changes(&[(1, "news"), (3, "news"), nine, (2, "openings")], &[2]);
        assert_eq!(elsewhere, [Change::OtherSection("2".to_owned())]);
    }

    #[test]
    fn what_is_gone_is_gone_for_a_reason() {
        let gone = changes(&[(1, "news"), (3, "news")], &[]);
        let removed = |title: &str, why| Change::Removed(title.to_owned(), why);
        assert_eq!(gone, [removed("2", Gone::Other), removed("9", Gone::PutOff)]);
    }
}
