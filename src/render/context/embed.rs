//! The contexts of the page with the form for other sites, and of that form.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{EditionTab, Page, PageContext, field, samples, seal};
use crate::domain::language::Language;

/// How to put the sign-up form on another site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Embed {
    /// The frame.
    pub page: Page,
    /// The editions there is a form for; empty if there is but one.
    pub editions: Vec<EditionTab>,
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
    /// The name of the publication or, where there are several editions, of the one the form is for.
    pub site_title: String,
    /// Who sends the mails.
    pub sender_name: String,
    /// The edition the form asks for by name; none where there is but one.
    pub edition: Option<String>,
    /// How often it appears: `daily`, `weekly`, `monthly` or `other`.
    pub often: &'static str,
}

impl PageContext for EmbedForm {
    const NAME: &'static str = "embed_form";

    fn samples(language: Language) -> Vec<Self> {
        samples::embed_forms(language)
    }
}

impl PageContext for Embed {
    const NAME: &'static str = "embed";

    fn samples(language: Language) -> Vec<Self> {
        samples::embeds(language)
    }

    fn derived(&self) -> Map<String, Value> {
        field("seal", seal(&self.page.site_title))
    }
}
