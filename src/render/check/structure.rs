//! What a template refers to: helpers, messages and partials that must exist, and no circle of partials.
//!
//! Handlebars finds these only where rendering passes by, and a circle of partials never ends: it takes the process
//! with it. So every element is looked at, rendered or not.

use std::collections::BTreeMap;

use handlebars::Template;
use handlebars::template::{DecoratorTemplate, HelperTemplate, Parameter, TemplateElement};

use super::nesting::MAX_DEPTH;
use crate::render::blame::Blame;
use crate::render::engine::is_text;
use crate::render::error::TemplateError;
use crate::render::helpers;
use crate::render::load::position;
use crate::render::locale::Locales;
use crate::render::sources::Source;

/// Every template by its name, with the file it came from.
pub(in crate::render) type Compiled<'a> = BTreeMap<&'a str, (&'a Source, &'a Template)>;

/// Where the block of a `{{#> partial}}` goes.
const PARTIAL_BLOCK: &str = "@partial-block";

/// A partial that a template includes.
struct Inclusion {
    partial: String,
    at: (usize, usize),
    depth: usize,
}

/// Refuses templates that refer to what is not there, and partials that include each other in a circle. Returns whether
/// rendering them comes to an end.
pub(in crate::render) fn check(
    compiled: &Compiled<'_>,
    locales: &Locales,
    blame: &mut Blame,
) -> Result<bool, TemplateError> {
    let mut inclusions = BTreeMap::new();
    let mut deepest = BTreeMap::new();
    for (name, (source, template)) in compiled {
        let mut walk = Walk { source, name, compiled, locales, inclusions: Vec::new(), deepest: 0, blame: &mut *blame };
        walk.template(template, 1)?;
        deepest.insert(*name, walk.deepest);
        inclusions.insert(*name, walk.inclusions);
    }
    let mut depths = Depths { compiled, inclusions: &inclusions, own: &deepest, total: BTreeMap::new() };
    let mut ends = true;
    for name in compiled.keys() {
        ends &= blame.take(depths.of(name, &mut Vec::new()))?.is_some();
    }
    Ok(ends)
}

struct Walk<'a> {
    source: &'a Source,
    name: &'a str,
    compiled: &'a Compiled<'a>,
    locales: &'a Locales,
    inclusions: Vec<Inclusion>,
    deepest: usize,
    blame: &'a mut Blame,
}

impl Walk<'_> {
    fn template(&mut self, template: &Template, depth: usize) -> Result<(), TemplateError> {
        self.deepest = self.deepest.max(depth);
        for (index, element) in template.elements.iter().enumerate() {
            let at = position(template.mapping.get(index));
            let outcome = self.element(element, at, depth);
            self.blame.take(outcome)?;
        }
        Ok(())
    }

    fn element(&mut self, element: &TemplateElement, at: (usize, usize), depth: usize) -> Result<(), TemplateError> {
        match element {
            TemplateElement::Expression(tag) => self.expression(tag, at)?,
            TemplateElement::HtmlExpression(_) => {
                let problem = "`{{{ }}}` and `{{& }}` would print a value unescaped; use `{{ }}`";
                return Err(self.refuse(at, problem));
            }
            TemplateElement::HelperBlock(tag) => self.block(tag, at, depth)?,
            TemplateElement::PartialExpression(tag) | TemplateElement::PartialBlock(tag) => {
                self.partial(tag, at, depth)?;
            }
            TemplateElement::DecoratorExpression(_) | TemplateElement::DecoratorBlock(_) => {
                return Err(self.refuse(at, "decorators and inline partials are not supported; use a partial file"));
            }
            // Text and comments, and whatever a later Handlebars adds is seen when the samples are rendered.
            _ => {}
        }
        Ok(())
    }

    /// `{{name}}` is a variable; with parameters it is a helper.
    fn expression(&self, tag: &HelperTemplate, at: (usize, usize)) -> Result<(), TemplateError> {
        match &tag.name {
            Parameter::Subexpression(inner) => self.parameter(&Parameter::Subexpression(inner.clone()), at),
            name if tag.params.is_empty() && tag.hash.is_empty() => match name.as_name() {
                Some("t") => Err(self.refuse(at, "`t` takes the key of a message in quotes")),
                _ => Ok(()),
            },
            _ => self.helper(tag, at),
        }
    }

    fn block(&mut self, tag: &HelperTemplate, at: (usize, usize), depth: usize) -> Result<(), TemplateError> {
        self.helper(tag, at)?;
        let name = tag.name.as_name().unwrap_or_default();
        if tag.inverse.is_some() && matches!(name, "each" | "with") {
            // With an `else`, Handlebars takes a misspelt list for an empty one, strict mode or not.
            let problem = format!("`{name}` takes no `else`; put `{{{{#if}}}} … {{{{else}}}} … {{{{/if}}}}` around it");
            return Err(self.refuse(at, problem));
        }
        if let Some(template) = &tag.template {
            self.template(template, depth + 1)?;
        }
        // The next `else if` of a chain is a block inside this one's.
        tag.inverse.as_ref().map_or(Ok(()), |template| self.template(template, depth + 1))
    }

    fn helper(&self, tag: &HelperTemplate, at: (usize, usize)) -> Result<(), TemplateError> {
        let name = tag.name.as_name().unwrap_or_default();
        if !helpers::NAMES.contains(&name) {
            let problem = format!("there is no helper `{name}`; there are: {}", helpers::NAMES.join(", "));
            return Err(self.refuse(at, problem));
        }
        if name == "t" {
            let key = match tag.params.as_slice() {
                [Parameter::Literal(key)] => key.as_str(),
                _ => None,
            };
            let key = key.ok_or_else(|| self.refuse(at, "`t` takes the key of a message in quotes"))?;
            if !self.locales.has(key) {
                return Err(self.refuse(at, format!("there is no message `{key}` in every locale")));
            }
        }
        tag.params.iter().chain(tag.hash.values()).try_for_each(|parameter| self.parameter(parameter, at))
    }

    fn parameter(&self, parameter: &Parameter, at: (usize, usize)) -> Result<(), TemplateError> {
        match parameter {
            Parameter::Subexpression(inner) => match inner.as_element() {
                TemplateElement::Expression(tag) => self.helper(tag, at),
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn partial(&mut self, tag: &DecoratorTemplate, at: (usize, usize), depth: usize) -> Result<(), TemplateError> {
        let Parameter::Name(partial) = &tag.name else {
            return Err(self.refuse(at, "a partial is named as it is written, not by a variable"));
        };
        if partial != PARTIAL_BLOCK {
            self.known_partial(partial, at)?;
            self.inclusions.push(Inclusion { partial: partial.clone(), at, depth });
        }
        for (name, value) in &tag.hash {
            // Handlebars hands a misspelt variable on as null, strict mode or not.
            if matches!(value, Parameter::Path(_) | Parameter::Name(_)) {
                let problem = format!("`{name}=` takes a text in quotes or a helper in parentheses, not a variable");
                return Err(self.refuse(at, problem));
            }
            self.parameter(value, at)?;
        }
        tag.params.iter().try_for_each(|parameter| self.parameter(parameter, at))?;
        tag.template.as_ref().map_or(Ok(()), |template| self.template(template, depth + 1))
    }

    fn known_partial(&self, partial: &str, at: (usize, usize)) -> Result<(), TemplateError> {
        let text = is_text(self.name);
        if self.compiled.contains_key(partial) && is_text(partial) == text {
            return Ok(());
        }
        let there_are = self
            .compiled
            .keys()
            .filter(|name| name.starts_with("partials/") && is_text(name) == text)
            .copied()
            .collect::<Vec<_>>()
            .join(", ");
        Err(self.refuse(at, format!("there is no partial `{partial}` here; there are: {there_are}")))
    }

    fn refuse(&self, (line, column): (usize, usize), problem: impl Into<String>) -> TemplateError {
        self.source.refuse(line, Some(column), problem)
    }
}

/// How deep each template goes with everything it includes.
struct Depths<'a> {
    compiled: &'a Compiled<'a>,
    inclusions: &'a BTreeMap<&'a str, Vec<Inclusion>>,
    own: &'a BTreeMap<&'a str, usize>,
    total: BTreeMap<&'a str, usize>,
}

impl<'a> Depths<'a> {
    /// `path` is how we came here. It cannot grow longer than there are templates: a circle ends the walk.
    fn of(&mut self, name: &'a str, path: &mut Vec<&'a str>) -> Result<usize, TemplateError> {
        if let Some(total) = self.total.get(name) {
            return Ok(*total);
        }
        path.push(name);
        let inclusions: &'a BTreeMap<_, _> = self.inclusions;
        let mut total = self.own[name];
        if total > MAX_DEPTH {
            return Err(self.compiled[name].0.refuse(1, None, format!("nested more than {MAX_DEPTH} levels deep")));
        }
        for Inclusion { partial, at, depth } in &inclusions[name] {
            let refuse = |problem: String| self.compiled[name].0.refuse(at.0, Some(at.1), problem);
            if let Some(first) = path.iter().position(|on_the_way| on_the_way == partial) {
                let circle = path[first..].iter().copied().chain([partial.as_str()]).collect::<Vec<_>>().join(" → ");
                return Err(refuse(format!("a circle of partials never ends: {circle}")));
            }
            let below = depth + self.of(partial, path)?;
            if below > MAX_DEPTH {
                let problem = format!("nested more than {MAX_DEPTH} levels deep with what it includes");
                return Err(refuse(problem));
            }
            total = total.max(below);
        }
        path.pop();
        self.total.insert(name, total);
        Ok(total)
    }
}
