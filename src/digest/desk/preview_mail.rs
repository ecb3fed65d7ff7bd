//! The mail that shows a draft: the letter itself, with a slip on top that says what becomes of it.

use jiff::{SignedDuration, Timestamp};

use super::operator::moment;
use crate::digest::{DigestError, Digests};
use crate::domain::desk::{Change as What, Gone, Shown};
use crate::domain::edition::Edition;
use crate::domain::issue::Issue;
use crate::domain::language::Language;
use crate::domain::schedule::Slot;
use crate::domain::skip::Skip;
use crate::domain::token::PREVIEW_TOKEN;
use crate::render::{Change, CountLine, DraftPreview, RenderedMail, Why};
use crate::store::OperatorMail;

/// What there is to tell.
pub(super) struct Telling<'a> {
    pub(super) draft: &'a Issue,
    pub(super) edition: &'a Edition,
    pub(super) slot: &'a Slot,
    pub(super) why: Why,
    pub(super) shown: &'a Shown,
    pub(super) changes: Vec<What>,
}

impl Digests {
    /// Returns the mail.
    pub(super) async fn preview_mail(&self, telling: Telling<'_>, now: Timestamp) -> Result<OperatorMail, DigestError> {
        let Telling { draft, edition, slot, why, shown, changes } = telling;
        let language = self.operator.language;
        let letters = self.preview(draft.id).await?.letters;
        let mut theirs: Vec<_> = letters.into_iter().filter(|letter| letter.language == language).collect();
        // Most readers take all of an edition; whoever takes a part of it has a letter of their own.
        theirs.sort_by_key(|letter| !letter.variant.is_empty());
        let letter = theirs.into_iter().next().ok_or_else(|| DigestError::empty(draft))?;

        let plan = self.plan(&edition.name, &edition.schedule.slot_at(draft.scheduled)).await?;
        let limit = SignedDuration::try_from(edition.late_limit).unwrap_or(SignedDuration::MAX);
        let until = slot.instant.checked_add(limit).unwrap_or(Timestamp::MAX);
        let fingerprint = shown.fingerprint();
        let slip = DraftPreview {
            subject: letter.subject.clone(),
            edition_title: edition.title.clone(),
            number: draft.number.unwrap_or_default(),
            why,
            approval: edition.review.approval.as_str(),
            held: draft.desk.held.is_some(),
            approved: draft.desk.approved.is_some(),
            by_hand: !edition.schedule.is_due_at(draft.scheduled),
            due: moment(language, edition, slot.instant),
            until: if why == Why::Waits { moment(language, edition, until) } else { String::new() },
            changes: changes.into_iter().map(line).collect(),
            sections: plan
                .sections
                .iter()
                .filter(|section| !section.items.is_empty())
                .map(|section| CountLine {
                    label: self.templates.section_title(language, &section.section),
                    count: i64::try_from(section.items.len()).unwrap_or(i64::MAX),
                })
                .collect(),
            recipients: plan.recipient_count(),
            languages: totals(plan.recipients.iter().map(|r| (name(r.language).to_owned(), r.count))),
            not_reached: totals(plan.not_reached.iter().map(|n| (n.reason.clone(), n.count))),
            unread: match plan.unread.as_deref().map(Skip::from_words) {
                Some(Some(Skip::Nobody)) => "nobody",
                Some(_) => "nothing",
                None => "",
            },
            approve_url: self.links.approve(draft.id.0, fingerprint),
            hold_url: self.links.hold(draft.id.0, fingerprint),
            draft_url: self.links.open_draft(draft.id.0, fingerprint),
        };
        let slip = self.templates.mail(language, &slip)?;
        let dead = |text: &str| text.replace(&letter.splice_key, PREVIEW_TOKEN);
        let mail = RenderedMail {
            subject: slip.subject,
            text: format!("{}\n{}\n\n{}", slip.text, "#".repeat(72), dead(&letter.text)),
            html: with_slip(&dead(&letter.html), &slip.html),
        };
        Ok(self.to_operator(mail, now))
    }
}

/// Puts the slip on top of what the letter shows.
fn with_slip(letter: &str, slip: &str) -> String {
    let body = letter.find("<body").and_then(|at| Some(at + letter[at..].find('>')? + 1)).unwrap_or(0);
    let (head, rest) = letter.split_at(body);
    format!("{head}\n{slip}{rest}")
}

fn line(change: What) -> Change {
    let (kind, title) = match change {
        What::Added(title) => ("added", title),
        What::Removed(title, Gone::Closed) => ("closed", title),
        What::Removed(title, Gone::TakenBack) => ("taken_back", title),
        What::Removed(title, Gone::Struck) => ("struck", title),
        What::Removed(title, Gone::PutOff) => ("put_off", title),
        What::Removed(title, Gone::Other) => ("removed", title),
        What::Reworded(title) => ("reworded", title),
        What::OtherSection(title) => ("other_section", title),
        What::Moved(title) => ("moved", title),
        What::Reordered => ("reordered", String::new()),
        What::Lead => ("lead", String::new()),
        What::Subject => ("subject", String::new()),
        What::Introduction => ("introduction", String::new()),
    };
    Change { kind, title }
}

const fn name(language: Language) -> &'static str {
    match language {
        Language::En => "English",
        Language::Ja => "日本語",
    }
}

/// Adds up what has the same name.
fn totals(lines: impl Iterator<Item = (String, i64)>) -> Vec<CountLine> {
    let mut totals: Vec<CountLine> = Vec::new();
    for (label, count) in lines {
        match totals.iter_mut().find(|line| line.label == label) {
            Some(line) => line.count += count,
            None => totals.push(CountLine { label, count }),
        }
    }
    totals
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slip_is_put_behind_the_body_tag_or_on_top() {
        assert_eq!(with_slip("<html><body class=\"a\">x</body>", "S"), "<html><body class=\"a\">\nSx</body>");
        assert_eq!(with_slip("<p>x</p>", "S"), "\nS<p>x</p>");
    }
}
