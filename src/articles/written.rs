//! What an article must be like that somebody wrote, by hand or for the API. What is wrong is refused and not mended:
//! its author is there to do that better.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use unicode_width::UnicodeWidthChar;

use super::error::web_address;
use super::language::language_tag;
use crate::domain::article::{ArticleKind, Details, Image, NewArticle};
use crate::domain::edition::Edition;

/// Longer headlines are no headlines.
pub const MAX_TITLE_CHARS: usize = 300;
/// Forty summaries of this length fit a mail that Gmail does not cut.
pub const MAX_SUMMARY_CHARS: usize = 400;
/// A place, a company, what it pays, a source, a credit: they stand on one line with others.
pub const MAX_LABEL_CHARS: usize = 120;
/// What a picture shows, in a sentence or two.
pub const MAX_ALT_CHARS: usize = 300;
/// Longer ones are cut off by some mail programs and proxies.
pub const MAX_URL_CHARS: usize = 2000;
/// A date further ahead than this is a mistake. A day leaves room for zones that were left out.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// An article as somebody wrote it; nothing is checked yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// The headline.
    pub title: String,
    /// Where it leads.
    pub url: String,
    /// The heading it goes under.
    pub section: String,
    /// A short text.
    pub summary: Option<String>,
    /// `news` or `opening`; news, if it does not say.
    pub kind: Option<String>,
    /// The language it is in, as a BCP 47 tag.
    pub language: Option<String>,
    /// When it was published, as RFC 3339 has it.
    pub published: Option<String>,
    /// When it closes: a moment (RFC 3339), or the last day.
    pub closes: Option<String>,
    /// Where the work of an opening is.
    pub place: Option<String>,
    /// Whose opening it is.
    pub company: Option<String>,
    /// What it pays.
    pub pay: Option<String>,
    /// The name of its source.
    pub source: Option<String>,
    /// A picture.
    pub image: Option<WrittenImage>,
}

/// A picture as somebody named it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WrittenImage {
    /// Where it is.
    pub url: String,
    /// What it shows.
    pub alt: Option<String>,
    /// Who made it.
    pub credit: Option<String>,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// The field; with a slash before the field of a field.
    pub field: &'static str,
    /// What is wrong, and what it should be.
    pub message: String,
}

/// An article that may be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked(pub(super) NewArticle);

/// What is made of a closing date in the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    /// Whoever writes the article is told: it would be in no issue.
    IsWrong,
    /// It is right.
    IsFine,
}

/// What depends on the configuration.
#[derive(Debug, Clone)]
pub(super) struct House {
    /// The sections that some edition has; with none, any will do.
    pub(super) sections: Vec<String>,
    /// Where a day ends.
    pub(super) zone: TimeZone,
}

impl House {
    pub(super) fn of(editions: &[Edition]) -> Self {
        let mut sections: Vec<String> = editions.iter().flat_map(|edition| edition.sections.clone()).collect();
        sections.sort_unstable();
        sections.dedup();
        let zone = editions.first().map_or(TimeZone::UTC, |edition| edition.schedule.zone().clone());
        Self { sections, zone }
    }

    /// Returns the article, or everything that is wrong with it.
    pub(super) fn check(&self, written: &Written, now: Timestamp, over: Over) -> Result<Checked, Vec<FieldProblem>> {
        let mut sieve = Sieve::default();
        let kind = sieve.maybe("kind", written.kind.as_deref(), kind).unwrap_or_default();
        // A kind that is none is one mistake and not four.
        let kind_known = sieve.0.is_empty();
        let label = |text: &str| text_of(text, MAX_LABEL_CHARS);
        let opening_only = |text: &str| match kind {
            ArticleKind::News if kind_known => Err("only an opening has this; set kind to opening".to_owned()),
            _ => label(text),
        };
        let image = written.image.as_ref().map(|image| Image {
            url: sieve.need("image/url", &image.url, address),
            alt: sieve
                .maybe("image/alt", image.alt.as_deref(), |text| text_of(text, MAX_ALT_CHARS))
                .unwrap_or_default(),
            credit: sieve.maybe("image/credit", image.credit.as_deref(), label),
        });
        let article = NewArticle {
            feed_id: None,
            guid: String::new(),
            title: sieve.need("title", &written.title, |text| text_of(text, MAX_TITLE_CHARS)),
            url: sieve.need("url", &written.url, address),
            summary: sieve
                .maybe("summary", written.summary.as_deref(), |text| text_of(text, MAX_SUMMARY_CHARS))
                .unwrap_or_default(),
            section: sieve.need("section", &written.section, |text| self.section(text)),
            language: sieve.maybe("language", written.language.as_deref(), language_tag),
            published: sieve.maybe("published", written.published.as_deref(), |text| published(text, now)),
            closes: sieve.maybe("closes", written.closes.as_deref(), |text| self.closes(text, now, over)),
            source: sieve.maybe("source", written.source.as_deref(), label),
            details: Details {
                kind,
                place: sieve.maybe("place", written.place.as_deref(), opening_only),
                company: sieve.maybe("company", written.company.as_deref(), opening_only),
                pay: sieve.maybe("pay", written.pay.as_deref(), opening_only),
                image,
            },
        };
        if sieve.0.is_empty() { Ok(Checked(article)) } else { Err(sieve.0) }
    }

    pub(super) fn section(&self, text: &str) -> Result<String, String> {
        let name = text_of(text, MAX_LABEL_CHARS)?;
        if self.sections.is_empty() || self.sections.contains(&name) {
            return Ok(name);
        }
        Err(format!("no edition has a section {name:?}; there are: {}", self.sections.join(", ")))
    }

    /// Readers are shown the day it closes, so a day means its last moment.
    fn closes(&self, text: &str, now: Timestamp, over: Over) -> Result<Timestamp, String> {
        let day = shaped(text, "dddd-dd-dd").then(|| text.parse::<Date>().ok()).flatten();
        let last_moment = |day: Date| {
            let next = day.tomorrow().ok()?.to_zoned_datetime(self.zone.clone()).ok()?.timestamp();
            Some(next - SignedDuration::from_millis(1))
        };
        let closes = match day {
            Some(day) => last_moment(day),
            None => rfc3339(text),
        };
        let closes = closes.ok_or("write a day such as 2026-12-15, or a moment such as 2026-12-15T17:00:00+09:00")?;
        if closes <= now && over == Over::IsWrong {
            return Err("this is in the past; the article would be in no issue".to_owned());
        }
        Ok(closes)
    }
}

/// Lets through what is right and keeps what is wrong.
#[derive(Default)]
struct Sieve(Vec<FieldProblem>);

impl Sieve {
    /// Returns a field that may be missing; blank, it is.
    fn maybe<T>(
        &mut self,
        field: &'static str,
        text: Option<&str>,
        rule: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = text.map(str::trim).filter(|text| is_visible(text))?;
        rule(text).map_err(|message| self.0.push(FieldProblem { field, message })).ok()
    }

    /// Returns a field that must be there.
    fn need(&mut self, field: &'static str, text: &str, rule: impl FnOnce(&str) -> Result<String, String>) -> String {
        if !is_visible(text) {
            self.0.push(FieldProblem { field, message: "this must not be empty".to_owned() });
        }
        self.maybe(field, Some(text), rule).unwrap_or_default()
    }
}

/// Returns whether there is anything to see: neither white space, nor what takes no room by itself.
fn is_visible(text: &str) -> bool {
    text.chars().any(|c| !c.is_whitespace() && c.width() != Some(0))
}

/// Returns the text on one line, without what is not to be seen.
fn text_of(text: &str, max_chars: usize) -> Result<String, String> {
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let length = folded.chars().count();
    if length > max_chars {
        return Err(format!("{length} characters; {max_chars} is the most"));
    }
    if folded.chars().any(char::is_control) {
        return Err("there is a control character in it".to_owned());
    }
    // Those that turn the direction of what follows, the mark of byte order, and what is no character at all.
    let hidden =
        |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}');
    if folded.chars().any(hidden) {
        return Err("there is an invisible character in it that changes how the text around it is shown".to_owned());
    }
    Ok(folded)
}

fn address(text: &str) -> Result<String, String> {
    let too_long = |chars: usize| Err(format!("{chars} characters; {MAX_URL_CHARS} is the most"));
    let written = text.chars().count();
    if written > MAX_URL_CHARS {
        return too_long(written);
    }
    // Japanese in it becomes longer on the way.
    match web_address(text) {
        Ok(url) if url.len() > MAX_URL_CHARS => too_long(url.len()),
        other => other,
    }
}

fn kind(text: &str) -> Result<ArticleKind, String> {
    ArticleKind::from_stored(text).ok_or_else(|| "write news or opening".to_owned())
}

fn published(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    let published = rfc3339(text).ok_or("write a moment (RFC 3339) such as 2026-11-24T09:00:00+09:00")?;
    if published.duration_since(now) > AHEAD {
        return Err("this is in the future; send the article when it is published, or leave this out".to_owned());
    }
    Ok(published)
}

/// Returns the moment, if it is written as RFC 3339 §5.6 has it. jiff alone reads more than that.
fn rfc3339(text: &str) -> Option<Timestamp> {
    let (wall, rest) = text.split_at_checked("yyyy-mm-ddThh:mm:ss".len())?;
    let fraction = rest.strip_prefix('.').map_or(0, |digits| 1 + digits.bytes().take_while(u8::is_ascii_digit).count());
    let (fraction, zone) = rest.split_at_checked(fraction)?;
    let zoned = zone.eq_ignore_ascii_case("z") || shaped(zone, "+dd:dd") || shaped(zone, "-dd:dd");
    let good = shaped(&wall.to_ascii_uppercase(), "dddd-dd-ddTdd:dd:dd") && fraction != "." && zoned;
    if good { text.to_ascii_uppercase().parse().ok() } else { None }
}

/// Returns whether the text looks like this, a `d` standing for a digit.
fn shaped(text: &str, shape: &str) -> bool {
    let fits = |(is, shape): (u8, u8)| if shape == b'd' { is.is_ascii_digit() } else { is == shape };
    text.len() == shape.len() && text.bytes().zip(shape.bytes()).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn house() -> House {
        House { sections: vec!["news".to_owned(), "openings".to_owned()], zone: TimeZone::get("Asia/Tokyo").unwrap() }
    }

    fn now() -> Timestamp {
        "2026-11-24T00:00:00Z".parse().unwrap()
    }

    fn good() -> Written {
        Written {
            title: "  Rust engineer,\r\n Kyoto ".to_owned(),
            url: "https://jobs.example.jp/1#apply".to_owned(),
            section: "openings".to_owned(),
            kind: Some("opening".to_owned()),
            ..Written::default()
        }
    }

    fn problems(written: &Written) -> Vec<(&'static str, String)> {
        let problems = house().check(written, now(), Over::IsWrong).err().unwrap_or_default();
        problems.into_iter().map(|problem| (problem.field, problem.message)).collect()
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn what_is_right_comes_through_on_one_line() {
        let written = Written {
            language: some("JA-jp"),
            published: some("2026-11-24T09:00:00.5+09:00"),
            closes: some("2026-12-15"),
            place: some("Kyoto"),
            pay: some(" "),
            image: Some(WrittenImage { url: "https://example.jp/a.jpg".to_owned(), ..WrittenImage::default() }),
            ..good()
        };
        let Checked(article) = house().check(&written, now(), Over::IsWrong).unwrap();
        assert_eq!(
            (article.title.as_str(), article.url.as_str()),
            ("Rust engineer, Kyoto", "https://jobs.example.jp/1")
        );
        assert_eq!((article.language.as_deref(), article.summary.as_str()), (Some("ja-JP"), ""));
        assert_eq!(article.published, Some("2026-11-24T00:00:00.5Z".parse().unwrap()));
        assert_eq!(article.closes, Some("2026-12-15T14:59:59.999Z".parse().unwrap()));
        assert_eq!((article.details.place.as_deref(), article.details.pay), (Some("Kyoto"), None));
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let image =
            Some(WrittenImage { url: "data:image/png,x".to_owned(), alt: some(&"x".repeat(301)), credit: None });
        let written = Written {
            title: " ".to_owned(),
            url: "javascript:alert(1)".to_owned(),
            section: "sport".to_owned(),
            kind: some("job"),
            language: some("Japanese language"),
            published: some("yesterday"),
            closes: some("2026-11-23"),
            company: some("Inn"),
            image,
            ..Written::default()
        };
        let problems = problems(&written);
        let mut fields: Vec<_> = problems.iter().map(|(field, _)| *field).collect();
        fields.sort_unstable();
        let wrong = ["closes", "image/alt", "image/url", "kind", "language", "published", "section", "title", "url"];
        assert_eq!(fields, wrong);
        let news = Written { kind: None, company: some("Inn"), ..good() };
        assert_eq!(self::problems(&news)[0].0, "company");
        let section = problems.iter().find(|(field, _)| *field == "section").unwrap();
        assert_eq!(section.1, "no edition has a section \"sport\"; there are: news, openings");
    }

    #[test]
    fn hidden_characters_are_refused_and_long_texts_are_not_told() {
        let long = "長".repeat(10_000);
        for title in ["a\u{0}b", "a\u{202e}b", "\u{feff}a", "a\u{1b}[31m", &long] {
            let problems = problems(&Written { title: title.to_owned(), ..good() });
            assert_eq!(problems.len(), 1, "{title:.9}");
            assert!(problems[0].1.len() < 100);
        }
        for nothing in ["\u{200b}", "\u{2060}\u{200d} \u{3000}", "\u{301}"] {
            let problems = problems(&Written { title: nothing.to_owned(), pay: some(nothing), ..good() });
            assert_eq!(problems, [("title", "this must not be empty".to_owned())], "{nothing:?}");
        }
        let url = format!("https://example.jp/{}", "長".repeat(300));
        assert!(problems(&Written { url, ..good() })[0].1.starts_with("2719 characters"));
    }

    #[test]
    fn a_moment_is_written_as_the_rfc_has_it() {
        for good in ["2026-11-24T09:00:00Z", "2026-11-24t09:00:00z", "2026-11-24T09:00:00.123456789-05:30"] {
            assert!(rfc3339(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "2026-11-24",
            "2026-11-24T09:00:00",
            "2026-11-24 09:00:00Z",
            "20261124T090000Z",
            "2026-11-24T09:00Z",
            "2026-11-24T09:00:00.Z",
            "2026-13-24T09:00:00Z",
            "2026-11-24T25:00:00Z",
            "-002026-11-24T09:00:00Z",
            "2026-11-24T09:00:00+09:00[Asia/Tokyo]",
            "1790000000",
            "2026-11-24T09:00:00+0900",
            "２０２６-11-24T09:00:00Z",
        ] {
            assert!(rfc3339(bad).is_none(), "{bad}");
        }
        for closes in ["9999-12-31", "2026-02-30", "tomorrow", "2026-12-15T17:00"] {
            assert_eq!(problems(&Written { closes: some(closes), ..good() })[0].0, "closes", "{closes}");
        }
        let future = Written { published: some("2026-11-26T00:00:00Z"), ..good() };
        assert!(problems(&future)[0].1.contains("in the future"));
    }
}
