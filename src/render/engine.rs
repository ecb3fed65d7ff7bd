//! Handlebars, twice: one engine escapes for HTML, one leaves text as it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use handlebars::{Context, Handlebars, RenderErrorReason, Template};
use serde::Serialize;
use serde_json::Value;

use super::error::{Place, RenderError, TemplateError};
use super::locale::Locales;
use super::source::Source;
use super::{Derived, helpers, tidy};
use crate::domain::language::Language;

/// The compiled templates.
pub(super) struct Engine {
    html: Handlebars<'static>,
    text: Handlebars<'static>,
    /// What errors call a template's file.
    shown: BTreeMap<String, String>,
}

impl Engine {
    pub(super) fn new(locales: &Arc<Locales>) -> Self {
        Self {
            html: helpers::registry(locales, helpers::escape_html),
            text: helpers::registry(locales, str::to_owned),
            shown: BTreeMap::new(),
        }
    }

    /// Compiles a template and keeps it under `name`.
    pub(super) fn add(&mut self, name: &str, source: &Source) -> Result<(), TemplateError> {
        self.shown.insert(name.to_owned(), source.shown.clone());
        let registry = if is_text(name) { &mut self.text } else { &mut self.html };
        registry.register_template_string(name, &source.text).map_err(|error| {
            let (line, column) = error.pos().map_or((1, None), |(line, column)| (line, Some(column)));
            source.refuse(line, column, tidy::one_line(&error.reason().to_string()))
        })
    }

    /// Returns a template as it was compiled.
    pub(super) fn template(&self, name: &str) -> Option<&Template> {
        let registry = if is_text(name) { &self.text } else { &self.html };
        registry.get_template(name)
    }

    /// Renders the template `name`.
    pub(super) fn render(&self, name: &str, data: &Context) -> Result<String, RenderError> {
        let registry = if is_text(name) { &self.text } else { &self.html };
        registry.render_with_context(name, data).map_err(|error| {
            let template = error.template_name.as_deref().unwrap_or(name);
            let file = self.shown.get(template).cloned().unwrap_or_else(|| template.to_owned());
            let place = Place { file, line: error.line_no.unwrap_or(1), column: error.column_no };
            RenderError::Template { place, problem: problem(error.reason(), data) }
        })
    }
}

/// Returns whether the template makes plain text: subjects, text parts, and the partials for them.
pub(super) fn is_text(name: &str) -> bool {
    name.starts_with("partials/text/") || name.ends_with("/text") || name.ends_with("/subject")
}

/// Returns what a template sees: the context's fields, what is derived from them, and the `language`.
pub(super) fn data<C: Serialize>(language: Language, context: &C, derived: Derived) -> Result<Context, RenderError> {
    let mut value = serde_json::to_value(context)?;
    if let Value::Object(fields) = &mut value {
        fields.extend(derived);
        fields.insert("language".to_owned(), Value::from(language.tag()));
    }
    clean(&mut value);
    Ok(Context::from(value))
}

fn clean(value: &mut Value) {
    match value {
        Value::String(text) => *text = tidy::without_controls(text),
        Value::Array(values) => values.iter_mut().for_each(clean),
        Value::Object(fields) => fields.values_mut().for_each(clean),
        _ => {}
    }
}

fn problem(reason: &RenderErrorReason, data: &Context) -> String {
    match reason {
        RenderErrorReason::MissingVariable(name) => {
            let fields = data.data().as_object().map(|fields| fields.keys().cloned().collect::<Vec<_>>().join(", "));
            let name = name.as_deref().unwrap_or("a variable");
            format!("`{name}` is not there; at the top there are: {}", fields.unwrap_or_default())
        }
        other => other.to_string(),
    }
}
