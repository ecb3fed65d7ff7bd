//! Words and looks: the templates of mails and pages, the locales, and the typed contexts they are filled from.
//!
//! The only room that knows Handlebars. A mail or a page is one context type (in [`context`]) and its templates under
//! `templates/`; every visible word is a Fluent message under `locales/`. Both are embedded, and an operator's folder
//! may replace them file by file (a locale: message by message). [`Templates::load`] refuses whatever could fail
//! later: it renders every template with every sample of its context, in every language, in strict mode.
//!
//! Article text is data. It is never read as a template, and it is escaped wherever it stands in HTML.

mod assets;
mod blame;
mod check;
pub mod context;
mod dates;
mod engine;
mod error;
mod helpers;
mod inspect;
mod load;
mod locale;
mod markdown;
mod mjml;
mod source;
mod sources;
#[cfg(test)]
mod tests;
mod tidy;

use std::collections::BTreeMap;

use serde_json::Value;

pub use assets::Asset;
pub use context::{
    About, Alternate, ApiAnswer, ApiCall, ApiField, ApiPage, ApiPiece, ApiProblem, ApiShape, BadLink, Change,
    CheckInbox, Confirm, Confirmation, Confirmed, CountLine, DemoArticle, DemoInbox, DemoMail, DemoMailLine,
    DemoNotice, DemoPage, DemoPiece, DemoTab, DemoView, DeskAsk, DeskDone, DeskDraft, DeskOver, DeskStep, Digest,
    DraftPreview, EditionTab, Embed, EmbedForm, FeedLink, Front, IssueEntry, IssueLine, IssueList, IssuePage, Item,
    ItemImage, LangLink, LinkOver, MailContext, Message, Page, PageContext, PageImage, PageItem, PageSection,
    PageSource, PausedFeeds, PausedLine, Picture, Pictures, Preferences, PreferredEdition, PreviewLink, Problem,
    Rendition, ReplyLine, Report, Resubscribed, Section, Sender, SignUp, SignUpError, SignUpFaults, Skipped,
    SkippedLine, Taking, Tick, UnknownTick, Unsubscribe, Unsubscribed, WelcomeIssue, Why,
};
pub use dates::{date_long, date_short};
pub use error::{Place, RenderError, TemplateError};
pub use inspect::{Inspection, MAX_HTML_BYTES, fields, inspect, samples};
pub use markdown::{markdown_html, markdown_text};
pub use tidy::{one_line, without_controls};

use crate::domain::choice::Choice;
use crate::domain::edition::Edition;
use crate::domain::issue::IssueItem;
use crate::domain::language::Language;
pub use sources::built_in;

use engine::Engine;
use locale::Locales;

/// No subject is longer, in characters; what is cut off ends in an ellipsis.
const MAX_SUBJECT_CHARS: usize = 100;

/// Every template and every word, compiled and proven to render. Cheap to share behind an `Arc`.
pub struct Templates {
    engine: Engine,
    locales: std::sync::Arc<Locales>,
    assets: BTreeMap<String, Asset>,
    form_text_version: String,
}

impl std::fmt::Debug for Templates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Templates").field("form_text_version", &self.form_text_version).finish_non_exhaustive()
    }
}

/// A mail, ready to be addressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedMail {
    /// One line, at most 100 characters.
    pub subject: String,
    /// The plain text part; its lines end in `\n`.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

impl Templates {
    /// Renders the three parts of a mail.
    ///
    /// # Errors
    /// [`RenderError`] if the context holds something that none of its samples held. Loading has rendered them all.
    pub fn mail<C: MailContext>(&self, language: Language, context: &C) -> Result<RenderedMail, RenderError> {
        let data = engine::data(language, context, C::derived(context))?;
        let part = |part: &str| self.engine.render(&format!("mail/{}/{part}", C::NAME), &data);
        Ok(RenderedMail {
            subject: tidy::subject(&part("subject")?, MAX_SUBJECT_CHARS),
            text: tidy::text(&part("text")?),
            html: tidy::html(&part("html")?),
        })
    }

    /// Renders a page.
    ///
    /// # Errors
    /// As [`Self::mail`].
    pub fn page<C: PageContext>(&self, language: Language, context: &C) -> Result<String, RenderError> {
        let data = engine::data(language, context, C::derived(context))?;
        self.engine.render(&format!("web/{}", C::NAME), &data).map(|html| html.trim_start().to_owned())
    }

    /// Returns the heading readers see over the section `name`: the message `section-<name>` if the locale has one,
    /// or else the name itself.
    pub fn section_title(&self, language: Language, name: &str) -> String {
        self.locales.plain(language, &format!("section-{name}")).unwrap_or_else(|| name.to_owned())
    }

    /// Returns what somebody takes of the editions there are, in their order: the title of each, and which part of it.
    pub fn takings(&self, language: Language, editions: &[Edition], taken: &[(String, Choice)]) -> Vec<Taking> {
        let comma = self.locales.plain(language, "list-comma").unwrap_or_else(|| ", ".to_owned());
        let of = |edition: &Edition| {
            let (_, choice) = taken.iter().find(|(name, _)| *name == edition.name)?;
            let sections = edition.sections.iter().filter(|name| choice.sections.is_some() && choice.takes(name, None));
            let sections: Vec<_> = sections.map(|name| self.section_title(language, name)).collect();
            let languages = choice.languages.iter().flatten();
            let languages: Vec<_> =
                languages.map(|tag| tag.parse().map_or(tag.as_str(), |language: Language| language.name())).collect();
            let title = edition.title.clone();
            Some(Taking { title, sections: sections.join(&comma), languages: languages.join(&comma) })
        };
        editions.iter().filter_map(of).collect()
    }

    /// Returns `items` under their headings, the lead among them and without pictures.
    pub fn sections(&self, language: Language, items: &[IssueItem], zone: &jiff::tz::TimeZone) -> Vec<Section> {
        let items: Vec<_> = items.iter().cloned().map(|item| IssueItem { lead: false, ..item }).collect();
        self.front(language, &items, zone, &Pictures::new()).sections
    }

    /// Returns what an issue brings: its lead story and `items` under their headings, in the order in which the
    /// sections first appear. Days are those of `zone`; a picture that is not among `pictures` is left out.
    pub fn front(
        &self,
        language: Language,
        items: &[IssueItem],
        zone: &jiff::tz::TimeZone,
        pictures: &Pictures,
    ) -> Front {
        Front::new(language, items, zone, pictures, |name| self.section_title(language, name))
    }

    /// Returns what an issue brings, as pages and feeds show it: its introduction, its lead story, and `items` under their headings in the
    /// order in which the sections first appear. `make` turns each of them into what is shown.
    pub fn issue_entry(
        &self,
        language: Language,
        introduction: Option<&str>,
        items: &[IssueItem],
        make: impl Fn(&IssueItem) -> PageItem,
    ) -> IssueEntry {
        IssueEntry::new(introduction, items, make, |name| self.section_title(language, name))
    }

    /// Returns what the list of past issues of `title` is, in a sentence.
    pub fn issues_description(&self, language: Language, title: &str) -> String {
        let mut args = fluent_bundle::FluentArgs::new();
        args.set("site", title.to_owned());
        self.locales.format(language, "issues-description", &args).unwrap_or_else(|_| title.to_owned())
    }

    /// Returns what an issue is called where one line must say it all: as its editor called it in the `subject` of its
    /// mail or, if they did not, edition, number and headline.
    pub fn issue_title(
        &self,
        language: Language,
        subject: Option<&str>,
        [edition, headline]: [&str; 2],
        number: i64,
    ) -> String {
        let own = subject.map(|subject| one_line(&without_controls(subject)));
        if let Some(own) = own.filter(|subject| !subject.is_empty()) {
            return own;
        }
        let mut args = fluent_bundle::FluentArgs::new();
        args.set("edition", edition.to_owned());
        args.set("number", number);
        args.set("headline", headline.to_owned());
        let title = self.locales.format(language, "digest-subject", &args);
        one_line(&without_controls(&title.unwrap_or_else(|_| headline.to_owned())))
    }

    /// Returns the file served as `/assets/<name>`: `site.css` or `icon.svg`.
    pub fn asset(&self, name: &str) -> Option<&Asset> {
        self.assets.get(name)
    }

    /// Returns `<base>/assets/<name>?v=<hash>`, which changes whenever the file does. `base` is the base URL's path,
    /// without a slash at the end.
    ///
    /// # Panics
    /// If there is no such asset.
    pub fn asset_url(&self, base: &str, name: &str) -> String {
        let asset = self.assets.get(name).expect("pages ask for the assets of `assets::NAMES` only");
        format!("{base}/assets/{name}?v={}", asset.version())
    }

    /// Returns the version of the words around the sign-up button, for the record of a consent. It differs from
    /// [`FORM_TEXT_VERSION`](crate::domain::consent::FORM_TEXT_VERSION) where an operator's files changed them.
    pub fn form_text_version(&self) -> &str {
        &self.form_text_version
    }

    /// Returns the lines an operator pastes into a page of theirs to show the sign-up form there.
    ///
    /// # Errors
    /// As [`Self::mail`].
    pub fn embed_snippet(&self, language: Language, form: &EmbedForm) -> Result<String, RenderError> {
        self.page(language, form)
    }
}

/// What of a context reaches its template besides its own fields.
type Derived = serde_json::Map<String, Value>;
