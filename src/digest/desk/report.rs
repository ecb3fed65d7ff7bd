//! The report about an issue that is finished: what the ledger says of it.

use std::time::Duration;

use crate::digest::{DigestError, Digests};
use crate::domain::issue::Issue;
use crate::domain::language::Language;
use crate::render::{ReplyLine, Report, date_long};
use crate::store::ReplyCount;

/// How many different replies are looked at, and how many of them are reported.
const LOOKED_AT: usize = 500;
const REPORTED: usize = 5;

impl Digests {
    /// Queues the report about a finished issue, once. Returns whether it was us.
    pub(super) async fn report(&self, issue: &Issue) -> Result<bool, DigestError> {
        let now = self.clock.now();
        let language = self.operator.language;
        let counts = self.store.issue_tally(issue.id).await?.counts;
        let ended = issue.finished.unwrap_or(now);
        let took = issue.released.map_or(Duration::ZERO, |released| {
            Duration::try_from(ended.duration_since(released)).unwrap_or(Duration::ZERO)
        });
        let edition = self.edition(&issue.edition).ok();
        let day = edition.map_or_else(
            || jiff::tz::TimeZone::UTC.to_datetime(issue.scheduled).date(),
            |edition| edition.schedule.civil_date(issue.scheduled),
        );
        let number = issue.number.unwrap_or_default();
        let report = Report {
            edition_title: edition.map_or_else(|| issue.edition.clone(), |edition| edition.title.clone()),
            number,
            date: date_long(language, day),
            // Whoever was welcomed with it since it was finished has it still to come, and is in no report.
            recipients: counts.total() - counts.open(),
            accepted: counts.accepted,
            rejected: counts.rejected,
            unknown: counts.unknown,
            withdrawn: counts.withdrawn,
            expired: counts.expired,
            replies: commonest(self.store.refusals(issue.id, LOOKED_AT).await?),
            duration: span(language, took),
            per_minute: per_minute(counts.accepted, took),
            archive_url: self.links.issue(number),
            sender: self.imprint.sender.clone(),
        };
        let mail = self.to_operator(self.templates.mail(language, &report)?, now);
        let ours = self.store.report_issues(&[issue.id], &mail, now).await?;
        if ours {
            tracing::info!(issue.id = %issue.id, issue.number, "Reported an issue to the operator");
        }
        Ok(ours)
    }
}

/// Returns the commonest replies, those that differ in nothing but addresses and numbers as one.
fn commonest(replies: Vec<ReplyCount>) -> Vec<ReplyLine> {
    let mut lines: Vec<ReplyLine> = Vec::new();
    for ReplyCount { reply, count } in replies {
        let reply = without_addresses(&reply);
        match lines.iter_mut().find(|line| line.reply == reply) {
            Some(line) => line.count += count,
            None if reply.is_empty() => {}
            None => lines.push(ReplyLine { reply, count }),
        }
    }
    lines.sort_by_key(|line| std::cmp::Reverse(line.count));
    lines.truncate(REPORTED);
    lines
}

/// Returns a relay's words without what names a person: relays repeat the address, and add numbers of their own that make
/// each reply another.
fn without_addresses(reply: &str) -> String {
    const MOST: usize = 160;
    let hidden = |word: &str| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let id = bare.len() >= 10 && bare.bytes().any(|b| b.is_ascii_digit()) && !bare.contains("://");
        if word.contains('@') {
            "<address>".to_owned()
        } else if id {
            "…".to_owned()
        } else {
            word.to_owned()
        }
    };
    let text = reply.split_whitespace().map(hidden).collect::<Vec<_>>().join(" ");
    if text.chars().count() > MOST { text.chars().take(MOST).chain(['…']).collect() } else { text }
}

fn per_minute(accepted: i64, took: Duration) -> i64 {
    // A second is the shortest: faster than the clock is no rate.
    let seconds = i64::try_from(took.as_secs().max(1)).unwrap_or(i64::MAX);
    accepted.saturating_mul(60) / seconds
}

fn span(language: Language, took: Duration) -> String {
    let seconds = took.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (language, hours, minutes) {
        (Language::En, 0, 0) => format!("{seconds} s"),
        (Language::En, 0, _) => format!("{minutes} min {seconds} s"),
        (Language::En, _, _) => format!("{hours} h {minutes} min"),
        (Language::Ja, 0, 0) => format!("{seconds}秒"),
        (Language::Ja, 0, _) => format!("{minutes}分{seconds}秒"),
        (Language::Ja, _, _) => format!("{hours}時間{minutes}分"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_name_nobody_and_those_about_the_same_thing_are_one() {
        let reply = |reply: &str, count| ReplyCount { reply: reply.to_owned(), count };
        let lines = commonest(vec![
            reply("550 5.1.1 <hana@example.jp>: User unknown 4FxK2b1234z", 2),
            reply("452 4.2.2 full", 4),
            reply("550 5.1.1 <ken@example.jp>: User unknown 4FxK2b9999z", 3),
            reply("", 9),
        ]);
        let lines: Vec<_> = lines.iter().map(|line| (line.reply.as_str(), line.count)).collect();
        assert_eq!(lines, [("550 5.1.1 <address> User unknown …", 5), ("452 4.2.2 full", 4)]);
        assert!(without_addresses(&"語".repeat(400)).chars().count() <= 161);
    }

    #[test]
    fn a_rate_and_a_span_are_what_people_say() {
        assert_eq!(per_minute(1196, Duration::from_secs(102)), 703);
        assert_eq!(per_minute(5, Duration::ZERO), 300);
        assert_eq!(span(Language::En, Duration::from_secs(102)), "1 min 42 s");
        assert_eq!(span(Language::Ja, Duration::from_secs(3725)), "1時間2分");
        assert_eq!(span(Language::En, Duration::from_millis(900)), "0 s");
    }
}
