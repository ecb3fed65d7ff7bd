//! The contexts of pages.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{PageContext, Sender, Taking, field, samples, seal};
use crate::domain::language::Language;

/// What every page has around its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page {
    /// The name of the publication.
    pub site_title: String,
    /// The sign-up page.
    pub home_url: String,
    /// The list of past issues.
    pub issues_url: String,
    /// The stylesheet: [`Templates::asset_url`](crate::render::Templates::asset_url) of `site.css`.
    pub css_url: String,
    /// The icon: the same of `icon.svg`.
    pub icon_url: String,
    /// This page in every language.
    pub lang_links: Vec<LangLink>,
    /// The issues as feeds, for feed readers to find.
    pub feeds: Vec<FeedLink>,
    /// What searching programs and those that make a card of a link are told, of pages that are for them.
    pub about: Option<About>,
    /// Who runs the site.
    pub sender: Sender,
}

/// A feed of issues.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FeedLink {
    /// What it is called.
    pub title: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Where it is.
    pub href: String,
}

/// What a page says of itself to programs: a description, Open Graph and Twitter cards, and its other languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct About {
    /// What is on it, in a sentence or two.
    pub description: String,
    /// `article` or `website`.
    pub kind: &'static str,
    /// The one address of the page in this language: a whole URL.
    pub canonical_url: String,
    /// The same page by language: a tag or `x-default`, and a whole URL.
    pub alternates: Vec<Alternate>,
    /// The language and country of Open Graph.
    pub locale: &'static str,
    /// When it appeared, as a moment.
    pub published: Option<String>,
    /// A picture: a whole URL on our own host.
    pub image_url: Option<String>,
}

/// A page in another language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alternate {
    /// Its language, or `x-default` for the address that negotiates.
    pub hreflang: &'static str,
    /// A whole URL.
    pub href: String,
}

impl About {
    /// Returns what the page at the whole URL `url`, written in `language`, says of itself.
    pub fn new(language: Language, url: &str, kind: &'static str, description: String) -> Self {
        let own = |language: Language| format!("{url}{}lang={language}", if url.contains('?') { '&' } else { '?' });
        let mut alternates: Vec<_> = Language::ALL
            .into_iter()
            .map(|language| Alternate { hreflang: language.tag(), href: own(language) })
            .collect();
        alternates.push(Alternate { hreflang: "x-default", href: url.to_owned() });
        Self {
            description,
            kind,
            canonical_url: own(language),
            alternates,
            locale: match language {
                Language::En => "en_US",
                Language::Ja => "ja_JP",
            },
            published: None,
            image_url: None,
        }
    }
}

/// A language in the language switch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LangLink {
    /// The language.
    pub language: Language,
    /// What its speakers call it.
    pub name: &'static str,
    /// The page in that language.
    pub href: String,
    /// Whether this is the language the page is in.
    pub current: bool,
}

impl LangLink {
    /// Returns the switch for a page at `path` written in `current`: `path`, which may have a query, with `lang=` for
    /// each language.
    pub fn all(current: Language, path: &str) -> Vec<Self> {
        let joint = if path.contains('?') { '&' } else { '?' };
        Language::ALL
            .into_iter()
            .map(|language| Self {
                language,
                name: language.name(),
                href: format!("{path}{joint}lang={language}"),
                current: language == current,
            })
            .collect()
    }
}

/// After the form: the same for every address, known or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckInbox {
    /// The frame.
    pub page: Page,
    /// The domain our mails come from.
    pub mail_domain: String,
    /// Whether there are several editions to choose from.
    pub several: bool,
}

/// The page with the button that confirms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Confirm {
    /// The frame.
    pub page: Page,
    /// What the button confirms; nothing where there is one edition, and all of it is taken.
    pub takes: Vec<Taking>,
    /// How often that one edition appears: `daily`, `weekly`, `monthly` or `other`.
    pub often: &'static str,
    /// Where the button leads.
    pub action: String,
}

/// The subscription is confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Confirmed {
    /// The frame.
    pub page: Page,
    /// What they take; nothing where there is one edition, and all of it is taken.
    pub takes: Vec<Taking>,
    /// The issues they are sent at once.
    pub welcomes: Vec<WelcomeIssue>,
}

/// An issue that has gone out, for whoever comes between two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WelcomeIssue {
    /// The edition's title.
    pub edition: String,
    /// The number of the issue.
    pub number: i64,
}

/// The page with the button that unsubscribes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unsubscribe {
    /// The frame.
    pub page: Page,
    /// Whether there are several editions, and it is all of them that stop.
    pub several: bool,
    /// Where the button leads.
    pub action: String,
}

/// The reader has left, and may come back with one press.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unsubscribed {
    /// The frame.
    pub page: Page,
    /// Whether there are several editions, and it is all of them that stop.
    pub several: bool,
    /// Where the button that subscribes again leads.
    pub action: String,
}

/// The reader has come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Resubscribed {
    /// The frame.
    pub page: Page,
    /// What they take; nothing where there is one edition, and all of it is taken.
    pub takes: Vec<Taking>,
}

/// A link that is wrong, cut off or too old.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BadLink {
    /// The frame.
    pub page: Page,
}

/// A good link to somebody to whom what it leads to can no longer be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LinkOver {
    /// The frame.
    pub page: Page,
    /// What they are by now: `unsubscribed`, `pending`, `suppressed`, or `gone` if nobody is there.
    pub reader: &'static str,
}

/// Something did not work, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// The frame.
    pub page: Page,
    /// What.
    pub problem: Problem,
}

/// What did not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// 404, and 405: nothing is at this address, or not for this method.
    NotFound,
    /// 405 where the form of the front page is sent.
    SignUpForm,
    /// 405 where the button is sent with which one comes back.
    ComeBack,
    /// 429.
    TooMany,
    /// 413.
    TooLarge,
    /// 400, 415, 422: the form cannot be read.
    BadRequest,
    /// 503.
    Unavailable,
    /// 500.
    Internal,
}

impl Problem {
    /// Every problem.
    pub const ALL: [Self; 8] = [
        Self::NotFound,
        Self::SignUpForm,
        Self::ComeBack,
        Self::TooMany,
        Self::TooLarge,
        Self::BadRequest,
        Self::Unavailable,
        Self::Internal,
    ];
}

macro_rules! framed {
    ($($context:ident $name:literal $samples:ident),+ $(,)?) => {$(
        impl PageContext for $context {
            const NAME: &'static str = $name;

            fn samples(language: Language) -> Vec<Self> {
                samples::$samples(language)
            }

            fn derived(&self) -> Map<String, Value> {
                field("seal", seal(&self.page.site_title))
            }
        }
    )+};
}

framed! {
    CheckInbox "check_inbox" check_inboxes,
    Confirm "confirm" confirms,
    Confirmed "confirmed" confirmeds,
    Unsubscribe "unsubscribe" unsubscribes,
    Unsubscribed "unsubscribed" unsubscribeds,
    Resubscribed "resubscribed" resubscribeds,
    BadLink "bad_link" bad_links,
    LinkOver "link_over" link_overs,
    Message "message" messages,
}
