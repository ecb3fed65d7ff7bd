//! What a template refers to: helpers, messages and partials that must exist.
//!
//! Handlebars finds these only where rendering passes by. So every element is looked at, rendered or not.

use std::collections::BTreeMap;

use handlebars::Template;
use handlebars::template::{DecoratorTemplate, HelperTemplate, Parameter, TemplateElement};

use super::circles::{self, Own};
use super::messages::Given;
use super::tags;
use crate::domain::nearest::nearest;
use crate::render::blame::Blame;
use crate::render::engine::is_text;
use crate::render::error::TemplateError;
use crate::render::helpers;
use crate::render::locale::Locales;
use crate::render::source::Source;

/// Every template by its name, with the file it came from.
pub(in crate::render) type Compiled<'a> = BTreeMap<&'a str, (&'a Source, &'a Template)>;

/// Where the block of a `{{#> partial}}` goes.
const PARTIAL_BLOCK: &str = "@partial-block";

/// Where an element begins. The parser does not say it of the `else if` of a block, which is a block inside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    line: usize,
    column: usize,
    branch: usize,
}

impl Place {
    pub(super) const fn of_block(line: usize, column: usize) -> Self {
        Self { line, column, branch: 0 }
    }

    /// Returns the place of the next `else if` of this block.
    pub(super) const fn next_branch(self) -> Self {
        Self { branch: self.branch + 1, ..self }
    }

    pub(super) fn refuse(self, source: &Source, problem: impl Into<String>) -> TemplateError {
        let Self { line, column, branch } = self;
        let branch =
            branch.checked_sub(1).and_then(|nth| tags::branch(source.written(), source.offset(line, column), nth));
        match branch {
            Some(offset) => source.at_offset(offset, problem),
            None => source.at(line, Some(column), problem),
        }
    }
}

/// Returns whether this is an `else if`, which the parser makes a template of its own of.
pub(super) fn is_branch(inverse: &Template) -> bool {
    inverse.mapping.is_empty() && matches!(inverse.elements.as_slice(), [TemplateElement::HelperBlock(_)])
}

/// Returns the elements of a template, each with its place; `block` is that of the block they are in.
pub(super) fn children(template: &Template, block: Place) -> impl Iterator<Item = (&TemplateElement, Place)> {
    template.elements.iter().enumerate().map(move |(index, element)| {
        let place = template.mapping.get(index).map_or(block, |at| Place::of_block(at.0, at.1));
        (element, place)
    })
}

/// A partial that a template includes.
pub(super) struct Inclusion {
    pub(super) partial: String,
    pub(super) at: Place,
    pub(super) depth: usize,
    /// Whether there is something to be put into it.
    pub(super) block: bool,
}

/// Refuses templates that refer to what is not there, and partials that include each other in a circle. Returns whether
/// rendering them comes to an end. Notes what each message is given.
pub(in crate::render) fn check(
    compiled: &Compiled<'_>,
    locales: &Locales,
    given: &mut Given,
    blame: &mut Blame,
) -> Result<bool, TemplateError> {
    let mut own = BTreeMap::new();
    for (name, (source, template)) in compiled {
        let (given, blame) = (&mut *given, &mut *blame);
        let (inclusions, deepest, frames) = (Vec::new(), 0, false);
        let mut walk = Walk { source, name, compiled, locales, given, inclusions, deepest, frames, blame };
        walk.template(template, 1, Place::of_block(1, 1))?;
        own.insert(*name, Own { depth: walk.deepest, inclusions: walk.inclusions, frames: walk.frames });
    }
    circles::check(compiled, &own, blame)
}

struct Walk<'a> {
    source: &'a Source,
    name: &'a str,
    compiled: &'a Compiled<'a>,
    locales: &'a Locales,
    given: &'a mut Given,
    inclusions: Vec<Inclusion>,
    deepest: usize,
    /// Whether it has a place for the block it is included with.
    frames: bool,
    blame: &'a mut Blame,
}

/// Nothing, or the first mistake where that is the end.
pub(super) type Looked = Result<(), TemplateError>;

impl Walk<'_> {
    fn refuse(&mut self, at: Place, problem: impl Into<String>) -> Looked {
        self.blame.take::<()>(Err(at.refuse(self.source, problem))).map(drop)
    }

    fn template(&mut self, template: &Template, depth: usize, block: Place) -> Looked {
        self.deepest = self.deepest.max(depth);
        children(template, block).try_for_each(|(element, at)| self.element(element, at, depth))
    }

    fn element(&mut self, element: &TemplateElement, at: Place, depth: usize) -> Looked {
        match element {
            TemplateElement::Expression(tag) => self.expression(tag, at),
            TemplateElement::HtmlExpression(tag) => {
                self.refuse(at, "`{{{ }}}` and `{{& }}` would print a value unescaped; use `{{ }}`")?;
                self.expression(tag, at)
            }
            TemplateElement::HelperBlock(tag) => self.block(tag, at, depth),
            TemplateElement::PartialExpression(tag) | TemplateElement::PartialBlock(tag) => {
                self.partial(tag, at, depth)
            }
            TemplateElement::DecoratorExpression(_) | TemplateElement::DecoratorBlock(_) => {
                self.refuse(at, "decorators and inline partials are not supported; use a partial file")
            }
            // Text and comments, and whatever a later Handlebars adds is seen when the samples are rendered.
            _ => Ok(()),
        }
    }

    /// `{{name}}` is a variable; with parameters it is a helper.
    fn expression(&mut self, tag: &HelperTemplate, at: Place) -> Looked {
        match &tag.name {
            Parameter::Subexpression(_) => self.parameter(&tag.name, at),
            name if tag.params.is_empty() && tag.hash.is_empty() => match name.as_name() {
                Some("t") => self.refuse(at, "`t` takes the key of a message in quotes"),
                _ => Ok(()),
            },
            _ => self.helper(tag, at),
        }
    }

    fn block(&mut self, tag: &HelperTemplate, at: Place, depth: usize) -> Looked {
        self.helper(tag, at)?;
        let name = tag.name.as_name().unwrap_or_default();
        if tag.inverse.is_some() && matches!(name, "each" | "with") {
            // With an `else`, a list that is not there and one that is empty look the same.
            let problem = format!("`{name}` takes no `else`; put `{{{{#if}}}} … {{{{else}}}} … {{{{/if}}}}` around it");
            self.refuse(at, problem)?;
        }
        if let Some(template) = &tag.template {
            self.template(template, depth + 1, at)?;
        }
        // The next `else if` of a chain is a block inside this one's.
        tag.inverse.as_ref().map_or(Ok(()), |template| {
            self.template(template, depth + 1, if is_branch(template) { at.next_branch() } else { at })
        })
    }

    fn helper(&mut self, tag: &HelperTemplate, at: Place) -> Looked {
        let name = tag.name.as_name().unwrap_or_default();
        if !helpers::NAMES.contains(&name) {
            let meant =
                nearest(name, helpers::NAMES).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
            let problem = format!("there is no helper `{name}`; {meant}there are: {}", helpers::NAMES.join(", "));
            self.refuse(at, problem)?;
        }
        if let Some(wanted) = helpers::values_of(name).filter(|wanted| *wanted != tag.params.len()) {
            let values = if wanted == 1 { "one value" } else { "two values" };
            self.refuse(at, format!("`{name}` takes {values}, and has {}", tag.params.len()))?;
        }
        if name == "t" {
            let key = match tag.params.as_slice() {
                [Parameter::Literal(key)] => key.as_str(),
                _ => None,
            };
            match key {
                None => self.refuse(at, "`t` takes the key of a message in quotes")?,
                Some(key) if !self.locales.has(key) => {
                    let meant = self.locales.nearest(key).map(|near| format!("; did you mean `{near}`?"));
                    let problem = format!("there is no message `{key}` in every locale{}", meant.unwrap_or_default());
                    self.refuse(at, problem)?;
                }
                Some(key) => self.given.entry(key.to_owned()).or_default().extend(tag.hash.keys().cloned()),
            }
        }
        tag.params.iter().chain(tag.hash.values()).try_for_each(|parameter| self.parameter(parameter, at))
    }

    fn parameter(&mut self, parameter: &Parameter, at: Place) -> Looked {
        match parameter {
            Parameter::Subexpression(inner) => match inner.as_element() {
                TemplateElement::Expression(tag) => self.helper(tag, at),
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn partial(&mut self, tag: &DecoratorTemplate, at: Place, depth: usize) -> Looked {
        match &tag.name {
            Parameter::Name(partial) if partial == PARTIAL_BLOCK => self.frames = true,
            Parameter::Name(partial) => {
                self.known_partial(partial, at)?;
                let block = tag.template.is_some();
                self.inclusions.push(Inclusion { partial: partial.clone(), at, depth, block });
            }
            _ => self.refuse(at, "a partial is named as it is written, not by a variable")?,
        }
        for (name, value) in &tag.hash {
            // Handlebars hands a variable that is null on as one that is not there.
            if matches!(value, Parameter::Path(_) | Parameter::Name(_)) {
                let problem = format!("`{name}=` takes a text in quotes or a helper in parentheses, not a variable");
                self.refuse(at, problem)?;
            }
            self.parameter(value, at)?;
        }
        tag.params.iter().try_for_each(|parameter| self.parameter(parameter, at))?;
        tag.template.as_ref().map_or(Ok(()), |template| self.template(template, depth + 1, at))
    }

    fn known_partial(&mut self, partial: &str, at: Place) -> Looked {
        let text = is_text(self.name);
        if self.compiled.contains_key(partial) && is_text(partial) == text {
            return Ok(());
        }
        let known = self.compiled.keys().filter(|name| name.starts_with("partials/") && is_text(name) == text);
        let known: Vec<&str> = known.copied().collect();
        let meant = nearest(partial, known.iter().copied()).map(|near| format!("did you mean `{near}`? "));
        let problem = format!(
            "there is no partial `{partial}` here; {}there are: {}",
            meant.unwrap_or_default(),
            known.join(", ")
        );
        self.refuse(at, problem)
    }
}
