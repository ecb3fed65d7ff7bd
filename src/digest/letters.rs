//! An issue as letters: one for each language, with a mark where each reader's own link goes.

use std::collections::{BTreeSet, HashMap};

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::choose::{arrange, mark_lead};
use super::{DigestError, Digests};
use crate::clock::random_bytes;
use crate::domain::choice::Choice;
use crate::domain::edition::Edition;
use crate::domain::ids::ArticleId;
use crate::domain::issue::{Issue, IssueItem, Letter, LetterHead, ListHead};
use crate::domain::language::Language;
use crate::render::{Digest, Pictures, date_long, markdown_html, markdown_text};
use crate::store::StoreError;

/// How many parts of one issue are written, at most, beside all of it: four sections in two languages can be taken in
/// fewer ways. Each is a letter in the store and, encoded, in the memory of whoever delivers.
const MOST_VARIANTS: usize = 128;

/// What every letter of an issue has in common.
#[derive(Clone, Copy)]
pub(super) struct Print<'a> {
    pub(super) edition: &'a Edition,
    pub(super) issue: &'a Issue,
    pub(super) pictures: &'a Pictures,
    pub(super) now: Timestamp,
}

/// The letters of an issue, and the choices that are left without.
pub(super) struct Letters {
    pub(super) letters: Vec<Letter>,
    pub(super) unserved: BTreeSet<String>,
}

impl Digests {
    /// Returns the items of an issue, the sections in the edition's order. Those of sections that the configuration
    /// no longer has come last.
    pub(super) async fn items_in_order(&self, edition: &Edition, issue: &Issue) -> Result<Vec<IssueItem>, StoreError> {
        let mut items = self.store.issue_items(issue.id).await?;
        // The sort is stable: within a section the order stays.
        items.sort_by_key(|item| edition.sections.iter().position(|s| *s == item.section).unwrap_or(usize::MAX));
        Ok(items)
    }

    /// Returns what of a draft would be printed `now`, numbered anew, and how many items have closed since they were
    /// chosen.
    pub(super) async fn open_items(
        &self,
        edition: &Edition,
        draft: &Issue,
        now: Timestamp,
    ) -> Result<(Vec<IssueItem>, usize), StoreError> {
        let mut items = self.items_in_order(edition, draft).await?;
        let before = items.len();
        items.retain(|item| item.closes.is_none_or(|closes| closes > now));
        let closed = before - items.len();
        let articles: Vec<ArticleId> = items.iter().map(|item| item.article_id).collect();
        let mut tellers = self.store.tellers(&articles, now).await?;
        for item in &mut items {
            item.also_at = tellers.remove(&item.article_id).unwrap_or_default();
        }
        arrange(&mut items, |section| edition.sections.iter().position(|s| s == section).unwrap_or(usize::MAX));
        let mut positions = std::collections::BTreeMap::new();
        for item in &mut items {
            let next = positions.entry(item.section.clone()).or_insert(0);
            item.position = *next;
            *next += 1;
        }
        Ok((items, closed))
    }

    /// Writes the letters of an issue that has at least one item: in each language one with all of it, which the web and
    /// the editor see, too, and one for each other part of it that somebody takes. What reads the same is written once.
    pub(super) async fn all_letters(&self, print: Print<'_>, items: &[IssueItem]) -> Result<Letters, DigestError> {
        let edition = print.edition;
        let letters = self.letters(print, items)?;
        let mut written: HashMap<(Language, Vec<ArticleId>), usize> =
            letters.iter().enumerate().map(|(at, letter)| ((letter.language, ids(items)), at)).collect();
        let mut all = Letters { letters, unserved: BTreeSet::new() };
        let wanted = self.store.variants_of(&edition.name).await?;
        for (at, variant) in wanted.iter().enumerate() {
            let Ok(choice) = Choice::from_key(&variant.key) else {
                tracing::warn!(edition = %edition.name, "A stored choice is none; its readers get all of the issue");
                continue;
            };
            let part = choice.of(items);
            if part.is_empty() {
                all.unserved.insert(variant.key.clone());
                continue;
            }
            if at >= MOST_VARIANTS {
                tracing::warn!(
                    edition = %edition.name,
                    "More than {MOST_VARIANTS} parts of {} are read; {} readers of one get all of it",
                    edition.name, variant.readers
                );
                continue;
            }
            let key = (variant.language, ids(&part));
            let letter = match written.get(&key) {
                Some(at) => all.letters[*at].clone(),
                None => self.part_letter(variant.language, print, part)?,
            };
            written.insert(key, all.letters.len());
            all.letters.push(Letter { variant: variant.key.clone(), ..letter });
        }
        Ok(all)
    }

    /// Writes the letter of an issue for whoever makes this choice; `None` if nothing is left for them.
    pub(super) fn letter_for(
        &self,
        language: Language,
        choice: &Choice,
        print: Print<'_>,
        items: &[IssueItem],
    ) -> Result<Option<Letter>, DigestError> {
        let part = choice.of(items);
        if part.is_empty() {
            return Ok(None);
        }
        let letter = self.part_letter(language, print, part)?;
        Ok(Some(Letter { variant: choice.key(), ..letter }))
    }

    fn part_letter(
        &self,
        language: Language,
        print: Print<'_>,
        mut part: Vec<IssueItem>,
    ) -> Result<Letter, DigestError> {
        // The story the issue leads with may be in another part.
        mark_lead(&mut part);
        self.letter(language, print, &part)
    }

    /// Writes the letters that have all of an issue, one for each language.
    pub(super) fn letters(&self, print: Print<'_>, items: &[IssueItem]) -> Result<Vec<Letter>, DigestError> {
        Language::ALL.into_iter().map(|language| self.letter(language, print, items)).collect()
    }

    fn letter(&self, language: Language, print: Print<'_>, items: &[IssueItem]) -> Result<Letter, DigestError> {
        let Print { edition, issue, pictures, now } = print;
        let number = issue.number.ok_or_else(|| DigestError::empty(issue))?;
        let splice_key = format!("kwb{}", HEXLOWER.encode(&random_bytes::<16>(&*self.clock)));
        let unsubscribe_url = self.links.unsubscribe(&splice_key);
        let front = self.templates.front(language, items, &zone_of(edition), pictures);
        let day = edition.schedule.civil_date(issue.scheduled);
        let introduction = issue.desk.introduction.as_deref();
        let digest = Digest {
            edition_title: edition.title.clone(),
            number,
            date: date_long(language, day),
            day,
            introduction_html: introduction.map(markdown_html),
            introduction_text: introduction.map(markdown_text),
            lead: front.lead,
            sections: front.sections,
            unsubscribe_url: unsubscribe_url.clone(),
            preferences_url: Some(self.links.preferences(&splice_key)),
            archive_url: self.links.issue_in(number, language),
            home_url: self.links.home(),
            sender: self.imprint.sender.clone(),
        };
        let mail = self.templates.mail(language, &digest)?;
        let list = ListHead {
            title: edition.title.clone(),
            id: format!("{}.{}", edition.name, self.links.host()),
            unsubscribe_url,
            unsubscribe_mailto: self.imprint.unsubscribe_mailto.clone(),
            archive_url: self.links.issues(),
        };
        Ok(Letter {
            language,
            subject: issue.desk.subject.clone().unwrap_or(mail.subject),
            text: mail.text,
            html: mail.html,
            splice_key,
            head: LetterHead { list: Some(list), ..self.imprint.head.clone() },
            date: now,
            variant: String::new(),
        })
    }
}

fn zone_of(edition: &Edition) -> TimeZone {
    TimeZoneDatabase::bundled()
        .get(edition.schedule.timezone_name())
        .expect("a schedule is only made in a zone of the bundled database")
}

fn ids(items: &[IssueItem]) -> Vec<ArticleId> {
    items.iter().map(|item| item.article_id).collect()
}
