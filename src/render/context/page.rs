//! The contexts of pages.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{PageContext, Section, Sender, Tick, field, samples, seal};
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
    /// Who runs the site.
    pub sender: Sender,
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
    /// Returns the switch for a page at `path` written in `current`: `path` with `?lang=` for each language.
    pub fn all(current: Language, path: &str) -> Vec<Self> {
        Language::ALL
            .into_iter()
            .map(|language| Self {
                language,
                name: language.name(),
                href: format!("{path}?lang={language}"),
                current: language == current,
            })
            .collect()
    }
}

/// The sign-up page, fresh or sent back with what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignUp {
    /// The frame.
    pub page: Page,
    /// Where the form is sent.
    pub action: String,
    /// The domain our mails come from, for readers who must let it through.
    pub mail_domain: String,
    /// What the visitor typed, or nothing.
    pub email: String,
    /// The editions to choose from; none where there is only one.
    pub editions: Vec<Tick>,
    /// What is wrong with it.
    pub error: Option<SignUpError>,
    /// What was probably meant.
    pub suggestion: Option<String>,
}

/// Why a sign-up was sent back. None of these tells whether an address is on the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignUpError {
    /// Nothing was typed.
    Empty,
    /// There is no `@` in it.
    NoAt,
    /// The part after the `@` is no domain.
    Domain,
    /// It is longer than an address can be.
    TooLong,
    /// There is a control or an invisible character in it.
    Invisible,
    /// It is `postmaster` or the like.
    NotAllowed,
    /// Too many forms were sent in a short time.
    TooMany,
    /// It is wrong in some other way.
    Malformed,
}

impl SignUpError {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::Empty,
        Self::NoAt,
        Self::Domain,
        Self::TooLong,
        Self::Invisible,
        Self::NotAllowed,
        Self::TooMany,
        Self::Malformed,
    ];
}

/// After the form: the same for every address, known or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckInbox {
    /// The frame.
    pub page: Page,
    /// The domain our mails come from.
    pub mail_domain: String,
}

/// The page with the button that confirms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Confirm {
    /// The frame.
    pub page: Page,
    /// Where the button leads.
    pub action: String,
}

/// The subscription is confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Confirmed {
    /// The frame.
    pub page: Page,
}

/// The page with the button that unsubscribes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unsubscribe {
    /// The frame.
    pub page: Page,
    /// Where the button leads.
    pub action: String,
}

/// The reader has left, and may come back with one press.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unsubscribed {
    /// The frame.
    pub page: Page,
    /// Where the button that subscribes again leads.
    pub action: String,
}

/// The reader has come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Resubscribed {
    /// The frame.
    pub page: Page,
}

/// A link that is wrong, cut off or too old.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BadLink {
    /// The frame.
    pub page: Page,
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
    pub const ALL: [Self; 6] =
        [Self::NotFound, Self::TooMany, Self::TooLarge, Self::BadRequest, Self::Unavailable, Self::Internal];
}

/// The list of past issues.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IssueList {
    /// The frame.
    pub page: Page,
    /// The issues, newest first.
    pub issues: Vec<IssueLine>,
}

/// One issue in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IssueLine {
    /// Its number.
    pub number: i64,
    /// Its day, written out in full.
    pub date: String,
    /// What it leads with.
    pub headline: String,
    /// Its page.
    pub url: String,
}

/// An issue, as a page for everybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IssuePage {
    /// The frame.
    pub page: Page,
    /// The edition's name.
    pub edition_title: String,
    /// The number of the issue.
    pub number: i64,
    /// Its day, written out in full.
    pub date: String,
    /// What it brings.
    pub sections: Vec<Section>,
    /// The page of the issue before it.
    pub older_url: Option<String>,
    /// The page of the issue after it.
    pub newer_url: Option<String>,
}

/// How to put the sign-up form on another site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Embed {
    /// The frame.
    pub page: Page,
    /// The form, shown at work.
    #[serde(flatten)]
    pub form: EmbedForm,
    /// The form as lines to copy: [`Templates::embed_snippet`](crate::render::Templates::embed_snippet).
    pub snippet: String,
}

/// The sign-up form as it stands on another site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EmbedForm {
    /// Where it is sent: a whole URL.
    pub action: String,
    /// The name of the publication.
    pub site_title: String,
    /// Who sends the mails.
    pub sender_name: String,
}

impl PageContext for EmbedForm {
    const NAME: &'static str = "embed_form";

    fn samples(language: Language) -> Vec<Self> {
        samples::embed_forms(language)
    }
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
    SignUp "sign_up" sign_ups,
    CheckInbox "check_inbox" check_inboxes,
    Confirm "confirm" confirms,
    Confirmed "confirmed" confirmeds,
    Unsubscribe "unsubscribe" unsubscribes,
    Unsubscribed "unsubscribed" unsubscribeds,
    Resubscribed "resubscribed" resubscribeds,
    BadLink "bad_link" bad_links,
    Message "message" messages,
    IssueList "issue_list" issue_lists,
    IssuePage "issue_page" issue_pages,
    Embed "embed" embeds,
}
