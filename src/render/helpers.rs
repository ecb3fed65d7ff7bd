//! The helpers templates may use, and how values are escaped.
//!
//! `t` looks a word up. `if` and `unless` are ours because Handlebars' own take a misspelt variable for false, strict
//! mode or not. `format_date`, `truncate`, `host` and `html` prepare values ([`values`]). The rest are Handlebars' own; anything
//! else is unknown.

mod values;

use std::sync::Arc;

use fluent_bundle::{FluentArgs, FluentValue};
use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, JsonTruthy, Output, PathAndJson, RenderContext, RenderError,
    RenderErrorReason, Renderable, ScopedJson,
};
use serde_json::Value;

use super::locale::Locales;
use crate::domain::language::Language;

/// Every helper there is, for templates that name another.
pub(super) const NAMES: [&str; 19] = [
    "t",
    "format_date",
    "truncate",
    "host",
    "html",
    "if",
    "unless",
    "each",
    "with",
    "lookup",
    "eq",
    "ne",
    "gt",
    "gte",
    "lt",
    "lte",
    "and",
    "or",
    "not",
];

/// Returns how many values a helper takes, of those that Handlebars has; ours say so themselves.
pub(super) fn values_of(name: &str) -> Option<usize> {
    match name {
        "if" | "unless" | "each" | "with" | "not" => Some(1),
        "lookup" | "eq" | "ne" | "gt" | "gte" | "lt" | "lte" => Some(2),
        _ => None,
    }
}

/// Returns an engine with our helpers, which escapes with `escape`.
pub(super) fn registry(locales: &Arc<Locales>, escape: fn(&str) -> String) -> Handlebars<'static> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    registry.set_prevent_indent(true);
    registry.register_escape_fn(escape);
    registry.unregister_helper("log");
    registry.unregister_helper("raw");
    registry.unregister_helper("len");
    registry.register_helper("t", Box::new(Translate { locales: Arc::clone(locales) }));
    registry.register_helper("format_date", Box::new(values::Date));
    registry.register_helper("truncate", Box::new(values::Truncate));
    registry.register_helper("host", Box::new(values::Host));
    registry.register_helper("html", Box::new(values::Html));
    registry.register_helper("if", Box::new(Condition { wanted: true }));
    registry.register_helper("unless", Box::new(Condition { wanted: false }));
    registry
}

/// Escapes what has a meaning in HTML text and in quoted attributes; `check::markup` lets nothing be printed elsewhere in
/// a tag. Handlebars' own function also escapes `=`, which makes every link longer and none safer.
pub(super) fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// `{{t "key" name=value}}`: the message `key` in the language of the page, escaped like any other value.
struct Translate {
    locales: Arc<Locales>,
}

impl HelperDef for Translate {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        context: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let key = helper.param(0).and_then(|key| key.value().as_str()).unwrap_or_default();
        let language = language(context);
        let mut args = FluentArgs::new();
        for (name, value) in helper.hash() {
            args.set(*name, argument(value)?);
        }
        self.locales
            .format(language, key, &args)
            .map(|text| ScopedJson::Derived(Value::String(text)))
            .map_err(|problem| RenderErrorReason::Other(problem).into())
    }
}

/// Returns the language of the mail or page.
fn language(context: &Context) -> Language {
    context.data()["language"].as_str().and_then(|tag| tag.parse().ok()).unwrap_or_default()
}

fn argument<'rc>(value: &PathAndJson<'rc>) -> Result<FluentValue<'static>, RenderError> {
    if value.is_value_missing() {
        return Err(RenderError::strict_error(value.relative_path()));
    }
    Ok(match value.value() {
        Value::Number(number) => number.as_i64().map_or_else(|| number.to_string().into(), FluentValue::from),
        Value::String(text) => text.clone().into(),
        other => other.to_string().into(),
    })
}

/// `if` (wanted) and `unless` (unwanted), strict about their variable.
struct Condition {
    wanted: bool,
}

impl HelperDef for Condition {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        registry: &'reg Handlebars<'reg>,
        context: &'rc Context,
        render: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let value = helper.param(0).ok_or(RenderErrorReason::ParamNotFoundForIndex("if", 0))?;
        if value.is_value_missing() {
            return Err(RenderError::strict_error(value.relative_path()));
        }
        let holds = value.value().is_truthy(false) == self.wanted;
        let branch = if holds { helper.template() } else { helper.inverse() };
        branch.map_or(Ok(()), |template| template.render(registry, context, render, out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_meaning_in_html_is_escaped_and_nothing_else() {
        assert_eq!(
            escape_html(r#"<a href="x" b='y'>&=`日本"#),
            "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;=`日本"
        );
    }
}
