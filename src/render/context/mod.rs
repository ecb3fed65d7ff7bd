//! What each template is given. A context is made of finished strings: dates are written out, links are whole, and
//! a template decides nothing.
//!
//! Every context brings samples that between them take every branch of its templates. Loading renders them all, so
//! that a mistake in a template is found at start and not at the first reader it concerns.

mod api;
mod archive;
mod demo;
pub(super) mod described;
mod desk;
mod embed;
mod issue;
mod mail;
mod notices;
mod page;
mod preferences;
mod samples;
mod sign_up;
mod taking;

/// Hands every context there is to a macro. A new one is added here.
macro_rules! every_context {
    ($then:ident, $a:ident, $b:ident, $c:ident) => {
        $then!($a, $b, $c,
            mail Digest Confirmation DraftPreview Report Skipped PausedFeeds;
            page SignUp CheckInbox Confirm Confirmed Unsubscribe Unsubscribed Resubscribed Preferences BadLink LinkOver Message
                IssueList IssuePage IssueEntry DeskAsk DeskDone DeskDraft DeskOver PreviewLink ApiPage Embed EmbedForm DemoInbox DemoMail DemoArticle)
    };
}

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};
use serde_json::{Map, Value};

pub use api::{ApiAnswer, ApiCall, ApiField, ApiPage, ApiPiece, ApiProblem, ApiShape};
pub use archive::{
    EditionTab, IssueEntry, IssueLine, IssueList, IssuePage, PageImage, PageItem, PageSection, PageSource,
};
pub use demo::{DemoArticle, DemoInbox, DemoMail, DemoMailLine, DemoNotice, DemoPage, DemoPiece, DemoTab, DemoView};
pub use desk::{
    Change, CountLine, DeskAsk, DeskDone, DeskDraft, DeskOver, DeskStep, DraftPreview, PreviewLink, ReplyLine, Report,
    Why,
};
pub use embed::{Embed, EmbedForm};
pub use issue::{Front, Item, ItemImage, Picture, Pictures, Rendition, Section};
pub use mail::{Confirmation, Digest};
pub use notices::{PausedFeeds, PausedLine, Skipped, SkippedLine};
pub use page::{
    About, Alternate, BadLink, CheckInbox, Confirm, Confirmed, FeedLink, LangLink, LinkOver, Message, Page, Problem,
    Resubscribed, Unsubscribe, Unsubscribed, WelcomeIssue,
};

pub use preferences::{Preferences, PreferredEdition, Tick, UnknownTick};
pub(super) use samples::{BASE as SAMPLE_BASE, full_issue};
pub use sign_up::{SignUp, SignUpError, SignUpFaults};
pub use taking::Taking;

use super::error::TemplateError;
use super::load::Trial;
use crate::domain::language::Language;

/// What a mail is made from: `mail/<NAME>/{subject,text,html}.hbs`.
pub trait MailContext: Serialize {
    /// The folder of its templates.
    const NAME: &'static str;

    /// Returns contexts that between them take every branch of the templates.
    fn samples(language: Language) -> Vec<Self>
    where
        Self: Sized;

    /// Returns what must stand in the text and in the HTML, whoever wrote the templates, each with the name of its
    /// field: the way in or out, and who sends (特定電子メール法 Art. 4).
    fn must_show(&self) -> Vec<(&'static str, &str)>;

    /// Returns what the templates get besides the fields.
    fn derived(&self) -> Map<String, Value> {
        Map::new()
    }
}

/// What a page is made from: `web/<NAME>.hbs`.
pub trait PageContext: Serialize {
    /// The name of its template.
    const NAME: &'static str;

    /// Returns contexts that between them take every branch of the template.
    fn samples(language: Language) -> Vec<Self>
    where
        Self: Sized;

    /// Returns what the template gets besides the fields.
    fn derived(&self) -> Map<String, Value> {
        Map::new()
    }
}

/// Who sends the mails, as the law wants it shown in each of them (Act on Regulation of Transmission of Specified
/// Electronic Mail, Art. 4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// The name of the person or body.
    pub name: String,
    /// The postal address.
    pub postal_address: String,
    /// Where to complain: a mail address, a URL or a telephone number.
    pub contact: String,
}

impl Sender {
    /// Returns what the law wants in every mail, each with the name of its field.
    fn must_show(&self) -> [(&'static str, &str); 3] {
        [
            ("sender.name", self.name.as_str()),
            ("sender.postal_address", self.postal_address.as_str()),
            ("sender.contact", self.contact.as_str()),
        ]
    }

    /// Returns where the contact leads when it is pressed, if it is a mail address or a URL.
    fn contact_href(&self) -> Option<String> {
        if let Some(url) = web_url(&self.contact) {
            return Some(url);
        }
        let (local, host) = self.contact.split_once('@')?;
        let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "._+-".contains(c));
        (plain(local) && plain(host)).then(|| format!("mailto:{}", self.contact))
    }
}

impl Serialize for Sender {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Sender", 4)?;
        fields.serialize_field("name", &self.name)?;
        fields.serialize_field("postal_address", &super::tidy::one_line(&self.postal_address))?;
        fields.serialize_field("contact", &self.contact)?;
        fields.serialize_field("contact_href", &self.contact_href())?;
        fields.end()
    }
}

/// Tries every context there is.
pub(super) fn try_all(trial: &Trial<'_>) -> Result<(), TemplateError> {
    macro_rules! tried {
        ($trial:ident, $language:ident, $samples:ident, mail $($mail:ident)*; page $($page:ident)*) => {
            $($trial.mail::<$mail>()?;)*
            $($trial.page::<$page>()?;)*
        };
    }
    every_context!(tried, trial, language, samples);
    Ok(())
}

/// Returns the samples of every context in `language`: the name, whether it is that of a mail, and what templates see.
pub(super) fn every_sample(language: Language) -> Vec<(&'static str, bool, Value)> {
    let mut found = Vec::new();
    macro_rules! collected {
        ($found:ident, $language:ident, $samples:ident, mail $($mail:ident)*; page $($page:ident)*) => {
            $($found.push((<$mail>::NAME, true, seen($language, &<$mail>::samples($language), <$mail>::derived)));)*
            $($found.push((<$page>::NAME, false, seen($language, &<$page>::samples($language), <$page>::derived)));)*
        };
    }
    every_context!(collected, found, language, samples);
    found
}

fn seen<C: Serialize>(language: Language, samples: &[C], derived: fn(&C) -> Map<String, Value>) -> Value {
    let samples = samples.iter().filter_map(|sample| {
        // What the engine makes of it, before it becomes Handlebars' own.
        super::engine::data(language, sample, derived(sample)).ok().map(|context| context.data().clone())
    });
    Value::Array(samples.collect())
}

/// Returns `text` as a link may carry it, if it is an `http` or `https` URL. Anything else (`javascript:`, `data:`)
/// becomes no link at all.
fn web_url(text: &str) -> Option<String> {
    let url = url::Url::parse(text.trim()).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| String::from(url))
}

/// Returns the seal: the first letter of a title, which stands in a red square as a printer's mark would.
fn seal(title: &str) -> Value {
    use unicode_segmentation::UnicodeSegmentation;
    let letter = title.trim().graphemes(true).next().unwrap_or("瓦");
    Value::from(letter.to_uppercase())
}

/// Returns one derived field.
fn field(name: &str, value: Value) -> Map<String, Value> {
    Map::from_iter([(name.to_owned(), value)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_become_links() {
        assert_eq!(web_url("https://例え.jp/a b?c=d").as_deref(), Some("https://xn--r8jz45g.jp/a%20b?c=d"));
        for bad in
            ["javascript:alert(1)", " java\nscript:alert(1)", "data:text/html,x", "//example.jp/", "mailto:a@b", ""]
        {
            assert_eq!(web_url(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_contact_is_a_link_where_it_can_be_one() {
        let sender =
            |contact: &str| Sender { name: String::new(), postal_address: String::new(), contact: contact.into() };
        assert_eq!(sender("info@example.jp").contact_href().as_deref(), Some("mailto:info@example.jp"));
        assert_eq!(sender("https://example.jp/contact").contact_href().as_deref(), Some("https://example.jp/contact"));
        assert_eq!(sender("03-1234-5678").contact_href(), None);
        assert_eq!(sender("a@b?bcc=c@d").contact_href(), None);
    }
}
