//! Reads, checks, compiles and tries out every template.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use handlebars::Template;
use sha2::{Digest, Sha256};

use super::Templates;
use super::assets::{self, Asset};
use super::blame::Blame;
use super::check::{markup, messages, shown, structure, syntax, variables};
use super::context::{self, MailContext, PageContext};
use super::engine::Engine;
use super::error::{RenderError, TemplateError};
use super::locale::Locales;
use super::source::Source;
use super::sources::Sources;
use crate::domain::consent::FORM_TEXT_VERSION;
use crate::domain::language::Language;

/// The parser recurses once a level. [`nesting::check`] bounds the levels; should it be mistaken, this is enough for as
/// many as fit into a file. It is address space; memory is taken only where it is used.
const COMPILE_STACK_BYTES: usize = 256 * 1024 * 1024;

/// The files whose words a person agrees to by pressing the sign-up button.
const FORM_FILES: [&str; 4] = ["locales/en.ftl", "locales/ja.ftl", "web/embed_form.hbs", "web/sign_up.hbs"];

impl Templates {
    /// Loads our templates and locales, each file replaced by that of the same name under `overrides` (of a locale,
    /// single messages), and renders every template with every sample.
    ///
    /// # Errors
    /// [`TemplateError`] names the file, the line and what is wrong: a name that replaces nothing, a syntax error, an
    /// unknown helper, partial or message, partials that include each other in a circle, nesting too deep for the
    /// stack, or a variable that the context does not have.
    pub fn load(overrides: Option<&Path>) -> Result<Self, TemplateError> {
        let mut blame = Blame::first();
        let sources = Sources::read_all(overrides, &mut blame)?;
        for warning in sources.files.values().flat_map(Source::warnings) {
            tracing::warn!("{warning}");
        }
        for source in sources.files.values().filter(|source| source.overriding && source.is_template()) {
            let mistakes = on_a_large_stack(|| syntax::check(source)).map_or_else(Vec::new, |mistakes| mistakes.found);
            mistakes.into_iter().try_for_each(|mistake| blame.take::<()>(Err(mistake)).map(drop))?;
        }
        let templates = on_a_large_stack(|| compile(&sources, &mut blame))?;
        for warning in markup::check(&sources, &mut blame)? {
            tracing::warn!("{warning}");
        }
        Ok(templates.expect("the first mistake is an error"))
    }
}

/// Runs what parses on a thread with room for it.
pub(super) fn on_a_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .name("templates".to_owned())
            .stack_size(COMPILE_STACK_BYTES)
            .spawn_scoped(scope, work)
            .expect("a thread can be started while the daemon starts")
            .join()
            .expect("compiling templates does not panic")
    })
}

/// Compiles and tries everything. Of what cannot be read, where mistakes are collected, our own version takes the place.
/// There is nothing to return if a template refers to what is not there, or rendering would never end.
pub(super) fn compile(sources: &Sources, blame: &mut Blame) -> Result<Option<Templates>, TemplateError> {
    let locales = Arc::new(Locales::load(sources, blame)?);
    let before = blame.count();
    let mut engine = Engine::new(&locales);
    let mut files: BTreeMap<&str, &Source> =
        sources.files.iter().filter_map(|(file, source)| Some((file.strip_suffix(".hbs")?, source))).collect();
    let mut written = BTreeMap::new();
    for (name, source) in &mut files {
        if blame.take(engine.add(name, source))?.is_none() {
            *source = sources.ours.get(&format!("{name}.hbs")).expect("what replaces nothing is not here");
            engine.add(name, source)?;
        }
        if source.is_mjml() {
            // What it became says nothing of where things are; as a template, MJML reads like any other text.
            let template = Template::compile(source.written());
            written.extend(template.ok().map(|template| (*name, template)));
        }
    }
    let compiled = files.iter().filter_map(|(name, source)| {
        let template = written.get(name).or_else(|| engine.template(name))?;
        Some((*name, (*source, template)))
    });
    let compiled = compiled.collect();
    let mut given = messages::given_by_us(sources);
    let ends = structure::check(&compiled, &locales, &mut given, blame)?;
    messages::check(sources, &locales, &given, blame)?;
    let ends = ends && variables::check(&compiled, blame)?;
    if !ends || blame.count() > before {
        return Ok(None);
    }
    let assets = assets::NAMES
        .into_iter()
        .filter_map(|(name, content_type)| {
            let source = sources.files.get(&format!("assets/{name}"))?;
            Some((name.to_owned(), Asset::new(source.text.clone().into_bytes(), content_type)))
        })
        .collect();
    let templates = Templates { engine, locales, assets, form_text_version: form_text_version(sources) };
    let finished = markup::Finished::of(sources);
    context::try_all(&Trial { templates: &templates, sources, finished, blame: RefCell::new(blame) })?;
    Ok(Some(templates))
}

/// Returns our own version while the words are ours, and one that tells the operator's words apart otherwise.
fn form_text_version(sources: &Sources) -> String {
    let theirs = FORM_FILES.iter().filter_map(|name| {
        let replaced = sources.files.get(*name).filter(|source| source.overriding);
        Some((name, replaced.or_else(|| sources.locale_overrides.get(*name))?))
    });
    let mut hash = None;
    for (name, source) in theirs {
        let hash = hash.get_or_insert_with(Sha256::new);
        hash.update(name.as_bytes());
        hash.update([0]);
        hash.update(source.text.as_bytes());
        hash.update([0]);
    }
    hash.map_or_else(
        || FORM_TEXT_VERSION.to_owned(),
        |hash| format!("{FORM_TEXT_VERSION}+{}", data_encoding::HEXLOWER.encode(&hash.finalize()[..4])),
    )
}

/// Renders the samples of one context after the other.
pub(super) struct Trial<'a> {
    templates: &'a Templates,
    sources: &'a Sources,
    finished: markup::Finished<'a>,
    blame: RefCell<&'a mut Blame>,
}

impl Trial<'_> {
    pub(super) fn mail<C: MailContext>(&self) -> Result<(), TemplateError> {
        for language in Language::ALL {
            for sample in C::samples(language) {
                let rendered = self.templates.mail(language, &sample).map_err(|error| self.refused(error));
                let Some(mail) = self.blame.borrow_mut().take(rendered)? else { continue };
                let wanted = sample.must_show();
                for (part, rendered) in [("text", &mail.text), ("html", &mail.html)] {
                    let file = format!("mail/{}/{part}.hbs", C::NAME);
                    let mut shown = shown::check(self.sources, &file, rendered, &wanted);
                    if part == "html" && shown.is_ok() && shown::is_whole(self.sources, &file) {
                        shown = self.finished.check(&file, rendered, &wanted, context::SAMPLE_BASE);
                    }
                    self.blame.borrow_mut().take(shown)?;
                }
                let subject = shown::something(self.sources, &format!("mail/{}/subject.hbs", C::NAME), &mail.subject);
                self.blame.borrow_mut().take(subject)?;
            }
        }
        Ok(())
    }

    pub(super) fn page<C: PageContext>(&self) -> Result<(), TemplateError> {
        for language in Language::ALL {
            for sample in C::samples(language) {
                let rendered = self.templates.page(language, &sample).map_err(|error| self.refused(error));
                let Some(page) = self.blame.borrow_mut().take(rendered)? else { continue };
                let something = shown::something(self.sources, &format!("web/{}.hbs", C::NAME), &page);
                self.blame.borrow_mut().take(something)?;
            }
        }
        Ok(())
    }

    fn refused(&self, error: RenderError) -> TemplateError {
        match error {
            RenderError::Template { place, problem } => {
                let source = self.sources.files.values().find(|source| source.shown == place.file);
                let place = source.map_or_else(|| place.clone(), |source| source.place(place.line, place.column));
                TemplateError::Refused { place, problem }
            }
            RenderError::Context(_) => unreachable!("samples are made of strings, numbers and lists of these"),
        }
    }
}
