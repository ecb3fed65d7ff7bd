//! An issue as letters: one for each language, with a mark where each reader's own link goes.

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::{DigestError, Digests};
use crate::clock::random_bytes;
use crate::domain::edition::Edition;
use crate::domain::issue::{Issue, IssueItem, Letter, LetterHead, ListHead};
use crate::domain::language::Language;
use crate::render::{Digest, Pictures, date_long, markdown_html, markdown_text};
use crate::store::StoreError;

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
        let mut positions = std::collections::BTreeMap::new();
        for item in &mut items {
            let next = positions.entry(item.section.clone()).or_insert(0);
            item.position = *next;
            *next += 1;
        }
        Ok((items, closed))
    }

    /// Writes the letters of an issue that has at least one item.
    pub(super) fn letters(
        &self,
        edition: &Edition,
        issue: &Issue,
        items: &[IssueItem],
        now: Timestamp,
    ) -> Result<Vec<Letter>, DigestError> {
        Language::ALL.into_iter().map(|language| self.letter(language, edition, issue, items, now)).collect()
    }

    fn letter(
        &self,
        language: Language,
        edition: &Edition,
        issue: &Issue,
        items: &[IssueItem],
        now: Timestamp,
    ) -> Result<Letter, DigestError> {
        let number = issue.number.ok_or_else(|| DigestError::empty(issue))?;
        let splice_key = format!("kwb{}", HEXLOWER.encode(&random_bytes::<16>(&*self.clock)));
        let unsubscribe_url = self.links.unsubscribe(&splice_key);
        let front = self.templates.front(language, items, &zone_of(edition), &Pictures::new());
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
            preferences_url: None,
            unsubscribe_url: unsubscribe_url.clone(),
            archive_url: self.links.issue(number),
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
            subject: mail.subject,
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
